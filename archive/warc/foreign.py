"""Reading WARC files that others wrote: wget, Heritrix, pywb, Browsertrix, Common Crawl; nothing is ever written here.

What our own files promise (digests, record ids, one gzip member per record, whole HTTP heads) theirs need not keep.
What is missing is put up with; what contradicts itself is damage, is named, and the pass goes on behind it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from archive.errors import DamagedRecord
from archive.models import Capture
from archive.warc.foreign_records import ForeignRecord, Headers, fields_of, parse_head, wrong_digest
from archive.warc.records import _Member as Member
from archive.warc.records import payload_digest
from archive.warc.regions import Unreadable, regions
from archive.warc.scan import Damage

COPIES = "imported"  # folder in warc/ for copies of foreign files; ours lie beside it
LARGEST = 64 << 20  # bytes of a record whose body is kept; no page comes near
_CHUNK = 64 << 10
_WARC_HEAD = 256 << 10  # bytes
_HTTP_HEAD = 1 << 20
_GZIP, _PLAIN = b"\x1f\x8b\x08", b"WARC/"
_PADDING = b"\r\n\0"
_PADDED = 64  # bytes behind a record that are looked through for the next; the standard has four
_HTTP = {"request", "response", "revisit"}
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_UNPACK = "its records are not compressed one by one, so that none can be read by itself; unpack it and import that: "


Keep = Callable[[ForeignRecord], bool]


def scan(path: Path, offset: int = 0, keep: Keep = lambda _: False) -> Iterator[ForeignRecord | Damage]:
    """Read every record from `offset` on, where one must begin, in order; the blocks of those that `keep` wants.

    `keep` is asked with everything but the block at hand. Holds one record at a time. After a damaged record the pass
    goes on at the next, which must name the same warcinfo record if the others do: a page can hold a WARC file.
    Raises Unreadable for a file that is none, or that none of its records can be read from by itself.
    """
    with path.open("rb") as file:
        for start, end in regions(path):
            if offset < end:
                yield from _region(file, path, (max(start, offset), end), keep)


def read_foreign(path: Path, offset: int) -> tuple[int, Headers, bytes, str]:
    """Return status, HTTP headers, body (transfer and content coding undone) and payload digest of one record.

    The digest is `sha256:BASE32` of the payload, the transfer coding undone: what `Capture.digest` is made of at the
    import. A resource has status 200 and no header but Content-Type, a revisit without a head status 0. Raises
    DamagedRecord for a record that is not there, or not what its own digests say.
    """
    try:
        with path.open("rb") as file:
            record = _read(file, offset, path.stat().st_size, lambda _: True)
    except FileNotFoundError:
        raise DamagedRecord("the file is missing") from None
    except Unreadable as error:
        raise DamagedRecord(str(error)) from error
    if record is None:
        raise DamagedRecord("there is no WARC record")
    if record.wrong:
        raise DamagedRecord(record.wrong)
    if record.type == "resource":
        kind = record.headers.get("content-type", "")
        return 200, (("Content-Type", kind),), record.payload, payload_digest(record.payload)
    if record.status is None and record.type != "revisit":  # a revisit need not repeat the head
        raise DamagedRecord("its HTTP status line cannot be read")
    return record.status or 0, record.http, record.content, payload_digest(record.payload)


def _region(file: BinaryIO, path: Path, span: tuple[int, int], keep: Keep) -> Iterator[ForeignRecord | Damage]:
    (offset, end), warcinfo = span, None
    file.seek(offset)
    magic = _GZIP if file.read(3) == _GZIP else _PLAIN
    while offset < end:
        try:
            record = _read(file, offset, end, keep)
        except DamagedRecord as error:
            found = _next_record(file, (offset + 1, end), magic, warcinfo)
            yield Damage(path, offset, None, f"{error}; {found - offset:,} bytes skipped")
            offset = found
            continue
        if record is None:
            return  # nothing but padding is left
        warcinfo = record.headers.get("warc-warcinfo-id", warcinfo)
        yield Damage(path, record.offset, record.id, record.wrong) if record.wrong else record
        offset = record.offset + record.length


def _next_record(file: BinaryIO, span: tuple[int, int], magic: bytes, warcinfo: str | None) -> int:
    """Return where the next whole record of the same file begins, or the end of the span."""
    offset, end = span
    while (offset := _find(file, magic, offset, end)) < end:
        with suppress(DamagedRecord, Unreadable):
            record = _read(file, offset, end, lambda _: False)
            if record and record.offset == offset and warcinfo in {None, record.headers.get("warc-warcinfo-id")}:
                return offset
        offset += 1
    return end


def _find(file: BinaryIO, magic: bytes, offset: int, end: int) -> int:
    """Like bytes.find over a part of a file, in constant memory (a map of it would count as ours); `end` if not."""
    while offset < end:
        file.seek(offset)
        data = file.read(min(_CHUNK * 16, end - offset))
        found = data.find(magic)
        if found >= 0:
            return offset + found
        if len(data) < len(magic):
            break
        offset += max(1, len(data) - len(magic) + 1)
    return end


def _read(file: BinaryIO, offset: int, end: int, keep: Keep) -> ForeignRecord | None:
    """Read the record at `offset`, or the first behind padding there; None if there is only padding up to `end`."""
    while offset < end:
        file.seek(offset)
        first = file.read(len(_PLAIN))
        if first.startswith(_GZIP):
            found = _read_member(file, offset, keep)
            if isinstance(found, ForeignRecord):
                return found
            offset += found
        elif first == _PLAIN:
            return _read_plain(file, offset, end, keep)
        else:
            padding = len(first) - len(first.lstrip(_PADDING))
            if not padding:
                raise DamagedRecord("there is no WARC record")
            offset += padding
    return None


def _read_member(file: BinaryIO, offset: int, keep: Keep) -> ForeignRecord | int:
    """Read one gzip member; of one that holds nothing only the length."""
    member = Member(file, offset)
    stream = io.BufferedReader(member, _CHUNK)
    if not stream.peek(1):
        return member.length
    record = _record(stream, offset, keep)
    rest = stream.read(_CHUNK)  # reads the gzip trailer too
    if rest.lstrip(_PADDING).startswith(_PLAIN):
        raise Unreadable(f"{file.name}: {_UNPACK}gunzip --keep {file.name}")
    if rest.strip(_PADDING):
        raise DamagedRecord("it does not end where its Content-Length says")
    return replace(record, length=member.length)


def _read_plain(file: BinaryIO, offset: int, end: int, keep: Keep) -> ForeignRecord:
    file.seek(offset)
    record = _record(file, offset, keep)
    ends = file.tell()
    behind = file.read(max(0, min(_PADDED, end - ends)))
    rest = behind.lstrip(_PADDING)
    as_it_should = behind.startswith((b"\r\n\r\n", b"\n\n")) or _PLAIN.startswith(rest[: len(_PLAIN)])
    if ends > end or not as_it_should:
        raise DamagedRecord("it does not end where its Content-Length says")
    return replace(record, length=ends - offset + len(behind) - len(rest))


def _record(stream: BinaryIO, offset: int, keep: Keep) -> ForeignRecord:
    headers = _warc_head(stream)
    size = int(headers["content-length"])
    begin = stream.read(min(size, _HTTP_HEAD))
    record = ForeignRecord(offset, 0, headers, "", (), 0)
    if record.type in _HTTP:
        found = _END_OF_HEAD.search(begin)
        if found is None and size > len(begin):
            raise DamagedRecord("its HTTP head has no end")
        head_size = found.end() if found else len(begin)
        first_line, http = parse_head(begin[:head_size])
        record = replace(record, first_line=first_line, http=http, head_size=head_size)
    wanted = keep(record)
    if wanted and size > LARGEST:
        raise DamagedRecord(f"it has {size:,} bytes, more than {LARGEST:,}")
    kept, left = [begin], size - len(begin)
    while left:
        chunk = stream.read(min(left, _CHUNK))
        if not chunk:
            raise DamagedRecord("it is torn: shorter than its Content-Length")
        left -= len(chunk)
        if wanted:
            kept.append(chunk)
    record = replace(record, block=b"".join(kept)) if wanted else record
    return replace(record, wrong=wrong_digest(record)) if wanted else record


def _warc_head(stream: BinaryIO) -> dict[str, str]:
    lines, size = [], 0
    while line := stream.readline(_WARC_HEAD - size).rstrip(b"\r\n"):
        lines.append(line)
        size += len(line)
    version, *rest = b"\n".join(lines).decode("utf-8", "replace").split("\n")
    headers: dict[str, str] = {}
    for name, value in fields_of(rest):
        headers.setdefault(name.lower(), value)
    if not version.startswith("WARC/"):
        raise DamagedRecord("there is no WARC record")
    if not headers.get("warc-type"):
        raise DamagedRecord("it has no WARC-Type")
    stated = headers.get("content-length", "")
    if not (stated.isascii() and stated.isdecimal() and len(stated) < 16):
        raise DamagedRecord(f"its Content-Length is {stated[:40]!r}")
    return headers


def is_foreign(capture: Capture) -> bool:
    """Whether a capture's record lies in somebody else's file: at an absolute path, or in a copy of it in warc/."""
    return capture.source is not None and (
        Path(capture.filename).is_absolute() or capture.filename.startswith(f"{COPIES}/")
    )
