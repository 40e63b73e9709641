"""Whether exports hold one article at a time: peak memory and time of each form, as the archive grows.

    python benchmarks/exchange.py [--articles 1000000] [--directory DIR]

Makes an archive of that many generated articles, each with a real WARC record of its own (rows are written straight
into the tables, without words to search: neither extraction nor search is measured), exports a hundredth and all of it
in each form, each in a process of its own, and prints seconds, peak memory (VmHWM) and the size of what was written.
DIR needs 8 kB for each article.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive import dedup, rows, urls
from archive.database import transaction
from archive.extraction import EXTRACTOR
from archive.models import Article, Exchange, Link
from archive.store import Store
from archive.warc import WarcWriter

FORMS = ("jsonl", "csv", "parquet", "atom", "rss", "cdxj", "warc", "wacz", "markdown")
START = datetime(2010, 1, 1, 8, tzinfo=UTC)
WORDS = """
    la ville le maire conseil municipal projet budget élus habitants quartier école transports séance vote majorité
    opposition association commission rapport travaux année prochaine décision réunion débat question réponse
    publique région président ministre loi réforme grève syndicat entreprise emploi marché hausse baisse prix énergie
""".split()
CHILD = (
    "import atexit, sys; from archive.exchange_cli import export;"
    "atexit.register(lambda: print(*(line for line in open('/proc/self/status') if 'VmHWM' in line)));"
    "export.main(sys.argv[1:])"
)
BATCH = 5000


def article(number: int, chance: random.Random) -> Article:
    url = f"https://gazette.example/{number % 97}/article-{number}/"
    text = "\n".join(" ".join(chance.choices(WORDS, k=40)) for _ in range(2))
    moment = START + timedelta(minutes=number * 8)
    title = " ".join(chance.choices(WORDS, k=8))
    return Article(
        url=url, canonical_url=url, title=title, text=text, markdown=text, published=moment, authors=("Jeanne Marc",)
    )


def made(writer: WarcWriter, count: int) -> Iterator[tuple[dict[str, Any], ...]]:
    """Write records; yields the rows of capture, extraction, article and version."""
    chance = random.Random(7)
    for number in range(count):
        found = article(number, chance)
        body = f"<title>{found.title}</title><p>{found.text}".encode()
        moment = START + timedelta(minutes=number * 8 + 30)
        link = Link(found.url, "feed", "https://gazette.example/feed")
        headers = (("Content-Type", "text/html"),)
        capture = writer.write(
            Exchange(url=found.url, status=200, headers=headers, body=body, captured_at=moment, links=(link,))
        )
        digests, identifier = dedup.Digests(f"{number:032x}", f"{number:032x}"), urls.article_id(found.url)
        seen = {"first_seen": rows.instant(moment), "last_seen": rows.instant(moment), "capture": capture.id}
        of_text = {"digest": digests.version, "text_digest": digests.text, **seen}
        fields = rows.article_row(found)
        place = {"canonical_url": found.url, "article": identifier, "digest": digests.version}
        extraction = {"capture": capture.id, "extractor": EXTRACTOR, "outcome": "article", **place}
        version = {name: fields[name] for name in ("title", "authors", "published", "modified", "text")}
        identity = {"docid": urls.docid(identifier), "id": identifier, "site": "gazette", "versions": 1}
        yield (
            rows.capture_row(capture),
            extraction | {"timestamp": seen["first_seen"]},
            fields | identity | of_text,
            version | of_text | {"article": identifier},
        )


def build(directory: Path, count: int) -> None:
    with Store(directory) as store, WarcWriter(store.warc, "marbre", "gazette-1", {"site": "gazette"}) as writer:
        store.db.execute("PRAGMA synchronous = OFF")
        store.begin_crawl("gazette-1", "gazette", START, {})
        for index in ("articles_fts", "search_fts", "duplicates"):
            store.db.execute(f"DROP TRIGGER {index}_insert")
        rest = made(writer, count)
        for begin in range(0, count, BATCH):
            with transaction(store.db):
                for each in (next(rest) for _ in range(min(BATCH, count - begin))):
                    for table, row in zip(("captures", "extractions", "articles", "versions"), each, strict=True):
                        marks = ", ".join(f":{name}" for name in row)
                        store.db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)
        store.end_crawl("gazette-1", START, "finished", {})


def measure(archive: Path, form: str, limit: int) -> tuple[float, float, int]:
    """Return seconds, peak MiB and bytes written of one export."""
    place = archive.parent / f"export.{form}"
    command = ["--archive", str(archive), "--format", form, "-o", str(place), "--limit", str(limit)]
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", CHILD, *command], capture_output=True, text=True, check=True)
    seconds = time.monotonic() - began
    size = sum(path.stat().st_size for path in (place.rglob("*.md") if place.is_dir() else [place]))
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    return seconds, int(done.stdout.split("VmHWM:")[1].split()[0]) / 1024, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--forms", default=",".join(FORMS))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.directory) as folder:
        archive = Path(folder) / "archive"
        began = time.monotonic()
        build(archive, asked.articles)
        size = (archive / "archive.db").stat().st_size
        print(
            f"{asked.articles:,} articles, {size / 1e6:,.0f} MB, made in {time.monotonic() - began:,.0f} s", flush=True
        )
        for form in asked.forms.split(","):
            for limit in (asked.articles // 100, asked.articles):
                seconds, peak, written = measure(archive, form, limit)
                print(
                    f"{form:9} {limit:>9,} articles: {seconds:7.1f} s, peak {peak:6.1f} MiB, {written / 1e6:8.1f} MB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
