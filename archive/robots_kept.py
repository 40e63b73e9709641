"""robots.txt as it was last fetched: what RFC 9309 (2.4) lets a crawler keep for a day, taken from the records."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from sqlite_utils import Database

from archive import captures
from archive.errors import DamagedRecord
from archive.models import Capture
from archive.warc import read_page

KEPT = timedelta(hours=24)
REDIRECTS = 5  # RFC 9309, 2.3.1.2
_MOVED = (301, 302, 303, 307, 308)


class Kept(NamedTuple):
    """A robots.txt on record: its body, as far as it is one (an answer 4xx is an empty one), and the capture."""

    body: bytes
    capture: Capture


def address(url: str) -> str:
    """Return where the robots.txt is that holds for a URL: one for each scheme, host and port (2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def is_available(status: int) -> bool:
    """Whether an answer is one to go by: found, or not there. A server that fails or wants patience gave none."""
    return status < 500 and status not in (408, 425, 429)


def body_of(status: int, body: bytes) -> bytes:
    """Return what an available robots.txt says: nothing, if it is not there (2.3.1.3)."""
    return body if 200 <= status < 300 else b""


def kept(db: Database, warc: Path, url: str, now: datetime) -> Kept | None:
    """Return the robots.txt at `url` if it was fetched within a day before `now`; None if it must be asked for.

    None, too, where the last answer was none to go by, or its record cannot be read any more.
    """
    for _ in range(REDIRECTS + 1):
        capture = captures.last_of_robots(db, url)
        if capture is None or not timedelta() <= now - capture.timestamp < KEPT:
            return None
        if capture.status not in _MOVED:
            return _read(db, warc, capture)
        target = _target(db, warc, capture)
        if target is None:
            return None
        url = target
    return None


def _read(db: Database, warc: Path, capture: Capture) -> Kept | None:
    if not is_available(capture.status):
        return None
    if not 200 <= capture.status < 300:
        return Kept(b"", capture)
    try:
        page = read_page(warc, capture, captures.by_id(db, capture.refers_to))
    except DamagedRecord:
        return None
    return Kept(body_of(capture.status, page.body), capture)


def _target(db: Database, warc: Path, capture: Capture) -> str | None:
    try:
        page = read_page(warc, capture, captures.by_id(db, capture.refers_to))
    except DamagedRecord:
        return None
    location = next((value for name, value in page.headers if name.lower() == "location"), None)
    return urljoin(capture.url, location) if location else None
