"""What opening an archive of an older version costs: time, and room on the disk.

    nice -n 10 python -m benchmarks.upgrade [--articles 100000] [--from 12]

Makes an archive as Marbre did when it knew so many migrations, with generated articles, each with its capture, frontier
row, extraction and version, straight in the database; then opens it. Prints the seconds of making the copy and the
changes, the size of the database before and after, and the highest that all its files came to together.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.database import FILE, open_for_writing
from archive.urls import docid
from tests import newspages, older

START = datetime(2026, 3, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--from", type=int, default=12, dest="number", help="how many migrations the archive knows")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        fill(directory / FILE, given.number, given.articles)
        before = (directory / FILE).stat().st_size
        most, over = [0], threading.Event()
        watcher = threading.Thread(target=watch, args=(directory, most, over))
        watcher.start()
        began = time.monotonic()
        open_for_writing(directory).close()
        seconds = time.monotonic() - began
        over.set()
        watcher.join()
        after = (directory / FILE).stat().st_size
    print(f"{given.articles:,} articles, from {older.MIGRATIONS[given.number - 1]} to {older.MIGRATIONS[-1]}")
    print(f"{seconds:.1f} s; {before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after, {most[0] / 1e6:.0f} MB at most")


def watch(directory: Path, most: list[int], over: threading.Event) -> None:
    while not over.wait(0.1):
        most[0] = max(most[0], sum(path.stat().st_size for path in list(directory.iterdir()) if path.exists()))


def fill(path: Path, number: int, count: int) -> None:
    """Make the older database."""
    db = older.empty(path, number)
    db.execute("BEGIN")
    db.execute("INSERT INTO crawls (id, site, started, reason) VALUES ('aurore-1', 'aurore', '2026-03-01', 'finished')")
    for place in range(count):
        for table, row in rows(place):
            db.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values())
            )
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


def rows(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what one article is made of: (table, row)."""
    identifier, article, moment = (
        f"<urn:uuid:{number:032x}>",
        f"{random.Random(number).getrandbits(64):016x}",
        (START + timedelta(minutes=number)).isoformat(),
    )
    title = newspages.title("aurore", number)
    text = "\n".join(newspages.paragraphs("aurore", number % 5000, edited=False)) + f"\n{number}"
    url = f"https://aurore.example/{newspages.slug(title)}-{number}/"
    digest = f"{random.Random(number).getrandbits(128):032x}"
    link = f'[{{"url": "{url}", "via": "feed", "found_on": "https://aurore.example/feed/"}}]'
    place = {"filename": "a.warc.gz", "offset": number * 9000, "length": 9000, "crawl": "aurore-1", "role": "page"}
    yield (
        "captures",
        {
            "id": identifier,
            "urlkey": url,
            "timestamp": moment,
            "url": url,
            "status": 200,
            "mime": "text/html",
            "digest": digest,
            "kind": "response",
            "links": link,
            **place,
        },
    )
    yield "frontier", {"crawl": "aurore-1", "url": url, "state": "done", "outcome": "new", "links": link}
    words = {"title": title, "published": moment, "text": text, "text_digest": digest, "capture": identifier}
    seen = {"first_seen": moment, "last_seen": moment, "digest": digest}
    known = {
        "id": article,
        "docid": docid(article),
        "site": "aurore",
        "url": url,
        "canonical_url": url,
        "markdown": text,
    }
    yield "articles", {**known, **words, **seen, "versions": 1}
    yield "versions", {"article": article, **words, **seen}
    outcome = {"timestamp": moment, "extractor": "1", "outcome": "article", "canonical_url": url}
    yield "extractions", {"capture": identifier, **outcome, "article": article, "digest": digest}


if __name__ == "__main__":
    main()
