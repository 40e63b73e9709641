"""The one way from stored bytes to article: a capture is read back, extracted in the pool, and saved.

The crawl, an import and a re-extraction all go through here; none looks at a live response or at today's clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlite_utils import Database

from archive import captures, damaged, forgotten, profiles
from archive.errors import DamagedRecord, ExtractionFailed
from archive.extraction import extract
from archive.models import Article, Capture, Failure, Rejection
from archive.pool import KillablePool
from archive.reading import fingerprint
from archive.reading.profile import Profile
from archive.rights import claims
from archive.store import Reading, Store
from archive.warc import read_page

# Enough to keep every worker busy, few enough to keep their results out of memory.
_AT_ONCE = 64

_BROKEN = {
    "timeout": "reading it took too long",
    "memory": "reading it took too much memory",
    "crash": "reading it crashed the worker",
}


@cache
def extraction_pool(workers: int | None = None) -> KillablePool:
    """Return this process's pool: several crawls in it share one, as they share its processors."""
    return KillablePool(workers)


class Stored(NamedTuple):
    """A capture, and the one that has its body if it is a revisit."""

    capture: Capture
    original: Capture | None


def read(directory: Path, stored: Stored, parts: Sequence[Stored], profile: Profile | None) -> Reading:
    """Read one capture, and the parts of its article, back from the WARC files; runs in a worker process."""
    try:
        page = read_page(directory, *stored)
        page = replace(page, parts=tuple(read_page(directory, *part) for part in parts))
    except DamagedRecord as error:
        return Reading(Failure(error.reason, str(error)))
    return Reading.of(extract(page, profile))._replace(template=fingerprint.of(page), rights=claims.of_page(page))


def submit(pool: Executor, db: Database, warc: Path, capture: Capture, profile: Profile | None) -> Future[Reading]:
    """Begin reading a capture whose row, and those of what belongs to it, are in `db`."""
    parts = [_stored(db, part) for part in captures.parts_of(db, capture)]
    return pool.submit(read, warc, _stored(db, capture), parts, profile)


def _stored(db: Database, capture: Capture) -> Stored:
    return Stored(capture, captures.by_id(db, capture.refers_to))


class Ingest:
    """Reads captures in `pool` and saves what they give in `store`."""

    def __init__(self, store: Store, pool: Executor) -> None:
        self.store = store
        self.pool = pool
        self._profiles: WeakKeyDictionary[Future[Reading], Profile | None] = WeakKeyDictionary()

    def submit(self, capture: Capture, site: str) -> Future[Reading]:
        """Begin reading a capture, with its site's profile; give the finished future to `save`."""
        profile = profiles.in_use(self.store.db, site)
        future = submit(self.pool, self.store.db, self.store.warc, capture, profile)
        self._profiles[future] = profile
        return future

    def save(self, capture: Capture, site: str, future: Future[Reading]) -> tuple[str, Article | Rejection | Failure]:
        """Save what a finished future gave; returns the outcome as `Store.save` does, and the result."""
        try:
            reading = future.result()
        except ExtractionFailed as error:
            reading = Reading(Failure(str(error), _BROKEN[str(error)]))
        if isinstance(reading.result, Failure) and reading.result.reason == "damaged_record":
            reading = damaged.reading(self.store.db, capture) or reading  # it was read while it could be
        reading = reading._replace(result=forgotten.judge(self.store.db, reading.result))
        extractor = profiles.extractor(self._profiles[future])
        return self.store.save(capture, site, extractor, reading), reading.result

    def run(self, pending: Iterable[tuple[str, str]], progress: Callable[[str], None] = lambda _: None) -> Counter[str]:
        """Read captures given as (id, site), a bounded number at a time, and save each as it comes; counts outcomes.

        `progress` is called with each outcome. Stopping at any point leaves what was saved; the rest stays pending.
        """
        counts: Counter[str] = Counter()
        running: dict[Future[Reading], tuple[Capture, str]] = {}

        def reap(at_most: int) -> None:
            while len(running) > at_most:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    outcome, _ = self.save(*running.pop(future), future)
                    counts[outcome] += 1
                    progress(outcome)

        for identifier, site in pending:
            capture = captures.by_id(self.store.db, identifier)
            assert capture is not None, f"pending capture {identifier} has no row"
            running[self.submit(capture, site)] = (capture, site)
            reap(_AT_ONCE)
        reap(0)
        return counts
