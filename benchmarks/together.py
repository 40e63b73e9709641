"""What two crawls, a re-extraction, backups and Datasette's readers do to each other at one archive.

    nice -n 10 python -m benchmarks.together [--seconds 60] [--rate 50] [--pages 4000]

Two generated newspapers on loopback are crawled into one archive by two processes without a delay, while all of it is
read anew (`extract --all`, again and again), backed up (again and again), and looked at in `marbre serve`: front page,
table with facets, search, an article, RATE pages a second by four readers. Meanwhile a probe makes a write transaction
twenty times a second and notes how long each took; the same again without readers. Prints every fault, the answers by
status with p50 and p95, writes with and without readers, the size of the write-ahead log, and whether archive and
backup are whole. Exits with 1 after a fault. On a machine that cannot serve RATE pages beside the rest, fewer are
asked for: what was reached is printed.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from archive.database import FILE, LONG_LOG, log_size
from archive.verification import verify
from tests.conftest import run_marbre
from tests.crowd import Crowd
from tests.newsland import Newsland, Paper

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
NAMES = ("aurore", "boussole")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="with readers, and half as long without")
    parser.add_argument("--rate", type=float, default=50, help="pages of Datasette a second")
    parser.add_argument("--pages", type=int, default=4000, help="articles of each newspaper")
    given = parser.parse_args()
    papers = tuple(Paper(name, 0, ways=("sitemap",), past=given.pages, named=given.pages) for name in NAMES)
    with tempfile.TemporaryDirectory() as folder, Newsland(papers, START, 0) as land:
        directory, target = Path(folder, "archive"), Path(folder, "backup")
        sites = land.sites(Path(folder))
        run_marbre("--sites", sites, "crawl", "--limit", "100", "--archive", directory)
        faults = together(directory, target, sites, given.seconds, given.rate)
        faults += together(directory, target, sites, given.seconds / 2, 0)
        faults += whole(directory, target)
    print("\n".join(faults) or "no fault")
    sys.exit(bool(faults))


def together(directory: Path, target: Path, sites: Path, seconds: float, rate: float) -> list[str]:
    """Let everybody work for some seconds, and print what came of it; returns the faults."""
    largest = 0
    with Crowd(directory, sites) as crowd:
        if rate:
            crowd.read(rate)
        for name in NAMES:
            crowd.crawl(name)
        crowd.extract()
        crowd.back_up(target)
        crowd.write()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            largest = max(largest, log_size(directory))
            time.sleep(0.2)
    print(f"{'with' if rate else 'without'} readers, {seconds:.0f} s")
    asked = sum(crowd.answers.values())
    if rate:
        print(f"  Datasette: {asked} answers ({dict(crowd.answers)}), {asked / seconds:.1f} a second")
        print(f"  each: {times(crowd.delays)}")
    print(f"  writes: {len(crowd.waits)}, {times(crowd.waits)}")
    print(f"  ended meanwhile: {dict(crowd.ended)}")
    print(f"  write-ahead log: {largest / 1e6:.1f} MB at most, {log_size(directory) / 1e6:.1f} MB afterwards")
    return crowd.faults + ([f"the log is {largest} bytes long"] if largest > LONG_LOG else [])


def times(seconds: Sequence[float]) -> str:
    """Return p50, p95 and the longest of durations, in milliseconds."""
    ordered = sorted(seconds) or [0.0]
    p50, p95 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.95))
    return f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {ordered[-1] * 1000:.0f} ms"


def whole(directory: Path, target: Path) -> list[str]:
    """Bring the backup up to date, and say what is wrong with it or with the archive."""
    run_marbre("extract", "--archive", directory)
    run_marbre("backup", target, "--archive", directory)
    faults = []
    for place in (directory, target):
        with closing(sqlite3.connect(place / FILE)) as db:
            said = db.execute("PRAGMA integrity_check").fetchone()[0]
            count = db.execute("SELECT count(*) FROM articles").fetchone()[0]
        wrong = [f"{place.name}: {problem}" for problem in verify(place)]
        print(f"{place.name}: {count} articles, integrity {said}, {len(wrong)} problems")
        faults += wrong + ([] if said == "ok" else [f"{place.name}: {said}"])
    return faults


if __name__ == "__main__":
    main()
