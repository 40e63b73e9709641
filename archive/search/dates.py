"""Days as a person writes them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime


def day_of(text: str) -> datetime | None:
    """Return the day that begins what `text` names, at midnight UTC: 2026, 2026-03, 2026-03-01, "3 days ago", "hier".

    None if it is no date. Bare figures in any other order are none: 03/01/2026 is one day in Paris, another elsewhere.
    """
    found = _words(text) if any(map(str.isalpha, text)) else _figures(text.strip())
    return found.replace(hour=0, minute=0, second=0, microsecond=0) if found else None


def _figures(text: str) -> datetime | None:
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        with suppress(ValueError):
            return datetime.strptime(text, form).replace(tzinfo=UTC)
    return None


def _words(text: str) -> datetime | None:
    import dateparser

    settings = {"TIMEZONE": "UTC", "RETURN_AS_TIMEZONE_AWARE": True, "PREFER_DAY_OF_MONTH": "first"}
    with suppress(OverflowError):  # "after 99999999999 years"
        return dateparser.parse(text[:100], settings=settings)
    return None
