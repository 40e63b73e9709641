"""Finishing WARC files that a killed crawl left open."""

from __future__ import annotations

import fcntl
from io import FileIO
from pathlib import Path

from archive.warc.records import OPEN, Record
from archive.warc.scan import scan
from archive.warc.writer import finish


def open_files(directory: Path) -> list[Path]:
    """Return the files that are being written, or that a killed crawl left."""
    return sorted(directory.glob(f"*.warc.gz{OPEN}"))


def recover(path: Path) -> tuple[Path, int]:
    """Finish a file that a killed crawl left: cut it after its last whole record and give it its final name.

    Returns that name and how many bytes were cut. A file without a whole record is removed: the name returned does
    not exist then. Evidence whose response was never written stays. Raises BlockingIOError if its writer lives.
    """
    final = path.with_name(path.name.removesuffix(OPEN))
    with FileIO(path, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not path.exists():
            return final, 0  # its writer closed it just now
        size = file.seek(0, 2)
        whole = max((each.offset + each.length for each in scan(path) if isinstance(each, Record)), default=0)
        if whole:
            file.truncate(whole)
            finish(file, path)
        else:
            path.unlink()
    return final, size - whole
