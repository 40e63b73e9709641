"""Making `archive.db` anew from the WARC files alone: promise one, kept as a command."""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from archive import recovery, warc
from archive.damaged import REPAIRS
from archive.database import FILE, DatabaseError, in_use, open_for_reading, transaction
from archive.errors import ArchiveError, ArchiveInUse
from archive.extraction import EXTRACTOR
from archive.forgetting import redo
from archive.ingest import Ingest
from archive.store import OPERATIONAL, Store

logger = logging.getLogger("marbre")

_KEPT = f"{FILE}.before-rebuild"


def rebuild(directory: Path, pool: Executor, progress: Callable[[str], None] = lambda _: None) -> Counter[str]:
    """Read every WARC file of `directory` into a new database and put it in the old one's place.

    Returns how many captures were read with which outcome. The old file is kept as `archive.db.before-rebuild`. Raises
    ArchiveError if there is no WARC file, or while a crawl is writing one.
    """
    if not any((directory / "warc").glob("*.warc.gz*")):
        raise ArchiveError(f"{directory / 'warc'}: no WARC files to rebuild from")
    with in_use(directory, alone=True):
        return _rebuild(directory, pool, progress)


def _rebuild(directory: Path, pool: Executor, progress: Callable[[str], None]) -> Counter[str]:
    _settle_old(directory, pool)
    scratch = directory / "rebuild"
    shutil.rmtree(scratch, ignore_errors=True)
    with Store(scratch, warc=directory / "warc") as store:
        ingest = Ingest(store, pool)
        recovery.recover(store, ingest)
        if running := warc.open_files(store.warc):
            raise ArchiveInUse(f"{running[0].name}: a crawl is writing; rebuild when it has ended")
        journal = redo.pending(directory)  # of a forgetting that was cut short, and the old database cannot be read
        if journal:
            redo.change_files(store.warc, journal)
        paths = sorted(store.warc.glob("*.warc.gz"))
        # What repairs kept of captures whose records are damaged comes first, too: crawls' summaries name these.
        recovery.load_all(store, [*(path for path in paths if REPAIRS in path.name), *paths], progress)
        recovery.recover(store, ingest)
        counts = ingest.run(store.pending(EXTRACTOR), progress)
        _carry_over(directory, store)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _swap(directory, scratch)
    if journal:
        redo.conclude(directory)
    return counts


def _settle_old(directory: Path, pool: Executor) -> None:
    """Let the old database, if it can still be read, tell of a killed crawl what only it knows: its queue."""
    if (directory / FILE).exists():
        try:
            with Store(directory) as old:
                recovery.recover(old, Ingest(old, pool))
        except DatabaseError as error:
            logger.warning("%s cannot be read (%s); rebuilding from the WARC files alone", directory / FILE, error)


def _carry_over(directory: Path, store: Store) -> None:
    """Take over what no WARC file holds, and the next run needs, from the old database; if it can still be read."""
    if not (directory / FILE).exists():
        return
    try:
        old = open_for_reading(directory)
        try:
            found = {table: list(old.table(table).rows) for table in OPERATIONAL}
        finally:
            old.close()
    except DatabaseError as error:
        logger.warning("%s cannot be read (%s); lost: %s", directory / FILE, error, ", ".join(OPERATIONAL))
        return
    with transaction(store.db):
        for table, rows in found.items():
            store.db.table(table).insert_all(rows, ignore=True)


def _swap(directory: Path, scratch: Path) -> None:
    old = directory / FILE
    for suffix in ("", "-wal", "-shm"):
        # The three belong together: a database without its write-ahead log has lost its last rows.
        source = old.with_name(old.name + suffix)
        kept = directory / (_KEPT + suffix)
        kept.unlink(missing_ok=True)
        if source.exists():
            source.rename(kept)
    (scratch / FILE).rename(old)
    shutil.rmtree(scratch)
