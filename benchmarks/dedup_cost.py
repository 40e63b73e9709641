"""What finding duplicates costs an article as the archive grows: the second half of benchmarks/dedup.py."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from dedup_texts import NOTES, Language, note
from sqlite_utils import Database

from archive import dedup
from archive.database import open_for_writing, transaction
from archive.duplicates import index, minhash
from archive.duplicates.passages import passages
from archive.urls import article_id, docid

SEED = 20260301
MEASURED = 4_000  # articles at the end of each size, half of them for each way to index
_TURNS = 20
_A_FILL = 20_000
START = datetime(2016, 1, 1, tzinfo=UTC)


def opened(directory: Path) -> Database:
    db = open_for_writing(directory)
    db.execute("PRAGMA foreign_keys = OFF")  # no captures are behind these articles
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%fts%'").fetchall():
        db.execute(f"DROP TRIGGER {name}")  # indexing for search is measured elsewhere
    return db


def add(db: Database, texts: Iterable[tuple[int, str]]) -> None:
    rows = [
        {
            "docid": docid(identifier),
            "id": identifier,
            "site": f"site-{number % 12}",
            "title": f"Titre {number}",
            "text": text,
            "text_digest": dedup.digests(None, text).text,
            "url": url,
            "canonical_url": url,
            "first_seen": moment,
            "last_seen": moment,
            "versions": 1,
            **dict.fromkeys(("markdown", "digest", "capture"), ""),
        }
        for number, text in texts
        for url in (f"https://site-{number % 12}.example/{number}",)
        for identifier in (article_id(url),)
        for moment in ((START + timedelta(minutes=number)).isoformat(timespec="microseconds"),)
    ]
    with transaction(db):
        for row in rows:
            db.execute(f"INSERT INTO articles ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})", row)


def articles(count: int) -> Iterator[tuple[int, str]]:
    rng = random.Random(SEED)
    language = Language("fr", rng)
    stock = [language.run(rng.randint(8, 20)) for _ in range(300)]  # "Follow us on ...", "Our correspondent in ..."
    recent: list[str] = []
    for number in range(count):
        kind = rng.random()
        if kind < 0.02:
            yield number, note(rng, rng.choice(list(NOTES.values())))
        elif kind < 0.12 and recent:
            kept = [word for word in rng.choice(recent).split() if rng.random() > 0.05]
            yield number, " ".join(kept)
        else:
            text = f"{language.run(240)} {rng.choice(stock)}"
            recent = [*recent[-4_999:], text]
            yield number, text


def costs(directory: Path, sizes: list[int]) -> Iterator[float]:
    """Grow an archive to each size; prints what an article costs there, and yields its ratio to that of the first."""
    grown, first, beside = directory / "grown", directory / "first", directory / "beside"
    source = articles(max(sizes))
    made = 0
    for size in sizes:
        db = opened(grown)
        with ProcessPoolExecutor(2) as pool:
            while made < size - MEASURED:
                count = min(_A_FILL, size - MEASURED - made)
                fill(db, pool, islice(source, count))
                made += count
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if size == sizes[0]:
            shutil.copytree(grown, first)
        shutil.copytree(first, beside)
        other = opened(beside)
        yield measured(db, other, source, size)
        made = size
        db.close()
        other.close()
        shutil.rmtree(beside)


def fill(db: Database, pool: Executor, source: Iterable[tuple[int, str]]) -> None:
    """Add articles as if they had been indexed, but for the pairs: a later text costs the same without them."""
    kept = list(source)
    db.execute("PRAGMA cache_size = -200000")
    db.execute("PRAGMA synchronous = OFF")
    add(db, kept)
    texts = [row for row in pool.map(prepared, (text for _, text in kept), chunksize=200) if row]
    bands = {(key, number) for number, *_, keys in texts for key in minhash.unpack(keys).bands}
    with transaction(db):
        db.conn.executemany("INSERT OR IGNORE INTO duplicate_texts VALUES (?, ?, ?, ?)", texts)
        db.conn.executemany("INSERT OR IGNORE INTO duplicate_bands VALUES (?, ?)", sorted(bands))
        db.execute("DELETE FROM duplicate_queue")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA cache_size = -2000")  # SQLite's own default


def prepared(text: str) -> tuple[int, str, int, bytes] | None:
    """Return the row of a text in duplicate_texts."""
    digest, found = dedup.digests(None, text).text, passages(text)
    if found is None:
        return None
    return index.text_id(digest), digest, found.words, minhash.pack(minhash.signature(found.plain | found.figured))


def measured(db: Database, other: Database, source: Iterator[tuple[int, str]], size: int) -> float:
    """Index the same articles here and in an archive of the first size, by turns: other programs slow both alike."""
    told, ratios = [], []
    for work in (followed, index.catch_up):
        times = []
        for turn in range(_TURNS):
            texts = list(islice(source, MEASURED // 2 // _TURNS))
            order = (db, other) if turn % 2 else (other, db)
            taken = {one: timed(one, texts, work) for one in order}
            times.append((taken[db], taken[other]))
        here, there = (sum(time[side][0] for time in times) for side in (0, 1))
        wall = sum(time[0][1] for time in times)
        ratios.append(here / there)
        told.append(f"{here / _TURNS:.2f} ms processor, {wall / _TURNS:.2f} wall, ratio {here / there:.2f}")
    sizes = {table: held(db, table) for table in ("duplicate_texts", "duplicate_bands", "duplicate_pairs")}
    print(f"{size:>9,} articles, one saved one by one: {told[0]}; from the queue: {told[1]}; index "
          f"{sum(sizes.values()) / size:,.0f} bytes an article", flush=True)  # fmt: skip
    return ratios[0]


def followed(db: Database) -> int:
    """Index what waits as saving does it: a transaction for each article."""
    count = 0
    while True:
        with transaction(db):
            done = index.follow(db, 1)
        if not done:
            return count
        count += done


def timed(db: Database, texts: list[tuple[int, str]], work: Callable[[Database], int]) -> tuple[float, float]:
    """Return processor and wall time of indexing one of these articles, in milliseconds."""
    add(db, texts)
    processor, wall = time.process_time(), time.perf_counter()
    count = work(db)
    return (time.process_time() - processor) / count * 1e3, (time.perf_counter() - wall) / count * 1e3


def held(db: Database, table: str) -> int:
    """Return the bytes that a table and its indexes take: those that are free when it is dropped."""
    db.execute("BEGIN")
    before = db.execute("PRAGMA freelist_count").fetchone()[0]
    db.execute(f"DROP TABLE {table}")
    pages = db.execute("PRAGMA freelist_count").fetchone()[0] - before
    db.execute("ROLLBACK")
    return int(pages * db.execute("PRAGMA page_size").fetchone()[0])
