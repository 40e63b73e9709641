"""Making archives for tests, and telling whether two are the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.models import Article, Capture
from archive.urls import urlkey

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
TABLES = (
    "crawls",
    "captures",
    "frontier",
    "sources",
    "extractions",
    "articles",
    "versions",
    "events",
    "authors",
    "tags",
    "article_authors",
    "article_tags",
)


def dump(db: Database, tables: tuple[str, ...] = TABLES) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, sorted: equal dumps are equal archives."""
    return {table: sorted(db[table].rows, key=lambda row: str(sorted(row.items(), key=str))) for table in tables}


def capture(number: int, url: str = "https://gazette.example/a/", **given: Any) -> Capture:
    """Return the capture of `url` made `number` hours after START."""
    fields: dict[str, Any] = {
        "id": f"<urn:uuid:00000000-0000-4000-8000-{number:012}>",
        "urlkey": urlkey(url),
        "timestamp": START + timedelta(hours=number),
        "url": url,
        "status": 200,
        "mime": "text/html",
        "digest": f"sha256:{number}",
        "kind": "response",
        "refers_to": None,
        "filename": "marbre-test.warc.gz",
        "offset": number * 1000,
        "length": 1000,
        "crawl": "gazette-1",
        "role": "page",
    }
    return Capture(**fields | given)


def article(url: str = "https://gazette.example/a/", text: str = "Un texte.", **given: Any) -> Article:
    fields: dict[str, Any] = {"url": url, "canonical_url": url, "title": "Un titre", "text": text, "markdown": text}
    return Article(**fields | given)
