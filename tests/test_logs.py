"""The log: JSON for machines, the same message only so often, and no account of a URL in any form."""

from __future__ import annotations

import json
import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler import logs
from tests.conftest import run_marbre
from tests.kiosk import Answer, Kiosk


class Kept(logging.Handler):
    """Keeps the lines that were handed on."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.PlainFormatter("%(levelname)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def kept() -> Kept:
    return Kept()


def logger_to(target: logging.Handler, clock: Clock | None = None) -> tuple[logging.Logger, logs.Bounded]:
    bounded = logs.Bounded(target, clock or Clock())
    logger = logging.Logger("marbre", logging.INFO)  # noqa: LOG001 - one that no other test has
    logger.addHandler(bounded)
    return logger, bounded


# -- Bounded


def test_ten_thousand_failures_are_thirty_lines_and_the_last_says_what_was_left_out(kept: Kept) -> None:
    logger, bounded = logger_to(kept)
    for number in range(10_000):
        logger.warning("gazette: page https://gazette.example/%d: failed: %s", number, "no answer")
        if number == 77:
            logger.error("something else")
    bounded.close()
    assert len(kept.lines) == 20 + 1 + 2 + 1
    assert kept.lines[19].endswith("/19: failed: no answer")
    assert kept.lines[21] == (
        "WARNING gazette: page https://gazette.example/999: failed: no answer (the 1,000th such message)"
    )
    assert kept.lines[-1] == (
        "WARNING 10000 messages like 'gazette: page https://gazette.example/%d: failed: %s' in 0 s,"
        " of which the first 20 were shown and 9978 left out"
    )


def test_an_hour_later_it_is_said_again(kept: Kept) -> None:
    clock = Clock()
    logger, _ = logger_to(kept, clock)
    for _ in range(30):
        logger.warning("no answer")
    clock.now = 3600.0
    logger.warning("no answer")
    assert len(kept.lines) == 22
    assert kept.lines[20].startswith("WARNING 30 messages like 'no answer' in 3600 s")
    assert kept.lines[21] == "WARNING no answer"


def test_messages_that_all_differ_are_bounded_too(kept: Kept) -> None:
    logger, bounded = logger_to(kept)
    for number in range(20_000):
        logger.warning(f"failed: {number}")  # noqa: G004 - as others' code may
    bounded.close()
    assert len(kept.lines) < 1100


def test_progress_of_some_hours_is_shown_whole(kept: Kept) -> None:
    clock = Clock()
    logger, _ = logger_to(kept, clock)
    for _ in range(180):
        logger.info("%s", "gazette: fetched 7")
        clock.now += 60.0
    assert len(kept.lines) == 180


# -- No secrets


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("GET https://user:pa:ss@gazette.example/a?b=c@d", "GET https://***@gazette.example/a?b=c@d"),
        ("<GET http://token@127.0.0.1:8080/>", "<GET http://***@127.0.0.1:8080/>"),
        (
            "https://gazette.example/@desk and desk@gazette.example",
            "https://gazette.example/@desk and desk@gazette.example",
        ),
        ("socks5://me:you@proxy:1 'https://a:b@c/'", "socks5://***@proxy:1 'https://***@c/'"),
    ],
)
def test_accounts_in_urls_are_left_out(said: str, shown: str) -> None:
    assert logs.masked(said) == shown


def record(message: str, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    caught = (type(error), error, None) if error else None
    return logging.LogRecord("marbre", logging.ERROR, "", 0, message, values, caught)


def test_json_has_its_keys_and_no_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "running", {"gazette": "gazette-1234", "echo": "echo-5678"})
    error = ValueError("https://me:hush@gazette.example/ is no good")
    said = json.loads(logs.JsonFormatter().format(record("%s: %s: é\n", "gazette", "http://a:hush@b/", error=error)))
    assert said.pop("time").endswith("Z")
    assert said == {
        "level": "error",
        "logger": "marbre",
        "message": "gazette: http://***@b/: é\n",
        "site": "gazette",
        "crawl": "gazette-1234",
        "exception": "ValueError: https://***@gazette.example/ is no good\n",
    }
    assert "site" not in json.loads(logs.JsonFormatter().format(record("of nobody")))


# -- In a process


def objects(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Every line that a process wrote to stderr, each one JSON object."""
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert all(isinstance(one, dict) and {"time", "level", "message"} <= set(one) for one in found)
    return found


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    with Kiosk() as kiosk:
        yield kiosk


def test_a_crawl_writes_nothing_but_json_and_each_line_says_whose_it_is(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.publish("/a/", "Le port rouvre")
    kiosk.answers["/sitemap.xml"] = Answer(500, b"")
    sites = kiosk.sites(tmp_path)
    said = objects(run_marbre("--sites", sites, "crawl", "--archive", tmp_path / "archive", "--log-json", code=None))
    (told,) = [one for one in said if "sitemap" in one["message"]]
    assert told["level"] == "warning"
    assert told["site"] == "kiosk"
    assert told["crawl"].startswith("kiosk-")


def test_a_crawl_of_many_failing_pages_writes_few_lines(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.listed = [f"/a/{number}/" for number in range(1500)]
    sites = kiosk.sites(tmp_path)
    done = run_marbre(
        "--sites", sites, "crawl", "--archive", tmp_path / "archive", "--log-json", "--verbose", code=None
    )
    assert len(kiosk.asked(*kiosk.listed)) > 100
    assert len(objects(done)) < 60


def test_a_mistake_is_json_too(tmp_path: Path) -> None:
    sites = tmp_path / "sites.toml"
    sites.write_text('[sites.kiosk]\nurl = "http://127.0.0.1:1/"\nallow_loopback = true\n', encoding="utf-8")
    done = run_marbre("--sites", sites, "crawl", "nobody", "--log-json", "--archive", tmp_path / "archive", code=2)
    (told,) = objects(done)
    assert told["level"] == "critical"
    assert "nobody" in told["message"]
