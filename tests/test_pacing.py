"""One pace for each host: measured at the listener, over retries, redirects, robots.txt, processes and runs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from archive.database import open_for_reading, open_for_writing
from archive.hosts import SLOWEST, Host, Hosts
from crawler.pacing import host_of, retry_after
from tests.conftest import run_marbre
from tests.faults import Act, Faults, Hit, in_turn, moved, page, resets, says

DELAY = 0.25
LATE = 0.1  # seconds that a request may take from its turn to the listener, more than the one before it did
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def articles(count: int) -> dict[str, Act]:
    return {f"/a{number}": says(page(f"Le marché numéro {number}")) for number in range(count)}


def after(count: int, fine: dict[str, Act], then: Act) -> dict[str, Act]:
    """The first so many pages that are asked for are fine, whichever they are; from then on it is another story."""
    left = iter(range(count))

    def first(act: Act) -> Act:
        def answer(connection: socket.socket, hit: Hit) -> None:
            (act if next(left, None) is not None else then)(connection, hit)

        return answer

    return {path: first(act) for path, act in fine.items()}


def home(*paths: str) -> Act:
    links = "".join(f'<li><a href="{path}">La ville rouvre son marché {path}</a></li>' for path in paths)
    return says(
        f"<!doctype html><html><head><title>Journal</title></head><body><ul>{links}</ul></body></html>".encode()
    )


def feed(url: str, *paths: str) -> Act:
    items = "".join(f"<item><link>{url[:-1]}{path}</link><title>{path}</title></item>" for path in paths)
    return says(
        f'<rss version="2.0"><channel><title>Journal</title>{items}</channel></rss>'.encode(),
        "Content-Type: application/rss+xml\r\n",
    )


def crawl(directory: Path, url: str, *arguments: str, delay: float = DELAY, lines: Sequence[str] = ()) -> str:
    """Crawl a site of one feed; returns what was said of it."""
    sites = directory / f"sites-{url.rpartition(':')[2].strip('/')}.toml"
    keys = (
        f'url = "{url}"',
        "allow_loopback = true",
        f"delay = {delay}",
        f'feeds = ["{url}feed"]',
        "rest = false",
        *lines,
    )
    sites.write_text("\n".join(("[sites.paced]", *keys, "")), encoding="utf-8")
    words = arguments or ("paced",)
    done = run_marbre(
        "--sites", sites, "crawl", *words, "--archive", directory / "archive", "--workers", "1", code=None
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def became(directory: Path, path: str = "/a") -> dict[str, int]:
    """How many URLs whose path begins so came to what, in the latest crawl."""
    db = open_for_reading(directory / "archive")
    found = db.execute(
        "SELECT outcome || coalesce(' ' || reason, ''), count(*) FROM frontier WHERE url LIKE ? AND crawl ="
        " (SELECT id FROM crawls ORDER BY started DESC LIMIT 1) GROUP BY 1",
        [f"http://%{path}%"],
    ).fetchall()
    db.close()
    return dict(found)


def with_feed(faults: Faults, *paths: str) -> Faults:
    faults.acts |= {"/": home(), "/feed": feed(faults.url, *paths)}
    return faults


def test_two_processes_retries_redirects_and_robots_share_one_delay(tmp_path: Path) -> None:
    acts = articles(2) | {
        "/broken": says(b"<p>Panne.</p>", status="500 Internal Server Error"),
        "/reset": resets(),
        "/moved": moved("/moved-again"),
        "/moved-again": moved("/a1"),
    }
    open_for_writing(tmp_path / "archive").close()
    with Faults(acts) as faults:
        halves = [("/a0", "/moved"), ("/broken", "/reset")]
        asked = [[word for path in paths for word in ("--url", faults.url[:-1] + path)] for paths in halves]
        threads = []
        for number, words in enumerate(asked):
            (tmp_path / f"{number}").mkdir()
            sites = tmp_path / f"{number}" / "sites.toml"
            # By another name each: the lock of a site is not what keeps them apart.
            sites.write_text(
                f'[sites.paced{number}]\nurl = "{faults.url}"\nallow_loopback = true\ndelay = {DELAY}\n',
                encoding="utf-8",
            )
            command = ("--sites", sites, "crawl", *words, "--archive", tmp_path / "archive", "--workers", "1")
            threads.append(threading.Thread(target=run_marbre, args=command, kwargs={"code": None}))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults.paths().count("/broken") == 3
        assert 1 <= faults.paths().count("/robots.txt") <= 2
        assert faults.paths().count("/a1") == 1
        assert min(faults.gaps()) >= DELAY - LATE, faults.gaps()
        assert len(faults.hits) >= 11


def test_the_delay_holds_from_one_run_to_the_next(tmp_path: Path) -> None:
    with Faults(articles(1)) as faults:
        for _ in range(2):
            crawl(tmp_path, faults.url, "--url", f"{faults.url}a0", delay=0.5)
        assert min(faults.gaps()) >= 0.5 - LATE, faults.gaps()


def test_crawl_delay_of_robots_txt_holds_unless_the_site_s_is_longer(tmp_path: Path) -> None:
    robots = says(b"User-agent: *\nCrawl-delay: 0.6\n", "Content-Type: text/plain\r\n")
    with Faults({"/robots.txt": robots, "/a": moved("/b"), "/b": says(page("Le marché"))}) as faults:
        crawl(tmp_path, faults.url, "--url", f"{faults.url}a", delay=0.1)
        assert [hit.path for hit in faults.hits] == ["/robots.txt", "/a", "/b"]
        assert faults.gaps()[-1] >= 0.6 - LATE


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_holds_for_the_whole_host(tmp_path: Path, status: str, form: str) -> None:
    """A date says it in whole seconds."""
    said = "2" if form == "seconds" else format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    acts = articles(4)
    busy = says(b"<p>Trop de questions.</p>", f"Retry-After: {said}\r\nContent-Type: text/html\r\n", status)
    acts["/a1"] = in_turn(busy, acts["/a1"])
    with with_feed(Faults(acts), *acts) as faults:
        crawl(tmp_path, faults.url, delay=0.05)
        assert became(tmp_path) == {"new": 4}
        refused = next(hit.at for hit in faults.hits if hit.path == "/a1")
        after = [hit for hit in faults.hits if hit.at > refused]
        assert {"/a1"} < {hit.path for hit in after}  # others were to come, and waited, too
        if form == "seconds":
            # One other request may have been on its way.
            assert sum(hit.at - refused < 2 - LATE for hit in after) <= 1


def test_a_host_that_asks_for_hours_is_left_for_another_run(tmp_path: Path) -> None:
    fine = articles(30)
    acts = after(4, fine, says(b"<p>Demain.</p>", "Retry-After: 7200\r\n", "429 Too Many Requests"))
    with with_feed(Faults(acts), *acts) as faults:
        said = crawl(tmp_path, faults.url, delay=0.02)
        assert "is left alone for the rest of this run: rate_limited" in said
        came = became(tmp_path)
        assert came["new"] == 4
        assert came["failed http_429"] <= 2  # two are on their way at once
        assert came["skipped rate_limited"] + came["failed http_429"] == 26
        asked = len(faults.hits)
        crawl(tmp_path, faults.url, delay=0.02)
        assert len(faults.hits) == asked  # the next run knows it without asking
        assert became(tmp_path) == {"skipped rate_limited": 26}
        db = open_for_writing(tmp_path / "archive")
        db.execute("UPDATE hosts SET blocked_until = 0")
        db.close()
        faults.acts |= fine
        crawl(tmp_path, faults.url, delay=0.02)
        assert became(tmp_path)["new"] == 26


@pytest.mark.parametrize("said", ["-5", "soon", "Wed, 99 Foo 2026", "", "1e9", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_what_cannot_be_meant_is_as_if_nothing_was_said(said: str) -> None:
    assert retry_after(said, NOW) is None


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("120", NOW) == 120
    assert retry_after(" 99999999999999 ", NOW) == 999_999_999
    assert retry_after("Sun, 01 Mar 2026 12:02:00 GMT", NOW) == 120
    assert retry_after("Sunday, 01-Mar-26 12:02:00 GMT", NOW) == 120
    assert retry_after("Sun Mar  1 12:02:00 2026", NOW) == 120


def test_refusals_slow_a_host_down_and_answers_let_it_recover(tmp_path: Path) -> None:
    hosts = Hosts(open_for_writing(tmp_path))
    slower = [hosts.refused("one.example", 2.0, None, 1000.0).slower for _ in range(8)]
    assert slower == [2, 4, 8, 16, 32, 64, SLOWEST, SLOWEST]
    assert hosts.of("one.example").wait(2.0, 1000.0) == SLOWEST
    assert hosts.of("other.example").wait(2.0, 1000.0) == 0
    for _ in range(12):
        hosts.answered("one.example")
    assert hosts.of("one.example").slower == 0


def test_a_turn_is_given_once(tmp_path: Path) -> None:
    one, other = (Hosts(open_for_writing(tmp_path)) for _ in range(2))
    assert one.claim("one.example", 2.0, 1000.0) == 0
    assert other.claim("one.example", 2.0, 1000.5) == 1.5
    assert other.claim("two.example", 2.0, 1000.5) == 0
    assert other.claim("one.example", 2.0, 1002.0) == 0
    assert one.claim("one.example", 2.0, 1003.0) == 1


@pytest.mark.parametrize("jump", [-86_400.0, -3600.0, -1.0, 0.0, 3600.0, 86_400.0])
def test_a_clock_that_jumps_makes_nobody_wait_longer_than_asked(tmp_path: Path, jump: float) -> None:
    hosts = Hosts(open_for_writing(tmp_path))
    now = 1_800_000_000.0
    assert hosts.claim("one.example", 2.0, now) == 0
    assert 0 <= hosts.claim("one.example", 2.0, now + jump) <= 2
    hosts.refused("two.example", 2.0, 60.0, now)
    assert 0 <= hosts.of("two.example").block(now + jump) <= 60
    assert 0 <= hosts.claim("two.example", 2.0, now + jump) <= 60


def test_a_day_s_budget_is_counted_once_whatever_the_clock_does(tmp_path: Path) -> None:
    hosts = Hosts(open_for_writing(tmp_path))
    assert [hosts.spend("paced", 3, NOW) for _ in range(5)] == [True, True, True, False, False]
    assert not hosts.spend("paced", 3, NOW - timedelta(days=1))  # the clock was set back
    assert hosts.spend("other", 3, NOW)
    assert hosts.spend("paced", 3, NOW + timedelta(days=1))
    assert [hosts.spend("paced", 3, NOW + timedelta(days=1)) for _ in range(3)] == [True, True, False]


def test_a_host_is_one_by_http_and_https_and_another_at_another_port() -> None:
    assert host_of("http://Example.org/a") == host_of("https://example.org:443/b") == "example.org"
    assert host_of("http://example.org:8080/") == "example.org:8080"
    assert Host("one.example").wait(2.0, 0.0) == 0


def test_the_budget_of_a_day_holds_over_runs_and_the_rest_is_taken_up(tmp_path: Path) -> None:
    acts = articles(8)
    with with_feed(Faults(acts), *acts) as faults:
        lines = ("requests_per_day = 11",)
        crawl(tmp_path, faults.url, delay=0.02, lines=lines)
        assert len(faults.hits) == 11
        came = became(tmp_path)
        assert 0 < came["new"] < 8
        assert came["skipped day_budget"] == 8 - came["new"]
        said = crawl(tmp_path, faults.url, delay=0.02, lines=lines)
        assert len(faults.hits) == 11
        assert "day_budget" in said
        db = open_for_writing(tmp_path / "archive")
        db.execute("UPDATE site_days SET day = '2020-01-01'")
        db.close()
        crawl(tmp_path, faults.url, delay=0.02, lines=("requests_per_day = 500",))
        assert became(tmp_path)["new"] == 8 - came["new"]


def test_a_network_that_goes_down_costs_a_few_pages_and_the_next_run_has_the_rest(tmp_path: Path) -> None:
    fine = articles(60)
    acts = after(9, fine, resets())
    with with_feed(Faults(acts), *acts) as faults:
        began = time.monotonic()
        said = crawl(tmp_path, faults.url, delay=0.002)
        assert time.monotonic() - began < 60
        came = became(tmp_path)
        assert "left alone for the rest of this run: host_down" in said
        assert came["new"] == 9
        assert came.get("failed reset", 0) + came.get("failed host_down", 0) <= 20
        assert came["skipped host_down"] >= 30
        assert sum(came.values()) == 60
        faults.acts |= fine
        crawl(tmp_path, faults.url, delay=0.0)
        assert became(tmp_path)["new"] + came["new"] == 60


def test_error_pages_without_an_end_stop_their_host_only(tmp_path: Path) -> None:
    numbers = iter(range(10**6))

    def another(connection: object, hit: object) -> None:
        body = f"<p>Erreur {next(numbers)}</p>".encode()
        says(body, status="500 Internal Server Error")(connection, hit)  # type: ignore[arg-type]

    bad = {f"/b{number}": another for number in range(200)}
    fine = articles(20)
    with Faults(bad) as worse, with_feed(Faults(fine), *fine) as faults:
        elsewhere = [f"{worse.url[:-1]}{path}" for path in bad]
        items = "".join(
            f"<item><link>{url}</link></item>" for url in [*elsewhere, *(faults.url[:-1] + path for path in fine)]
        )
        faults.acts["/feed"] = says(
            f'<rss version="2.0"><channel><title>J</title>{items}</channel></rss>'.encode(),
            "Content-Type: application/rss+xml\r\n",
        )
        crawl(tmp_path, faults.url, delay=0.01)
        assert became(tmp_path, "/a") == {"new": 20}
        came = became(tmp_path, "/b")
        assert came["skipped host_down"] >= 160
        assert len(worse.hits) <= 60
