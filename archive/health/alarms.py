"""The alarms of one site at one moment: which field, since when, how far off, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any

from sqlite_utils import Database

from archive.health import causes, flow
from archive.health.measures import FIELDS
from archive.health.observations import Asking, Reading, Request, Site, observe
from archive.health.spells import Rule, Spell, spells

HORIZON = timedelta(days=120)  # what has been so for so long is how the site is
_BEFORE = timedelta(days=60)  # what is held against the first of these days
_BEFORE_SLOW = timedelta(days=480)
_SLOW = 200  # pages read in that time
_TOO_SHORT, _TOO_LONG = 1 / 3, 3.0  # of the usual length of a text
_SOURCE_BY_CHANCE = 3e-3  # two days in a row are seldom chance, where every day was good
_FOLLOWS = timedelta(days=2)


@dataclass(frozen=True)
class Alarm:
    """One thing wrong with a site: `since` and `until` are days (UTC); it stands while there is no `until`."""

    site: str
    field: str
    since: date
    until: date | None
    cause: str
    detail: str

    @property
    def advice(self) -> str:
        """What to do next."""
        return causes.NEXT[self.cause].format(site=self.site)


def look(db: Database, site: str, now: datetime) -> Site:
    """Return what is to be judged of a site at `now` (aware): half a year of it, of a slow site more."""
    seen = observe(db, site, now, now - HORIZON - _BEFORE)
    return seen if len(seen.readings) >= _SLOW else observe(db, site, now, now - HORIZON - _BEFORE_SLOW)


def end_of(day: date) -> datetime:
    """Return the last moment of a day (UTC)."""
    return datetime.combine(day, time.max, UTC)


def alarms(site: Site) -> list[Alarm]:
    """Return the alarms of the last months, the ended ones too, in order of their beginnings.

    A function of the archive's rows up to the site's moment: asked again it gives the same answer.
    """
    first = (site.now - HORIZON).date()
    found = [*_sources(site, first), *_pages(site, first), *_reading(site, first), *_fields(site, first)]
    found += _articles(site, first, found)
    return sorted(_without_consequences(found), key=lambda alarm: (alarm.since, alarm.field))


def _fields(site: Site, first: date) -> Iterator[Alarm]:
    articles = [reading for reading in site.articles() if reading.lacks is not None]
    for field in FIELDS:
        for spell in spells(articles, _lacks(field), first):
            yield _alarm(site, field, spell, causes.of_pages(spell), "missing in", "articles")
    for said, rule in (("too short in", _shorter), ("too long in", _longer)):
        for spell in spells(articles, rule, first):
            yield _text(_alarm(site, "text", spell, causes.of_pages(spell), said, "articles"), spell)
    for spell in spells(articles, _foreign, first):
        tongue = Counter(reading.language for reading in spell.bad).most_common(1)[0][0] or "none"
        alarm = _alarm(site, "language", spell, causes.of_pages(spell), f"another ({tongue}) in", "articles")
        yield alarm


def _lacks(field: str) -> Rule[Reading]:
    return lambda _: lambda reading: field in (reading.lacks or ())


def _shorter(before: Sequence[Reading]) -> Callable[[Reading], bool]:
    usual = _usual_length(before)
    return lambda reading: (reading.characters or 0) < usual * _TOO_SHORT


def _longer(before: Sequence[Reading]) -> Callable[[Reading], bool]:
    usual = _usual_length(before)
    return lambda reading: (reading.characters or 0) > usual * _TOO_LONG


def _usual_length(readings: Sequence[Reading]) -> float:
    return median([reading.characters or 0 for reading in readings] or [0])


def _foreign(before: Sequence[Reading]) -> Callable[[Reading], bool]:
    usual = Counter(reading.language for reading in before).most_common(1)
    return lambda reading: bool(usual) and reading.language != usual[0][0]


def _text(alarm: Alarm, spell: Spell[Reading]) -> Alarm:
    now, before = _usual_length(spell.bad), _usual_length(spell.before)
    return replace(
        alarm, detail=f"{alarm.detail}; half of them have {now:,.0f} characters or less, before {before:,.0f}"
    )


def _reading(site: Site, first: date) -> Iterator[Alarm]:
    """Pages that came, and are no articles."""
    rule: Rule[Reading] = lambda _: lambda reading: reading.outcome != "article"  # noqa: E731 - a rule as the others
    for spell in spells(site.readings, rule, first):
        reason = Counter(reading.reason for reading in spell.bad).most_common(1)[0][0] or "failed"
        cause = causes.BLOCKED if causes.is_turned_away(reason) else causes.of_pages(spell)
        yield _alarm(site, "reading", spell, cause, f"no article ({reason}) in", "pages")


def _pages(site: Site, first: date) -> Iterator[Alarm]:
    """Pages that could not be fetched."""
    rule: Rule[Request] = lambda _: lambda request: request.failed is not None  # noqa: E731
    for spell in spells(site.requests, rule, first):
        reason = Counter(request.failed for request in spell.bad).most_common(1)[0][0]
        cause = causes.of_reasons(request.failed for request in spell.bad)
        yield _alarm(site, "pages", spell, cause, f"not to be had ({reason}) in", "requests")


def _sources(site: Site, first: date) -> Iterator[Alarm]:
    """Feeds, sitemaps and APIs that gave links and give none; and days on which nothing at all answered."""
    rule: Rule[Asking] = lambda _: lambda asking: asking.failed is not None  # noqa: E731
    by_url: dict[tuple[str, str], list[Asking]] = {}
    for asking in site.askings:
        by_url.setdefault((asking.kind, asking.url), []).append(asking)
    for (kind, url), askings in by_url.items():
        for spell in spells(askings, rule, first, _SOURCE_BY_CHANCE):
            yield _source(site, kind, url, spell)
    for spell in spells(_days(site.askings), rule, first, _SOURCE_BY_CHANCE):
        yield _source(site, "site", "nothing", spell)


def _source(site: Site, kind: str, url: str, spell: Spell[Asking]) -> Alarm:
    reasons = Counter(asking.failed for asking in spell.bad)
    cause = causes.of_reasons(reasons.elements())
    what = "nothing answered" if kind == "site" else f"{url} gave nothing"
    detail = f"{what} ({reasons.most_common(1)[0][0]}) on {_of(spell)} days since {spell.since}; {_before(spell)}"
    return Alarm(site.name, kind, spell.since, spell.until, cause, detail)


def _days(askings: Sequence[Asking]) -> list[Asking]:
    """For each day one that failed only if all failed."""
    days: dict[date, Asking] = {}
    for asking in askings:
        if asking.day not in days or asking.failed is None:
            days[asking.day] = asking
    return list(days.values())


def _articles(site: Site, first: date, others: Sequence[Alarm]) -> Iterator[Alarm]:
    for ebb in flow.ebbs(site, first):
        near = [
            *(
                alarm.cause
                for alarm in others
                if _overlap(alarm, ebb) and alarm.field not in (*FIELDS, "text", "language")
            ),
            *([causes.GONE] if _unnamed(site, ebb) else []),
        ]
        yield Alarm(site.name, "articles", ebb.since, ebb.until, (near or [causes.SILENT])[0], _told(ebb))


def _told(ebb: flow.Ebb) -> str:
    if ebb.last is None:
        return f"{ebb.seen} articles in days that bring {ebb.expected:.0f}, since {ebb.since}; each day fewer than ever"
    pause = (ebb.pause or timedelta()) / timedelta(days=1)
    before = "never a day without" if pause < 1 else f"never a pause of more than {pause:.1f} days"
    return f"no article since {ebb.last:%Y-%m-%d %H:%M}; before: {before}"


def _unnamed(site: Site, ebb: flow.Ebb) -> bool:
    """Whether a feed or an API that was asked every other day is asked no more: nothing names it any longer."""
    before = Counter(asking.url for asking in site.askings if asking.day < ebb.since and asking.failed is None)
    since = {asking.url for asking in site.askings if asking.day >= ebb.since}
    days = len({asking.day for asking in site.askings if asking.day < ebb.since})
    feeds = {asking.url for asking in site.askings if asking.kind in ("feed", "rest")}
    return bool(since) and any(before[url] * 2 >= days and url not in since for url in feeds)


def _without_consequences(found: Sequence[Alarm]) -> Iterator[Alarm]:
    """Leave out what follows from another alarm: of a site that does not answer no page can be had either.

    Of several feeds that fail at once, one alarm tells.
    """
    whole = [alarm for alarm in found if alarm.field == "site"]
    all_pages = [alarm for alarm in found if alarm.field in ("pages", "reading")]
    told: list[Alarm] = []
    for alarm in sorted(found, key=lambda one: (one.since, one.detail)):
        follows = alarm.field != "site" and any(_overlap(one, alarm) for one in whole)
        follows |= alarm.field == "articles" and any(_overlap(one, alarm) for one in all_pages)
        again = any(one.field == alarm.field and _overlap(one, alarm) for one in told)
        if not follows and not again:
            told.append(alarm)
    yield from told


def _overlap(one: Any, other: Any) -> bool:
    """Whether two times have days in common, or all but."""
    begins = max(one.since, other.since)
    ends = [until for until in (one.until, other.until) if until]
    return not ends or begins <= min(ends) + _FOLLOWS


def _alarm(site: Site, field: str, spell: Spell[Any], cause: str, said: str, of_what: str) -> Alarm:
    detail = f"{said} {_of(spell)} {of_what} since {spell.since}; {_before(spell)}"
    return Alarm(site.name, field, spell.since, spell.until, cause, detail)


def _of(spell: Spell[Any]) -> str:
    return f"{len(spell.bad):,} of {len(spell.seen):,}"


def _before(spell: Spell[Any]) -> str:
    share = spell.bad_before / len(spell.before)
    return f"before: {spell.bad_before:,} of {len(spell.before):,} ({share:.0%})"
