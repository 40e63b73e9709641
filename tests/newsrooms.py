"""Sites made up by chance, as observations and without any pages: months of them in a moment.

A newsroom has its own pace (from one article a week to ninety a day), quiet weekends, holidays, its own shares of
missing fields, some of which come in clusters, two or three templates, texts of all lengths, and servers that fail.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from archive.database import transaction
from archive.health.measures import FIELDS
from archive.health.observations import Asking, Crawl, Reading, Request, Site
from archive.reading.fingerprint import fingerprint
from archive.rows import capture_row, instant
from archive.store import Store
from tests.archives import capture

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday


@dataclass
class Newsroom:
    """What one seed decides; `pace` in articles on a working day, `missing` the usual share by field."""

    seed: int
    pace: float = 0.0
    weekend: float = 0.0
    missing: dict[str, float] = field(default_factory=dict)
    swaps: dict[int, str] = field(default_factory=dict)  # day: field that is missing from then on
    redesigned: bool = True  # whether a swap changes the template as well
    mended: int = 10_000  # the day from which on nothing is missing but what usually is
    steady: bool = False  # without holidays, faults and bad ones in clusters
    most: float = 90.0
    begin: datetime = BEGIN

    def __post_init__(self) -> None:
        dice = random.Random(self.seed)
        self.dice = dice
        self.pace = self.pace or math.exp(dice.uniform(math.log(0.15), math.log(self.most)))
        self.weekend = self.weekend or dice.choice((0.02, 0.3, 0.6, 1.0))
        usual = {name: dice.choice((0.0, 0.0, 0.01, 0.05, 0.3, 1.0)) for name in FIELDS}
        usual |= {"title": 0.0, "date": dice.choice((0.0, 0.01, 0.05))}
        self.missing = usual | self.missing
        self.clustered = dice.random() < 0.3  # an agency's day: the author is missing in many at once
        self.length = dice.uniform(800, 6000)
        self.spread = dice.uniform(0.2, 0.7)
        self.flaky = dice.choice((0.0, 0.0, 0.01, 0.05))
        self.pages: dict[tuple[str, str], list[str]] = {}
        self.holidays = set() if self.steady else set(dice.sample(range(200), 5))
        if self.steady:
            self.clustered, self.flaky = False, 0.0

    def site(self, days: int) -> Site:
        """What was seen on so many days, each watched by several crawls."""
        readings = sorted((reading for day in range(days) for reading in self._day(day)), key=lambda one: one.at)
        crawls = [
            Crawl(f"{day}-{hour}", at, at + timedelta(minutes=5), "finished", {}, answered=True)
            for day in range(days)
            for hour in (0, 6, 12, 18, 23)
            for at in [self.begin + timedelta(days=day, hours=hour, minutes=50)]
        ]
        now = self.begin + timedelta(days=days) - timedelta(seconds=1)
        return Site(
            f"site-{self.seed}",
            now,
            tuple(readings),
            tuple(self._requests(days)),
            tuple(self._asked(days)),
            tuple(crawls),
        )

    def _day(self, day: int) -> Iterator[Reading]:
        share = self.weekend if day % 7 in (5, 6) else 1.0
        share *= 0.1 if day in self.holidays else self.dice.uniform(0.7, 1.3)
        agency = self.clustered and self.dice.random() < 0.1
        for _ in range(_poisson(self.dice, self.pace * share)):
            at = self.begin + timedelta(days=day, hours=self.dice.uniform(5, 22))
            yield self._reading(at, day, agency=agency)

    def _reading(self, at: datetime, day: int, *, agency: bool) -> Reading:
        swapped = {name for since, name in self.swaps.items() if since <= day < self.mended}
        lacks = {name for name, share in self.missing.items() if self.dice.random() < share} | (swapped & set(FIELDS))
        if agency and self.dice.random() < 0.6:
            lacks.add("author")
        characters = int(self.length * self.dice.lognormvariate(0, self.spread))
        characters = characters // 8 if "text" in swapped else characters
        no_article = "reading" in swapped or self.dice.random() < 0.01
        language = "en" if "language" in swapped or self.dice.random() < 0.01 else "fr"
        template = self._template("new" if swapped and self.redesigned else "old")
        outcome, reason = ("rejected", "no_text") if no_article else ("article", None)
        return Reading(at, at.date(), outcome, reason, frozenset(lacks), characters, language, template, fresh=True)

    def _template(self, design: str) -> str:
        """Pages have the names of their template, some of its parts only now and then, and two or three kinds of it."""
        kind = self.dice.choices(("news", "long", "live"), (90, 8, 2))[0]
        known = self.pages.setdefault((design, kind), [])
        if len(known) >= 30:
            return self.dice.choice(known)
        names = [f"{design}-{number * 7919 % 97}x" for number in range(60)] + [
            f"{kind}-{number}y" for number in range(8)
        ]
        kept = [name for at, name in enumerate(names) if at % 6 or self.dice.random() < 0.7]
        known.append(
            fingerprint(
                "".join(
                    f'<div class="{"abcdefghij"[at % 10]}{_letters(name)}">' for at, name in enumerate(kept)
                ).encode()
            )
        )
        return known[-1]

    def _requests(self, days: int) -> Iterator[Request]:
        for day in range(days):
            for _ in range(max(1, min(100, round(self.pace)))):
                yield Request(self._date(day), "timeout" if self.dice.random() < self.flaky else None)

    def _asked(self, days: int) -> Iterator[Asking]:
        for day in range(days):
            for kind in ("feed", "home", "sitemap"):
                failed = "no_answer" if self.dice.random() < self.flaky / 2 else None
                yield Asking(self._date(day), f"https://site.example/{kind}", kind, failed)

    def _date(self, day: int) -> date:
        return (self.begin + timedelta(days=day)).date()


def day_of(day: int) -> date:
    return (BEGIN + timedelta(days=day)).date()


def _letters(name: str) -> str:
    return "".join(chr(97 + int(letter)) if letter.isdigit() else letter for letter in name)


def _poisson(dice: random.Random, mean: float) -> int:
    """How many there are where `mean` are usual (Knuth's way, in parts where the mean is large)."""
    count, product, limit = 0, dice.random(), math.exp(-min(mean, 500))
    while product > limit:
        count, product = count + 1, product * dice.random()
    return count


def fill(directory: Path, site: Site) -> None:
    """Write the rows of a site into an archive, as its crawls would have; its pages are nowhere."""
    with Store(directory) as store, transaction(store.db):
        for crawl in site.crawls:
            row = {"id": crawl.id, "site": site.name, "started": instant(crawl.started), "ended": instant(crawl.ended)}
            store.db.table("crawls").insert(row | {"reason": crawl.reason, "counts": json.dumps(crawl.counts)})
            _ask(store, crawl, site)
        first = {crawl.started.date(): crawl for crawl in reversed(site.crawls)}
        for number, reading in enumerate(site.readings):
            _insert(store, f"https://{site.name}.example/{number}", reading, first[reading.day].id)


def _ask(store: Store, crawl: Crawl, site: Site) -> None:
    for asking in site.askings:
        if asking.day == crawl.started.date():
            outcome, detail = ("failed", _said(asking.failed)) if asking.failed else ("read", None)
            store.db.table("sources").insert(
                {"crawl": crawl.id, "url": asking.url, "kind": asking.kind, "outcome": outcome, "detail": detail}
                | {"links": 9, "timestamp": instant(crawl.started)}
            )


def _said(failed: str) -> str:
    kind, _, status = failed.partition("_")
    return f"the server answered {status}" if kind == "http" else failed


def _insert(store: Store, url: str, reading: Reading, crawl: str) -> None:
    found = capture(0, url, id=url, timestamp=reading.at, crawl=crawl)
    row = capture_row(found)
    store.db.table("captures").insert(row)
    lacks = None if reading.lacks is None else " ".join(sorted(reading.lacks))
    said = {name: getattr(reading, name) for name in ("outcome", "reason", "characters", "language", "template")}
    store.db.table("extractions").insert(
        said | {"capture": url, "timestamp": row["timestamp"], "extractor": "x", "asked": url, "lacks": lacks}
    )
