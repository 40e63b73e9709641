"""Fixity: every row against its record's digest, every record against its row, and the database against itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive import captures, imports, rows, warc
from archive.database import open_for_reading
from archive.models import Capture

_OF_ANY_COPY = ("url", "timestamp", "digest")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is off: `where` is a file, file and offset, or table; `what` says what is wrong in a sentence."""

    where: str
    what: str


def verify(directory: Path, progress: Callable[[str], None] = lambda _: None) -> Iterator[Problem]:
    """Check an archive and yield whatever is off. `progress` is called with each WARC file's name.

    A file that a running crawl is writing is left out. Raises NotAnArchive if there is none.
    """
    db = open_for_reading(directory)
    folder = directory / "warc"
    being_written = {path.name.removesuffix(".open") for path in warc.open_files(folder)}
    named = {name for (name,) in db.execute("SELECT DISTINCT filename FROM captures")}
    present = {path.name for path in folder.glob("*.warc.gz")}
    for name in sorted((named | present) - being_written):
        progress(name)
        if name in present:
            yield from _file(db, folder / name)
        elif (folder / name).is_file():
            yield from _foreign_file(db, folder, name)
        else:
            count = db.execute("SELECT count(*) FROM captures WHERE filename = ?", [name]).fetchone()[0]
            yield Problem(name, f"the file is missing; {count} captures are in it")
    yield from _database(db)
    db.close()


def _file(db: Database, path: Path) -> Iterator[Problem]:
    damages = list(warc.verify(path))
    for damage in damages:
        yield Problem(f"{path.name}:{damage.offset}", damage.what)
    expected = {row["id"]: row for row in db.query("SELECT * FROM captures WHERE filename = ?", [path.name])}
    for record in warc.index(path):
        if isinstance(record, Capture):
            row = expected.pop(record.id, None)
            yield from _compare(record, rows.capture_of(row) if row else captures.by_id(db, record.id))
        elif isinstance(record, warc.Document) and record.about.startswith(imports.DOCUMENT):
            for capture in imports.captures_of(record.body):
                yield from _compare(capture, captures.by_id(db, capture.id))
    for row in expected.values():
        yield Problem(f"{path.name}:{row['offset']}", f"the record {row['id']} of {row['url']} is missing")


def _foreign_file(db: Database, folder: Path, name: str) -> Iterator[Problem]:
    for offset, what in imports.problems(db, folder, name):
        yield Problem(f"{name}:{offset}", what)


def _compare(record: Capture, row: Capture | None) -> Iterator[Problem]:
    where = f"{record.filename}:{record.offset}"
    if row is None:
        yield Problem(where, f"the record {record.id} of {record.url} has no row; `marbre rebuild` adds it")
        return
    # Of two copies of a record the row names one, which is checked where it lies.
    same = row.filename == record.filename
    for name in (field.name for field in dataclasses.fields(Capture)) if same else _OF_ANY_COPY:
        if getattr(record, name) != getattr(row, name):
            yield Problem(
                where,
                f"{record.id}: the row's {name} is {getattr(row, name)!r}, the record's {getattr(record, name)!r}",
            )


def _database(db: Database) -> Iterator[Problem]:
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield Problem("archive.db", line)
    for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield Problem(f"archive.db, {table} row {rowid}", f"points to a row of {parent} that is not there")
    lost = """
        SELECT id, refers_to FROM captures AS c WHERE refers_to IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM captures WHERE id = c.refers_to)"""
    for capture, original in db.execute(lost):
        yield Problem("archive.db, captures", f"{capture} is a revisit of {original}, which is not in the archive")
    articles = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    for index in ("articles_fts", "search_fts"):
        indexed = db.execute(f"SELECT count(*) FROM {index}_docsize").fetchone()[0]
        if articles != indexed:
            yield Problem(f"archive.db, {index}", f"the full-text index holds {indexed} of {articles} articles")
