"""`marbre compact`: the database in as little room as it needs.

WARC files are left alone. Putting small ones together would save a few bytes and cost what can be trusted: a file is
never changed once it is closed (but for what is forgotten), its name tells the crawl that wrote it, and past damage the
next record is known by the one warcinfo record of its file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from archive.database import FILE, in_use, open_for_reading, open_for_writing
from archive.errors import ArchiveError

_PATIENCE = 2000  # milliseconds


class Result(NamedTuple):
    """Bytes of the database and its log before and after; `held`: a reader keeps the log for as long as it reads."""

    before: int
    after: int
    held: bool


def compact(directory: Path, progress: Callable[[str], None] = lambda _: None) -> Result:
    """Write an archive's database anew without gaps, its index of words in one piece.

    It can be killed at any time: the database is what it was then, or what it is to be. Raises ArchiveError while
    somebody writes, or if the disk has not room for it once more.
    """
    open_for_reading(directory).close()
    with in_use(directory, alone=True):
        before = _size(directory)
        if shutil.disk_usage(directory).free < 2 * before:  # the new one, and the log it is brought in by
            raise ArchiveError(f"{directory}: compacting needs {2 * before / 1e6:,.0f} MB of room on the disk")
        db = open_for_writing(directory)
        for step, sql in STEPS.items():
            progress(step)
            for name in _indexes(db) if "{0}" in sql else ("",):
                db.execute(sql.format(name)).fetchall()
        db.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
        progress("emptying the log")
        (held, *_) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        db.close()
        return Result(before, _size(directory), bool(held))


STEPS = {
    "merging the index of words": "INSERT INTO {0} ({0}) VALUES ('optimize')",
    "writing the database anew": "VACUUM",
}


def _indexes(db: Database) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%fts5%'")]


def _size(directory: Path) -> int:
    paths = (directory / f"{FILE}{suffix}" for suffix in ("", "-wal"))
    return sum(path.stat().st_size for path in paths if path.exists())
