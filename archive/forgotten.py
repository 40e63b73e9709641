"""The rule that what was forgotten stays forgotten: kept as digests of addresses, so that it does not tell itself what.

Whoever knows an address can ask whether it was forgotten; nobody can read out of an archive which ones were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from archive import urls
from archive.database import transaction
from archive.models import Article, Failure, Rejection

DOCUMENT = "urn:marbre:forgotten:"
REASON = "forgotten"  # why a page is not fetched, a record not imported, an article not kept


@dataclass(frozen=True, slots=True)
class Forgotten:
    """One article that was forgotten: its id, site, why, and when (aware)."""

    article: str
    site: str
    reason: str
    timestamp: datetime


def digest(url: str) -> str | None:
    """Return what stands for a URL and for all views of its page, 32 hex digits of SHA-256; None if it is no URL."""
    try:
        return key_digest(urls.address_key(url))
    except ValueError:
        return None


def key_digest(key: str) -> str:
    """Return the digest of an address as `urls.address_key` gives it."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def by_url(db: Database, url: str) -> Forgotten | None:
    """Return what was forgotten under this URL, or None."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM forgotten JOIN forgotten_addresses USING (article) WHERE digest = ?", [digest(url)]
    ).fetchone()
    return row and _of(row)


def by_id(db: Database, article: str) -> Forgotten | None:
    """Return what was forgotten under this id, or None."""
    row = db.execute(f"SELECT {_COLUMNS} FROM forgotten WHERE article = ?", [article]).fetchone()
    return row and _of(row)


def every(db: Database) -> list[Forgotten]:
    """Return all that was forgotten, oldest first."""
    return [_of(row) for row in db.execute(f"SELECT {_COLUMNS} FROM forgotten ORDER BY timestamp, article")]


def judge(db: Database, result: Article | Rejection | Failure) -> Article | Rejection | Failure:
    """Return what reading a page gave, or the rejection of an article that was forgotten."""
    if isinstance(result, Article):
        for url in filter(None, (result.canonical_url, result.url, result.shortlink)):
            if found := by_url(db, url):
                return Rejection(REASON, f"{said(found)}; `marbre forget --again` takes this capture out, too")
    return result


def said(found: Forgotten) -> str:
    """Say when and why in a sentence."""
    return f"it was forgotten on {found.timestamp:%Y-%m-%d}: {found.reason}"


def restore(db: Database, document: Mapping[str, Any]) -> None:
    """Write the rows of what a forgetting put on record; what a tombstone alone tells is less, and takes nothing back.

    `document` has run, at, reason and articles (each with id, site, addresses), and the ids of the records that went.
    """
    if "articles" not in document:
        return
    with transaction(db):
        write(db, document)


def write(db: Database, document: Mapping[str, Any]) -> None:
    """Do what `restore` does within a transaction of the caller's."""
    for article in document["articles"]:
        db.execute(
            "INSERT INTO forgotten (article, site, reason, timestamp, run) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            [article["id"], article["site"], document["reason"], document["at"], document["run"]],
        )
        _insert(db, "forgotten_addresses (digest, article)", ((one, article["id"]) for one in article["addresses"]))
    _insert(db, "forgotten_records (id, run)", ((one, document["run"]) for one in document["records"]))


def _insert(db: Database, place: str, values: Iterable[tuple[str, str]]) -> None:
    db.conn.executemany(f"INSERT INTO {place} VALUES (?, ?) ON CONFLICT DO NOTHING", list(values))


_COLUMNS = "article, site, reason, timestamp"


def _of(row: tuple[str, str, str, str]) -> Forgotten:
    return Forgotten(*row[:3], datetime.fromisoformat(row[3]))
