"""When an article was published and last changed: which witness is believed, and in which zone it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import chain

from archive.reading import dateclaims, dates, zones
from archive.reading.choice import FIRST, ONLY, Choice, Claim
from archive.reading.dateclaims import PrintedDates
from archive.reading.dates import Moment
from archive.reading.evidence import Evidence

__all__ = ["Moment", "claims", "modified", "published"]

_CLOCKS_DIFFER = timedelta(minutes=5)
_FURTHEST_EAST = timedelta(hours=13)  # that a date without zone may be ahead of UTC
_REPUBLISHED = 30  # days; drafts get their address some days before they are published, and keep it
_DRAFTED = 2  # days


def published(evidence: Evidence) -> Choice[Moment] | None:
    """What machines wrote, marked-up dates, the address, print near the headline; then slower and weaker witnesses.

    A publishing system writes its dates to the second; a theme prints what it likes, and a `<time>` may belong to
    another article of the page. htmldate guesses, to the day, from whatever looks like a date.
    """
    printed = PrintedDates(evidence)
    stated = list(_stated(evidence, printed))
    believed = _believed(stated, evidence)
    # Where a page states what cannot be, a guess from the same dates would be no better.
    witnesses = _last_witnesses(evidence, printed)[: -1 if stated else None]
    for witness in witnesses if not believed else ():
        believed = _believed(witness(), evidence)
        if believed:
            break
    return _chosen(believed, evidence) if believed else None


def modified(evidence: Evidence) -> Choice[Moment] | None:
    """What machines wrote, with a sitemap's lastmod; where they are silent, what the page prints; never guessed."""
    stated = _modified(evidence)
    return _chosen(stated, evidence, "modified") if stated else None


def claims(evidence: Evidence) -> Sequence[Claim[Moment]]:
    """All that is stated of the publication, in the order of belief; none of the guesses."""
    return _believed(_stated(evidence, PrintedDates(evidence)), evidence)


def _stated(evidence: Evidence, printed: PrintedDates) -> Iterable[Claim[Moment]]:
    return chain(
        dateclaims.by_hand(evidence, printed),
        dateclaims.by_machines(evidence, updated=False),
        printed.in_elements(updated=False),
        dateclaims.in_address(evidence),
        printed.near_headline(updated=False),
    )


def _modified(evidence: Evidence) -> list[Claim[Moment]]:
    stated = _believed(dateclaims.by_machines(evidence, updated=True), evidence)
    if stated:
        return stated
    printed = PrintedDates(evidence)
    return _believed(chain(printed.in_elements(updated=True), printed.near_headline(updated=True)), evidence)


def _last_witnesses(evidence: Evidence, printed: PrintedDates) -> Sequence[Callable[[], Iterable[Claim[Moment]]]]:
    return (
        lambda: dateclaims.in_state(evidence),
        lambda: printed.near_headline(updated=False, thorough=True),
        lambda: printed.called_so(updated=False),
        lambda: dateclaims.guessed(evidence),
    )


def _believed(stated: Iterable[Claim[Moment]], evidence: Evidence) -> list[Claim[Moment]]:
    """No date is later than the capture, and none is a software's zero."""
    possible = (_possible(claim, evidence.page.captured_at) for claim in stated)
    return [claim for claim in possible if claim and not dates.is_of_software(claim.value.at)]


def _possible(claim: Claim[Moment], captured: datetime) -> Claim[Moment] | None:
    """A claim that the capture does not refute; a UTC stamp some hours ahead of it is local time called UTC."""
    at, raw = claim.value.at, claim.value.raw
    if at.tzinfo and at <= captured + _CLOCKS_DIFFER:
        return claim
    if at.tzinfo and dates.offset_of(at):
        return None
    local = at.replace(tzinfo=None)
    latest = captured.astimezone(UTC).replace(tzinfo=None) + _FURTHEST_EAST
    return Claim(Moment(local, raw), claim.source) if local <= latest else None


def _chosen(stated: Sequence[Claim[Moment]], evidence: Evidence, about: str = "published") -> Choice[Moment]:
    """The witness that the site's profile prefers, else the first, told in the publisher's zone."""
    winner, rule = _winner(stated, evidence, evidence.known.preferred(about))
    at, why = _placed(winner.value, stated, evidence)
    others = dict.fromkeys(claim.source for claim in stated if claim is not winner)
    return Choice(Moment(at, winner.value.raw), winner.source, f"{rule}; {why}" if why else rule, tuple(others))


def _winner(stated: Sequence[Claim[Moment]], evidence: Evidence, preferred: str | None) -> tuple[Claim[Moment], str]:
    liked = next((claim for claim in stated if claim.source == preferred), None)
    if liked:
        return liked, "preferred by the site's profile"
    first = stated[0]
    address = next((claim for claim in stated if claim.source == dateclaims.ADDRESS), None)
    if address and _days_between(address, first) > _REPUBLISHED:
        return address, "its address keeps the day of first publication"
    if not first.value.timed:
        return _with_time(first, stated, evidence)
    return first, FIRST if len(stated) > 1 else ONLY


def _with_time(first: Claim[Moment], stated: Sequence[Claim[Moment]], evidence: Evidence) -> tuple[Claim[Moment], str]:
    """A witness that tells the time of the day that the first one tells.

    An address may be a day or two older than the publication; a UTC stamp may be on the day before or after.
    """
    latest = _DRAFTED if first.source == dateclaims.ADDRESS else 0
    for claim in stated[1:]:
        if (claim.value.timed or latest) and 0 <= _days_between(first, claim) <= latest:
            return claim, f"it tells more of the day that {first.source} tells"
    for claim in stated[1:]:
        if claim.value.timed and _may_be_on(first.value.at.date(), claim.value.at, evidence):
            return claim, f"it tells more of the day that {first.source} tells"
    return first, FIRST if len(stated) > 1 else ONLY


def _may_be_on(day: date, at: datetime, evidence: Evidence) -> bool:
    """Whether an instant is on a day by a clock that the publisher may have."""
    if at.tzinfo is None or abs((at.date() - day).days) > 1:
        return False
    return any(at.astimezone(zone).date() == day for zone in zones.likely(evidence, at))


def _days_between(earlier: Claim[Moment], later: Claim[Moment]) -> int:
    return (later.value.at.date() - earlier.value.at.date()).days


def _placed(moment: Moment, stated: Sequence[Claim[Moment]], evidence: Evidence) -> tuple[datetime, str]:
    """The moment with the publisher's offset, and where that came from; "" if it was stated with it."""
    if moment.at.tzinfo is None:
        found = _with_zone(moment, stated, evidence)
        return found if found and found[0] <= evidence.page.captured_at else _assumed(moment.at, evidence)
    if dates.offset_of(moment.at):
        return moment.at, ""
    return (
        _offset_stated(moment, stated) or _offset_shown(moment, stated, evidence) or _on_day(moment, stated, evidence)
    )


def _offset_stated(moment: Moment, stated: Sequence[Claim[Moment]]) -> tuple[datetime, str] | None:
    """A UTC stamp where another witness tells the same minute with an offset (a theme may print no seconds)."""
    for claim in stated:
        zone = claim.value.at.tzinfo
        if zone and dates.offset_of(claim.value.at) and abs(claim.value.at - moment.at) < timedelta(minutes=1):
            return moment.at.astimezone(zone), f"offset of {claim.source}"
    return None


def _offset_shown(moment: Moment, stated: Sequence[Claim[Moment]], evidence: Evidence) -> tuple[datetime, str] | None:
    """A UTC stamp beside a time without zone that the publisher's clock showed at that instant.

    If the country is not known it must be print: of two statements for machines either may be local.
    """
    sources = {claim.source for claim in stated} if zones.country(evidence) else dateclaims.FOR_PEOPLE
    for claim in stated:
        other = claim.value
        if claim.source in sources and other.at.tzinfo is None and other.timed:
            for zone in zones.likely(evidence, moment.at):
                local = moment.at.astimezone(zone)
                if dates.offset_of(local) and local.replace(tzinfo=None, second=0) == other.at.replace(second=0):
                    return local, f"offset by the local time of {claim.source}"
    return None


def _on_day(moment: Moment, stated: Sequence[Claim[Moment]], evidence: Evidence) -> tuple[datetime, str]:
    """A UTC stamp whose day another witness tells as the day after or before: that is the publisher's day.

    The offset is the country's if that makes it the day. If the country is not known it is the smallest that does,
    unless that is the day of a change: print may tell that one.
    """
    days = [(claim.value.at.date(), claim.source) for claim in stated if claim.value.at.tzinfo is None]
    if not moment.timed or any(day == moment.at.date() for day, _ in days):
        return moment.at, ""
    known = zones.country(evidence)
    changes = set() if known else {claim.value.at.date() for claim in _modified(evidence)}
    for day, source in days:
        for zone in zones.likely(evidence, moment.at) if day not in changes else ():
            if moment.at.astimezone(zone).date() == day:
                return moment.at.astimezone(zone), f"on the day of {source}"
    return moment.at, ""


def _with_zone(moment: Moment, stated: Sequence[Claim[Moment]], evidence: Evidence) -> tuple[datetime, str] | None:
    """A date without zone has that of a witness of the same minute, else that of another date of the page."""
    minute = moment.at.replace(second=0, microsecond=0)
    for claim in stated:
        other = claim.value.at
        if other.tzinfo is None:
            continue
        if other.replace(tzinfo=None, second=0, microsecond=0) == minute:
            return moment.at.replace(tzinfo=other.tzinfo), f"zone of {claim.source}"
    for claim in (*stated, *_modified(evidence)):
        if claim.value.at.tzinfo and dates.offset_of(claim.value.at):
            return moment.at.replace(tzinfo=claim.value.at.tzinfo), f"zone of {claim.source}"
    return None


def _assumed(at: datetime, evidence: Evidence) -> tuple[datetime, str]:
    """A date without any zone: by the country's clock, if it has but one; else UTC, unless after the capture."""
    captured = evidence.page.captured_at
    for zone, why in ((zones.at_home(evidence, at), "the country's time assumed"), (UTC, "UTC assumed")):
        if zone and at.replace(tzinfo=zone) <= captured:
            return at.replace(tzinfo=zone), why
    offsets = (timezone(timedelta(hours=hours)) for hours in range(1, 14))
    east = next((zone for zone in offsets if at.replace(tzinfo=zone) <= captured), UTC)
    return at.replace(tzinfo=east), "the nearest zone by which it is not after the capture"
