"""Health in an archive: what its rows tell, the table of alarms, and `marbre health`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.database import open_for_reading, open_for_writing
from archive.health import account, book
from archive.health.alarms import Alarm, alarms, look
from archive.health.measures import FIELDS
from tests.conftest import run_marbre
from tests.newsrooms import BEGIN, day_of, fill
from tests.test_health import GOOD, SWAPPED, newsroom


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("health") / "archive"
    fill(directory, newsroom(swaps={GOOD: "author"}, mended=GOOD + 8).site(GOOD + 12))
    return directory


@pytest.fixture
def writable(archive: Path, tmp_path: Path) -> Path:
    db = open_for_reading(archive)
    place = tmp_path / "archive"
    place.mkdir()
    db.execute("VACUUM INTO ?", [str(place / "archive.db")])
    db.close()
    return place


def at(days: int) -> datetime:
    return BEGIN + timedelta(days=days) - timedelta(seconds=1)


def judged(directory: Path, days: int) -> list[Alarm]:
    db = open_for_reading(directory)
    try:
        return alarms(look(db, "site-1", at(days)))
    finally:
        db.close()


def test_rows_give_what_was_made_up(archive: Path) -> None:
    made = newsroom(swaps={GOOD: "author"}, mended=GOOD + 8).site(GOOD + 12)
    db = open_for_reading(archive)
    found = look(db, "site-1", made.now)
    db.close()
    assert [reading._replace(fresh=True) for reading in found.readings] == list(made.readings)
    assert [(one.day, one.kind, bool(one.failed)) for one in found.askings] == [
        (one.day, one.kind, bool(one.failed)) for one in made.askings
    ]
    assert len(found.crawls) == len(made.crawls)


def test_an_archive_shows_the_alarm_on_its_day(archive: Path) -> None:
    assert judged(archive, GOOD) == []
    (alarm,) = judged(archive, GOOD + 1)
    assert (alarm.field, alarm.since, alarm.cause) == ("author", SWAPPED, "template changed")


def test_the_command_tells_what_is_wrong_and_what_to_do(archive: Path) -> None:
    good = run_marbre("health", "--archive", str(archive), "--on", day_of(GOOD - 1).isoformat())
    assert "site-1" in good.stdout
    assert "ok" in good.stdout
    told = run_marbre("health", "site-1", "--archive", str(archive), "--on", SWAPPED.isoformat(), code=1)
    assert "site-1: author: missing in " in told.stdout
    assert f"articles since {SWAPPED}; before:" in told.stdout
    assert "likely cause: template changed" in told.stdout
    assert "next: marbre sites profile site-1 --learn" in told.stdout
    over = run_marbre("health", "--archive", str(archive), "--on", day_of(GOOD + 11).isoformat())
    assert "well again since" in over.stdout


def test_the_command_speaks_json(archive: Path) -> None:
    told = run_marbre("health", "--json", "--archive", str(archive), "--on", SWAPPED.isoformat(), code=1)
    (site,) = map(json.loads, told.stdout.splitlines())
    assert site["status"] == "alarm"
    assert site["alarms"][0] | {"detail": ""} == {
        "site": "site-1",
        "field": "author",
        "since": SWAPPED.isoformat(),
        "until": None,
        "cause": "template changed",
        "detail": "",
        "next": "marbre sites profile site-1 --learn   then: marbre extract --site site-1",
    }
    assert 5 < site["baseline"] < 16


def test_the_command_knows_its_sites(archive: Path) -> None:
    missing = run_marbre("health", "nobody", "--archive", str(archive), code=2)
    assert 'no crawl of a site "nobody"' in missing.stderr
    assert "site-1" in missing.stderr


def test_alarms_are_opened_once_brought_up_to_date_and_closed(writable: Path) -> None:
    db = open_for_writing(writable)

    def write(days: int) -> list[book.Entry]:
        for _ in range(2):  # doing so twice changes nothing
            book.write(db, "site-1", alarms(look(db, "site-1", at(days))), at(days))
        return book.entries(db, ["site-1"])

    assert write(GOOD) == []
    (opened,) = write(GOOD + 1)
    (later,) = write(GOOD + 3)
    assert later.number == opened.number
    assert later.noticed == opened.noticed == at(GOOD + 1)
    assert later.alarm.detail != opened.alarm.detail
    (closed,) = write(GOOD + 12)
    assert closed.number == opened.number
    assert closed.alarm.until is not None
    assert write(GOOD + 12) == [closed]
    db.close()


def test_an_alarm_nobody_looked_at_in_its_days_is_on_record_all_the_same(writable: Path) -> None:
    db = open_for_writing(writable)
    book.write(db, "site-1", alarms(look(db, "site-1", at(GOOD + 12))), at(GOOD + 12))
    (entry,) = book.entries(db, ["site-1"])
    assert entry.alarm.until is not None
    assert book.entries(db, ["site-1"], standing=True) == []
    db.close()


def test_an_alarm_that_reading_anew_has_mended_is_closed(writable: Path) -> None:
    db = open_for_writing(writable)
    book.write(db, "site-1", alarms(look(db, "site-1", at(GOOD + 2))), at(GOOD + 2))
    db.execute("UPDATE extractions SET lacks = ''")
    book.write(db, "site-1", alarms(look(db, "site-1", at(GOOD + 2))), at(GOOD + 2))
    (entry,) = book.entries(db, ["site-1"])
    assert entry.alarm.until == at(GOOD + 2).date()
    db.close()


def test_an_account_of_a_slow_site_is_of_its_last_twenty_articles() -> None:
    site = newsroom(31, pace=0.3, weekend=1.0, missing=dict.fromkeys(FIELDS, 0.0) | {"image": 1.0}).site(200)
    assert len(site.articles()) > 40
    found = account.account(
        site._replace(
            readings=(*(one._replace(lacks=frozenset(FIELDS)) for one in site.readings[:-20]), *site.readings[-20:])
        )
    )
    assert found.missing == dict.fromkeys(FIELDS, 0.0) | {"image": 1.0}


def test_an_account_of_a_site_never_read_is_empty(tmp_path: Path) -> None:
    open_for_writing(tmp_path).close()
    db = open_for_reading(tmp_path)
    (found,) = account.accounts(db, ["nobody"], at(3))
    db.close()
    assert found.alarms == ()
    assert account.as_json(found)["last_article"] is None
