"""Dates as publishers write them: ISO 8601 in its dialects, e-mail style, and printed with a month's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from archive.reading import datewords

_ISO = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{8}(?=T|$))"
    r"(?:(?:T|\s+|,\s*)(?P<time>\d{1,2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?)?",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}")
_WORD = r"[^\W\d_]{3,12}"
_PRINTED = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:er|st|nd|rd|th|\.|º)?\s+(?:de\s+|of\s+)?(?P<month>{_WORD})\b\.?,?\s*(?:de\s+|del\s+)?(?P<year>\d{{4}})"
    rf"|(?P<month2>{_WORD})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}}))\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?P<half_before>오전|오후|上午|下午|午前|午後)?\s?(?<![\d.,/-])(?P<hour>2[0-4]|[01]?\d)\s?"
    r"(?:(?::|[hg時时시点點](?![a-gi-z])|(?<=kl\. \d\d)\.|(?<=klo \d\d)\.|(?<=kl\. \d)\.|(?<=klo \d)\."
    r"|\.(?=\d\d\s?(?:uhr|h\b)))\s?(?P<minute>[0-5]\d)?(?!\d)(?::(?P<second>[0-5]\d)(?!\d))?[分분]?\s?(?P<half>[ap]\.?m\b)?"
    r"|(?:uhr|heures?)\b|(?P<only_half>[ap]\.?m\b))",
    re.IGNORECASE,
)
_AFTERNOON = {"오후", "下午", "午後"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OLDEST = 1800
_ZEROS = {date(1970, 1, 1), date(1969, 12, 31), date(1900, 1, 1), date(1899, 12, 30)}


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as read, and as written; naive only while its zone is being looked for."""

    at: datetime
    raw: str

    @property
    def timed(self) -> bool:
        """Whether it says more than the day."""
        return self.at.time() != time(0) or clock(self.raw) is not None


def parse(raw: str) -> datetime | None:
    """Read a date; naive where it names no zone, none if it cannot be read or is a software's zero."""
    text = raw.strip()[:100].replace("\xa0", " ").replace("\u202f", " ")
    moment = _iso(text) or _mail(text) or _stamp(text) or _printed(text)
    return None if moment is None or is_of_software(moment) else moment


def is_of_software(moment: datetime) -> bool:
    """Whether it is a zero of Unix, of Excel or of a database, in whatever zone; or older than newspapers' archives."""
    return moment.year < OLDEST or moment.date() in _ZEROS


def has_time(raw: str) -> bool:
    """Whether the date as written has a time of day."""
    return ":" in raw or clock(raw) is not None


def offset_of(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta(0)


def _iso(text: str) -> datetime | None:
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day = _day(match["day"])
    digits = re.sub("[^0-9]", "", (match["time"] or "").split(".")[0].split(",")[0])
    digits = digits if len(digits) % 2 == 0 else f"0{digits}"
    hour, minute, second = (int(digits[at : at + 2] or 0) for at in (0, 2, 4))
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_zone(match["zone"]))
    except ValueError:  # the 31st of February
        return None


def _day(text: str) -> tuple[int, int, int]:
    parts = re.split("[-/]", text) if len(text) != 8 or not text.isdigit() else [text[:4], text[4:6], text[6:]]
    return int(parts[0]), int(parts[1]), int(parts[2])


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    moment = text.upper().replace("UTC", "Z").replace("GMT", "Z")
    return datetime.fromisoformat(f"2000-01-01T00:00:00{moment}").tzinfo if _is_offset(moment) else None


def _is_offset(text: str) -> bool:
    return text == "Z" or (int(text[1:3]) < 24 and int(text[3:].strip(":") or 0) < 60)


def _mail(text: str) -> datetime | None:
    if _MAIL.match(text) is None:
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser's ways of saying no
        return None


def _stamp(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970, from 2001 to 2286: ten or thirteen digits."""
    if not text.isascii() or not text.isdigit() or len(text) not in {10, 13}:
        return None
    return _EPOCH + timedelta(seconds=int(text[:10]))


def _printed(text: str) -> datetime | None:
    """The first date with a month that the usual languages name; print names no zone: the caller finds one."""
    for match in _PRINTED.finditer(text):
        day, month, year = (match[name] or match[f"{name}2"] for name in ("day", "month", "year"))
        number = datewords.month(month)
        if number:
            return _naive(int(year), number, int(day), *(clock(text[match.end() :]) or (0, 0, 0)))
    return None


def _naive(*numbers: int) -> datetime | None:
    year, month, day, hour, minute, second = numbers
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - no zone is named
    except ValueError:  # the 31st of February
        return None


def clock(text: str) -> tuple[int, int, int] | None:
    """The first time of day in a short text, as hour, minute and second: 10:32, 10 h 32, 14 Uhr, 3:05 pm, 10時32分."""
    match = _CLOCK.search(text)
    if match is None:
        return None
    hour = int(match["hour"])
    half = (match["half"] or match["only_half"] or "").lower()
    if (half or match["half_before"]) and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") or match["half_before"] in _AFTERNOON else 0)
    return hour % 24, int(match["minute"] or 0), int(match["second"] or 0)
