"""Dates as pages print them for people: in the page's language, with labels, relative to now, in other calendars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from archive.reading import dates, datewords

LONGEST = 120  # characters of a line with a date; more is prose
_MOST_WORDS = 8  # before a date in its line, or behind it; more is prose
_DIGITS = {ord(zero) + n: str(n) for zero in "٠۰०০๐０" for n in range(10)}
_MARKS = {ord(mark): None for mark in "\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2069"}
_CHARACTERS = _DIGITS | _MARKS | {0xA0: " ", 0x202F: " ", 0x2009: " ", 0x0640: None}
_YEAR_FIRST = re.compile(
    r"(?<![\d/.:-])(?P<year>\d{4})\s?(?:(?P<mark>[-/.])\s?|[年년]\s?)(?P<month>\d{1,2})\s?(?:(?P=mark)\s?|[月월]\s?)(?P<day>\d{1,2})"
    r"(?=T\d|[^\d/]|$)"
)
_YEAR_LAST = re.compile(
    r"(?<![\d/.:-])(?P<one>\d{1,2})\s?(?P<mark>[-/.])\s?(?P<two>\d{1,2})\s?(?P=mark)\s?(?P<year>\d{4}|\d{2})(?![\d/:])"
)
_WORD = r"[^\s\d.,:;/()|–—-]{1,15}"  # not [^\W\d]: the vowels of Thai and Hindi are marks, not letters
_NAMED = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª])?,?\s?(?:(?:de|of|ב)\s)?(?P<month>{_WORD}(?:\s\d\d?(?=,?\s\d{{4}}))?)[.,]?"
    rf"\s?(?:(?:del?|năm)\s)?(?P<year>\d{{4}})(?!\d)"
    rf"|(?P<month2>{_WORD})\.?\s(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year2>\d{{4}})(?!\d)"
    rf"|(?<!\d)(?P<year3>\d{{4}})\.?\s(?P<month3>{_WORD})\.?\s(?P<day3>\d{{1,2}})(?!\d)"
)
_DIGIT = re.compile(r"\d")
_COUNTED = re.compile(r"\d{1,2}\s?[^\W\d_]")
_DOTTED = re.compile(r"\D{0,10}(?<![\d.])(?P<hour>[01]?\d|2[0-3])\.(?P<minute>[0-5]\d)(?![\d.])")
_ZONE = re.compile(
    r"\b(?:(?P<name>UTC|GMT|MESZ|CEST|MEZ|CET|EST|EDT|PST|PDT|MSK|МСК|JST|KST|WIB)(?![^\W\d_]))?\s?(?P<offset>[+-]\d\d?(?::?\d\d)?(?!\d))?"
)
_HOURS = {
    "UTC": 0, "GMT": 0, "MEZ": 1, "CET": 1, "MESZ": 2, "CEST": 2, "EST": -5, "EDT": -4, "PST": -8, "PDT": -7,
    "MSK": 3, "МСК": 3, "WIB": 7, "JST": 9, "KST": 9,
}  # fmt: skip
_FURTHEST = timedelta(days=45)  # that a relative date is looked back for: "2 months ago" tells no day


@dataclass(frozen=True, slots=True)
class Manner:
    """How a page writes: its languages, whether 3/8 is March 8th, and the capture's clock in the page's zone."""

    languages: tuple[str, ...]
    month_first: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Printed:
    """A date in a line: naive unless print names the zone, its words, and whether it says when something changed."""

    at: datetime
    raw: str
    updated: bool
    timed: bool
    beside: int  # letters of the line that are of no date and no label; those of scripts without spaces count twice


class _Segment(NamedTuple):
    text: str
    updated: bool | None


class _Found(NamedTuple):
    day: date
    start: int
    end: int


def read(line: str, manner: Manner, *, thorough: bool = False) -> list[Printed]:
    """Dates of a line of at most LONGEST characters, each with what its label makes of it.

    `thorough` asks dateparser what day a line tells that counts from now ("2 hours ago"); that costs 1 ms a line and,
    once for a process, 0.1 s.
    """
    if len(line) > LONGEST:
        return []
    text = line.translate(_CHARACTERS)
    found: list[Printed] = []
    for segment in _segments(text):
        printed = _read(segment, manner, thorough=thorough) or _same_day(segment, found)
        if printed:
            found.append(printed)
    return found


def may_hold_date(line: str, *, thorough: bool = False) -> bool:
    """Whether it is worth reading: it has a digit or, for thorough reading, a word such as yesterday."""
    return len(line) <= LONGEST and (_DIGIT.search(line) is not None or (thorough and _is_day_apart(line)))


def _is_day_apart(text: str) -> bool:
    return datewords.DAYS_APART.search(text) is not None


def _segments(text: str) -> Iterator[_Segment]:
    """A line cut before its labels: "Published 8 March. Updated 9 March" says two things."""
    labels = [(m.start(), m.end(), m.lastgroup == "updated") for m in datewords.LABEL.finditer(text)]
    bounds = [*labels, (len(text), len(text), False)]
    first = text[: bounds[0][0]]
    behind = text[labels[0][1] :] if labels else ""
    if (
        len(labels) == 1 and not _DIGIT.search(behind) and not _is_day_apart(behind)
    ):  # 3月8日 更新: the label stands behind
        yield _Segment(first, labels[0][2])
        return
    yield _Segment(first, None)
    for (_, end, updated), (following, _, _) in zip(labels, bounds[1:], strict=True):
        yield _Segment(text[end:following], updated)


def _read(segment: _Segment, manner: Manner, *, thorough: bool) -> Printed | None:
    text = segment.text
    found = _numeric(text, manner) or _named(text, manner)
    if found is None or _is_in_prose(text, found):
        return _relative(segment, manner) if thorough else None
    time, zone = _time(text, found)
    at = datetime(found.day.year, found.day.month, found.day.day, *(time or (0, 0, 0)), tzinfo=zone if time else None)
    return Printed(at, text.strip(), bool(segment.updated), time is not None, _letters(text, found))


def _is_in_prose(text: str, found: _Found) -> bool:
    """Whether too many words stand before a date, or behind it in what ends like a sentence."""
    behind = text[found.end :].split()
    ends = text.rstrip().endswith((".", "!", "?", "…"))
    return len(text[: found.start].split()) > _MOST_WORDS or (ends and len(behind) > _MOST_WORDS)


def _letters(text: str, found: _Found) -> int:
    beside = text[: found.start] + text[found.end :]
    return sum(1 + (letter >= "\u3000") for letter in beside if letter.isalpha())


def _same_day(segment: _Segment, before: list[Printed]) -> Printed | None:
    """Published 8 March 10:00, updated 11:30."""
    time = dates.clock(segment.text[:20]) if segment.updated and before else None
    if time is None:
        return None
    hour, minute, second = time
    at = before[0].at.replace(hour=hour, minute=minute, second=second)
    return Printed(at, segment.text.strip(), updated=True, timed=True, beside=before[0].beside)


def _time(text: str, found: _Found) -> tuple[tuple[int, int, int] | None, tzinfo | None]:
    """The time of day behind the date, else before it, and the zone print names."""
    behind, before = text[found.end : found.end + 40], text[max(0, found.start - 25) : found.start]
    time = dates.clock(behind.replace("T", " ", 1)) or _dotted(behind) or dates.clock(before)
    return time, _zone(behind) or _zone(before)


def _dotted(text: str) -> tuple[int, int, int] | None:
    """10.32 right behind a date is a time in Italian, Swedish, Danish, Finnish or Indonesian."""
    match = _DOTTED.match(text)
    return (int(match["hour"]), int(match["minute"]), 0) if match else None


def _zone(text: str) -> tzinfo | None:
    for match in _ZONE.finditer(text):
        offset, name = match["offset"], match["name"]
        digits = (offset or "").lstrip("+-").replace(":", "")
        if offset and (len(digits) == 4 or name in {"UTC", "GMT"}):
            hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
            apart = timedelta(hours=int(hours), minutes=int(minutes))
            return timezone(-apart if offset[0] == "-" else apart) if apart <= timedelta(hours=14) else None
        if name:
            return timezone(timedelta(hours=_HOURS[name])) if _HOURS[name] else UTC
    return None


def _numeric(text: str, manner: Manner) -> _Found | None:
    match = _YEAR_FIRST.search(text)
    if match:
        day = _date(int(match["year"]), int(match["month"]), int(match["day"]), manner)
        return _Found(day, match.start(), match.end()) if day else None
    match = _YEAR_LAST.search(text)
    if match is None or (len(match["year"]) == 2 and match["mark"] == "-"):
        return None
    one, two, year = int(match["one"]), int(match["two"]), int(match["year"])
    year += 2000 if year < 100 else 0
    orders = [(two, one), (one, two)]
    if manner.month_first and match["mark"] == "/":
        orders.reverse()
    days = [day for month, number in orders if (day := _date(year, month, number, manner))]
    limit = (manner.now + timedelta(days=1)).date()
    day = next((day for day in days if day <= limit), None)
    return _Found(day, match.start(), match.end()) if day else None


def _named(text: str, manner: Manner) -> _Found | None:
    for match in _NAMED.finditer(text):
        day, month, year = (match[name] or match[f"{name}2"] or match[f"{name}3"] for name in ("day", "month", "year"))
        number = datewords.month(month) or datewords.month_in(month, manner.languages)
        found = _date(int(year), number, int(day), manner) if number else None
        if found:
            return _Found(found, match.start(), match.end())
    return None


def _date(year: int, month: int, day: int, manner: Manner) -> date | None:
    """A day of the page's calendar: the solar Hijri one in Iran, the Buddhist era in Thailand; else Gregorian."""
    try:
        if 1300 <= year < 1500 and "fa" in manner.languages:
            return datewords.from_solar_hijri(year, month, day)
        year -= 543 if year > 2400 and "th" in manner.languages else 0
        return date(year, month, day) if year >= dates.OLDEST else None
    except ValueError:
        return None


_DAY_AND_TIME = re.compile(
    rf"(?:{datewords.DAYS_APART.pattern})[\s,·|-]{{1,3}}(?:[^\W\d]{{1,3}}\s)?\d{{1,2}}\s?[:.hH]\s?\d\d(?!\d)",
    datewords.DAYS_APART.flags,
)


def _may_be_relative(text: str) -> bool:
    return 0 < len(text) <= 40 and len(text.split()) <= 6 and (_COUNTED.search(text) is not None or _is_day_apart(text))


def _relative(segment: _Segment, manner: Manner) -> Printed | None:
    """Two hours ago, yesterday at 14:00: counted from the capture's clock; exact to the day, or to the hour."""
    if manner.languages == datewords.LATIN:
        return None
    text = re.sub(r"^[\W_]+|[\W_]+$", "", segment.text)
    within = _DAY_AND_TIME.search(text)  # in a line of several parts: "Ann Ray  Yesterday, 18:40  2 min."
    candidates = [text] if _may_be_relative(text) else []
    candidates += [within[0]] if within and within[0] != text else []
    return next(filter(None, (_counted(raw, segment, manner) for raw in candidates)), None)


def _counted(text: str, segment: _Segment, manner: Manner) -> Printed | None:
    """What dateparser makes of a day told from now."""
    import dateparser.date

    base = manner.now.replace(tzinfo=None)
    settings = {
        "RELATIVE_BASE": base, "STRICT_PARSING": True, "RETURN_TIME_AS_PERIOD": True, "TIMEZONE": "UTC",
        "PARSERS": ["relative-time", "absolute-time"],
    }  # fmt: skip
    for language in manner.languages:
        read = dateparser.date.DateDataParser(languages=[language], settings=settings).get_date_data(text)
        at = read.date_obj
        if at is None or read.period not in {"day", "time"} or not base - _FURTHEST <= at.replace(tzinfo=None) <= base:
            continue
        time = (at.hour, at.minute, at.second) if read.period == "time" else dates.clock(text)
        hour, minute, second = time or (0, 0, 0)
        at = at.replace(hour=hour, minute=minute, second=second, microsecond=0, tzinfo=manner.now.tzinfo)
        return Printed(at, text, bool(segment.updated), time is not None, 0)
    return None
