"""How quickly stored pages are read anew, and whether every processor works.

    nice -n 10 python -m benchmarks.reextract [--pages 2000] [--workers 1 2]

Writes PAGES generated articles of some 40 kB into an archive, as a crawl does, then reads all of them anew (as
`marbre extract --all`) with each number of workers, and stops one run half-way to see that the next goes on. Prints
pages a second, each as a ratio to the first number of workers, and the processors' time a page.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from archive.database import transaction
from archive.ingest import extraction_pool
from archive.jobs import extract_pending
from archive.models import Exchange, Link
from archive.store import Store
from benchmarks.soak import page
from tests import small_archives as small
from tests.archives import START


class HalfWay(Exception):
    """Ends a run that is to be taken up."""


def exchanges(count: int) -> Iterator[Exchange]:
    for number in range(count):
        url = f"https://www.gazette.example/a/{number}/"
        yield Exchange(
            url=url,
            status=200,
            headers=small.HTML,
            body=page(1, number),
            captured_at=START + timedelta(seconds=number),
            links=(Link(url, "sitemap", "https://www.gazette.example/sitemap.xml"),),
        )


def seconds_of(directory: Path, workers: int) -> tuple[float, float]:
    """Read everything anew; returns the seconds it took and those of all processors together."""
    before, began = _processors(), time.monotonic()
    extract_pending(directory, workers, everything=True)
    took = time.monotonic() - began
    extraction_pool(workers).shutdown()  # what its processes used is known when they have ended
    extraction_pool.cache_clear()
    return took, _processors() - before


def _processors() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def taken_up(directory: Path, count: int) -> tuple[int, int]:
    """Stop a run half-way; returns how many pages it had read, and how many the next one read."""
    with Store(directory) as store, transaction(store.db):
        store.db.execute("UPDATE extractions SET extractor = 'of old'")
    done: list[str] = []

    def progress(outcome: str) -> None:
        done.append(outcome)
        if len(done) == count // 2:
            raise HalfWay

    with contextlib.suppress(HalfWay):
        extract_pending(directory, None, progress)
    return len(done), extract_pending(directory).total()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "archive"
        small.crawl(directory, exchanges(given.pages))
        first = 0.0
        for workers in given.workers:
            took, used = seconds_of(directory, workers)
            first = first or took
            print(
                f"{workers} workers: {given.pages / took:.1f} pages a second, ratio {first / took:.2f};"
                f" {used / given.pages * 1000:.1f} ms of processors a page"
            )
        stopped, rest = taken_up(directory, given.pages)
    print(f"stopped after {stopped}, the next run read {rest}: {stopped + rest} of {given.pages}")
    sys.exit(0 if stopped + rest == given.pages else 1)


if __name__ == "__main__":
    main()
