"""WARC files from one archive's folder to another's: byte for byte, whole before they have their name."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from archive import warc
from archive.errors import ArchiveError, DamagedRecord
from archive.warc.foreign import COPIES
from archive.warc.records import OPEN, read_record

_CHUNK = 1 << 20


def names(folder: Path) -> list[str]:
    """Return the names, relative to an archive's folder warc/, of all it holds: its own files, and copies of others'.

    A file that is being written goes by the name it will have.
    """
    own = {path.name.removesuffix(OPEN) for path in (*folder.glob("*.warc.gz"), *warc.open_files(folder))}
    imported = (path for path in (folder / COPIES).rglob("*") if path.is_file() and path.suffix != ".part")
    return sorted(own) + sorted(str(path.relative_to(folder)) for path in imported)


def copy(source: Path, target: Path, *, link: bool = False) -> None:
    """Copy one file, its time too; with `link`, where the disk is the same, only give it a second name.

    One that is being written is copied up to its last whole record, and never linked. Raises FileNotFoundError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.part")
    partial.unlink(missing_ok=True)
    being_written = not source.exists()
    if link and not being_written and _linked(source, partial):
        partial.replace(target)
        return
    with _opened(source) as file, partial.open("xb") as out:
        _copy_bytes(file, out)
        moment = os.fstat(file.fileno())
        out.flush()
        if being_written:
            out.truncate(_whole(partial))
        os.utime(out.fileno(), ns=(moment.st_atime_ns, moment.st_mtime_ns))
        os.fsync(out.fileno())
    partial.replace(target)


def is_same(one: Path, other: Path) -> bool:
    """Whether two files are byte for byte the same."""
    return one.samefile(other) or filecmp.cmp(one, other, shallow=False)


def begins(short: Path, long: Path) -> bool:
    """Whether one file is how the other begins: a copy made while it was being written."""
    with short.open("rb") as one, long.open("rb") as other:
        while data := one.read(_CHUNK):
            if data != other.read(len(data)):
                return False
    return True


def sync(folder: Path) -> None:
    """Have the names of files, not only what they hold, on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def ends(path: Path, offset: int = 0) -> Iterator[tuple[str, int]]:
    """Yield type and end of each record from `offset` on, up to the first that is not whole."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while offset < size:
            try:
                record = read_record(file, offset)
            except DamagedRecord:
                return
            offset += record.length
            yield record.type, offset


def _copy_bytes(file: BinaryIO, out: BinaryIO) -> None:
    try:
        shutil.copyfileobj(file, out, _CHUNK)
    except OSError as error:  # a full disk, a bad one: without the name nobody knows which
        Path(out.name).unlink()
        raise ArchiveError(f"copying {file.name} to {out.name}: {error.strerror or error}") from error


def _whole(path: Path) -> int:
    return max((end for _, end in ends(path)), default=0)


def _opened(path: Path) -> BinaryIO:
    """Open a file that may be being written, and may be given its last name at any moment."""
    for candidate in (path, path.with_name(path.name + OPEN), path):
        try:
            return candidate.open("rb")
        except FileNotFoundError:
            continue
    raise ArchiveError(f"{path}: the file has gone")


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one that knows no links
        return False
    return True
