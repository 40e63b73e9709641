"""`marbre run`: what is due, once or for ever; one run at a time; ended by signals and limits; and what it leaves."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive import Archive
from archive.exits import Exit
from archive.verification import verify
from crawler.ending import code_of
from crawler.run import Request, Result, crawl
from crawler.sites import load_sites
from tests import clocked, processes
from tests.clocked import START
from tests.conftest import run_marbre
from tests.kiosk import Answer, Kiosk

OUTCOMES = ("new", "changed", "unchanged", "skipped", "rejected", "failed")


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    with Kiosk() as kiosk:
        for number in range(6):
            kiosk.publish(f"/ville/marche-{number}/", f"Le marché, épisode {number}")
        yield kiosk


def runs(directory: Path) -> list[dict[str, object]]:
    with Archive(directory) as archive:
        return list(archive.runs())


def begin(sites: Path, directory: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "crawler", "--sites", str(sites), "run", "--archive", str(directory), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_asked(kiosk: Kiosk, count: int) -> None:
    ends = time.monotonic() + 60
    while len(kiosk.requests) < count:
        assert time.monotonic() < ends, "nothing more is asked for"
        time.sleep(0.02)


def test_what_is_due_is_crawled_once_and_ticks_that_were_missed_are_one(kiosk: Kiosk, tmp_path: Path) -> None:
    directory, sites = tmp_path / "archive", kiosk.sites(tmp_path, 'every = ["1 hour", "6 hours"]')
    assert "6 new" in clocked.run(START, "run", "--archive", directory, sites=sites).stdout
    asked = len(kiosk.requests)
    later = clocked.run(START + timedelta(minutes=20), "run", "--archive", directory, sites=sites)
    assert "nothing is due; next: kiosk in" in later.stderr
    assert len(kiosk.requests) == asked
    kiosk.publish("/ville/encore/", "Le marché, encore")
    clocked.run(START + timedelta(days=3), "run", "--archive", directory, sites=sites)
    again = clocked.run(START + timedelta(days=3, minutes=1), "run", "--archive", directory, sites=sites)
    assert "nothing is due" in again.stderr
    assert [row["new"] for row in runs(directory)] == [1, 6]
    # A clock set back by a year: nobody waits for longer than the longest pause.
    shown = clocked.run(START - timedelta(days=365), "schedule", "--json", "--archive", directory, sites=sites)
    assert json.loads(shown.stdout)["at"] < "2025-03-01T16:00"


def test_of_two_runs_one_proceeds_and_the_other_says_so(kiosk: Kiosk, tmp_path: Path) -> None:
    directory, sites = tmp_path / "archive", kiosk.sites(tmp_path)
    (directory / "locks").mkdir(parents=True)
    # A number in the file is nobody's word: only the lock counts, and a killed process lets go of it.
    (directory / "locks" / "run.lock").write_text(str(os.getpid()))
    with (directory / "locks" / "run.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run_marbre("--sites", sites, "run", "--archive", directory)
        assert "another run is at work" in done.stderr
        assert kiosk.requests == []
    assert "6 new" in run_marbre("--sites", sites, "run", "--archive", directory).stdout


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ((signal.SIGTERM,), Exit.OK),
        ((signal.SIGINT,), Exit.STOPPED),
        ((signal.SIGINT, signal.SIGINT), Exit.FORCED),
    ],
    ids=["SIGTERM", "SIGINT", "SIGINT twice"],
)
def test_signals_end_a_run_and_the_next_goes_on(
    numbers: tuple[int, ...], code: Exit, kiosk: Kiosk, tmp_path: Path
) -> None:
    slow = kiosk.sites(tmp_path, "revisit = false")
    slow.write_text(slow.read_text().replace("delay = 0", "delay = 0.4"))
    directory = tmp_path / "archive"
    process = begin(slow, directory)
    until_asked(kiosk, 6)
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.1)
    out, error = process.communicate(timeout=60)
    assert process.returncode == code, error + out
    assert "Traceback" not in error
    assert "6 new" not in out
    run_marbre("--sites", kiosk.sites(tmp_path, "revisit = false"), "run", "--archive", directory)
    with Archive(directory) as archive:
        assert len(list(archive.articles())) == 6
    assert list(verify(directory)) == []
    for row in runs(directory):
        assert row["discovered"] == sum(int(str(row[name])) for name in OUTCOMES)


def test_a_run_ends_in_time(kiosk: Kiosk, tmp_path: Path) -> None:
    directory, sites = tmp_path / "archive", kiosk.sites(tmp_path)
    sites.write_text(sites.read_text().replace("delay = 0", "delay = 0.5"))
    done = processes.run(_in_time, sites, directory)
    assert done.returncode == 0, done.stderr
    assert [row["reason"] for row in runs(directory)] == ["time"]
    assert "did not end (time)" in run_marbre("--sites", sites, "schedule", "--archive", directory).stdout


def _in_time(sites: Path, directory: Path) -> None:
    """A limit of seconds, which a person cannot type: the shortest that is offered is a minute."""
    request = Request(sites, directory, ("kiosk",), seconds=1.5)
    assert code_of(crawl(request, load_sites(sites))) == Exit.TIME


def test_forever_crawls_what_is_due_and_ends_when_it_is_told(kiosk: Kiosk, tmp_path: Path) -> None:
    directory, sites, log = tmp_path / "archive", kiosk.sites(tmp_path), tmp_path / "log"
    command = [sys.executable, "-m", "crawler", "--sites", str(sites), "run", "--archive", str(directory), "--forever"]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    ends = time.monotonic() + 60
    while "next: kiosk in" not in log.read_text("utf-8"):
        assert time.monotonic() < ends, log.read_text("utf-8")
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == Exit.OK
    assert "6 new" in log.read_text("utf-8")


def test_forever_gives_up_on_what_will_not_get_better(kiosk: Kiosk, tmp_path: Path) -> None:
    directory = tmp_path / "archive"
    run_marbre("--sites", kiosk.sites(tmp_path), "run", "--archive", directory)
    (directory / "archive.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    for suffix in ("-wal", "-shm"):
        (directory / f"archive.db{suffix}").unlink(missing_ok=True)
    process = begin(kiosk.sites(tmp_path), directory, "--forever")
    out, error = process.communicate(timeout=60)
    assert process.returncode == Exit.FATAL, out + error
    assert "marbre rebuild" in error


def test_a_site_that_does_not_answer_is_for_later(kiosk: Kiosk, tmp_path: Path) -> None:
    directory, sites = tmp_path / "archive", kiosk.sites(tmp_path)
    for path in ("/", "/robots.txt", "/sitemap.xml", "/feed/"):
        kiosk.answers[path] = Answer(503)
    clocked.run(START, "run", "--archive", directory, sites=sites, code=None)
    shown = clocked.run(START, "schedule", "--json", "--archive", directory, sites=sites)
    assert json.loads(shown.stdout)["failures"] == 1


def result(reason: str = "finished", **counts: object) -> Result:
    return Result("gazette", "gazette-1", reason, {"failed": 0, "sources": {}, "reasons": {}, **counts})


@pytest.mark.parametrize(
    ("results", "signals", "code"),
    [
        ([result()], [], Exit.OK),
        ([result(failed=1, new=3)], [], Exit.PARTIAL),
        ([result(failed=2, sources={"failed": 1})], [], Exit.RETRY),
        ([result(failed=2, reasons={"failed: rate_limited": 2})], [], Exit.RATE_LIMITED),
        ([result(failed=2, reasons={"failed: rate_limited": 2}), result()], [], Exit.PARTIAL),
        ([result("time")], [], Exit.TIME),
        ([result("stopped")], [signal.SIGTERM], Exit.OK),
        ([result("stopped")], [signal.SIGINT], Exit.STOPPED),
        ([result("interrupted")], [signal.SIGINT, signal.SIGINT], Exit.FORCED),
        ([result("disk"), result("time")], [], Exit.DISK),
        ([result("size"), result("disk_full")], [signal.SIGINT], Exit.DISK_FULL),
        ([result("interrupted")], [], Exit.PARTIAL),
        ([], [], Exit.OK),
    ],
)
def test_exit_codes(results: list[Result], signals: list[int], code: Exit) -> None:
    assert code_of(results, signals) == code
