"""Where an export goes: a file or a folder that appears when it is complete, or standard output."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from archive.errors import ArchiveError


class _Stream(io.RawIOBase):
    """Standard output, or another stream that cannot be moved about in; tells how much went through it."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.out.write(data)
        size = memoryview(data).nbytes
        self.written += size
        return size

    def tell(self) -> int:
        return self.written

    def flush(self) -> None:
        self.out.flush()


@contextmanager
def file(place: Path | None) -> Iterator[BinaryIO]:
    """Open what an export writes into: `place`, which it replaces once it is complete, or standard output for None.

    Of an export that fails nothing remains. A device or a pipe is written to as it is.
    """
    if place is not None and place.is_dir():
        raise ArchiveError(f"{place}: it is a folder; give the name of a file")
    as_it_is = place is None or (place.exists() and not place.is_file())
    with _named(place), _stream(place) if as_it_is or place is None else _whole(place) as out:
        yield out
        out.flush()


@contextmanager
def folder(place: Path) -> Iterator[Path]:
    """Make a folder under a name of its own; it is renamed to `place` once it is complete.

    Raises ArchiveError if there is something at `place` already, but for an empty folder.
    """
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise ArchiveError(f"{place}: it is there already; give the name of a new folder")
    partial = _beside(place)
    try:
        partial.mkdir()
        with _named(place):
            yield partial
        partial.rename(place)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


@contextmanager
def _stream(place: Path | None) -> Iterator[BinaryIO]:
    if place is None:
        yield cast(BinaryIO, _Stream(sys.stdout.buffer))
        return
    with place.open("wb") as out:
        yield cast(BinaryIO, _Stream(out))


@contextmanager
def _whole(place: Path) -> Iterator[BinaryIO]:
    partial = _beside(place)
    try:
        with partial.open("xb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        partial.replace(place)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def _named(place: Path | None) -> Iterator[None]:
    """Say of a full disk which file it is about; of a reader of standard output that went away nothing is said."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or isinstance(error, BrokenPipeError):
            raise
        raise ArchiveError(f"{place or 'standard output'}: {error.strerror or error}") from error


def _beside(place: Path) -> Path:
    """The name of what is not complete yet: on the same disk, and another for each process."""
    place = place.absolute()
    if not place.parent.is_dir():
        raise ArchiveError(f"{place.parent}: no such folder")
    return place.with_name(f"{place.name}.{os.getpid()}.part")
