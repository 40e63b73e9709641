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
        " ORDER BY timestamp DESC LIMIT 1",
        {"urlkey": urlkey(url), "url": url},
    )


def _one(db: Database, sql: str, values: dict[str, Any]) -> Capture | None:
    row = next(db.query(sql, values), None)
    return rows.capture_of(row) if row else None
