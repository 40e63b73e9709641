"""Opening an archive's SQLite file: connection, pragmas, migrations, transactions."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # the module it chose
from tenacity import retry, retry_if_exception_message, stop_after_delay, wait_random_exponential

from archive.errors import ArchiveError, ArchiveInUse, NewerArchive, NotAnArchive
from archive.room import is_full
from archive.schema import migrations
from archive.search.folding import filterable, searchable

logger = logging.getLogger("marbre")

DatabaseError = sqlite3.DatabaseError
FILE = "archive.db"
BUSY_TIMEOUT = 30  # seconds; one writer's transaction takes milliseconds
LONG_LOG = 64 * 1024 * 1024  # bytes of write-ahead log that no reader of a second or two accounts for
# From here on two processes that write and checkpoint at the same moment cannot damage the file ("WAL-reset bug").
SOUND = (3, 51, 3)


def make_directory(directory: Path) -> None:
    """Make an archive's directory, for its owner alone; of one that is there already, who may read it stays."""
    directory.mkdir(0o700, parents=True, exist_ok=True)


def open_for_writing(directory: Path) -> Database:
    """Open `directory`'s database, made and migrated if need be; an older one is copied first (`_migrate`).

    Raises NotAnArchive for a database that a newer Marbre has changed.
    """
    make_directory(directory)
    db = _connect(f"{(directory / FILE).absolute().as_uri()}?mode=rwc")
    db.execute("PRAGMA journal_mode = WAL")
    # The WARC files are the archive: after a power cut the last rows are read from them again.
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(f"PRAGMA journal_size_limit = {LONG_LOG}")  # what grew while somebody read is given back
    _refuse_newer(db, directory)
    if migrations.pending(db):
        _migrate(db, directory)
    return db


def open_for_reading(directory: Path) -> Database:
    """Open `directory`'s database read-only. Raises NotAnArchive where there is none."""
    db = open_as_it_is(directory)
    if migrations.pending(db):
        db.close()
        open_for_writing(directory).close()
        return open_for_reading(directory)
    return db


def open_as_it_is(directory: Path) -> Database:
    """Open `directory`'s database read-only whatever version it is of: for a copy, or a look at its oldest columns.

    Raises NotAnArchive where there is none, or one that a newer Marbre has changed.
    """
    if not (directory / FILE).is_file():
        raise NotAnArchive(
            f"{directory}: no archive here (no {FILE}); give another with --archive DIR, or make one: marbre crawl"
        )
    db = _connect(f"{(directory / FILE).absolute().as_uri()}?mode=ro")
    _refuse_newer(db, directory)
    return db


def copy(db: Database, place: Path) -> None:
    """Copy an open database, as it is at one moment, to a file that is whole when it appears under its name.

    Whoever writes to it meanwhile is not kept waiting.
    """
    partial = place.with_name(f"{place.name}.part")
    partial.unlink(missing_ok=True)
    target = sqlite3.connect(partial)
    try:
        db.conn.backup(target)  # in one step: in several it would begin anew whenever somebody writes
        target.execute("PRAGMA journal_mode = DELETE")  # all of it in this one file
    except DatabaseError as error:
        target.close()
        for path in (partial, partial.with_name(f"{partial.name}-journal")):
            path.unlink(missing_ok=True)  # on a full disk it would be in the way of what is to be freed
        if not is_full(error):
            raise
        raise ArchiveError(f"{place}: {error}") from error
    finally:
        target.close()
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(place)


@contextmanager
def in_use(directory: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold an archive while writing to it: many may at once, but a rebuild, which puts another file in place, alone.

    With an SQLite older than SOUND everybody is alone: one process writes at a time. Raises ArchiveInUse if that
    cannot be now. A killed process lets go by itself.
    """
    with (directory / "archive.lock").open("w") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone or not is_sound() else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveInUse(f"{directory}: {_who(alone=alone)}; try again when that has ended") from None
        yield


def is_sound() -> bool:
    """Whether this SQLite lets several processes write at once without harm; `pysqlite3` brings one that does."""
    return bool(sqlite3.sqlite_version_info >= SOUND)


def log_size(directory: Path) -> int:
    """Return the size in bytes of an archive's write-ahead log; 0 if there is none."""
    try:
        return (directory / f"{FILE}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def long_log(directory: Path) -> str | None:
    """Say in a sentence that the write-ahead log has grown beyond LONG_LOG, and why; None if it has not."""
    size = log_size(directory)
    if size <= LONG_LOG:
        return None
    return (
        f"{directory / FILE}-wal has grown to {size // 1_000_000} MB: somebody has been reading for long without an"
        " end; it shrinks by itself when that reader stops and something is written"
    )


def close(db: Database, directory: Path) -> None:
    """Close a database after writing to it, with a warning if its write-ahead log cannot be folded into it."""
    db.close()
    if said := long_log(directory):
        logger.warning("%s", said)


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


def _migrate(db: Database, directory: Path) -> None:
    """Bring an older database up to date; a copy of it is kept as archive.db.before-NNN, the first migration's number.

    One process does it, whoever else opens the archive at that moment waits. Who is reading goes on.
    """
    with (directory / "migration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pending = migrations.pending(db)
        if pending and migrations.applied(db):
            copy(db, directory / f"{FILE}.before-{pending[0].name[1:4]}")
        with transaction(db):  # all of them or none, whenever it is killed
            migrations.apply(db)
    # A migration may have written every page anew. TRUNCATE would wait for whoever is reading; the log is cut short
    # (journal_size_limit) when it is next begun anew.
    db.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _who(*, alone: bool) -> str:
    if alone:
        return "a crawl or an extraction is writing"
    if is_sound():
        return "it is being rebuilt"
    return (
        f"another process is writing, and SQLite {sqlite3.sqlite_version} can damage a file that two write to at once"
        f" (one of {'.'.join(map(str, SOUND))} or newer cannot)"
    )


def _connect(uri: str) -> Database:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None)
    db = Database(connection)
    db.execute("PRAGMA foreign_keys = ON")
    for function in (searchable, filterable):  # the search index's triggers call them (m014)
        db.register_function(function, deterministic=True)
    return db


def _refuse_newer(db: Database, directory: Path) -> None:
    known = {migration.name for migration in migrations.applied(db)} - {
        migration.name
        for migration in migrations._migrations  # noqa: SLF001 - the library lists only pending ones
    }
    if known:
        db.close()
        raise NewerArchive(
            f"{directory / FILE}: written by a newer Marbre (it knows {', '.join(sorted(known))}); upgrade to open it"
        )
