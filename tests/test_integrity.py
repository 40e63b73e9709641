"""Reading the same records twice gives the same bytes; other people's tools accept files that were cut and mended."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archive.repair import repair
from archive.store import DERIVED
from archive.verification import verify
from tests import small_archives as small
from tests.archives import TABLES
from tests.conftest import run_marbre
from tests.damaging import files, hit, members

EVERYTHING = (*TABLES, *(name for name in DERIVED if name not in TABLES))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    small.crawl(tmp_path / "archive")
    small.crawl(tmp_path / "archive", [small.answer(number) for number in (7, 8, 9)], name="gazette-2")
    return tmp_path / "archive"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_reading_again_gives_the_same_bytes(archive: Path, workers: str) -> None:
    before = small.tables(archive, EVERYTHING)
    for _ in range(2):
        run_marbre("extract", "--all", "--workers", workers, "--archive", archive)
        assert small.tables(archive, EVERYTHING) == before
    run_marbre("verify", "--deep", "--archive", archive)


def check(path: Path) -> None:
    """Have warcio and gzip look at a file."""
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "digest pass" in done.stdout
    assert "digest failed" not in done.stdout
    subprocess.run(["gzip", "-t", str(path)], check=True)


def test_other_tools_accept_what_was_mended_and_what_was_forgotten(archive: Path) -> None:
    one, other = files(archive)
    hit(one, members(one)[4][0] + 6)
    hit(one, sum(members(one)[3]) - 5)
    other.write_bytes(other.read_bytes()[:-100])
    with small.pool() as pool:
        assert all(step.left is None for step in repair(archive, pool))
    run_marbre("forget", small.url(8), "--reason", "asked for", "--yes", "--archive", archive)
    assert list(verify(archive)) == []
    for path in files(archive):
        check(path)


def test_a_backup_that_is_put_back_is_whole(archive: Path, tmp_path: Path) -> None:
    before = small.tables(archive, EVERYTHING)
    run_marbre("backup", tmp_path / "backup", "--archive", archive)
    shutil.rmtree(archive)
    (tmp_path / "backup").rename(archive)
    run_marbre("verify", "--deep", "--archive", archive)
    assert small.tables(archive, EVERYTHING) == before
    files(archive)[0].unlink()
    said = run_marbre("verify", "--archive", archive, code=1)
    assert "the file is missing" in said.stdout
