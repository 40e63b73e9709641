"""All that is on record about the use of one article, as plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from archive import captures, warc
from archive.errors import ArchiveError
from archive.models import Capture
from archive.query import Archive
from archive.rights.claims import Claim
from archive.rights.ledger import SHOWN, SPOKEN, Ledger, Said
from archive.rights.verdict import Reservation


def told(archive: Archive, canonical: str) -> dict[str, Any]:
    """Return what was said of an article's page when its present text was captured, and what it comes to."""
    row = archive.db.execute(
        f"SELECT id, site, url, capture, {SPOKEN}, {SHOWN} FROM articles WHERE canonical_url = ?", [canonical]
    ).fetchone()
    identifier, site, url, capture_id, spoken, shown = row
    capture = captures.by_id(archive.db, capture_id)
    assert capture is not None, "an article always has its capture"
    with Ledger(archive.directory) as ledger:
        said = [*ledger.of_files(url, shown), *_of_page(archive, capture_id)]
        decisive = ledger.decide(spoken, shown, url, site)
    return {
        "article": identifier,
        "url": url,
        "captured": shown,
        "user_agent": _user_agent(archive, capture),
        "claims": [{**one.claim._asdict(), "capture": one.capture, "timestamp": one.timestamp} for one in said],
        "reserved": str(Reservation(decisive)) if decisive else None,
    }


def _of_page(archive: Archive, capture: str) -> Iterator[Said]:
    found = archive.db.execute("SELECT rights, timestamp FROM extractions WHERE capture = ?", [capture]).fetchone()
    for claim in json.loads(found[0]) if found else ():
        yield Said(Claim(*claim), capture, found[1])


def _user_agent(archive: Archive, capture: Capture) -> str | None:
    """Return as whom the page was asked for, from the first record of its WARC file; none for files of others."""
    try:
        first = next(iter(warc.index(archive.directory / "warc" / capture.filename)), None)
    except (ArchiveError, OSError):
        return None
    return first.fields.get("http-header-user-agent") if isinstance(first, warc.CrawlInfo) else None
