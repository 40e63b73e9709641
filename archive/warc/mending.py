"""What can be done to a damaged WARC file without losing a byte that says something.

A gzip member's ten bytes of header and eight of checksum tell nothing that its content does not: where only they were
hit, they are written anew, and the record's own digest says whether that is right.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from archive.errors import DamagedRecord
from archive.warc.inspection import COMMENT, PADDED
from archive.warc.records import read_record

_MAGIC = b"\x1f\x8b\x08"
_RAW = -zlib.MAX_WBITS
_HEADER, _TRAILER = 10, 8  # bytes
_CHUNK = 64 << 10
_LARGEST = 256 << 20  # bytes of one member that are looked at


class Patch(NamedTuple):
    """Bytes to be written at a place of a file."""

    offset: int
    data: bytes


def patches(path: Path, offset: int, usual: bytes) -> list[Patch]:
    """Return what makes the record at `offset` whole again; nothing if no bytes of header and checksum do.

    `usual` are bytes 3 to 9 of the gzip header that the file's other records have.
    """
    with path.open("rb") as file:
        file.seek(offset)
        found = file.read(_HEADER)
        if found[3:4] and found[3] & COMMENT and (changes := padded(path, offset)):
            return changes
        header = _MAGIC + usual
        size, computed = _deflated(file)
        if not computed:
            return []
        file.seek(offset + _HEADER)
        body, trailer = file.read(size), file.read(_TRAILER)
    try:
        record = read_record(io.BytesIO(header + body + computed), 0, digests=True)
    except DamagedRecord:
        return []
    if len(trailer) < _TRAILER or any(record.differences()) or not _was_hit(trailer, computed):
        return []
    wanted = (Patch(offset, header), Patch(offset + _HEADER + size, computed))
    return [patch for patch, held in zip(wanted, (found, trailer), strict=True) if patch.data != held]


def padded(path: Path, offset: int) -> list[Patch]:
    """Return what makes the header of a record whole that fills the room of one that was taken out."""
    with path.open("rb") as file:
        try:
            record = read_record(file, offset)
        except DamagedRecord:
            return []
        file.seek(offset + _HEADER)
        comment = file.read(record.length).partition(b"\0")[0]
    return [Patch(offset, PADDED), Patch(offset + _HEADER, b" " * len(comment))]


def _was_hit(trailer: bytes, computed: bytes) -> bool:
    """Whether it is the checksum that is wrong and not the content: a change in that changes all its four bytes.

    The record's own digest does not cover its WARC headers.
    """
    return sum(held != right for held, right in zip(trailer[:4], computed[:4], strict=True)) <= 1


def _deflated(file: io.BufferedReader) -> tuple[int, bytes]:
    """Return how long the deflated data from here on is, and its right checksum; none if it does not end."""
    inflate = zlib.decompressobj(_RAW)
    checksum = size = taken = 0
    try:
        while not inflate.eof and taken < _LARGEST and (data := file.read(_CHUNK)):
            taken += len(data)
            while data and not inflate.eof:
                piece = inflate.decompress(data, _CHUNK)
                checksum, size = zlib.crc32(piece, checksum), size + len(piece)
                data = inflate.unconsumed_tail
    except zlib.error:
        return 0, b""
    if not inflate.eof:
        return 0, b""
    return taken - len(inflate.unused_data), struct.pack("<II", checksum, size & 0xFFFFFFFF)


def is_torn(path: Path, offset: int) -> bool:
    """Whether no record was ever whole from `offset` on: the file ends within it, or there is no gzip data."""
    with path.open("rb") as file:
        file.seek(offset)
        if file.read(3) != _MAGIC:
            return True
        file.seek(offset)
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            while not inflate.eof:
                data = inflate.unconsumed_tail or file.read(_CHUNK)
                if not data:
                    return True
                inflate.decompress(data, _CHUNK)
        except zlib.error:
            return False
    return False


def apply(path: Path, changes: list[Patch]) -> None:
    """Write patches into a file, on disk when this returns."""
    with path.open("r+b") as file:
        for patch in changes:
            file.seek(patch.offset)
            file.write(patch.data)
        file.flush()
        os.fsync(file.fileno())


def cut(path: Path, offset: int, kept: Path) -> int:
    """Cut a file at `offset`; the bytes behind it are in `kept` before that. Returns how many they are."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b") as file:
        file.seek(offset)
        with kept.open("wb") as copy:
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.fsync(copy.fileno())
        size = kept.stat().st_size
        file.truncate(offset)
        os.fsync(file.fileno())
    return size
