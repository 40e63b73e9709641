"""How each site does, in figures: what a table shows and what a monitor asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import fmean, median
from typing import Any

from sqlite_utils import Database

from archive import rows
from archive.health import observations
from archive.health.alarms import Alarm, alarms, look
from archive.health.measures import FIELDS
from archive.health.observations import Reading, Site

_LATELY = timedelta(days=7)
_BASELINE = timedelta(days=28)
_FEWEST = 20


@dataclass(frozen=True)
class Account:
    """One site at one moment.

    `per_day` are the articles a day of the last week, `baseline` of the four weeks before (none where nobody looked
    then); `missing` is the share of late articles that lack a field, `characters` half of them have at least.
    `ended` are the alarms that ended within the week; `last_success` is when a crawl ended that something answered.
    """

    site: str
    at: datetime
    alarms: tuple[Alarm, ...]
    ended: tuple[Alarm, ...]
    last_article: datetime | None
    last_success: datetime | None
    per_day: float
    baseline: float | None
    missing: dict[str, float]
    characters: float | None
    rejected: dict[str, float]
    last_crawl: dict[str, Any] = field(default_factory=dict)


def accounts(db: Database, names: Sequence[str], now: datetime) -> list[Account]:
    """Return an account of each site as it was at `now` (aware)."""
    return [account(look(db, name, now)) for name in names]


def account(site: Site) -> Account:
    found = alarms(site)
    articles = site.articles()
    late = _late(articles, site.now)
    days = Counter(reading.day for reading in articles)
    today = site.now.date()
    begin = min(days, default=today)
    earlier = [today - timedelta(days=number) for number in range(7, 35)]
    return Account(
        site=site.name,
        at=site.now,
        alarms=tuple(alarm for alarm in found if alarm.until is None),
        ended=tuple(alarm for alarm in found if alarm.until and alarm.until > today - _LATELY),
        last_article=max((reading.at for reading in site.readings if reading.outcome == "article"), default=None),
        last_success=max((crawl.ended for crawl in site.crawls if crawl.answered), default=None),
        per_day=sum(days[today - timedelta(days=number)] for number in range(7)) / 7,
        baseline=_mean(days, [day for day in earlier if day > begin]),
        missing={name: fmean(name in (reading.lacks or ()) for reading in late) for name in FIELDS} if late else {},
        characters=median(reading.characters or 0 for reading in late) if late else None,
        rejected=_rejected(site),
        last_crawl=_crawl(site),
    )


def _late(articles: Sequence[Reading], now: datetime) -> list[Reading]:
    """The articles of the last week, of a slow site the last twenty."""
    known = [reading for reading in articles if reading.lacks is not None]
    late = [reading for reading in known if reading.at > now - _LATELY]
    return late if len(late) >= _FEWEST else known[-_FEWEST:]


def _mean(days: Counter[date], of: Sequence[date]) -> float | None:
    return sum(days[day] for day in of) / len(of) if len(of) >= 7 else None


def _rejected(site: Site) -> dict[str, float]:
    """The share of the week's pages that were no articles, by reason."""
    late = [reading for reading in site.readings if reading.at > site.now - _LATELY]
    reasons = Counter(reading.reason or "failed" for reading in late if reading.outcome != "article")
    return {reason: count / len(late) for reason, count in reasons.most_common()}


def _crawl(site: Site) -> dict[str, Any]:
    if not site.crawls:
        return {}
    last = site.crawls[-1]
    return {
        "id": last.id,
        "seconds": (last.ended - last.started).total_seconds(),
        "failures": observations.failures(last),
    }


def as_json(one: Account) -> dict[str, Any]:
    """Return an account as JSON-able values; docs/health.md describes the keys."""
    plain: dict[str, Any] = {"site": one.site, "status": "alarm" if one.alarms else "ok", "at": rows.plain(one.at)}
    for name in (
        "last_article",
        "last_success",
        "per_day",
        "baseline",
        "missing",
        "characters",
        "rejected",
        "last_crawl",
    ):
        plain[name] = rows.plain(getattr(one, name))
    for name in ("alarms", "ended"):
        plain[name] = [alarm_as_json(alarm) for alarm in getattr(one, name)]
    return plain


def alarm_as_json(alarm: Alarm) -> dict[str, Any]:
    until = alarm.until and alarm.until.isoformat()
    said = {"site": alarm.site, "field": alarm.field, "since": alarm.since.isoformat(), "until": until}
    return said | {"cause": alarm.cause, "detail": alarm.detail, "next": alarm.advice}
