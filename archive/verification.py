"""Fixity: every row against its record's digest, every record against its row, and the database against itself."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive import captures, damaged, database_checks, imports, rows, warc
from archive.database import FILE, DatabaseError, open_for_reading
from archive.models import Capture
from archive.warc.foreign import COPIES

_OURS = (".warc.gz", f".warc.gz{warc.OPEN}", ".part")  # the last is what a killed copy leaves; the next goes over it
_OF_ANY_COPY = ("url", "timestamp", "digest")
_FIELDS = tuple(field.name for field in dataclasses.fields(Capture))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is off: `where` is a file, file and offset, or table; `what` says what is wrong in a sentence."""

    where: str
    what: str


def verify(directory: Path, progress: Callable[[str], None] = lambda _: None) -> Iterator[Problem]:
    """Check an archive and yield whatever is off. `progress` is called with each WARC file's name.

    A file that a running crawl is writing is left out, and so are damages that `marbre repair` has noted. One file's
    rows are held at a time, and no bodies. Raises NotAnArchive if there is none.
    """
    try:
        db = open_for_reading(directory)
        yield from _records(db, directory / "warc", progress)
        db.execute("BEGIN")  # one moment of a database that others may be writing to
        yield from (Problem(fault.where, fault.what) for fault in database_checks.faults(db))
        db.close()
    except DatabaseError as error:
        yield Problem(FILE, f"it cannot be read ({error}); `marbre rebuild` makes it anew from the WARC files")


def _records(db: Database, folder: Path, progress: Callable[[str], None]) -> Iterator[Problem]:
    being_written = {path.name.removesuffix(warc.OPEN) for path in warc.open_files(folder)}
    named = {name for (name,) in db.execute("SELECT DISTINCT filename FROM captures")}
    present = {path.name for path in folder.glob("*.warc.gz")}
    for name in sorted((named | present) - being_written):
        progress(name)
        yield from _named(db, folder, name)
    yield from strangers(folder)


def _named(db: Database, folder: Path, name: str) -> Iterator[Problem]:
    if ".." in Path(name).parts:
        yield Problem(name, "the rows of captures name a file outside the archive")
    elif (folder / name).is_file() and "/" not in name:
        yield from _File(db, folder / name).problems()
    elif (folder / name).is_file():
        for offset, what in imports.problems(db, folder, name):
            yield Problem(f"{name}:{offset}", what)
    else:
        sql = f"SELECT count(*), sum(NOT EXISTS ({damaged.KNOWN})) FROM captures WHERE filename = ?"
        count, unknown = db.execute(sql, [name]).fetchone()
        if unknown:
            yield Problem(name, f"the file is missing; {count} captures are in it")


def strangers(folder: Path) -> Iterator[Problem]:
    """Yield the files in `warc/` that nothing reads there."""
    for path in sorted(folder.iterdir()):
        if path.name != COPIES and not path.name.endswith(_OURS):
            yield Problem(path.name, "it is no WARC file of Marbre's, and nothing reads it there")


class _File:
    """One of our files beside the rows that say what is in it."""

    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self.path = path
        found = db.query("SELECT * FROM captures WHERE filename = ?", [path.name])
        self.expected = {row["id"]: rows.capture_of(row) for row in found}
        self.counts: Counter[str] = Counter(rows=len(self.expected))
        self.elsewhere: Counter[str] = Counter()  # files that the rows of its records name instead
        self.shifted: list[tuple[Capture, int]] = []

    def problems(self) -> Iterator[Problem]:
        for entry in warc.inspect(self.path):
            if isinstance(entry, warc.Damage):
                if not damaged.is_known(self.db, self.path.name, entry.offset):
                    yield Problem(f"{self.path.name}:{entry.offset}", _of(entry))
            elif isinstance(entry, Capture):
                yield from self._record(entry)
            elif isinstance(entry, warc.Document):
                yield from self._document(entry)
        yield from self._told_shift(None)
        yield from self._missing()

    def _record(self, record: Capture) -> Iterator[Problem]:
        row = self.expected.pop(record.id, None)
        if row is None:
            row = captures.by_id(self.db, record.id)
            if row is not None:
                self.elsewhere[row.filename] += 1
        elif dataclasses.replace(row, offset=record.offset) == record != row:
            yield from self._told_shift(row.offset - record.offset)
            self.shifted.append((record, row.offset - record.offset))
            return
        yield from self._told_shift(None)
        if row is None or not damaged.is_known(self.db, self.path.name, record.offset):
            yield from _compare(record, row)

    def _document(self, document: warc.Document) -> Iterator[Problem]:
        if document.about.startswith(imports.DOCUMENT):
            for capture in imports.captures_of(document.body):
                yield from _compare(capture, captures.by_id(self.db, capture.id))

    def _told_shift(self, by: int | None) -> Iterator[Problem]:
        """Tell of records that all lie so many bytes from where their rows say, before those of another distance."""
        if self.shifted and self.shifted[0][1] != by:
            first, distance = self.shifted[0]
            where = "before" if distance > 0 else "behind"
            what = f"{first.id} and {len(self.shifted) - 1} records more lie {abs(distance)} bytes {where} the place"
            yield Problem(f"{self.path.name}:{first.offset}", f"{what} that their rows name: something was changed")
            self.shifted.clear()

    def _missing(self) -> Iterator[Problem]:
        name = self.path.name
        other = max(self.elsewhere, key=self.elsewhere.__getitem__, default=None)
        if other and not self.counts["rows"] > len(self.expected) and self._is_lost(other):
            what = f"it holds the records that lie in {other} by their rows: files were swapped or renamed"
            yield Problem(name, what)
        if len(self.expected) == self.counts["rows"] > 1 and not self._known():
            yield Problem(name, f"none of the {self.counts['rows']} records that rows look for in it is there")
            return
        for row in self.expected.values():
            if not damaged.is_known(self.db, name, row.offset):
                yield Problem(f"{name}:{row.offset}", f"the record {row.id} of {row.url} is missing")

    def _known(self) -> int:
        """Return how many of the records that are not there were found to be gone before."""
        return sum(damaged.is_known(self.db, self.path.name, row.offset) for row in self.expected.values())

    def _is_lost(self, other: str) -> bool:
        """Whether a file is not there, or another is in its place: else this one is a copy of it."""
        path = self.path.with_name(other)
        first = self.db.execute(
            "SELECT id, offset FROM captures WHERE filename = ? ORDER BY offset LIMIT 1", [other]
        ).fetchone()
        return not (path.is_file() and warc.holds(path, *first))


def _of(damage: warc.Damage) -> str:
    return f"{damage.record}: {damage.what}" if damage.record else damage.what


def _compare(record: Capture, row: Capture | None) -> Iterator[Problem]:
    where = f"{record.filename}:{record.offset}"
    if row is None:
        yield Problem(where, f"the record {record.id} of {record.url} has no row; `marbre repair` adds it")
        return
    # Of two copies of a record the row names one, which is checked where it lies.
    for name in _FIELDS if row.filename == record.filename else _OF_ANY_COPY:
        if getattr(record, name) != getattr(row, name):
            yield Problem(
                where,
                f"{record.id}: the row's {name} is {getattr(row, name)!r}, the record's {getattr(record, name)!r}",
            )
