"""`marbre run`: what is due is crawled, by one run at a time on an archive."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from archive.database import FILE, make_directory, open_for_reading
from archive.rhythm import Due, due_at
from crawler.sites import Sites


def plan(directory: Path, sites: Sites, names: Sequence[str], now: datetime) -> list[Due]:
    """Return when each of the sites is due, the most urgent first; all at once where there is no archive yet."""
    chosen = [sites.named(name) for name in names]
    if not (directory / FILE).is_file():
        return [Due(site.name, now, "never crawled") for site in chosen]
    db = open_for_reading(directory)
    try:
        return sorted((due_at(db, site.name, site.bounds(), now) for site in chosen), key=lambda due: due.at)
    finally:
        db.close()


@contextlib.contextmanager
def only_one(directory: Path) -> Iterator[bool]:
    """Hold the archive's lock of runs; False if another run has it. A killed one lets go, whatever its number was."""
    make_directory(directory)
    path = directory / "locks" / "run.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
