"""When a site is due: as often as it publishes, between bounds, ever more rarely if it is gone; clocks may jump."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.database import open_for_writing
from archive.rhythm import JITTER, PATIENCE, WANTED, Bounds, due_at, jittered, pause, rhythm
from archive.sources import Memory

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOUNDS = Bounds(HOUR / 4, DAY)
READ: dict[str, object] = {"sources": {"read": 2}, "discovered": 5, "new": 2, "skipped": 3}
NOTHING: dict[str, object] = {"sources": {"failed": 3}, "discovered": 2, "failed": 2}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    found = open_for_writing(tmp_path)
    yield found
    found.close()


def crawl(db: Database, started: datetime, counts: dict[str, object], reason: str | None = "finished") -> None:
    row = {
        "id": f"gazette-{started:%m%d%H%M%S}",
        "site": "gazette",
        "started": started.isoformat(timespec="microseconds"),
    }
    db.table("crawls").insert({**row, "reason": reason, "counts": json.dumps(counts)})


def every(*hours_ago: float) -> timedelta:
    return rhythm([NOW - HOUR * ago for ago in hours_ago], NOW, BOUNDS)


def test_a_site_is_visited_when_it_will_have_a_few_new_articles() -> None:
    assert every(1, 2, 3, 4) == WANTED * HOUR
    assert every(*(number / 10 for number in range(1, 21))) == BOUNDS.shortest * (WANTED * 4 / 10)
    assert every(*(number / 60 for number in range(1, 21))) == BOUNDS.shortest
    assert every(24, 48, 72) == DAY
    assert every(5) == every() == DAY


def test_a_site_that_falls_silent_slows_down_by_itself() -> None:
    busy = [1, 1.5, 2, 2.5]
    later = [every(*(hours + silent for hours in busy)) for silent in (0, 6, 12, 48)]
    assert later == sorted(later)
    assert later[0] < later[1] < later[-1] == DAY


def test_a_site_that_does_not_answer_is_asked_ever_more_rarely_and_never_dropped() -> None:
    pauses = [pause(HOUR, failures, BOUNDS) for failures in range(40)]
    assert pauses[:4] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
    assert pauses[-1] == PATIENCE * DAY


def test_pauses_differ_a_little() -> None:
    found = [jittered(HOUR, str(number)) / HOUR for number in range(400)]
    assert min(found) >= 1 - JITTER
    assert max(found) <= 1 + JITTER
    assert max(found) - min(found) > JITTER
    assert jittered(HOUR, "same") == jittered(HOUR, "same")


def test_due(db: Database) -> None:
    assert due_at(db, "gazette", BOUNDS, NOW)[1:3] == (NOW, "never crawled")
    crawl(db, NOW - HOUR, READ)
    due = due_at(db, "gazette", BOUNDS, NOW)
    assert due.every is not None
    assert due.failures == 0
    assert abs(due.at - (NOW - HOUR + due.every)) <= JITTER * due.every
    for number in (1, 2, 3):
        crawl(db, NOW - HOUR + number * timedelta(minutes=1), NOTHING)
    worse = due_at(db, "gazette", BOUNDS, NOW)
    assert worse.failures == 3
    assert worse.at > due.at + 6 * HOUR
    assert "3 crawls in a row came to nothing" in worse.why
    crawl(db, NOW - timedelta(minutes=5), READ)
    assert due_at(db, "gazette", BOUNDS, NOW).failures == 0


@pytest.mark.parametrize("reason", [None, "stopped", "time", "interrupted", "disk"])
def test_what_was_not_ended_is_due_at_once(db: Database, reason: str | None) -> None:
    crawl(db, NOW - timedelta(minutes=1), READ if reason else {}, reason)
    assert due_at(db, "gazette", BOUNDS, NOW).at == NOW


def test_single_pages_imports_and_other_sites_do_not_count(db: Database) -> None:
    crawl(db, NOW - timedelta(minutes=1), {"sources": {}, "new": 1})
    assert due_at(db, "gazette", BOUNDS, NOW).why == "never crawled"
    crawl(db, NOW - timedelta(minutes=2), READ)
    assert due_at(db, "autre", BOUNDS, NOW).why == "never crawled"


@pytest.mark.parametrize("jump", [-400 * DAY, -DAY, DAY, 400 * DAY])
def test_a_clock_that_jumps_makes_nobody_wait_longer_than_a_pause(db: Database, jump: timedelta) -> None:
    crawl(db, NOW, READ)
    now = NOW + jump
    due = due_at(db, "gazette", BOUNDS, now)
    assert due.at - now <= DAY * (1 + JITTER)
    if jump > DAY:
        assert due.at <= now  # one crawl makes up for all that were missed


def test_a_dead_feed_is_asked_ever_more_rarely(db: Database) -> None:
    memory, url, asked = Memory(db, "gazette", "now"), "https://gazette.example/feed/", []
    moment = NOW
    for number in range(60 * 24):  # every hour for sixty days
        moment = NOW + number * HOUR
        if memory.resting(url, moment) is None:
            asked.append(moment)
            crawl(db, moment, READ)
            row = {"crawl": f"gazette-{moment:%m%d%H%M%S}", "url": url, "kind": "feed", "outcome": "failed"}
            db.table("sources").upsert({**row, "timestamp": moment.isoformat()}, pk=("crawl", "url"))
        if len(asked) == 14:
            break
    gaps = [(later - earlier) / HOUR for earlier, later in pairwise(asked)]
    assert gaps == sorted(gaps)
    assert gaps[:3] == [1, 1, 1]
    assert gaps[-1] == 7 * 24
    row = {"crawl": f"gazette-{asked[-1]:%m%d%H%M%S}", "url": url, "kind": "feed", "outcome": "read"}
    db.table("sources").upsert({**row, "timestamp": asked[-1].isoformat()}, pk=("crawl", "url"))
    assert memory.resting(url, asked[-1] + HOUR) is None  # it lives again: asked as ever
