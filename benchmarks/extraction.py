"""How well pages of public corpora are read, beside trafilatura in the same run, and at which cost.

The corpus is a folder with a `score.py` that gives `load(dataset)`, `score_page`, `summary` and `trafilatura`, and
with the datasets it names. They disagree on what the text is, so our fields are joined as each of them wants it: aeb
the text alone; fundus the printed standfirst and the text; traf title, printed standfirst and text. trafilatura's
answer is taken as it is.

"ours" reads every page as an article, which these are known to be; "refusing" lets the page's kind be judged first, and
counts a refused article as an empty answer. "must" is the floor, "aim" what we want. The line "cpu" is the median over
the pages of our processor time divided by that of `trafilatura.bare_extraction(with_metadata=True)`: each page is read
--repeats times by both in turn, and the fastest of each counts, so that other work on the machine disturbs little.

--halves prints the table for each of two fixed halves (the last bit of the MD5 of a page's id): rules are chosen by
looking at pages of "choose" only, and "report" shows whether they carry over.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from archive.extraction import extract
from archive.models import Article, Page, Rejection

EXAMPLES = """
examples:
  python benchmarks/extraction.py ~/corpus                        the whole table, some minutes
  python benchmarks/extraction.py ~/corpus --halves --jobs 2      both halves; two processes at once
  MARBRE_CORPUS=~/corpus python benchmarks/extraction.py --dataset aeb --limit 20
"""
VARIABLE = "MARBRE_CORPUS"
CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)  # later than all of the pages
WANTED = {  # dataset, figure: must, aim
    ("aeb", "f1"): (0.973, 0.985),
    ("aeb", "exact"): (0.45, 0.55),
    ("fundus", "token_f1"): (0.968, 0.980),
    ("fundus", "title"): (0.90, 0.95),
    ("fundus", "authors"): (0.90, 0.95),
    ("fundus", "day"): (0.985, 0.99),
    ("fundus", "minute"): (0.97, 0.98),
    ("fundus", "language"): (0.97, 0.99),
    ("traf", "f1"): (0.935, 0.945),
    ("traf", "title"): (0.76, 0.80),
    ("traf", "day"): (0.88, 0.90),
    ("htmldate", "day"): (0.915, 0.93),
}
DATASETS = tuple(dict.fromkeys(dataset for dataset, _ in WANTED))
CPU = (1.0, 0.5)  # must, aim
READERS = ("ours", "refusing", "trafilatura")
HALVES = ("choose", "report")
PRINTED = "standfirst"  # the witness of a description that readers see, too
_SEEN_IN_TEXT = 60  # characters of a standfirst that show it to be in the text already

Answer = dict[str, Any]


class Job(NamedTuple):
    """One page to be read, and how often; `truth` is what its annotators say."""

    number: int
    dataset: str
    truth: dict[str, Any]
    body: bytes
    repeats: int


class Row(NamedTuple):
    """One page's scores by reader, the reason if we refuse it, and our processor time over trafilatura's."""

    dataset: str
    half: str
    scores: dict[str, dict[str, Any]]
    refused: str | None
    ratio: float


def page(body: bytes, url: str | None) -> Page:
    known = url if (url or "").startswith("http") else None
    return Page(known or "https://example.org/news/some-article", 200, (("Content-Type", "text/html"),), body, CAPTURED)


def answer(found: Article | Rejection, dataset: str) -> Answer:
    """Our article as the dataset's convention wants it."""
    if isinstance(found, Rejection):
        return {}
    text = found.text
    standfirst = (found.description or "") if found.provenance.get("description", {}).get("source") == PRINTED else ""
    if dataset != "aeb" and standfirst and standfirst[:_SEEN_IN_TEXT] not in text:
        text = f"{standfirst}\n{text}"
    if dataset == "traf":
        text = f"{found.title or ''}\n{text}"
    return {
        "title": found.title,
        "authors": list(found.authors),
        "date": found.published.isoformat() if found.published else None,
        "language": (found.language or "")[:2] or None,
        "text": text,
    }


def seconds(read: Callable[[], Any]) -> float:
    start = time.process_time()
    read()
    return time.process_time() - start


def ratio(ours: Callable[[], Any], theirs: Callable[[], Any], job: Job) -> float:
    """Our processor time over theirs; who goes first changes each time, as the second finds warm caches."""
    times: dict[Callable[[], Any], list[float]] = {ours: [], theirs: []}
    for turn in range(job.repeats):
        for read in (ours, theirs) if (job.number + turn) % 2 else (theirs, ours):
            times[read].append(seconds(read))
    return min(times[ours]) / max(min(times[theirs]), 1e-6)


def one(job: Job) -> Row:
    """Read one page with all readers, score the answers and take the times."""
    score = importlib.import_module("score")
    url = job.truth.get("url") if job.dataset != "aeb" else None
    asked = page(job.body, url)
    refusing = extract(asked)
    answers = (
        answer(extract(asked, any_kind=True), job.dataset),
        answer(refusing, job.dataset),
        score.trafilatura(job.body, url) or {},
    )
    return Row(
        job.dataset,
        half(job.truth["id"]),
        {name: score.score_page(job.dataset, job.truth, got) for name, got in zip(READERS, answers, strict=True)},
        refusing.reason if isinstance(refusing, Rejection) else None,
        ratio(lambda: extract(asked, any_kind=True), lambda: score.trafilatura(job.body, url), job),
    )


def half(identity: object) -> str:
    digest = hashlib.md5(str(identity).encode(), usedforsecurity=False).hexdigest()
    return HALVES[int(digest, 16) % 2]


def jobs_of(dataset: str, limit: int | None, repeats: int) -> Iterator[Job]:
    loaded = islice(importlib.import_module("score").load(dataset), limit)
    return (Job(number, dataset, truth, body, repeats) for number, (truth, body) in enumerate(loaded))


def show(rows: Sequence[Row], about: str) -> None:
    """Print the table of some rows."""
    print(f"\n{about}: {len(rows)} pages")
    if not rows:
        return
    print(f"{'dataset':9} {'figure':9} {'ours':>6} {'refusing':>9} {'trafilatura':>12} {'must':>6} {'aim':>6}")
    for (dataset, figure), (must, aim) in WANTED.items():
        some = [row for row in rows if row.dataset == dataset]
        if not some:
            continue
        ours, refusing, theirs = (figure_of(figure, dataset, some, reader) for reader in READERS)
        below = "  below" if ours is not None and ours < must else ""
        print(f"{dataset:9} {figure:9} {_f(ours):>6} {_f(refusing):>9} {_f(theirs):>12} {must:>6} {aim:>6}{below}")
    cost = statistics.median(row.ratio for row in rows)
    below = "  above" if cost > CPU[0] else ""
    print(f"{'cpu':9} {'median':9} {cost:>6.2f} {'':9} {1:>12.2f} {CPU[0]:>6} {CPU[1]:>6}{below}")
    reasons = Counter(row.refused for row in rows if row.refused)
    print(f"{reasons.total()} refused", *(f"{count} {reason}" for reason, count in reasons.most_common()), sep=", ")


def figure_of(figure: str, dataset: str, rows: Sequence[Row], reader: str) -> float | None:
    found = importlib.import_module("score").summary(dataset, [row.scores[reader] for row in rows])
    return found.get(figure)  # type: ignore[no-any-return]


def _f(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = os.environ.get(VARIABLE) or None
    parser.add_argument("corpus", type=Path, nargs="?", default=known, help=f"its folder; else ${VARIABLE}")
    parser.add_argument("--dataset", action="append", choices=DATASETS, help="only this one; may be given again")
    parser.add_argument("--halves", action="store_true", help="a table for each half, too")
    parser.add_argument("--limit", type=int, help="so many pages of each dataset")
    parser.add_argument("--repeats", type=int, default=3, help="how often each page is timed (default 3)")
    parser.add_argument("--jobs", type=int, default=1, help="processes at once; more than 1 makes the times less sure")
    given = parser.parse_args()
    if given.corpus is None:
        parser.error(f"say where the corpus is: give its folder, or set {VARIABLE}")
    given.corpus = Path(given.corpus).expanduser().resolve()
    if not (given.corpus / "score.py").is_file():
        parser.error(f"{given.corpus} has no score.py: give the folder that holds it and the datasets {DATASETS}")
    if given.repeats < 1 or given.jobs < 1:
        parser.error("--repeats and --jobs are 1 or more")
    return given


def main() -> None:
    given = options()
    sys.path.insert(0, str(given.corpus))
    rows: list[Row] = []
    with ProcessPoolExecutor(given.jobs, initializer=sys.path.insert, initargs=(0, sys.path[0])) as pool:
        for dataset in given.dataset or DATASETS:
            rows += pool.map(one, jobs_of(dataset, given.limit, given.repeats), chunksize=4)
            print(f"{dataset} read", file=sys.stderr, flush=True)
    for name in HALVES if given.halves else ():
        show([row for row in rows if row.half == name], f"half {name!r}")
    show(rows, "all")


if __name__ == "__main__":
    main()
