"""Breaks what strangers send, in every way that comes to mind, and looks for what a parser of ours does not withstand.

    python benchmarks/fuzz.py [--minutes 3] [--seed 1] [--workers 2] [--only page,feed] [PAGES]

Samples of everything that is read (tests/fuzzing.py) are changed at random (bytes flipped, taken out, put in, repeated,
taken from elsewhere, cut off) and read by the worker processes of the product, with their limits of time and memory.
PAGES is a folder with pages of your own (*.html, *.htm, *.html.gz, in folders below it, too) to take instead of the
project's for everything that reads pages. Told are the cases of each parser, the slowest, and whatever was raised that
is not declared; a case can be read again by its name and seed: `--only NAME --again SEED`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = str(ROOT)  # for the workers

from archive.errors import ExtractionFailed  # noqa: E402
from archive.pool import KillablePool  # noqa: E402
from tests import fuzzing  # noqa: E402

SECONDS = 20.0
MEMORY = 2 << 30


def main() -> None:
    arguments = parsed()
    names = arguments.only.split(",") if arguments.only else fuzzing.NAMES
    if arguments.again is not None:
        print(fuzzing.try_case(names[0], arguments.again, arguments.pages))
        return
    report = run(cases(names, arguments.seed), arguments)
    print("\n".join(report))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="?", default="", help="a folder of pages to break")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help=f"parsers, with commas between them: {', '.join(fuzzing.NAMES)}")
    parser.add_argument("--again", type=int, help="the seed of one case")
    return parser.parse_args()


def cases(names: tuple[str, ...] | list[str], seed: int) -> Iterator[tuple[str, int]]:
    """Yield the names in turn, those of pages four times as often, each with a seed of its own."""
    turns = [name for name in names for _ in range(4 if name == "page" else 1)]
    for number in count(seed * 1_000_000_000):
        yield turns[number % len(turns)], number


def run(given: Iterator[tuple[str, int]], arguments: argparse.Namespace) -> list[str]:
    """Read cases until the time is over; returns the report's lines."""
    tried: Counter[str] = Counter()
    slowest: dict[str, tuple[float, int]] = {}
    broken: dict[str, str] = {}
    running: dict[Future[tuple[float, str]], tuple[str, int]] = {}
    ends = time.monotonic() + 60 * arguments.minutes
    with KillablePool(arguments.workers, seconds=SECONDS, memory=MEMORY) as pool:
        while time.monotonic() < ends or running:
            while time.monotonic() < ends and len(running) < 4 * arguments.workers:
                name, seed = next(given)
                running[pool.submit(fuzzing.try_case, name, seed, arguments.pages)] = name, seed
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                name, seed = running.pop(done)
                seconds, raised = outcome(done)
                tried[name] += 1
                slowest[name] = max(slowest.get(name, (0.0, 0)), (seconds, seed))
                if raised:
                    broken.setdefault(f"{name}: {raised}", f"--only {name} --again {seed}")
    lines = [f"{name}: {tried[name]} cases, slowest {slowest[name][0]:.2f} s ({slowest[name][1]})" for name in tried]
    return [
        *lines,
        f"{tried.total()} cases, {len(broken)} failures",
        *(f"{what} ({how})" for what, how in broken.items()),
    ]


def outcome(done: Future[tuple[float, str]]) -> tuple[float, str]:
    try:
        return done.result()
    except ExtractionFailed as error:
        return SECONDS, f"worker ended: {error}"


if __name__ == "__main__":
    main()
