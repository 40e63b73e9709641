"""One export from start to end: what is chosen, in which form, to where."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, TypeVar

from archive.errors import ArchiveError
from archive.exchange import cdxj, feed, jsonl, markdown, output, parquet, records, table, wacz, warcs
from archive.exchange.selection import Document, Selection, columns_of, documents
from archive.query import Archive

# Form -> the names its files end in. Those of records are copies of evidence; the others tell what was read out of it.
FORMS = {
    "jsonl": (".jsonl", ".ndjson"),
    "csv": (".csv",),
    "parquet": (".parquet",),
    "markdown": (),
    "atom": (".atom",),
    "rss": (".rss",),
    "warc": (".warc.gz",),
    "wacz": (".wacz",),
    "cdxj": (".cdxj", ".cdx"),
}
_T = TypeVar("_T")
RECORDS = ("warc", "wacz", "cdxj")
FEEDS = ("atom", "rss")
BINARY = ("parquet", "warc", "wacz")
_TABLES = {"jsonl": jsonl.write, "csv": table.write, "parquet": parquet.write}


@dataclass(slots=True)
class Result:
    """What an export wrote: so many articles, versions or captures, and the records it could not copy, and why."""

    written: int = 0
    lost: list[str] = field(default_factory=list)


def form_of(place: Path | None) -> str | None:
    """Return the form that a file's name asks for; None if it tells none."""
    name = place.name.lower() if place else ""
    return next((form for form, endings in FORMS.items() if name.endswith(endings)), None) if name else None


def export(
    archive: Archive, selection: Selection, form: str, place: Path | None, progress: Callable[[], None] = lambda: None
) -> Result:
    """Write what is chosen to a file, a folder (Markdown) or standard output (None); `progress` is told of each row.

    All of it is of one moment, whatever a crawl writes meanwhile. Raises ArchiveError, and leaves nothing behind, if
    it cannot be written, and InvalidQuery for a search without a word.
    """
    run = _Run(archive, selection, progress)
    if form == "markdown":
        if place is None:
            raise ArchiveError("Markdown is a file for each article; name a folder with --output")
        with run.moment(), output.folder(place) as folder:
            markdown.write(folder, run.documents(), columns_of(selection))
        return run.result
    if place is None and form in BINARY and sys.stdout.isatty():
        raise ArchiveError(f"{form} is not for a terminal; name a file with --output")
    with run.moment(), output.file(place) as out:
        run.write(form, out)
    return run.result


class _Run:
    def __init__(self, archive: Archive, selection: Selection, progress: Callable[[], None]) -> None:
        self.archive = archive
        self.selection = selection
        self.progress = progress
        self.result = Result()
        self.copier = records.Copier(archive.db, archive.directory / "warc", self.result.lost.append)

    def moment(self) -> _Snapshot:
        return _Snapshot(self.archive)

    def write(self, form: str, out: BinaryIO) -> None:
        if form in _TABLES:
            _TABLES[form](out, self.documents(), columns_of(self.selection))
        elif form in FEEDS:
            self.feed(form, out)
        elif form == "cdxj":
            cdxj.write(out, self._counted(records.captures(self.archive.db, self.selection)))
        else:
            self.records(form, out)

    def documents(self) -> Iterator[Document]:
        return self._counted(documents(self.archive.db, self.selection))

    def feed(self, form: str, out: BinaryIO) -> None:
        self.selection = replace(self.selection, newest_first=True)
        said = feed.about(documents(self.archive.db, self.selection), _title(self.selection))
        (feed.atom if form == "atom" else feed.rss)(out, self.documents(), said)

    def records(self, form: str, out: BinaryIO) -> None:
        captures, title = records.captures(self.archive.db, self.selection), _title(self.selection)
        if form == "warc":
            written = warcs.write(out, captures, self.copier, title)
        else:
            pages = records.pages(self.archive.db, self.selection)
            written = wacz.write(out, captures, self.copier, pages, title)
        for _ in self._counted(written):
            pass

    def _counted(self, found: Iterable[_T]) -> Iterator[_T]:
        for each in found:
            yield each
            self.result.written += 1
            self.progress()


class _Snapshot:
    """A read transaction: all its queries see the archive as it was at the first of them."""

    def __init__(self, archive: Archive) -> None:
        self.db = archive.db

    def __enter__(self) -> None:
        self.folder = TemporaryDirectory(prefix="marbre-export-")
        records.attach(self.db, Path(self.folder.name) / "scratch.db")
        self.db.execute("BEGIN")

    def __exit__(self, *_: object) -> None:
        try:
            self.db.execute("ROLLBACK")
            records.detach(self.db)
        finally:
            self.folder.cleanup()


def _title(selection: Selection) -> str:
    """Say what was asked for: `Marbre: "conseil" of gazette since 2026-03-01`."""
    given = [
        f'"{selection.query}"' if selection.query else "all articles",
        f"of {selection.site}" if selection.site else "",
        f"since {selection.since:%Y-%m-%d}" if selection.since else "",
        f"before {selection.until:%Y-%m-%d}" if selection.until else "",
    ]
    return f"Marbre: {' '.join(filter(None, given))}"
