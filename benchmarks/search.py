"""What a search costs beside the bare FTS5 query, as ratios in the same run, and how both grow with the archive.

    nice -n 15 python benchmarks/search.py [--articles 10000 100000 1000000] [--rounds 5] [--directory DIR]

Makes an archive of generated articles (seeded; words by Zipf's law, ten years, twelve sites of unequal size) straight
in the database, and asks it for words of all frequencies, alone and in twos. For the same words:

- bare: `SELECT rowid ... MATCH words ORDER BY bm25(...) LIMIT 10`, no filter: what FTS5 itself costs;
- bare, shown: the same joined with the articles, with FTS5's highlight() of the title and snippet() of the text;
- found: the row numbers of the ten best, with and without a filter by site, language or date; by rank, and by date;
- shown: `Archive.search` from the typed query to ten results with their snippets.

Prints p50 and p95 of each in milliseconds and of the ratios to the bare query, for rare words (up to 0.1 % of the
articles), middling ones, and common ones (more than 5,000 articles or 10 %). The directory is deleted afterwards.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from archive import Archive
from archive.database import open_for_writing
from archive.search import finding
from archive.search.hits import planned
from archive.search.syntax import parse

VOCABULARY = 200_000
WORDS = 230  # of an article
SYLLABLES = "ba ce di fo gu la me ni po ru sa té vi zo cha pré tion ville mont eau".split()
START = datetime(2016, 1, 1, tzinfo=UTC)
FILTERS = {"site": "site:gazette3", "lang": "lang:en", "date": "after:2024-06"}
Timed = tuple[float, float]
_PATIENCE = 20  # seconds for all rounds of one question


def word(number: int) -> str:
    """Return a word of its own for a number; frequent ones are short."""
    letters = ""
    while True:
        number, syllable = divmod(number, len(SYLLABLES))
        letters += SYLLABLES[syllable]
        if not number:
            return letters + "q"  # no word begins another of these in the middle of a syllable


def articles(count: int, seed: int = 5) -> Iterator[dict[str, Any]]:
    rng = random.Random(seed)
    words = [word(number) for number in range(VOCABULARY)]
    weights = list(accumulate(1 / (number + 2.7) ** 1.05 for number in range(VOCABULARY)))
    step = timedelta(days=3650) / count
    for number in rng.sample(range(count), count):  # as a crawl meets them: in no order
        text = rng.choices(words, cum_weights=weights, k=WORDS)
        moment = (START + step * number).isoformat()
        url = f"https://gazette.example/{number}/"
        yield {
            "docid": rng.getrandbits(63),
            "id": f"{number:016x}",
            "site": f"gazette{int(rng.random() ** 2 * 12)}",
            "title": " ".join(text[:8]).capitalize(),
            "description": " ".join(text[8:25]),
            "text": "\n".join(" ".join(text[place : place + 40]) for place in range(25, WORDS, 40)),
            "authors": f'["{rng.choice(words[500:1000])} {rng.choice(words[1000:4000])}"]',
            "tags": f'["{rng.choice(words[2000:5000])}"]',
            "language": "en" if number % 5 == 0 else "fr",
            "published": moment,
            "url": url,
            "canonical_url": url,
            "markdown": "",
            "versions": 1,
            "first_seen": moment,
            "last_seen": moment,
            "digest": f"{number:032x}",
            "text_digest": f"{number:032x}",
            "capture": "c",
        }


def fill(directory: Path, count: int) -> float:
    """Make the archive; returns seconds. It is written in batches of one transaction each, as a crawl's rows are."""
    begun = time.perf_counter()
    db = open_for_writing(directory)
    for pragma in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -200000"):
        db.execute(f"PRAGMA {pragma}")
    for index in ("articles_fts", "search_fts"):
        db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('hashsize', 50000000)")
    rows = articles(count)
    while batch := list(islice(rows, 5000)):
        sql = f"INSERT INTO articles ({', '.join(batch[0])}) VALUES ({', '.join(f':{name}' for name in batch[0])})"
        db.execute("BEGIN IMMEDIATE")
        db.conn.executemany(sql, batch)
        db.execute("COMMIT")
    for index in ("articles_fts", "search_fts"):
        db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('hashsize', 1048576)")
    for sql in ("PRAGMA wal_checkpoint(TRUNCATE)", "ANALYZE"):
        db.execute(sql).fetchall()
    db.close()
    return time.perf_counter() - begun


@dataclass(frozen=True)
class Question:
    typed: str
    band: str


def questions(archive: Archive, count: int) -> list[Question]:
    rng = random.Random(7)
    places = [0, 1, 3, 6, *(rng.randrange(10**power, 10 ** (power + 1)) for power in (1, 2, 3, 4) for _ in range(5))]
    typed = [word(place) for place in places]
    typed += [f"{word(rng.choice(places))} {word(rng.choice(places))}" for _ in range(16)]
    found = []
    for words in typed:
        matches = archive.db.execute("SELECT count(*) FROM search_fts WHERE search_fts MATCH ?", [words]).fetchone()[0]
        if matches:
            common = matches > min(finding.MANY, count / 10)
            found.append(Question(words, "rare" if matches <= count / 1000 else "common" if common else "middling"))
    return found


def milliseconds(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the processor time of each in the best of several rounds: other work of the machine's is no one's cost.

    After the first round all that is asked for is in memory, so that there is nothing to wait for. Each round asks in
    every way, so that a time at which the processor is slow is one for all of them; what is quick is asked more often.
    """
    best = dict.fromkeys(ways, float("inf"))
    spent = 0.0
    for number in range(1, 20 * rounds):
        for name, ask in ways.items():
            begun = time.process_time()
            ask()
            took = time.process_time() - begun
            best[name] = min(best[name], took)
            spent += took
        if (number >= rounds and spent > 1) or spent > _PATIENCE:
            break
    return {name: seconds * 1000 for name, seconds in best.items()}


def asked(archive: Archive, words: str) -> dict[str, Callable[[], object]]:
    """Return the ways of asking, by name."""
    weights = "8.0, 3.0, 1.0, 0"
    bare = f"SELECT rowid FROM search_fts WHERE search_fts MATCH ? ORDER BY bm25(search_fts, {weights}) LIMIT 10"
    shown = (
        "SELECT articles.id, published, canonical_url, highlight(articles_fts, 0, '[', ']'),"
        " snippet(articles_fts, 2, '[', ']', '…', 28) FROM articles_fts JOIN articles ON docid = articles_fts.rowid"
        " WHERE articles_fts MATCH ? ORDER BY bm25(articles_fts, 8.0, 3.0, 1.0) LIMIT 10"
    )

    def ours(typed: str, sort: str = "rank") -> list[int]:
        return list(islice(finding.found(archive.db, planned(archive.db, parse(typed)), sort), 10))

    ways: dict[str, Callable[[], object]] = {
        "bare": lambda: archive.db.execute(bare, [words]).fetchall(),
        "bare, shown": lambda: archive.db.execute(shown, [words]).fetchall(),
        "found": lambda: ours(words),
    }
    for name, term in FILTERS.items():
        ways[f"found, {name}"] = lambda term=term: ours(f"{words} {term}")  # type: ignore[misc]
    ways["found, site, newest"] = lambda: ours(f"{words} {FILTERS['site']}", "date")
    ways["shown"] = lambda: list(archive.search(words, 10))
    ways["shown, site"] = lambda: list(archive.search(f"{words} {FILTERS['site']}", 10))
    return ways


def percentiles(values: list[float]) -> Timed:
    cuts = statistics.quantiles(values, n=20, method="inclusive") if len(values) > 1 else values * 20
    return statistics.median(values), cuts[18]


def measure(directory: Path, count: int, rounds: int) -> dict[tuple[str, str], Timed]:
    with Archive(directory) as archive:
        archive.db.execute("PRAGMA cache_size = -200000")
        times: dict[str, list[dict[str, float]]] = {}
        for question in questions(archive, count):
            ways = asked(archive, question.typed)
            times.setdefault(question.band, []).append(milliseconds(ways, rounds))
    return {(band, way): report(band, way, of_band) for band, of_band in sorted(times.items()) for way in of_band[0]}


def report(band: str, way: str, times: list[dict[str, float]]) -> Timed:
    own = percentiles([each[way] for each in times])
    to = "bare, shown" if way.startswith("shown") else "bare"
    ratio = percentiles([each[way] / each[to] for each in times])
    line = f"  {band:9} {way:20} {own[0]:9.2f} ms p50 {own[1]:9.2f} ms p95"
    print(
        line if way.startswith("bare") else f"{line}   ratio to {to}: {ratio[0]:6.2f} p50 {ratio[1]:6.2f} p95",
        flush=True,
    )
    return own


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", type=Path, default=Path("/tmp/search-bench"))
    asked_for = parser.parse_args()
    grown: dict[int, dict[tuple[str, str], Timed]] = {}
    for count in asked_for.articles:
        directory = asked_for.directory / str(count)
        try:
            seconds = fill(directory, count)
            size = (directory / "archive.db").stat().st_size
            print(f"{count:,} articles: made in {seconds:.0f} s, {size / count:,.0f} bytes each", flush=True)
            grown[count] = measure(directory, count, asked_for.rounds)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    print("growth of the p50 in ms:")
    for band, way in next(iter(grown.values())):
        cells = (f"{times[band, way][0]:9.2f}" if (band, way) in times else f"{'-':>9}" for times in grown.values())
        print(f"  {band:9} {way:20} {' '.join(cells)}")


if __name__ == "__main__":
    main()
