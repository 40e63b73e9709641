"""A crawl and robots.txt: by origin, for a day, five redirects, 500 KiB, and closed where nobody answers (RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive import Archive
from tests import clocked
from tests.clocked import START
from tests.kiosk import Answer, Kiosk

CLOSED = "User-agent: marbre\nDisallow: /ville/\n"
OPEN = "User-agent: *\nAllow: /\n"
TEXT = {"Content-Type": "text/plain"}
PATH = "/ville/marche/"


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    with Kiosk() as kiosk:
        kiosk.publish(PATH, "Le marché rouvre")
        yield kiosk


def crawl(kiosk: Kiosk, tmp_path: Path, hours: float = 0) -> tuple[str, str | None]:
    """Crawl so many hours after START; returns what became of the article, ("", None) if nobody named it."""
    sites = kiosk.sites(tmp_path, "revisit = false")
    clocked.run(START + timedelta(hours=hours), "crawl", "--archive", tmp_path / "archive", sites=sites, code=None)
    with Archive(tmp_path / "archive") as archive:
        row = archive.db.execute(
            "SELECT outcome, frontier.reason FROM frontier JOIN crawls ON crawls.id = crawl"
            " WHERE url LIKE ? ORDER BY started DESC LIMIT 1",
            [f"%{PATH}"],
        ).fetchone()
    return row or ("", None)


def robots(status: int = 200, text: str = "", **headers: str) -> Answer:
    return Answer(status, text.encode(), {**TEXT, **headers})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (robots(text=CLOSED), ("skipped", "robots")),
        (robots(text=OPEN), ("new", None)),
        (robots(404, CLOSED), ("new", None)),
        (robots(403, CLOSED), ("new", None)),
        (robots(text="<html>User-agent: *\nDisallow: /</html>"), ("new", None)),
        (robots(text="\ufeff" + CLOSED), ("skipped", "robots")),
        (robots(text=CLOSED + "#" * 600_000 + "\n" + OPEN), ("skipped", "robots")),
        (robots(text="# \n" * 180_000 + CLOSED), ("new", None)),
    ],
    ids=["closed", "open", "404", "403", "html", "byte order mark", "600 kB", "a rule behind 500 KiB"],
)
def test_what_it_says_is_done(answer: Answer, expected: tuple[str, str | None], kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.answers["/robots.txt"] = answer
    assert crawl(kiosk, tmp_path) == expected


@pytest.mark.parametrize("status", [500, 503, 429])
def test_where_nobody_answers_nothing_is_fetched_and_the_next_run_asks_again(
    status: int, kiosk: Kiosk, tmp_path: Path
) -> None:
    kiosk.answers["/robots.txt"] = robots(status, CLOSED)
    assert crawl(kiosk, tmp_path) == ("", None)
    assert {asked.path for asked in kiosk.requests} == {"/robots.txt"}
    del kiosk.answers["/robots.txt"]
    assert crawl(kiosk, tmp_path, 12) == ("new", None)


def test_a_day_over_runs(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.answers["/robots.txt"] = robots(text=OPEN)
    crawl(kiosk, tmp_path)
    kiosk.answers["/robots.txt"] = robots(text=CLOSED)
    kiosk.publish("/ville/encore/", "Le marché, encore")
    crawl(kiosk, tmp_path, 23)
    assert len(kiosk.asked("/robots.txt")) == 1
    kiosk.publish(PATH, "Le marché a rouvert")
    kiosk.changed[PATH] = "2026-03-02T09:30:00Z"
    assert crawl(kiosk, tmp_path, 25) == ("skipped", "robots")
    assert len(kiosk.asked("/robots.txt")) == 2


def test_a_server_error_is_not_kept_and_nothing_old_is_used_in_its_place(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.answers["/robots.txt"] = robots(text=OPEN)
    assert crawl(kiosk, tmp_path) == ("new", None)
    asked = len(kiosk.requests)
    kiosk.answers["/robots.txt"] = robots(500)
    crawl(kiosk, tmp_path, 25)
    assert {each.path for each in kiosk.requests[asked:]} == {"/robots.txt"}


@pytest.mark.parametrize(("hops", "expected"), [(5, ("skipped", "robots")), (6, ("new", None))])
def test_five_redirects_are_followed(hops: int, expected: tuple[str, str | None], kiosk: Kiosk, tmp_path: Path) -> None:
    for number in range(hops):
        here = f"/hop-{number}" if number else "/robots.txt"
        kiosk.answers[here] = robots(301, Location=f"/hop-{number + 1}")
    kiosk.answers[f"/hop-{hops}"] = robots(text=CLOSED)
    assert crawl(kiosk, tmp_path) == expected
    asked = len(kiosk.asked("/robots.txt"))
    assert crawl(kiosk, tmp_path, 1)[0] in ("skipped", "new")  # kept with its redirects, or asked for again
    assert len(kiosk.asked("/robots.txt")) == asked + (hops > 5)


def test_a_redirect_to_another_host_holds_for_the_origin_that_was_asked(kiosk: Kiosk, tmp_path: Path) -> None:
    with Kiosk() as other:
        other.answers["/rules.txt"] = robots(text=CLOSED)
        kiosk.answers["/robots.txt"] = robots(302, Location=f"{other.url}rules.txt")
        assert crawl(kiosk, tmp_path) == ("skipped", "robots")
        assert [asked.path for asked in other.requests] == ["/rules.txt"]


def test_each_origin_has_its_own(kiosk: Kiosk, tmp_path: Path) -> None:
    with Kiosk() as other:
        other.robots = "User-agent: *\nDisallow: /\n"
        other.publish("/la/", "Là-bas")
        kiosk.answers["/ailleurs/"] = Answer(302, headers={"Location": f"{other.url}la/"})
        kiosk.listed.append("/ailleurs/")
        assert crawl(kiosk, tmp_path) == ("new", None)
        assert [asked.path for asked in other.requests] == ["/robots.txt"]


def test_a_damaged_record_is_not_gone_by(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.answers["/robots.txt"] = robots(text=OPEN)
    crawl(kiosk, tmp_path)
    with Archive(tmp_path / "archive") as archive:
        row = archive.db.execute("SELECT filename, offset, length FROM captures WHERE role = 'robots'").fetchone()
    file = tmp_path / "archive" / "warc" / row[0]
    body = bytearray(file.read_bytes())
    body[row[1] + row[2] // 2] ^= 0xFF
    file.write_bytes(body)
    crawl(kiosk, tmp_path, 1)
    assert len(kiosk.asked("/robots.txt")) == 2
