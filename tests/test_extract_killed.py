"""kill -9 in a re-extraction: every row says which extractor read it, and the next run goes on where it stopped."""

from __future__ import annotations

import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from archive.database import transaction
from archive.extraction import EXTRACTOR
from archive.store import Store
from archive.verification import verify
from tests import small_archives as small
from tests.conftest import run_marbre

OLD = "of old"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled") / "archive"
    small.crawl(directory)
    return directory


def read_by(directory: Path) -> Counter[str]:
    with Store(directory) as store:
        return Counter(row["extractor"] for row in store.db.query("SELECT extractor FROM extractions"))


@pytest.mark.parametrize(("when", "number"), [("before", 1), ("after", 1), ("before", 3), ("after", 4)])
def test_killed_while_it_saves(when: str, number: int, tmp_path: Path, filled: Path) -> None:
    archive = Path(shutil.copytree(filled, tmp_path / "archive"))
    with Store(archive) as store, transaction(store.db):
        store.db.execute("UPDATE extractions SET extractor = ?", [OLD])
        pending = store.db.execute("SELECT count(*) FROM extractions").fetchone()[0]
    command = ("tests.killed", when, "archive.events", "follow", str(number))
    killed = run_marbre("extract", "--archive", archive, module=command, code=None)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    by = read_by(archive)
    done = number - 1  # what it was at is undone with its transaction
    assert by == Counter({OLD: pending - done, EXTRACTOR: done})

    again = run_marbre("extract", "--archive", archive).stdout
    assert f"{by[OLD]} " in again, "only what the killed one had not read"
    assert read_by(archive) == {EXTRACTOR: pending}
    assert small.tables(archive) == small.tables(filled)
    assert list(verify(archive)) == []
