"""Health from end to end: papers on loopback are crawled day after day, and somebody is told when one goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archive.database import open_for_reading
from archive.health.account import accounts, as_json
from tests import clocked
from tests.hooks import Hook
from tests.newsland import Newsland, Paper, Trouble

START = datetime(2026, 3, 2, tzinfo=UTC)
GOOD = 16  # days, each with a crawl at eleven in the evening
DAYS = 22
WELL = 18
CHANGED = (START + timedelta(days=GOOD)).date()
PAPERS = (
    Paper("gazette", 5, 0.5, ("feed", "home"), troubles=(Trouble("new_template", GOOD),)),
    Paper("echo", 3, 0.5, ("feed", "home"), edits=0.2, troubles=(Trouble("feed_gone", GOOD, WELL),)),
    Paper("fanal", 3, 0.5, ("feed", "home"), deletions=0.1, troubles=(Trouble("blocked", GOOD, WELL),)),
    Paper("horizon", 3, 0.7, ("feed", "home"), troubles=(Trouble("silent", GOOD),)),
)


class Story(NamedTuple):
    """What happened: the archive, what the webhook was told after each day's crawl, and what the crawls said."""

    archive: Path
    told: dict[int, list[dict[str, list[dict[str, str]]]]]
    said: dict[int, str]


class Judged(NamedTuple):
    measured: list[dict[str, Any]]
    alarms: list[dict[str, Any]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    directory = tmp_path_factory.mktemp("crawled")
    found = Story(directory / "archive", {}, {})
    with Newsland(PAPERS, START, DAYS, "127.0.78") as land, Hook() as hook:
        sites = land.sites(directory)
        sites.write_text(f'{sites.read_text()}\n[notify]\nwebhook = "{hook.url}"\n')
        for day in range(DAYS):
            land.now = START + timedelta(days=day, hours=23)
            done = clocked.run(land.now, "crawl", "--no-revisits", "--archive", found.archive, sites=sites, code=None)
            found.said[day] = done.stderr
            found.told[day], hook.told = hook.told, []
    return found


def alarms(story: Story, what: str) -> dict[tuple[str, str], tuple[int, str, str]]:
    """Return by site and field on which day it was told, its beginning and its cause."""
    return {
        (alarm["site"], alarm["field"]): (day, alarm["since"], alarm["cause"])
        for day, messages in story.told.items()
        for message in messages
        for alarm in message[what]
    }


def test_each_trouble_is_told_once_with_its_beginning_and_its_cause_and_nothing_else(story: Story) -> None:
    since = CHANGED.isoformat()
    opened = alarms(story, "opened")
    assert opened.pop(("gazette", "author")) == (GOOD, since, "template changed")
    assert opened.pop(("echo", "feed")) == (GOOD + 1, since, "feed gone")
    assert opened.pop(("fanal", "site")) == (GOOD + 1, since, "blocked")
    day, begun, cause = opened.pop(("horizon", "articles"))
    assert (begun, cause) == (since, "silent")
    assert GOOD + 2 <= day <= GOOD + 4
    assert opened == {}
    assert sum(len(message["opened"]) for messages in story.told.values() for message in messages) == 4


def test_what_is_well_again_is_told_once(story: Story) -> None:
    closed = alarms(story, "closed")
    assert {name: began for name, (_, began, _) in closed.items()} == {
        ("echo", "feed"): CHANGED.isoformat(),
        ("fanal", "site"): CHANGED.isoformat(),
    }
    assert all(WELL <= day < DAYS for day, *_ in closed.values())


def test_the_log_says_so_too_and_never_the_address_that_was_told(story: Story) -> None:
    said = story.said
    assert "gazette: alarm: author: missing in " in said[GOOD]
    assert "likely cause: template changed" in said[GOOD]
    assert "alarm" not in "".join(said[day] for day in range(GOOD))
    assert "fanal: well again since" in "".join(said.values())
    assert "s3cret" not in "".join(said.values())
    assert "hush" not in "".join(said.values())


def test_no_secret_is_in_the_archive(story: Story) -> None:
    for path in story.archive.rglob("*"):
        if path.is_file():
            assert b"s3cret" not in path.read_bytes(), path


@pytest.fixture(scope="module")
def rebuilt(story: Story) -> tuple[Judged, Judged]:
    """How the papers did, before and after the database was made anew from the WARC files."""
    then = START + timedelta(days=DAYS)
    before = judged(story.archive, then)
    clocked.run(then, "rebuild", "--archive", story.archive)
    return before, judged(story.archive, then)


def judged(archive: Path, then: datetime) -> Judged:
    db = open_for_reading(archive)
    try:
        found = accounts(db, [paper.name for paper in PAPERS], then)
        return Judged([as_json(one) for one in found], list(db.query("SELECT * FROM alarms ORDER BY id")))
    finally:
        db.close()


def test_a_rebuilt_archive_measures_the_same(rebuilt: tuple[Judged, Judged]) -> None:
    before, after = rebuilt
    assert after.measured == before.measured
    assert any(one["alarms"] for one in before.measured)


def test_a_rebuilt_archive_knows_who_was_told_of_what(rebuilt: tuple[Judged, Judged]) -> None:
    before, after = rebuilt
    assert before.alarms
    assert after.alarms == before.alarms
