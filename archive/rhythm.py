"""When a site is due to be crawled again: as often as it publishes, between bounds, and ever more rarely if it is gone.

All of it is made from what the archive holds of earlier crawls and of dated articles: there is no schedule to lose. A
crawl begun by hand counts like any other, ticks that were missed count for nothing, and however far a clock is set
back or forward, nobody waits longer than one pause from now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlite_utils import Database

from archive import rows

WANTED = 3  # new articles that a crawl is to find
JITTER = 0.1  # of a pause, to either side: sites with one rhythm must not all be asked at the full hour
PATIENCE = 4  # how many times its longest pause a site that does not answer is left alone in the end
_NEWEST = 20  # articles that tell how often a site publishes
_LOOK_BACK = 12  # crawls
_UNFINISHED = ("stopped", "interrupted", "time", "disk", "size", "disk_full")
_ASKED = "json_extract(counts, '$.sources') NOT IN ('{}', '[]')"  # not a crawl of single pages, nor an import


class Bounds(NamedTuple):
    """The shortest and the longest time between the beginnings of two crawls of a site."""

    shortest: timedelta
    longest: timedelta


class Due(NamedTuple):
    """When a site is due, and why then; `every` is its rhythm, None before the first crawl; `failures` in a row."""

    site: str
    at: datetime
    why: str
    every: timedelta | None = None
    failures: int = 0
    last: datetime | None = None


def rhythm(moments: Sequence[datetime], now: datetime, bounds: Bounds) -> timedelta:
    """Return how often to crawl a site whose newest articles appeared at `moments` (any order, none after `now`).

    The time since the oldest of them is shared out among them: a site that has fallen silent slows down by itself.
    """
    if len(moments) < 2:
        return bounds.longest
    return min(max(WANTED * (now - min(moments)) / len(moments), bounds.shortest), bounds.longest)


def pause(every: timedelta, failures: int, bounds: Bounds) -> timedelta:
    """Return the time between two crawls after so many failures in a row: doubled for each, up to PATIENCE."""
    if not failures:
        return every
    return min(every * (1 << min(failures, 16)), PATIENCE * bounds.longest)


def jittered(step: timedelta, seed: str) -> timedelta:
    """Return a pause up to JITTER longer or shorter; the same for the same seed."""
    share = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) / 2**32
    return step * (1 + JITTER * (2 * share - 1))


def due_at(db: Database, site: str, bounds: Bounds, now: datetime) -> Due:
    """Return when a site is due by what its archive holds."""
    crawls = _crawls(db, site)
    if not crawls:
        return Due(site, now, "never crawled")
    last, started = crawls[0], datetime.fromisoformat(crawls[0]["started"])
    failures = next((number for number, crawl in enumerate(crawls) if not _came_to_nothing(crawl)), len(crawls))
    every = rhythm(_moments(db, site, now), now, bounds)
    if last["reason"] is None or last["reason"] in _UNFINISHED:
        return Due(site, now, f"the last crawl did not end ({last['reason'] or 'killed'})", every, failures, started)
    wait = jittered(pause(every, failures, bounds), last["id"])
    # A clock that was set back makes the last crawl begin in the future.
    at = min(started + wait, now + wait)
    return Due(site, at, _why(every, failures, bounds), every, failures, started)


def _why(every: timedelta, failures: int, bounds: Bounds) -> str:
    if failures:
        return f"{failures} crawl{'s' if failures > 1 else ''} in a row came to nothing"
    if every in bounds:
        return f"as {'often' if every == bounds.shortest else 'rarely'} as it may be"
    return f"some {WANTED} new articles in that time"


def _crawls(db: Database, site: str) -> list[dict[str, Any]]:
    """Return the site's latest crawls that looked for links, or have not ended; newest first."""
    found = db.query(
        "SELECT id, started, reason, counts FROM crawls WHERE site = ?"
        f" AND (reason IS NULL OR {_ASKED}) ORDER BY started DESC LIMIT ?",
        [site, _LOOK_BACK],
    )
    return [row | {"counts": json.loads(row["counts"])} for row in found]


def _came_to_nothing(crawl: dict[str, Any]) -> bool:
    """Whether a crawl that ended got no answer that was worth anything, from feeds or from pages."""
    counts = crawl["counts"]
    if crawl["reason"] != "finished":
        return False
    answers = sum(counts["sources"].get(name, 0) for name in ("read", "unchanged", "empty"))
    pages = sum(counts.get(name, 0) for name in ("new", "changed", "unchanged", "rejected"))
    return not answers and not pages


def _moments(db: Database, site: str, now: datetime) -> list[datetime]:
    """Return when the site's newest articles appeared; those of a site that dates nothing, by when they were found."""
    dated = db.execute(
        "SELECT published FROM articles WHERE site = ? AND published IS NOT NULL AND published <= ?"
        " ORDER BY published DESC LIMIT ?",
        [site, rows.instant(now), _NEWEST],
    ).fetchall()
    if len(dated) > 1:
        moments = [datetime.fromisoformat(text) for (text,) in dated]
        aware = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments]
        return [moment for moment in aware if moment <= now]
    found: list[datetime] = []
    for started, new in db.execute(
        "SELECT started, json_extract(counts, '$.new') FROM crawls WHERE site = ? AND reason IS NOT NULL"
        f" AND {_ASKED} ORDER BY started DESC LIMIT ?",
        [site, _LOOK_BACK],
    ):
        found += [datetime.fromisoformat(started)] * min(int(new or 0), _NEWEST - len(found))
    return found
