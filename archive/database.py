"""Opening an archive's SQLite file: connection, pragmas, migrations, transactions."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # the module it chose
from tenacity import retry, retry_if_exception_message, stop_after_delay, wait_random_exponential

from archive.errors import ArchiveError, NotAnArchive
from archive.schema import migrations

DatabaseError = sqlite3.DatabaseError
FILE = "archive.db"
BUSY_TIMEOUT = 30  # seconds; one writer's transaction takes milliseconds


def open_for_writing(directory: Path) -> Database:
    """Open `directory`'s database, made and migrated if need be.

    Raises NotAnArchive for a database that a newer Marbre has changed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    db = _connect(f"{(directory / FILE).absolute().as_uri()}?mode=rwc")
    db.execute("PRAGMA journal_mode = WAL")
    # The WARC files are the archive: after a power cut the last rows are read from them again.
    db.execute("PRAGMA synchronous = NORMAL")
    _refuse_newer(db, directory)
    if migrations.pending(db):
        migrations.apply(db)
    return db


def open_for_reading(directory: Path) -> Database:
    """Open `directory`'s database read-only. Raises NotAnArchive where there is none."""
    if not (directory / FILE).is_file():
        raise NotAnArchive(
            f"{directory}: no archive here (no {FILE}); give another with --archive DIR, or make one: marbre crawl"
        )
    db = _connect(f"{(directory / FILE).absolute().as_uri()}?mode=ro")
    _refuse_newer(db, directory)
    if migrations.pending(db):
        db.close()
        open_for_writing(directory).close()
        return open_for_reading(directory)
    return db


@contextmanager
def in_use(directory: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold an archive while writing to it: many may at once, but a rebuild, which puts another file in place, alone.

    Raises ArchiveError if that cannot be now. A killed process lets go by itself.
    """
    with (directory / "archive.lock").open("w") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            other = "a crawl or an extraction is writing" if alone else "it is being rebuilt"
            raise ArchiveError(f"{directory}: {other}; try again when that has ended") from None
        yield


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Run one write transaction, begun IMMEDIATE: a deferred one that upgrades fails at once when another writes."""
    _begin(db)
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.conn.in_transaction:
            db.execute("ROLLBACK")


@retry(
    retry=retry_if_exception_message(match="database is locked"),
    stop=stop_after_delay(2 * BUSY_TIMEOUT),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    reraise=True,
)
def _begin(db: Database) -> None:
    db.execute("BEGIN IMMEDIATE")


def _connect(uri: str) -> Database:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None)
    db = Database(connection)
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _refuse_newer(db: Database, directory: Path) -> None:
    known = {migration.name for migration in migrations.applied(db)} - {
        migration.name
        for migration in migrations._migrations  # noqa: SLF001 - the library lists only pending ones
    }
    if known:
        db.close()
        raise NotAnArchive(
            f"{directory / FILE}: written by a newer Marbre (it knows {', '.join(sorted(known))}); upgrade to open it"
        )
