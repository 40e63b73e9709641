"""How many articles there are: fewer than this site has on such days, or none for longer than it ever paused.

A Sunday is held against Sundays, and a quiet day alone is no alarm: a bank holiday is not a fault.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from statistics import fmean, median, pstdev

from archive.health import chance
from archive.health.observations import Crawl, Site

_DAY = timedelta(days=1)
_WEEKS = 8  # as many of the same weekday are looked at
_FEWEST_WEEKS = 4
_IN_A_ROW = 3  # days
_LESS = 0.5  # of what is expected of each of these days
_LEAN, _BY_CHANCE = 0.7, 1e-4  # of so much of what is expected chance must hardly bring as few
_PAUSES = 60
_FEWEST_PAUSES = 7
_TWO_WEEKENDS = timedelta(days=14)
_HOLIDAY = timedelta(days=2)  # a bank holiday beside a weekend makes a pause longer than any before
_SPREAD = 8  # standard deviations above the mean


@dataclass(frozen=True)
class Ebb:
    """A time with too few articles: `seen` where `expected` were to be expected, or none since `last`."""

    since: date
    until: date | None
    seen: int
    expected: float
    last: datetime | None = None
    pause: timedelta | None = None  # the longest one before


def ebbs(site: Site, first: date) -> list[Ebb]:
    """Return the times of too few articles that began on `first` or later, in order; none overlaps another."""
    found: list[Ebb] = []
    for ebb in sorted([*_pauses(site, first), *_fewer(site, first)], key=lambda one: one.since):
        if not found or (found[-1].until and found[-1].until <= ebb.since):
            found.append(ebb)
        elif found[-1].until and (ebb.until is None or ebb.until > found[-1].until):
            found[-1] = ebb  # the same one, and longer
    return found


def expected(counts: Counter[date], day: date, known: frozenset[date]) -> float | None:
    """What a site had on this weekday in the weeks before: the median; None if there are too few to tell.

    `known` are the days on which somebody looked: what nobody looked for is not missing.
    """
    earlier = _same_weekday(counts, day, known)
    return median(earlier) if len(earlier) >= _FEWEST_WEEKS else None


def _same_weekday(counts: Counter[date], day: date, known: frozenset[date]) -> list[int]:
    days = (day - timedelta(weeks=week) for week in range(1, _WEEKS + 1))
    return [counts[one] for one in days if one in known]


def watched(crawls: Sequence[Crawl]) -> frozenset[date]:
    """The days of which a crawl that ended, and that some source answered, saw the end or the next day."""
    days = {crawl.started.date() for crawl in crawls if crawl.answered}
    return frozenset(day for day in days if day > min(days))  # the first one found the site's stock


def _fewer(site: Site, first: date) -> Iterator[Ebb]:
    """Days in a row, each with fewer articles than that weekday ever had of late, all together less than half."""
    counts = Counter(reading.day for reading in site.articles())
    known = watched(site.crawls)
    run: list[tuple[date, int, float]] = []
    for day in sorted(day for day in known if day < site.now.date()):  # today is not over
        usual = expected(counts, day, known - {one for one, *_ in run})
        if usual and counts[day] < min(usual * _LESS, *_same_weekday(counts, day, known - {one for one, *_ in run})):
            run.append((day, counts[day], usual))
        elif usual and counts[day] >= usual * _LESS:
            yield from _ebb(run, day, first)
            run = []
    yield from _ebb(run, None, first)


def _ebb(run: Sequence[tuple[date, int, float]], until: date | None, first: date) -> Iterator[Ebb]:
    seen, usual = sum(count for _, count, _ in run), sum(few for *_, few in run)
    if len(run) >= _IN_A_ROW and chance.at_most(seen, usual * _LEAN) < _BY_CHANCE and run[0][0] >= first:
        yield Ebb(run[0][0], until, seen, usual)


def _pauses(site: Site, first: date) -> Iterator[Ebb]:
    """Times without any article, twice as long as the longest one of the weeks before."""
    moments = [reading.at for reading in site.articles()]
    looks = [crawl.ended for crawl in site.crawls]
    if not moments:
        return
    before: list[tuple[datetime, timedelta]] = []
    for start, end in pairwise([*moments, site.now]):
        # Of days without a crawl nobody knows: what counts is the last look before the end that found none.
        at = bisect_left(looks, end) - 1
        pause = max(looks[at] - start, timedelta()) if at >= 0 else timedelta()
        known = _known(before, start) if pause > _HOLIDAY else []
        longest = max(known, default=timedelta())
        if known and pause > max(longest + _HOLIDAY, 2 * longest, _unusual(known)):
            until = end.date() if end is not site.now else None
            if start.date() + _DAY >= first:
                yield Ebb(start.date() + _DAY, until, 0, 0.0, start, longest)
        else:
            before.append((start, pause))


def _known(before: Sequence[tuple[datetime, timedelta]], at: datetime) -> list[timedelta]:
    """The pauses of eight weeks, of a slow site of as many articles as tell; none if there are too few to tell."""
    since = at - timedelta(weeks=_WEEKS)
    known = before[min(bisect_left(before, since, key=itemgetter(0)), max(0, len(before) - _PAUSES)) :]
    if len(known) < _FEWEST_PAUSES or at - known[0][0] < _TWO_WEEKENDS:
        return []
    return [pause for _, pause in known]


def _unusual(pauses: Sequence[timedelta]) -> timedelta:
    """What is far beyond pauses that come as chance will have it."""
    days = [pause / _DAY for pause in pauses]
    return (fmean(days) + _SPREAD * pstdev(days)) * _DAY
