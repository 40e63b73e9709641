"""How often health is wrong, and how soon it is right: on made-up newsrooms of every kind.

    nice -n 10 python -m benchmarks.health [--sites 200] [--days 60]

The newsrooms of tests.newsrooms publish from one article a week to ninety a day, have quiet weekends, bank holidays,
clusters of articles without an author, fields that are often missing, servers that fail now and then. First: SITES of
them with nothing wrong, watched for DAYS days after thirty that nobody counts; every alarm is a false one. Then: papers
at three paces lose one field after thirty days, with a new template and without; how many days until it is told.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from archive.health.alarms import Alarm, alarms
from archive.health.measures import FIELDS
from archive.health.observations import Site
from tests.newsrooms import BEGIN, Newsroom, day_of

WARM = 30
LATEST = 8  # days after the change that are waited for
EVERYTHING = (*FIELDS, "text", "language", "reading")


def false_alarms(sites: int, days: int) -> Iterator[tuple[Newsroom, Alarm]]:
    for seed in range(sites):
        room = Newsroom(seed)
        yield from ((room, alarm) for alarm in alarms(room.site(WARM + days)) if alarm.since >= day_of(WARM))


def until(site: Site, day: int) -> Site:
    """The site as it was known when so many days were over."""
    end = day_of(day)
    return site._replace(
        now=BEGIN + timedelta(days=day) - timedelta(seconds=1),
        readings=tuple(one for one in site.readings if one.day < end),
        requests=tuple(one for one in site.requests if one.day < end),
        askings=tuple(one for one in site.askings if one.day < end),
        crawls=tuple(one for one in site.crawls if one.started.date() < end),
    )


def delay(room: Newsroom, field: str) -> str:
    """On which day of the change it is told of the right field; "never" if not within LATEST days."""
    site = room.site(WARM + LATEST)
    for day in range(1, LATEST + 1):
        found = [alarm for alarm in alarms(until(site, WARM + day)) if alarm.since >= day_of(WARM - 2)]
        if found:
            return f"day {day}" if {alarm.field for alarm in found} == {field} else f"day {day}, not that alone"
    return "never"


def delays(pace: float, *, redesigned: bool, seeds: int = 4) -> Counter[str]:
    usual = dict.fromkeys(FIELDS, 0.02)
    return Counter(
        delay(
            Newsroom(1000 + seed, pace, 1.0, usual, swaps={WARM: field}, redesigned=redesigned, steady=True),
            field,
        )
        for field in EVERYTHING
        for seed in range(seeds)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--days", type=int, default=60)
    given = parser.parse_args()
    began = time.monotonic()
    found = list(false_alarms(given.sites, given.days))
    years = given.sites * given.days / 365
    for room, alarm in found:
        print(f"  {alarm.site}, {room.pace:.1f} a day: {alarm.field}, {alarm.cause}: {alarm.detail}")
    at_ease = given.sites - len({alarm.site for _, alarm in found})
    print(
        f"{len(found)} false alarms in {given.sites} sites of {given.days} good days ({len(found) / years:.2f} a year"
        f" and site), none at {at_ease} sites: {dict(Counter(alarm.field for _, alarm in found))}"
    )
    for pace in (3, 14, 60):
        for redesigned in (True, False):
            told = dict(sorted(delays(pace, redesigned=redesigned).items()))
            print(f"{pace} a day, {'another template' if redesigned else 'the same template'}: {told}", flush=True)
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
