"""What the archive's rows say of one site, day by day, as they were at one moment: no later row has a say."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlite_utils import Database

from archive import rows

_OF_OLD = timedelta(days=30)  # what is older when it is first fetched is no news
_MOST_PAGES = 100  # of a day's requests, in proportion
_ANSWERED = re.compile(r"\banswered (\d{3})\b")
# A page that is gone was there before: that is an event of its own, and no failure to fetch.
_GONE = ("rejected: http_404", "rejected: http_410", "rejected: http_451")


class Reading(NamedTuple):
    """The first time a page was read: what came of it."""

    at: datetime
    day: date
    outcome: str  # article, rejected or failed
    reason: str | None
    lacks: frozenset[str] | None  # of an article; None where it is not known
    characters: int | None
    language: str | None
    template: str | None
    fresh: bool  # whether it was news when it was fetched


class Request(NamedTuple):
    """One of the pages that were asked for on a day, and why it could not be had."""

    day: date
    failed: str | None
    template: str | None = None


class Asking(NamedTuple):
    """What a feed, a sitemap or another source of links gave on a day; `failed` is the reason if it gave nothing."""

    day: date
    url: str
    kind: str
    failed: str | None
    template: str | None = None


class Crawl(NamedTuple):
    """One crawl that has ended; `answered` if any source of links did."""

    id: str
    started: datetime
    ended: datetime
    reason: str
    counts: dict[str, Any]
    answered: bool


class Site(NamedTuple):
    """All that is known of a site at a moment, each in order of time."""

    name: str
    now: datetime
    readings: tuple[Reading, ...]
    requests: tuple[Request, ...]
    askings: tuple[Asking, ...]
    crawls: tuple[Crawl, ...]

    def articles(self) -> list[Reading]:
        """The news among what was read."""
        return [reading for reading in self.readings if reading.outcome == "article" and reading.fresh]


def names(db: Database) -> list[str]:
    """Return the sites that were ever crawled, sorted; what was only imported from files is no site to watch."""
    found = db.execute("SELECT DISTINCT site FROM crawls WHERE id IN (SELECT crawl FROM sources) ORDER BY site")
    return [site for (site,) in found]


def observe(db: Database, site: str, now: datetime, since: datetime) -> Site:
    """Return what was seen of a site from `since` to `now` (aware)."""
    values = {"site": site, "now": rows.instant(now), "since": rows.instant(since)}
    crawls = tuple(_crawls(db, values))
    return Site(site, now, tuple(_readings(db, values)), tuple(_requests(crawls)), tuple(_askings(db, values)), crawls)


def _crawls(db: Database, values: dict[str, str]) -> Iterator[Crawl]:
    found = db.execute(
        "SELECT id, started, ended, reason, counts, EXISTS (SELECT 1 FROM sources WHERE crawl = crawls.id"
        " AND outcome IN ('read', 'unchanged') AND kind != 'cdx') FROM crawls WHERE site = :site"
        " AND started >= :since AND ended <= :now AND EXISTS (SELECT 1 FROM sources WHERE crawl = crawls.id"
        " AND kind != 'cdx') ORDER BY started, id",
        values,
    )
    for identifier, started, ended, reason, counts, answered in found:
        begin, end = datetime.fromisoformat(started), datetime.fromisoformat(ended)
        yield Crawl(identifier, begin, end, reason, json.loads(counts), bool(answered))


def _requests(crawls: Sequence[Crawl]) -> Iterator[Request]:
    """The pages of each day's crawls by what became of them; of very many a part that stands for all."""
    days: dict[date, Counter[str | None]] = {}
    for crawl in crawls:
        tally = days.setdefault(crawl.started.date(), Counter())
        failed = Counter(dict(_failures(crawl.counts)))
        fetched = sum(crawl.counts.get(name, 0) for name in ("new", "changed", "unchanged", "rejected", "failed"))
        closed = sum(count for reason, count in failed.items() if reason == "robots")
        tally.update(failed)
        tally[None] += max(0, fetched + closed - failed.total())
    for day in sorted(days):
        share = min(1.0, _MOST_PAGES / max(1, days[day].total()))
        for reason, count in sorted(days[day].items(), key=str):
            yield from [Request(day, reason)] * round(count * share)


def _failures(counts: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield (reason, how many) of what could not be fetched."""
    for name, count in counts.get("reasons", {}).items():
        outcome, _, reason = name.partition(": ")
        refused = outcome == "rejected" and reason.startswith("http_") and name not in _GONE
        if outcome == "failed" or refused or name == "skipped: robots":
            yield reason, count


def failures(crawl: Crawl) -> dict[str, int]:
    """Return what a crawl could not fetch, by reason."""
    return dict(_failures(crawl.counts))


def _askings(db: Database, values: dict[str, str]) -> Iterator[Asking]:
    """What each source gave on each day it was asked; one good answer makes the day good."""
    days: dict[tuple[str, str, str], str | None] = {}
    found = db.execute(
        "SELECT timestamp, url, kind, outcome, detail FROM sources JOIN crawls ON crawls.id = crawl"
        " WHERE site = :site AND started >= :since AND timestamp <= :now AND kind != 'cdx'"
        " AND coalesce(detail, '') != 'a further page' ORDER BY timestamp, url",
        values,
    )
    for timestamp, url, kind, outcome, detail in found:
        key = (timestamp[:10], url, kind)
        failed = _failed(outcome, detail)
        days[key] = failed and days.get(key, failed)
    for (day, url, kind), failed in sorted(days.items()):
        yield Asking(date.fromisoformat(day), url, kind, failed)


def _failed(outcome: str, detail: str | None) -> str | None:
    """Return why a source gave nothing, as a reason of archive/health/causes.py; None if it gave something."""
    if outcome in ("read", "unchanged"):
        return None
    status = _ANSWERED.search(detail or "")
    if status:
        return f"http_{status[1]}"
    return {"skipped": "robots", "closed": "http_403", "failed": "no_answer"}.get(outcome, "empty")


def _readings(db: Database, values: dict[str, str]) -> Iterator[Reading]:
    """The first reading of each page the site itself sent: from the page where there is one, else from the API."""
    found = db.execute(
        "SELECT e.asked, c.kind = 'resource' AND c.source IS NULL, e.timestamp, e.outcome, e.reason, e.lacks,"
        " e.characters, e.language, e.template, a.published FROM crawls"
        " JOIN captures AS c ON c.crawl = crawls.id AND c.role = 'page'"
        " JOIN extractions AS e ON e.capture = c.id LEFT JOIN articles AS a ON a.id = e.article"
        " WHERE crawls.site = :site AND crawls.started BETWEEN :since AND :now AND e.timestamp BETWEEN :since AND :now"
        " AND (c.source IS NULL OR c.source LIKE 'urn:marbre:built-by:%') AND NOT EXISTS"
        " (SELECT 1 FROM extractions WHERE asked = e.asked AND timestamp < :since) ORDER BY e.timestamp, e.capture",
        values,
    )
    first: dict[str, Any] = {}
    for asked, from_api, *said in found:
        if asked not in first or (first[asked][0] and not from_api):
            first[asked] = (from_api, said)
    stock = _end_of_stock(db, values)
    for _, said in sorted(first.values(), key=lambda one: str(one[1][0])):
        yield _reading(said, stock)


def _end_of_stock(db: Database, values: dict[str, str]) -> str:
    """When the site's first whole crawl ended: what it found was the site's stock, not its news."""
    row = db.execute(
        "SELECT min(ended) FROM crawls WHERE site = :site AND reason = 'finished' AND ended <= :now", values
    ).fetchone()
    return row[0] or values["now"]


def _reading(said: Sequence[Any], stock: str) -> Reading:
    timestamp, outcome, reason, lacks, characters, language, template, published = said
    at = datetime.fromisoformat(timestamp)
    fresh = timestamp > stock
    if published:
        fresh = datetime.fromisoformat(published).replace(tzinfo=UTC) >= at - _OF_OLD
    known = None if lacks is None else frozenset(lacks.split())
    return Reading(at, at.date(), outcome, reason, known, characters, language, template, fresh)
