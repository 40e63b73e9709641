"""A whole look at one WARC file of ours: all its digests, its gzip headers, and that no record is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from archive.errors import DamagedRecord
from archive.warc.reader import Entry, entries
from archive.warc.records import Record, read_record
from archive.warc.scan import Damage, scan

COMMENT = 0x10  # flag of a gzip header: it holds a comment, which is how room is filled in place of what was taken out
PADDED = b"\x1f\x8b\x08\x10\0\0\0\0\0\x03"  # such a header
_HEADER = 10  # bytes of a gzip header that every member has (RFC 1952, 2.3)
_NAMED = slice(3, _HEADER)  # flags, time, speed and system: no checksum covers them


def inspect(path: Path) -> Iterator[Entry | Damage]:
    """Yield what a file holds and whatever is wrong with it, in one pass and without holding bodies.

    Damages are torn records, digests that are missing or differ, a capture without the request or the evidence that
    is written before it, and gzip headers unlike those of the file's other records.
    """
    with path.open("rb") as file:
        headers = _Headers(path, file)
        empty = True
        for entry in entries(path, _checked(path, headers)):
            empty = False
            yield entry
        if empty:
            yield Damage(path, 0, None, "the file holds no record")
        yield from headers.odd_ones()


def verify(path: Path) -> Iterator[Damage]:
    """Yield whatever is wrong with a file, as `inspect` does."""
    return (entry for entry in inspect(path) if isinstance(entry, Damage))


def records_of(path: Path) -> Iterator[Record]:
    """Yield each record that can be read, without its body and without a look at its digests."""
    return (record for record in scan(path) if isinstance(record, Record))


def holds(path: Path, record: str, offset: int) -> bool:
    """Whether the record of that id lies at that place."""
    try:
        with path.open("rb") as file:
            return read_record(file, offset).id == record
    except (DamagedRecord, OSError):
        return False


def _checked(path: Path, headers: _Headers) -> Iterator[Record | Damage]:
    """Yield each record, before it what is wrong with it."""
    before: dict[str, str] = {}  # type of record -> the capture that it belongs to
    first: str | None = None
    for record in scan(path, digests=True):
        if isinstance(record, Damage):
            before["damage"] = first = ""
        else:
            headers.add(record)
            first = record.id if first is None else first
            for what in (*_stray(record, first), *_missing(record, before)):
                yield Damage(path, record.offset, record.id, what, "evidence")
            for what in record.differences():
                yield Damage(path, record.offset, record.id, what)
        yield record


def _stray(record: Record, first: str) -> Iterator[str]:
    """Say that a record is not one of this file's: all name the first, which tells of the crawl."""
    if first and record.id == first and record.type != "warcinfo":
        yield "the file's first record, which tells what crawl it is of, is missing"
    named = record.get("WARC-Warcinfo-ID")
    if first and record.type != "warcinfo" and first not in {record.id, named}:
        yield f"it belongs to another file, whose first record is {named}"


def _missing(record: Record, before: dict[str, str]) -> Iterator[str]:
    """Say which of the records that belong before a capture are not there; behind a damage that may be the reason."""
    if record.type in {"metadata", "request"}:
        name = "WARC-Refers-To" if record.type == "metadata" else "WARC-Concurrent-To"
        before[record.type] = record.get(name) or ""
        return
    needed = {"response": ("metadata", "request"), "revisit": ("metadata", "request"), "resource": ("metadata",)}
    for kind in needed.get(record.type, ()):
        if "damage" not in before and before.get(kind) != record.id:
            yield f"the {kind} record that belongs before it is missing"
    before.clear()


def padding(file: BinaryIO, record: Record) -> tuple[bytes, bytes]:
    """Return the gzip header that a record with a comment should have, and what in its comment is no space."""
    file.seek(record.offset + _HEADER)
    comment = file.read(record.length).partition(b"\0")[0]
    return PADDED, comment.strip(b" ")


class _Headers:
    """The gzip headers of one file's members: one writer has written all of them alike."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._counts: Counter[bytes] = Counter()
        self._found: dict[bytes, list[tuple[int, str]]] = {}

    def add(self, record: Record) -> None:
        self._file.seek(record.offset)
        header = self._file.read(_HEADER)
        if header[3] & COMMENT:
            if padding(self._file, record) != (header, b""):
                self._found.setdefault(b"", []).append((record.offset, record.id))
            return
        self._counts[header[_NAMED]] += 1
        self._found.setdefault(header[_NAMED], []).append((record.offset, record.id))

    def odd_ones(self) -> Iterator[Damage]:
        usual = self.usual()
        for header, found in self._found.items():
            if header != usual:
                for offset, record in found:
                    what = "its gzip header is not that of the file's other records"
                    yield Damage(self.path, offset, record, what, "header")

    def usual(self) -> bytes | None:
        return max(self._counts, key=self._counts.__getitem__, default=None)


def usual_header(path: Path) -> bytes | None:
    """Return bytes 3 to 9 of the gzip header that most records of a file have; None if it has no record."""
    with path.open("rb") as file:
        headers = _Headers(path, file)
        for record in records_of(path):
            headers.add(record)
        return headers.usual()
