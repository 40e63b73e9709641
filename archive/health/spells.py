"""When something went bad, and until when: found in what was seen day by day, the same whenever one looks.

Each day's new observations are held against those of the weeks before. A spell begins where four things hold at once:
the share of bad ones is greater by a quarter at least; chance alone would hardly show as many (`chance.at_least`);
so many in a row were never bad before (`chance.worst`); and the pages themselves show that somebody changed them, or
it is no mere cluster: a whole day has nothing else, or two days nearly nothing, or there are bad ones on three.

It begins on the day from which on chance explains least. While it lasts what came before stays the measure, and it ends
when as many as are needed to tell are as they were before. A spell that was over within days happens on this site, and
belongs to what came before the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Generic, Protocol, TypeVar

from archive.health import chance
from archive.reading import fingerprint

STEP = 0.25  # by so much must the share of bad ones have grown
BY_CHANCE = 1e-5  # less likely than this, and it is no chance
BESIDE_ANOTHER_SIGN = 1e-3  # if the pages were made by another template, too, less is enough
_WHOLE_DAY = 8  # bad ones on one day, and not a good one: that is no cluster
_NEARLY_ALL = 0.9
OVER = 0.02  # as unlikely must good ones be while it lasts, for it to be over
_SO_MANY = 12  # or so many must have come that are as before
_SHORT = timedelta(days=4)
_FIRST_DAY = 0.6  # of the spell's share of bad ones, on its first day: a single one the day before is none of it
_DAYS_BACK = 3
# Observations, or of a busy site so many days (_DAYS_BACK), among which a spell is looked for that began before today.
_LOOK_BACK = 24
_DAYS, _FEWEST, _MOST = 28, 60, 3000  # what came before: so many days of it, and so many observations
_ENOUGH = 8  # observations before, on as many days as a week has, are the least to compare with
_WEEK = 7


class Dated(Protocol):
    """Anything seen on a day; of a page with the fingerprint of its template."""

    @property
    def day(self) -> date: ...
    @property
    def template(self) -> str | None: ...


T = TypeVar("T", bound=Dated)
# What tells, by what was before, whether one is bad.
Rule = Callable[[Sequence[T]], Callable[[T], bool]]


@dataclass(frozen=True)
class Spell(Generic[T]):
    """A time in which `bad` of all `seen` were bad, where `bad_before` of `before` had been."""

    since: date
    until: date | None
    bad: tuple[T, ...]
    seen: tuple[T, ...]
    bad_before: int
    before: tuple[T, ...]


@dataclass
class _Open(Generic[T]):
    since: date
    is_bad: Callable[[T], bool]
    before: Sequence[T]
    rows: list[T]


def spells(rows: Sequence[T], rule: Rule[T], first: date, by_chance: float = BY_CHANCE) -> list[Spell[T]]:
    """Return the spells that began on `first` or later, in order; the last one may have no end yet."""
    found: list[Spell[T]] = []
    good: list[T] = []
    standing: _Open[T] | None = None
    for day, group in groupby(rows, key=lambda row: row.day):
        today = list(group)
        if standing is None:
            good += today
            standing = _begin(good, today, rule, by_chance) if day >= first else None
            good = list(standing.before) if standing else good
            continue
        standing.rows += today
        if over := _end(standing):
            rest = standing.rows if over - standing.since < _SHORT else _since(standing.rows, over)
            standing.rows = standing.rows[: len(standing.rows) - len(_since(standing.rows, over))]
            found.append(_spell(standing, over))
            good, standing = [*good, *rest], None
    return [*found, _spell(standing, None)] if standing else found


def _begin(good: list[T], today: list[T], rule: Rule[T], by_chance: float) -> _Open[T] | None:
    ahead = good[-_MOST - len(today) : -len(today)]
    if len(ahead) < _ENOUGH or not any(map(rule(ahead), today)):
        return None
    starts = _starts(good, len(today))
    is_bad = rule(good[max(0, starts[-1] - _MOST) : starts[-1]])
    likely = [start for start in starts if _share(good[start:], is_bad) >= STEP]
    found = [(_unlikely(_before(good, start), good[start:], is_bad, by_chance), start) for start in likely]
    least, start = min(found, default=(1.0, 0))
    if least >= 1:
        return None
    start = _first_sign(good, start, is_bad)
    return _Open(good[start].day, is_bad, good[:start], good[start:])


def _first_sign(good: Sequence[T], start: int, is_bad: Callable[[T], bool]) -> int:
    """Where the day begins of the first bad page by another template: what was bad before that was so by chance."""
    before = _before(good, start)
    if not is_another_template([row for row in good[start:] if is_bad(row)], before):
        return start
    days = (row.day for row in good[start:] if is_bad(row) and is_another_template([row], before))
    first = next(days, good[start].day)
    return next(at for at in range(start, len(good)) if good[at].day == first)


def _starts(good: list[T], today: int) -> list[int]:
    """Where a spell may have begun: at the first observation of today or of a day before, at least a few back."""
    start = len(good) - today
    starts = [start]
    while start > max(_ENOUGH, len(good) * 2 // 3) and (len(good) - start < _LOOK_BACK or len(starts) < _DAYS_BACK):
        day = good[start - 1].day
        while start and good[start - 1].day == day:
            start -= 1
        if start >= _ENOUGH:
            starts.append(start)
    return starts


def _share(seen: Sequence[T], is_bad: Callable[[T], bool]) -> float:
    return sum(map(is_bad, seen)) / len(seen)


def _before(good: Sequence[T], start: int) -> Sequence[T]:
    """What came before: four weeks of it, and of a slow site more."""
    since = good[start].day - timedelta(days=_DAYS)
    at = start
    while at and (good[at - 1].day >= since or start - at < _FEWEST) and start - at < _MOST:
        at -= 1
    return good[at:start]


def _unlikely(before: Sequence[T], seen: Sequence[T], is_bad: Callable[[T], bool], by_chance: float) -> float:
    """How likely chance alone shows what is seen, if it is a spell; 1 if it is none."""
    bad = [row for row in seen if is_bad(row)]
    flags = [is_bad(row) for row in before]
    if len(bad) < 2 or len(flags) < _ENOUGH or (before[-1].day - before[0].day).days < _WEEK - 1:
        return 1.0
    share = len(bad) / len(seen)
    if share - sum(flags) / len(flags) < STEP or not _begins(seen, is_bad, share):
        return 1.0
    likely = chance.at_least(len(bad), len(seen), sum(flags), len(flags))
    if likely >= max(by_chance, BESIDE_ANOTHER_SIGN) or chance.worst(flags, len(seen)) >= len(bad):
        return 1.0
    if is_another_template(bad, before) or (likely < by_chance and _is_no_cluster(bad, seen, before)):
        return likely
    return 1.0


def _is_no_cluster(bad: Sequence[T], seen: Sequence[T], before: Sequence[T]) -> bool:
    """Whether it is more than some bad ones on one day, as there are now and then."""
    days = len({row.day for row in bad})
    if days > 2 or len(bad) == len(seen) >= _WHOLE_DAY:
        return True
    return (days == 2 and len(bad) >= len(seen) * _NEARLY_ALL) or is_edited(seen, before)


def _begins(seen: Sequence[T], is_bad: Callable[[T], bool], share: float) -> bool:
    first = [is_bad(row) for row in seen if row.day == seen[0].day]
    return sum(first) / len(first) >= share * _FIRST_DAY


def _end(standing: _Open[T]) -> date | None:
    """The first day on which it was over, if what came since tells so."""
    flags = [standing.is_bad(row) for row in standing.rows]
    usual = sum(map(standing.is_bad, standing.before)) / len(standing.before)
    latest = sum(row.day == standing.rows[-1].day for row in standing.rows)
    for start in range(max(1, len(flags) - max(_LOOK_BACK, latest)), len(flags)):
        since, ahead = flags[start:], flags[:start]
        if standing.rows[start].day == standing.rows[start - 1].day or sum(since) / len(since) - usual >= STEP / 2:
            continue
        good = len(since) - sum(since)
        unlikely = chance.at_least(good, len(since), len(ahead) - sum(ahead), len(ahead)) < OVER
        if unlikely or len(since) >= _SO_MANY:
            return standing.rows[start].day
    return None


def _since(rows: list[T], day: date) -> list[T]:
    return [row for row in rows if row.day >= day]


def _spell(standing: _Open[T], until: date | None) -> Spell[T]:
    before = _before([*standing.before, *standing.rows], len(standing.before))
    bad = tuple(row for row in standing.rows if standing.is_bad(row))
    return Spell(standing.since, until, bad, tuple(standing.rows), sum(map(standing.is_bad, before)), tuple(before))


def is_another_template(pages: Sequence[Dated], before: Sequence[Dated]) -> bool:
    """Whether most of `pages` are like none that came before."""
    mine, theirs = templates(pages), templates(before)
    return bool(mine and theirs) and fingerprint.strangers(mine, theirs) * 3 >= 2 * len(mine)


def is_edited(pages: Sequence[Dated], before: Sequence[Dated]) -> bool:
    """Whether all of `pages` bear a new mark of their template, or miss an old one."""
    return fingerprint.is_edited(templates(pages), templates(before))


def templates(rows: Sequence[Any]) -> list[str]:
    return [row.template for row in rows if row.template]
