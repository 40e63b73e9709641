"""The power fails: files as they were at some moment, their last writes lost or zeros; the archive opens and heals."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archive import Archive, warc
from archive.database import FILE
from archive.verification import verify
from crawler.demo import serve
from tests.conftest import run_marbre, write_sites

SNAPSHOTS = 6


def words(directory: Path) -> list[tuple[str, str | None, str]]:
    with Archive(directory) as archive:
        return sorted((a.canonical_url, a.title, a.text) for a in archive.articles())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, newspaper: serve) -> Path:
    """An archive of the whole newspaper; beside it copies that were made while it was crawled, at one moment each."""
    directory = tmp_path_factory.mktemp("undisturbed")
    sites = write_sites(directory, newspaper.url)
    command = [sys.executable, "-m", "crawler", "--sites", str(sites), "crawl", "--archive", str(directory / "archive")]
    crawl = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path.cwd())
    try:
        _watch(crawl, directory)
    finally:
        crawl.send_signal(signal.SIGCONT)
        assert crawl.wait(60) == 0
    return directory


def _watch(crawl: subprocess.Popen[bytes], directory: Path) -> None:
    taken, last = 0, 0
    while crawl.poll() is None and taken < SNAPSHOTS:
        time.sleep(0.01)
        written = sum(path.stat().st_size for path in warc.open_files(directory / "archive" / "warc"))
        if written > last + 15_000:
            crawl.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, crawl.pid, os.WSTOPPED)
            shutil.copytree(directory / "archive", directory / f"copy-{taken}")
            crawl.send_signal(signal.SIGCONT)
            taken, last = taken + 1, written
    assert taken > 2, "the crawl was too fast to be looked at"


def as_it_was(_: Path, __: random.Random) -> None:
    """Nothing is lost but what the process had not written: a kill."""


def zeros(directory: Path, rng: random.Random) -> None:
    """The length of the WARC file is on disk, its last pages are not."""
    for path in warc.open_files(directory / "warc"):
        lost = min(rng.randrange(1, 3) * 4096, path.stat().st_size // 2)
        path.write_bytes(path.read_bytes()[:-lost] + bytes(lost))


def cut_records(directory: Path, rng: random.Random) -> None:
    for path in warc.open_files(directory / "warc"):
        path.write_bytes(path.read_bytes()[: -min(rng.randrange(1, 10_000), path.stat().st_size // 2)])


def cut_log(directory: Path, rng: random.Random) -> None:
    """The database's last commits are lost, the records of their pages are not."""
    log = directory / f"{FILE}-wal"
    frame = 4096 + 24
    frames = log.stat().st_size // frame
    log.write_bytes(log.read_bytes()[: 32 + max(0, frames - rng.randrange(1, 40)) * frame])


def torn_log(directory: Path, rng: random.Random) -> None:
    log = directory / f"{FILE}-wal"
    data = log.read_bytes()
    kept = len(data) - rng.randrange(1, min(20_000, len(data)))
    log.write_bytes(data[:kept] + rng.randbytes(len(data) - kept))


@pytest.mark.parametrize("loss", [as_it_was, zeros, cut_records, cut_log, torn_log])
def test_the_archive_opens_and_heals(
    loss: Callable[[Path, random.Random], None], undisturbed: Path, tmp_path: Path
) -> None:
    rng = random.Random(loss.__name__)
    archive = tmp_path / "archive"
    shutil.copytree(undisturbed / f"copy-{rng.randrange(3)}", archive)
    loss(archive, rng)

    run_marbre("extract", "--archive", archive, code=None)  # takes up what the crawl left
    with Archive(archive) as opened:
        assert opened.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert warc.open_files(archive / "warc") == []
    named = list(verify(archive))
    lost = [problem for problem in named if "is missing" in problem.what]
    assert len(lost) == len(named), named
    assert len(lost) <= 12, "what had not been on disk"
    if loss in {as_it_was, cut_log, torn_log}:
        assert lost == []

    before = words(archive)
    run_marbre("repair", "--archive", archive, code=None)
    assert list(verify(archive)) == []
    assert words(archive) == before, "the text of a record that is lost stays"
    run_marbre("--sites", undisturbed / "sites.toml", "crawl", "--archive", archive)
    assert words(archive) == words(undisturbed / "archive")
    assert list(verify(archive)) == []
