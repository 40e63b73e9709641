"""Taking records out of a WARC file in place: what stands there afterwards is as long, so that no other record moves.

The room is one gzip member again, with a small record that tells of what was taken out; a comment in the gzip header
(RFC 1952, 2.3: FCOMMENT) fills what is left. Whoever reads WARC files reads past it.
"""

from __future__ import annotations

import json
import os
import struct
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from zlib_ng import zlib_ng

from archive.errors import ArchiveError
from archive.warc.records import Headers, Record, read_record, warc_date, whole
from archive.warc.scan import scan

_HEADER = b"\x1f\x8b\x08\x10\0\0\0\0\0\x03"  # deflate, a comment follows, no time, Unix
COMMENT = 0x10  # the flag of a gzip header that says so
_STEP = 1 << 20
_COMPRESSORS = ((zlib_ng, 6), (zlib, 9), (zlib_ng, 9))
_TRAILER = struct.Struct("<II")  # CRC-32 and size of what is in it
_SPACE = uuid.UUID("6d3ad2b1-3f6c-4f7e-8a55-1c2a0f5f0f0e")  # of the ids of tombstones: the same place, the same id


class Span(NamedTuple):
    """Bytes of one of the archive's WARC files: whole members, one or several on end."""

    filename: str
    offset: int
    length: int


class DoesNotFit(ArchiveError):
    """Raised for a record that is longer than the room that it is to fill."""


def tombstone(
    span: Span,
    about: str,
    document: Mapping[str, Any],
    moment: datetime,
    warcinfo: str | None,
    *,
    compressed: bool = True,
) -> bytes:
    """Return the member that is to stand in a span's place: a metadata record of `about`, a URI, made of `document`.

    `compressed` says how its file is. It is the same every time, so that what was cut short can be done again. Where a
    span is too short for all of the document, its longest strings are cut; other programs' records can be too short
    even for that: a gzip member is left empty then. Raises DoesNotFit if nothing fits in.
    """
    headers = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(_SPACE, f'{about} {span.filename} {span.offset}')}>"),
        ("WARC-Date", warc_date(moment)),
        ("WARC-Target-URI", about),
        *([("WARC-Warcinfo-ID", warcinfo)] if warcinfo else []),
        ("Content-Type", "application/json"),
    ]
    fill = _compressed if compressed else _plain
    for said in _shorter(document):
        with suppress(DoesNotFit):
            return fill(whole, headers, json.dumps(said, ensure_ascii=False).encode(), span.length)
    with suppress(DoesNotFit):
        return fill(_bare, headers[:3], b"", span.length)
    return padded(b"", span.length)


def _shorter(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A document, then again and again with its longest string cut in half, down to nothing."""
    said = dict(document)
    while said:
        yield said
        longest = max(said, key=lambda name: len(str(said[name])))
        if isinstance(said[longest], str) and len(said[longest]) > len("..."):
            said[longest] = said[longest][: (len(said[longest]) - 3) // 2] + "..."
        else:
            del said[longest]
    yield said


def _bare(headers: Headers, block: bytes) -> bytes:
    """The least that is a record: of other programs some are too short for more."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in (*headers, ("Content-Length", str(len(block)))))
    return f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


Make = Callable[[Headers, bytes], bytes]


def _compressed(make: Make, headers: Headers, block: bytes, length: int) -> bytes:
    return padded(make(headers, block), length)


def _plain(make: Make, headers: Headers, block: bytes, length: int) -> bytes:
    """A record of a file that is not compressed, its block filled up with spaces to `length` bytes in all."""
    for room in range(length - len(make(headers, block)), -1, -1):
        record = make(headers, block + b" " * room)
        if len(record) == length:  # the length of its Content-Length grows with it
            return record
    raise DoesNotFit(f"a record of {len(block)} bytes does not fit in {length}")


def padded(record: bytes, length: int) -> bytes:
    """Return a record as a gzip member of exactly `length` bytes. Raises DoesNotFit if it needs more."""
    most = length - len(_HEADER) - _TRAILER.size - 1
    for library, level in _COMPRESSORS:  # none is the best for all, and a record that says less need not be shorter
        compressor = library.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        deflated = compressor.compress(record) + compressor.flush()
        if len(deflated) <= most:
            trailer = _TRAILER.pack(zlib.crc32(record), len(record) & 0xFFFFFFFF)
            return _HEADER + b" " * (most - len(deflated)) + b"\0" + bytes(deflated) + trailer
    raise DoesNotFit(f"a record of {len(record)} bytes does not fit in {length}")


def with_document(record: Record, document: Mapping[str, Any]) -> bytes:
    """Return a metadata record of JSON as it was, but for what it says, in as many bytes as it takes up in its file.

    Raises DoesNotFit if that is more than there was.
    """
    kept: Headers = [
        (name, value)
        for name, value in record.headers.headers
        if name.lower() not in {"warc-block-digest", "warc-payload-digest", "content-length"}
    ]
    for separators in ((", ", ": "), (",", ":")):
        with suppress(DoesNotFit):
            block = json.dumps(document, ensure_ascii=False, separators=separators).encode()
            return padded(whole(kept, block), record.length)
    raise DoesNotFit(f"offset {record.offset}: its record says less now, and is longer than before")


def put(path: Path, offset: int, members: bytes) -> None:
    """Write members over those at a place of a file, and see to it that they are on disk. The file keeps its length."""
    with path.open("rb+") as file:
        if offset + len(members) > os.fstat(file.fileno()).st_size:
            raise ArchiveError(
                f"{path.name}: it ends before offset {offset + len(members)}; `marbre verify` tells more"
            )
        file.seek(offset)
        file.write(members)
        file.flush()
        os.fsync(file.fileno())


def warcinfo_of(path: Path) -> str | None:
    """Return the id of the record that a file begins with, which all others name."""
    with path.open("rb") as file:
        return read_record(file, 0).id


def differs_only_in_blanks(one: Path, other: Path) -> bool:
    """Whether two files are the same but for what was taken out of either: members that a comment fills up."""
    size = one.stat().st_size
    if size != other.stat().st_size:
        return False
    spans = sorted([*_blanks(one), *_blanks(other)])
    with one.open("rb") as first, other.open("rb") as second:
        at = 0
        for offset, end in [*spans, (size, size)]:
            while at < offset:
                step = min(_STEP, offset - at)
                if _bytes(first, at, step) != _bytes(second, at, step):
                    return False
                at += step
            at = max(at, end)
    return bool(spans)


def _blanks(path: Path) -> Iterator[tuple[int, int]]:
    for record in scan(path):
        if isinstance(record, Record):
            with path.open("rb") as file:
                if _bytes(file, record.offset, 4)[3] & COMMENT:
                    yield record.offset, record.offset + record.length


def _bytes(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
