"""Archives by date: every address of a year, month or day template, and the bound on calendars without an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from archive.reading.shapes import period_of
from crawler.discovery import Source, absolute

# No newspaper's site is older than the web; what a calendar shows before was put there by its "previous month" link.
OLDEST_YEAR = 1990
MOST_PERIODS = 20_000  # days in 54 years


def calendar(home_url: str, template: str, oldest: date, newest: date) -> Iterator[Source]:
    """Yield the archive pages between two days, both included, newest first: `#year`, `#month`, `#day` replaced.

    The template is an absolute address or a path below `home_url`; month and day get two digits. One without a year
    gives nothing, since its pages could not be told apart.
    """
    if "#year" in template:
        oldest = max(oldest, date(OLDEST_YEAR, 1, 1))
        days = islice(_days(template, oldest, newest), MOST_PERIODS)
        urls = (absolute(_filled(template, day), home_url) for day in days)
        yield from (Source(url, "listing") for url in urls if url)


def is_calendar_trap(url: str, today: date) -> bool:
    """Whether it is an archive of days to come, or from before there were any: calendars link to them for ever."""
    period = period_of(url)
    return period is not None and not date(OLDEST_YEAR, 1, 1) <= period <= today


def _filled(template: str, day: date) -> str:
    text = template.replace("#year", f"{day.year:04}")
    return text.replace("#month", f"{day.month:02}").replace("#day", f"{day.day:02}")


def _days(template: str, oldest: date, newest: date) -> Iterator[date]:
    """One day in each period that the template tells apart."""
    day = newest
    while day >= oldest:
        yield day
        if "#day" not in template:
            day = day.replace(day=1)
            day = day if "#month" in template else day.replace(month=1)
        if day == date.min:
            return
        day -= timedelta(days=1)
