"""Room on the disk: how much there is, and which errors say that there is none."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from archive.errors import ArchiveError

# No room on the disk, none left of a quota, or a file larger than this process may write (`ulimit -f`).
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SQLITE_FULL = 13
# SQLITE_IOERR_WRITE, _SHMSIZE: what SQLite makes of a write that was cut off, and of no room for its index of the log.
_SQLITE_CUT_OFF = (778, 4874)
_SQLITE_IOERR = 10  # says less than it could: it is believed to be for want of room where there is none
_SHORT_OF_ROOM = 64 * 1024  # bytes; SQLite's index of its log alone wants 32 KiB at once
_SQLITE_SAID = "database or disk is full"  # a backup's error has no code


def is_full(error: BaseException | None, directory: Path | None = None) -> bool:
    """Whether an error, or the one that it was raised from, says that nothing more can be written to `directory`."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF == _SQLITE_FULL or code in _SQLITE_CUT_OFF or str(error) == _SQLITE_SAID:
            return True
        if code & 0xFF == _SQLITE_IOERR and directory is not None and directory.exists():
            return free(directory)[0] < _SHORT_OF_ROOM
        error = error.__cause__
    return False


def sentence(error: BaseException, directory: Path) -> str:
    """Say of an error for which `is_full` holds where no room was left and what to do; `directory` is the archive."""
    said = str(error) if isinstance(error, ArchiveError) or error.__cause__ else None
    name = getattr(error, "filename2", None) or getattr(error, "filename", None)  # of a copy its target
    where = os.fsdecode(name) if name is not None else str(directory)
    return f"{said or f'{where}: {_why(error)}'}; what was archived before is whole: free some space, then run it again"


def _why(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return "the disk is full"


def free(directory: Path) -> tuple[int, int]:
    """Return the bytes that may still be written to a directory's disk, by whoever runs this, and the disk's size."""
    disk = os.statvfs(directory)
    return disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
