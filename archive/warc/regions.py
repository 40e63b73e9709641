"""Where in a file WARC records lie: all of it, or the members of a WACZ, which is a zip file."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from archive.errors import ArchiveError

SUFFIXES = (".warc", ".warc.gz", ".wacz")
_ZIP = b"PK\x03\x04"
_LOCAL = struct.Struct("<4s22xHH")  # of a zip member's local header: signature, lengths of name and extra field
# How files begin that are no WARC files but are taken for some.
_OTHERS = {
    b"\x28\xb5\x2f\xfd": "it is compressed with zstd; unpack it and import that: zstd --decompress FILE",
    b"filedesc:": "it is an ARC file, the format before WARC; convert it: warcio recompress FILE OUT.warc.gz",
    b"BZh": "it is compressed with bzip2; unpack it and import that: bunzip2 --keep FILE",
    b"\xfd7zXZ": "it is compressed with xz; unpack it and import that: unxz --keep FILE",
}


class Unreadable(ArchiveError):
    """Raised for a file that no record can be imported from as it is; the message says what to do."""


def regions(path: Path) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of each run of records in a file, in bytes, in order. Raises Unreadable, never yields none."""
    with path.open("rb") as file:
        first = file.read(16)
    if first.startswith(_ZIP):
        yield from _wacz(path)
        return
    for magic, advice in _OTHERS.items():
        if first.startswith(magic):
            raise Unreadable(f"{path}: {advice}")
    if not first:
        raise Unreadable(f"{path}: it is empty")
    if not first.startswith((b"\x1f\x8b\x08", b"WARC/")):
        raise Unreadable(f"{path}: not a WARC file: it begins with {first!r}")
    yield 0, path.stat().st_size


def _wacz(path: Path) -> Iterator[tuple[int, int]]:
    """WACZ 1.1.1: WARC files lie in archive/, stored as they are so that records can be read in place."""
    try:
        with zipfile.ZipFile(path) as members:
            found = [info for info in members.infolist() if _is_warc(info.filename)]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise Unreadable(f"{path}: not a WACZ file: {error}") from error
    if not found:
        raise Unreadable(f"{path}: there is no archive/*.warc.gz in it")
    for info in sorted(found, key=lambda info: info.header_offset):
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise Unreadable(
                f"{path}: {info.filename} is compressed within the zip file, which WACZ forbids, so that its records "
                "cannot be read in place; unpack it (unzip) and import the WARC files"
            )
        yield _span(path, info)


def _is_warc(name: str) -> bool:
    return name.startswith("archive/") and name.lower().endswith((".warc", ".warc.gz"))


def _span(path: Path, info: zipfile.ZipInfo) -> tuple[int, int]:
    with path.open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(_ZIP):
        raise Unreadable(f"{path}: {info.filename} is not where the zip file's directory says")
    _, name, extra = _LOCAL.unpack(header)
    begin = info.header_offset + _LOCAL.size + name + extra
    return begin, begin + info.compress_size
