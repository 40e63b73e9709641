"""Which articles are due to be visited again, by a plan of steps: an hour after the first capture, a day, a week, ...

News is corrected within hours and taken down within weeks, so the visits are dense at first and rare later. A visit
counts for every step before it: what was missed while nobody crawled is made up for by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlite_utils import Database

from archive import rows
from archive.models import Link
from archive.urls import canonicalise, urlkey

Plan = tuple[timedelta, ...]  # since the first capture, the shortest first

VIA = "revisit"  # what a Link is called that this plan has made
_NOT_KNOWLEDGE = {VIA, "command line"}  # ways that say nothing of the page, only why it was asked for
_UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080, "month": 43_200, "year": 525_600}  # in minutes
_DURATION = re.compile(rf"([1-9][0-9]{{0,5}}) +({'|'.join(_UNITS)})s?")
_LONGEST = timedelta(days=36_500)
_REDIRECTS = (301, 302, 303, 307, 308)
_PATIENCE = timedelta(days=1)  # before a page is tried again that could not be had
_BUILT = "urn:marbre:built-by:%"  # a page that a browser built of what we fetched

# A page that we fetched ourselves, not what an API, a web archive or a file of others had of it.
_OWN = f"role = 'page' AND ((source IS NULL AND kind != 'resource') OR source LIKE '{_BUILT}')"
FIRST_FETCH = (  # for the column `fetched` of articles
    "(SELECT min(e.timestamp) FROM extractions AS e JOIN captures ON captures.id = e.capture"
    f" WHERE e.article = articles.id AND {_OWN})"
)
# last_seen spares looking at all those that were seen since; the rule itself is applied to what is left.
_DUE = """
    SELECT fetched, id FROM articles WHERE site = :site AND fetched > :after AND fetched <= :until
    AND julianday(last_seen) - julianday(fetched) < :days ORDER BY fetched"""
# An article's own address rather than one that led to it; the one asked last.
_ASKED = f"""
    SELECT coalesce(links ->> '$[0].url', url) AS wanted, links FROM extractions AS e
    JOIN captures ON captures.id = e.capture WHERE e.article = ? AND {_OWN}
    ORDER BY wanted = url DESC, e.timestamp DESC LIMIT 1"""


class Planned(NamedTuple):
    """A visit that is due: of `url`, since the moment `since`, `step` after the article's first capture.

    `links` is what was known of the page at its last visit; `cost` how many requests it will probably take.
    """

    url: str
    step: timedelta
    since: datetime
    links: tuple[Link, ...]
    cost: int


def duration(text: str) -> timedelta:
    """Return a duration such as "1 hour" or "2 weeks"; a month is 30 days, a year 365. Raises ValueError for others."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"not a duration: {text!r}")
    step = timedelta(minutes=int(found[1]) * _UNITS[found[2]])
    if step > _LONGEST:
        raise ValueError(f"longer than {words(_LONGEST)}: {text!r}")
    return step


def plan_of(durations: Iterable[str]) -> Plan:
    """Return a plan, the shortest step first. Raises ValueError as `duration` does."""
    return tuple(sorted(set(map(duration, durations))))


def words(step: timedelta) -> str:
    """Return a step of a plan in the largest unit that measures it: "1 day", "36 hours"."""
    minutes = step // timedelta(minutes=1)
    unit = next(name for name in reversed(_UNITS) if minutes % _UNITS[name] == 0)
    count = minutes // _UNITS[unit]
    return f"{count} {unit}{'' if count == 1 else 's'}"


def step_due(first: datetime, last: datetime, now: datetime, plan: Plan) -> timedelta | None:
    """Return the step that is due: the last one that lies after the visit at `last` and not after `now`; else None."""
    return max((step for step in plan if last < first + step <= now), default=None)


def planned(db: Database, site: str, plan: Plan, now: datetime) -> Iterator[Planned]:
    """Yield the visits of a site that are due, the most urgent first: the shortest step, then the longest overdue.

    An article counts from the first capture that we fetched ourselves. Its last visit is the newest capture of the
    address that was asked, whatever was answered, unless that was a fault of the server's. A page that could not be had
    is tried again a day later. Read as it is asked for: who needs ten should take ten.
    """
    for first, article in _by_urgency(db, site, plan, now):
        due = _due(db, article, first, now, plan)
        if due is not None:
            yield due


def spent(db: Database, site: str, since: datetime) -> int:
    """Return how many requests the site was sent for revisits since a moment, redirects and articles' parts included.

    What a page's scripts ask for, where a browser builds it, is not counted.
    """
    values = {"site": site, "since": rows.instant(since), "via": VIA}
    named = "EXISTS (SELECT 1 FROM json_each(links) WHERE value ->> 'via' = :via)"
    crawls = "crawls WHERE site = :site AND (ended IS NULL OR ended >= :since)"
    answered = (
        f"SELECT count(*) FROM captures WHERE crawl IN (SELECT id FROM {crawls}) AND timestamp >= :since"
        f" AND role IN ('page', 'part', 'page-source') AND kind != 'resource' AND {named}"
    )
    unanswered = (
        f"SELECT count(*) FROM frontier WHERE crawl IN (SELECT id FROM {crawls} AND started >= :since)"
        f" AND outcome = 'failed' AND capture IS NULL AND {named}"
    )
    return int(db.execute(f"SELECT ({answered}) + ({unanswered})", values).fetchone()[0])


def unchanged_in_a_row(db: Database, url: str) -> int:
    """Return how often exactly this URL answered 304 since it last sent its body."""
    values = {"urlkey": urlkey(url), "url": url}
    this = "FROM captures WHERE urlkey = :urlkey AND url = :url"
    return int(
        db.execute(
            f"SELECT count(*) {this} AND status = 304 AND timestamp >"
            f" coalesce((SELECT max(timestamp) {this} AND status = 200 AND source IS NULL), '')",
            values,
        ).fetchone()[0]
    )


def _by_urgency(db: Database, site: str, plan: Plan, now: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield the first capture and the id of each article that was not seen since a step of the plan."""
    for step, following in zip(plan, (*plan[1:], None), strict=False):
        values = {
            "site": site,
            "after": rows.instant(now - following) if following else "",
            "until": rows.instant(now - step),
            "days": step / timedelta(days=1),
        }
        for first, article in db.execute(_DUE, values):
            yield datetime.fromisoformat(first), article


def _due(db: Database, article: str, first: datetime, now: datetime, plan: Plan) -> Planned | None:
    asked, text = db.execute(_ASKED, [article]).fetchone()
    last, status = _last_visit(db, asked) or (first, 200)
    step = step_due(first, last, now, plan)
    if step is None or _could_not_be_had(db, asked, now):
        return None
    parts = db.execute("SELECT parts FROM articles WHERE id = ?", [article]).fetchone()[0]
    links = tuple(link for link in rows.links_of(text) if link.via not in _NOT_KNOWLEDGE)
    return Planned(asked, step, first + step, links, parts + (status in _REDIRECTS))


def _last_visit(db: Database, url: str) -> tuple[datetime, int] | None:
    row = db.execute(
        "SELECT timestamp, status FROM captures WHERE urlkey = ? AND status < 500 AND status != 429"
        " ORDER BY timestamp DESC LIMIT 1",
        [urlkey(url)],
    ).fetchone()
    return row and (datetime.fromisoformat(row[0]), row[1])


def _could_not_be_had(db: Database, url: str, now: datetime) -> bool:
    """Whether a crawl tried in vain not long ago: no answer, a server's fault, closed by robots.txt."""
    values: list[Any] = [canonicalise(url), rows.instant(now - _PATIENCE)]
    row = db.execute(
        "SELECT 1 FROM frontier JOIN crawls ON crawls.id = crawl WHERE url = ? AND started > ?"
        " AND (outcome = 'failed' OR frontier.reason = 'robots') LIMIT 1",
        values,
    )
    return row.fetchone() is not None
