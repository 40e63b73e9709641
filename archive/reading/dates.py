"""Dates as publishers write them: ISO 8601 in its dialects, e-mail style, and printed with a month's name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{8}(?=T|$))"
    r"(?:(?:T|\s+|,\s*)(?P<time>\d{1,2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?)?",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}")
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "january janvier januar enero gennaio janeiro januari jan janv ene gen jän jänner",
            "february février fevrier februar febrero febbraio fevereiro februari feb févr fév fevr fev",
            "march mars märz marzo março maart mar mär mrz",
            "april avril abril aprile apr avr abr",
            "may mai mayo maggio maio mei mag",
            "june juin juni junio giugno junho jun giu",
            "july juillet juli julio luglio julho jul juil lug",
            "august août aout agosto augustus aug ago",
            "september septembre septiembre settembre setembro sep sept set",
            "october octobre oktober octubre ottobre outubro oct okt ott out",
            "november novembre noviembre novembro nov",
            "december décembre decembre dezember diciembre dicembre dezembro dec déc dez dic",
        ),
        start=1,
    )
    for name in names.split()
}
_NAME = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_PRINTED = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:er|st|nd|rd|th|\.|º)?\s+(?:de\s+|of\s+)?(?P<month>{_NAME})\b\.?,?\s*(?:de\s+|del\s+)?(?P<year>\d{{4}})"
    rf"|(?P<month2>{_NAME})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}}))\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\b(?P<hour>[01]?\d|2[0-3])\s?(?::|h|\.(?=\d\d\s*(?:uhr|h)))\s?(?P<minute>[0-5]\d)?\b\s*(?P<half>[ap]\.?m\b)?",
    re.IGNORECASE,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OLDEST = 1800


def parse(raw: str) -> datetime | None:
    """Read a date; naive where it names no zone, none if it cannot be read or is a software's zero."""
    text = raw.strip()[:100].replace("\xa0", " ").replace("\u202f", " ")
    moment = _iso(text) or _mail(text) or _stamp(text) or _printed(text)
    if moment is None or moment.year < _OLDEST:
        return None
    return None if moment.replace(tzinfo=UTC) == _EPOCH else moment


def has_time(raw: str) -> bool:
    """Whether the date as written has a time of day."""
    return ":" in raw or _CLOCK.search(raw) is not None


def offset_of(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta(0)


def aware(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


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
    match = _PRINTED.search(text)
    if match is None:
        return None
    name = (match["month"] or match["month2"]).lower()
    hour, minute = _clock(text[match.end() :])
    try:
        return datetime(  # noqa: DTZ001 - print names no zone; the caller knows how to find one
            int(match["year"] or match["year2"]), _MONTHS[name], int(match["day"] or match["day2"]), hour, minute
        )
    except ValueError:
        return None


def _clock(text: str) -> tuple[int, int]:
    match = _CLOCK.search(text)
    if match is None:
        return 0, 0
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"] and hour <= 12:
        hour = hour % 12 + (12 if match["half"].lower().startswith("p") else 0)
    return hour, minute
