"""Looking captures up in an open database, for whoever reads or writes it."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from archive import rows
from archive.models import Capture
from archive.urls import urlkey


def by_id(db: Database, capture: str | None) -> Capture | None:
    return _one(db, "SELECT * FROM captures WHERE id = :id", {"id": capture})


def last_with_body(db: Database, url: str) -> Capture | None:
    """Return the newest capture of exactly this URL that has a body of its own and status 200."""
    return _one(
        db,
        "SELECT * FROM captures WHERE urlkey = :urlkey AND url = :url AND kind = 'response' AND status = 200"
        " AND source IS NULL"  # a revisit of ours must not rest on somebody else's file
        " AND id NOT IN (SELECT capture FROM damages WHERE capture IS NOT NULL)"
        " ORDER BY timestamp DESC LIMIT 1",
        {"urlkey": urlkey(url), "url": url},
    )


def last_of_robots(db: Database, url: str) -> Capture | None:
    """Return the newest answer, of whatever status, to a question for exactly this robots.txt."""
    return _one(
        db,
        "SELECT * FROM captures WHERE urlkey = :urlkey AND url = :url AND role = 'robots' AND source IS NULL"
        " ORDER BY timestamp DESC LIMIT 1",
        {"urlkey": urlkey(url), "url": url},
    )


def of_file(db: Database, url: str) -> list[Capture]:
    """Return the answers to questions for a file of a whole site (robots.txt, tdmrep.json), oldest first.

    Those of a server that failed or wanted patience are none.
    """
    found = db.query(
        "SELECT * FROM captures WHERE urlkey = :urlkey AND url = :url AND role IN ('robots', 'rights')"
        " AND status < 500 AND status NOT IN (408, 425, 429) ORDER BY timestamp",
        {"urlkey": urlkey(url), "url": url},
    )
    return [rows.capture_of(row) for row in found]


def parts_of(db: Database, capture: Capture) -> list[Capture]:
    """Return the captures of an article's further pages that were fetched with its first one, each URL's latest.

    Those fetched before it, or with its next capture, are other visits': an import makes one crawl of many. A revisit
    shows what the capture showed that has its body; of its further pages, too, those that it did not fetch.
    """
    found = db.query(
        "SELECT * FROM captures WHERE links ->> '$[0].found_on' = :url AND role = 'part' AND crawl = :crawl"
        " AND status IN (200, 304)"
        " AND timestamp >= :timestamp AND timestamp < coalesce((SELECT min(timestamp) FROM captures WHERE"
        " urlkey = :urlkey AND url = :url AND crawl = :crawl AND role = 'page' AND timestamp > :timestamp), '~')"
        " ORDER BY timestamp, id",
        rows.capture_row(capture),
    )
    parts = [rows.capture_of(row) for row in found]
    original = by_id(db, capture.refers_to)
    known = {part.url: part for part in parts_of(db, original)} if original else {}
    known |= {part.url: part for part in parts}
    return list(known.values())


def was_asked(db: Database, crawl: str, url: str) -> bool:
    """Tell whether a crawl has an answer, of whatever kind, for exactly this URL."""
    query = "SELECT 1 FROM captures WHERE urlkey = ? AND url = ? AND crawl = ? LIMIT 1"
    return db.execute(query, [urlkey(url), url, crawl]).fetchone() is not None


def _one(db: Database, sql: str, values: dict[str, Any]) -> Capture | None:
    row = next(db.query(sql, values), None)
    return rows.capture_of(row) if row else None
