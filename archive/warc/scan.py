"""One pass over a WARC file, past whatever is damaged in it."""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.errors import DamagedRecord
from archive.warc.records import Record, read_record

_MAGIC = b"\x1f\x8b\x08"
_VERSION = b"WARC/1."
_STEP = 1024  # bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong with a WARC file: at which offset, in which record (None if unknown), and what.

    `harm` is "record" if the record there is lost, "evidence" if one that belongs before it is, "header" if only bytes
    are wrong that nobody reads.
    """

    file: Path
    offset: int
    record: str | None
    what: str
    harm: str = "record"


def scan(path: Path, *, digests: bool = False) -> Iterator[Record | Damage]:
    """Read every record of a file in order, without the bodies of HTTP records.

    After a damaged record the pass goes on at the next that names the file's own warcinfo record: a page that holds
    a WARC file must not be taken for records of ours.
    """
    with path.open("rb") as file:
        offset, end, warcinfo = 0, path.stat().st_size, None
        while offset < end:
            try:
                record = read_record(file, offset, digests=digests)
            except DamagedRecord as error:
                yield Damage(path, offset, None, str(error))
                offset = _next_record(file, offset + 1, warcinfo)
                continue
            warcinfo = warcinfo or (record.id if record.type == "warcinfo" else record.get("WARC-Warcinfo-ID"))
            yield record
            offset += record.length


def _next_record(file: BinaryIO, offset: int, warcinfo: str | None) -> int:
    """Return where the next whole record of the same file begins, or the file's end."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        while (offset := view.find(_MAGIC, offset)) >= 0:
            if _begins_record(view, offset) and _is_own(file, offset, warcinfo):
                return offset
            offset += 1
        return len(view)


def _begins_record(view: mmap.mmap, offset: int) -> bool:
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    begin = b""
    try:
        # A gzip header can hold a comment of any length: the room of a record that was taken out.
        while len(begin) < len(_VERSION) and (data := view[offset : offset + _STEP]):
            begin += inflate.decompress(data, len(_VERSION) - len(begin))
            offset += len(data)
    except zlib.error:
        return False
    return begin == _VERSION


def _is_own(file: BinaryIO, offset: int, warcinfo: str | None) -> bool:
    try:
        record = read_record(file, offset)
    except DamagedRecord:
        return False
    return warcinfo in {None, record.get("WARC-Warcinfo-ID")}
