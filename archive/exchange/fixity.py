"""`marbre verify --deep`: what was made of the records, made once more; nothing is written.

`archive.verification` compares rows with records. Here the rows that were read out of records are put to the test: the
digests are computed anew from the words in the database, and every page is read again out of its WARC file.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import captures, profiles, rows, warc
from archive.database import open_for_reading
from archive.dedup import digests
from archive.errors import ExtractionFailed
from archive.extraction import EXTRACTOR
from archive.ingest import submit
from archive.models import Article, Failure
from archive.store import Reading
from archive.verification import Problem

_AT_ONCE = 64  # as `archive.ingest`
Row = dict[str, Any]
Progress = Callable[[str], None]


def deep(directory: Path, pool: Executor, progress: Progress = lambda _: None) -> Iterator[Problem]:
    """Yield what is off; `progress` is called for each row and page looked at. Raises NotAnArchive if there is none.

    What another version of the extractor has read is passed over: `marbre extract` reads it anew.
    """
    db = open_for_reading(directory)
    for table, name in (("articles", "id"), ("versions", "article")):
        yield from _digests(db, table, name, progress)
    yield from _counts(db)
    yield from _profiles(db, directory / "warc")
    yield from _readings(db, directory / "warc", pool, progress)
    db.close()


def _digests(db: Database, table: str, name: str, progress: Progress) -> Iterator[Problem]:
    """Compare the digests in rows with those of the words and dates beside them."""
    for row in db.query(
        f"SELECT t.{name} AS id, t.title, t.text, t.authors, t.published, t.digest, t.text_digest FROM {table} AS t"
        " JOIN extractions AS e ON e.capture = t.capture"
        " WHERE e.extractor = :extractor OR e.extractor LIKE :extractor || '+profile-%'",
        {"extractor": EXTRACTOR},
    ):
        progress(row["id"])
        published = datetime.fromisoformat(row["published"]) if row["published"] else None
        found = digests(row["title"], row["text"], rows.names_of(row["authors"]), published)
        for column, digest in (("digest", found.version), ("text_digest", found.text)):
            if row[column] != digest:
                yield Problem(f"archive.db, {table} {row['id']}", f"its {column} is {row[column]}, its words' {digest}")


def _counts(db: Database) -> Iterator[Problem]:
    """Compare what articles' rows say of their versions with the rows of these."""
    sql = """
        SELECT id, versions, (SELECT count(*) FROM versions WHERE article = id) AS held,
            EXISTS (SELECT 1 FROM extractions AS e WHERE e.capture = articles.capture AND e.article = id) AS shown
        FROM articles WHERE held != versions OR NOT shown"""
    for row in db.query(sql):
        what = f"it says {row['versions']} versions, there are {row['held']}"
        if not row["shown"]:
            what = "the capture it names shows another article, or none"
        yield Problem(f"archive.db, articles {row['id']}", what)


def _profiles(db: Database, folder: Path) -> Iterator[Problem]:
    """Compare the rows of what was learnt of sites with what is on record of it."""
    recorded = {
        (record.body["profile"]["site"], record.body["version"]): record.body["profile"]
        for path in sorted(folder.glob("*-profile-*.warc.gz"))
        for record in warc.index(path)
        if isinstance(record, warc.Document) and record.about.startswith(profiles.DOCUMENT)
    }
    held = {(row["site"], row["version"]): json.loads(row["document"]) for row in db.query("SELECT * FROM profiles")}
    for site, version in sorted(recorded.keys() | held.keys()):
        where = f"archive.db, profiles {site} {version}"
        if (site, version) not in held:
            yield Problem(where, "it is on record and has no row; `marbre rebuild` adds it")
        elif recorded.get((site, version)) != held[site, version]:
            yield Problem(where, "its row is not what is on record of it")


def _readings(db: Database, folder: Path, pool: Executor, progress: Progress) -> Iterator[Problem]:
    """Read each page out of its record once more, some at once, and compare what it gives with its row."""
    # What the API gave and a page stands for (api 2) has that page's digest, what is cut by a wall that of the whole.
    rest = db.query(
        "SELECT capture, site, outcome, CASE WHEN api = 2 OR walled = 2 THEN NULL ELSE e.digest END AS digest"
        " FROM extractions AS e JOIN captures ON captures.id = capture JOIN crawls ON crawls.id = crawl"
        f" WHERE extractor = {profiles.WANTED} AND e.reason IS NOT 'forgotten' ORDER BY e.timestamp, capture",
        {"extractor": EXTRACTOR},
    )
    running: deque[tuple[Row, Future[Reading]]] = deque()
    while True:
        running.extend((row, _submit(db, folder, pool, row)) for row in islice(rest, _AT_ONCE - len(running)))
        if not running:
            return
        row, future = running.popleft()
        progress(row["capture"])
        if what := _difference(row, future):
            yield Problem(f"archive.db, extractions {row['capture']}", what)


def _submit(db: Database, folder: Path, pool: Executor, row: Row) -> Future[Reading]:
    capture = captures.by_id(db, row["capture"])
    assert capture is not None, "an extraction is of a capture that has a row: a foreign key says so"
    return submit(pool, db, folder, capture, profiles.in_use(db, row["site"]))


def _difference(row: Row, future: Future[Reading]) -> str | None:
    try:
        reading = future.result()
    except ExtractionFailed as error:
        return None if row["outcome"] == "failed" else f"reading it again failed: {error}"
    result = reading.result
    if isinstance(result, Failure):
        return None if row["outcome"] == "failed" else f"reading it again failed: {result.detail or result.reason}"
    outcome = "article" if isinstance(result, Article) else "rejected"
    if outcome != row["outcome"]:
        return f"the row says {row['outcome']}, reading it again gives {outcome}"
    if reading.digests and row["digest"] not in (None, reading.digests.version):
        return f"the row's digest is {row['digest']}, reading it again gives {reading.digests.version}"
    return None
