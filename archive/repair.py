"""Mending an archive: nothing that can be read is given up, and what cannot be mended is on record and fetched again.

In this order, for each step makes the next one easier: crawls that were killed are finished, files get their names
back, records are made whole, torn ends cut off, rows made as their records say, readings of lost records kept, derived
rows and full-text indexes made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path

from archive import recovery, verification, warc
from archive.database import FILE, DatabaseError, in_use, open_for_reading
from archive.errors import ArchiveError
from archive.ingest import Ingest
from archive.mending.captures import mend_captures
from archive.mending.derived import mend_derived
from archive.mending.lost import put_on_record
from archive.mending.names import put_back
from archive.mending.records import mend_records
from archive.mending.work import Step, Work
from archive.store import Store

_REBUILD = "`marbre rebuild` makes it anew from the WARC files; then repair again"


def repair(
    directory: Path, pool: Executor, *, dry_run: bool = False, progress: Callable[[str], None] = lambda _: None
) -> list[Step]:
    """Mend what can be mended, and return what was done and what is left. `progress` is called with each file.

    With `dry_run` nothing is written, and what is told is what would be done. Raises NotAnArchive if there is none,
    ArchiveError while somebody writes.
    """
    try:
        open_for_reading(directory).close()
        with in_use(directory, alone=True):
            return _dry(directory, progress) if dry_run else _repair(directory, pool, progress)
    except DatabaseError as error:
        if "constraint" in str(error):
            raise
        return [Step(FILE, f"it cannot be read ({error})", None, _REBUILD)]


def _dry(directory: Path, progress: Callable[[str], None]) -> list[Step]:
    db = open_for_reading(directory)
    try:
        unfinished = [
            Step(path.name, "a killed crawl left it", "closed, and its captures read")
            for path in warc.open_files(directory / "warc")
        ]
        return [*unfinished, *_steps(Work(directory, db, None, progress), None)]
    finally:
        db.close()


def _repair(directory: Path, pool: Executor, progress: Callable[[str], None]) -> list[Step]:
    with Store(directory) as store:
        ingest = Ingest(store, pool)
        taken_up = recovery.recover(store, ingest)
        if running := warc.open_files(store.warc):
            raise ArchiveError(f"{running[0].name}: a crawl is writing; repair when it has ended")
        steps = [Step(crawl, "this crawl was killed", "finished as far as it had come") for crawl in taken_up]
        return [*steps, *_steps(Work(directory, store.db, store, progress), ingest)]


def _steps(work: Work, ingest: Ingest | None) -> Iterator[Step]:
    yield from put_back(work)
    yield from mend_records(work)
    yield from mend_captures(work)
    yield from put_on_record(work)
    yield from mend_derived(work, ingest)
    for problem in verification.strangers(work.folder):
        yield Step(problem.where, problem.what, None, "move it elsewhere")
