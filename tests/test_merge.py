"""Two archives become one: what a rebuild of all their files makes, however often it is done or cut short."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from archive import warc
from archive.database import FILE
from archive.errors import ArchiveError, NotAnArchive
from archive.exchange.backup import backup
from archive.exchange.merge import merge
from archive.store import Store
from archive.verification import verify
from archive.warc import WarcWriter
from tests import small_archives as small
from tests.archives import TABLES
from tests.conftest import run_marbre
from tests.foreign_files import Warc

ALL = (*TABLES, "imports")
# The other archive has the same first article a day before, changed two days later, and three that are new.
THEIRS = (
    small.answer(1, -24),
    small.answer(1, 72, small.page(1, extra="Encore une mise à jour de la rédaction.")),
    *(small.answer(number) for number in (6, 7, 8)),
)


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    small.crawl(tmp_path / "ours")
    return tmp_path / "ours"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    small.crawl(tmp_path / "theirs", THEIRS, name="gazette-2")
    return tmp_path / "theirs"


def join(directory: Path, other: Path) -> tuple[int, int, int]:
    with small.pool() as pool:
        result = merge(directory, other, pool)
    return result.copied, result.kept, result.outcomes.total()


def rebuilt(directory: Path, scratch: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows that a rebuild of an archive's files makes."""
    shutil.copytree(directory, scratch)
    for path in scratch.glob(f"{FILE}*"):
        path.unlink()
    run_marbre("rebuild", "--archive", scratch)
    return small.tables(scratch, ALL)


def test_two_become_one(ours: Path, theirs: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in theirs.rglob("*") if path.is_file() and path.suffix == ".gz"}
    assert join(ours, theirs) == (1, 0, len(THEIRS))
    found = small.tables(ours, ALL)
    assert len(found["articles"]) == 8
    assert next(row for row in found["articles"] if row["canonical_url"] == small.url(1))["versions"] == 3
    assert found == rebuilt(ours, tmp_path / "rebuilt")
    assert list(verify(ours)) == []
    assert all(path.read_bytes() == data for path, data in before.items())
    assert join(ours, theirs) == (0, 1, 0)
    assert small.tables(ours, ALL) == found


def test_the_order_does_not_matter(ours: Path, theirs: Path, tmp_path: Path) -> None:
    for name, order in (("one", (ours, theirs)), ("other", (theirs, ours))):
        for each in order:  # into an archive that is not there yet
            run_marbre("merge", each, "--archive", tmp_path / name)
    assert small.tables(tmp_path / "one", ALL) == small.tables(tmp_path / "other", ALL)


@pytest.mark.parametrize(
    ("when", "module", "name", "number"),
    [
        ("before", "archive.exchange.files", "copy", 1),
        ("before", "archive.exchange.files", "_copy_bytes", 2),
        ("after", "archive.exchange.files", "_copy_bytes", 2),
        ("after", "archive.exchange.files", "copy", 1),
        ("after", "archive.exchange.files", "copy", 2),
        ("before", "archive.recovery", "load", 1),
        ("after", "archive.recovery", "load", 1),
        ("before", "archive.fold", "join", 3),
        ("after", "archive.fold", "join", 4),
    ],
)
def test_killed_and_done_again(
    when: str, module: str, name: str, number: int, ours: Path, theirs: Path, tmp_path: Path
) -> None:
    small.crawl(theirs, [small.answer(9)], name="gazette-3")
    shutil.copytree(ours, tmp_path / "undisturbed")
    join(tmp_path / "undisturbed", theirs)
    command = ("tests.killed", when, module, name, str(number))
    killed = run_marbre("merge", theirs, "--archive", ours, module=command, code=None)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    run_marbre("merge", theirs, "--archive", ours)
    assert small.tables(ours, ALL) == small.tables(tmp_path / "undisturbed", ALL)
    assert list(verify(ours)) == []


def test_killed_and_forgotten(ours: Path, theirs: Path, tmp_path: Path) -> None:
    """After a kill the other archive may be gone: what was copied is in, once the archive is repaired."""
    command = ("tests.killed", "after", "archive.exchange.files", "copy", "1")
    assert run_marbre("merge", theirs, "--archive", ours, module=command, code=None).returncode == -signal.SIGKILL
    shutil.rmtree(theirs)
    problems = [problem.what for problem in verify(ours)]
    assert problems
    assert all("`marbre repair` adds it" in what for what in problems)
    run_marbre("repair", "--archive", ours)
    assert list(verify(ours)) == []
    assert len(small.tables(ours)["articles"]) == 8
    assert tmp_path.exists()


def test_an_archive_and_its_own_backup(ours: Path, tmp_path: Path) -> None:
    backup(ours, tmp_path / "backup")
    small.crawl(ours, [small.answer(8)], name="gazette-2")
    before = small.tables(ours, ALL)
    assert join(ours, tmp_path / "backup") == (0, 1, 0)
    assert small.tables(ours, ALL) == before
    assert join(tmp_path / "backup", ours) == (1, 1, 1)
    assert small.tables(tmp_path / "backup", ALL) == before


def test_a_backup_made_while_the_file_was_written(ours: Path, tmp_path: Path) -> None:
    """One file is how the other begins: the longer one counts, whichever archive has it."""
    (path,) = (ours / "warc").glob("*.warc.gz")
    shutil.copytree(ours, tmp_path / "short")
    pages = [each for each in warc.index(path) if getattr(each, "role", "") == "page"]
    end = pages[2].offset + pages[2].length  # type: ignore[union-attr]
    with (tmp_path / "short" / "warc" / path.name).open("rb+") as file:
        file.truncate(end)
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (tmp_path / "short" / name).unlink(missing_ok=True)
    run_marbre("rebuild", "--archive", tmp_path / "short")
    before = small.tables(ours)["articles"]
    (tmp_path / "copy").mkdir()
    shutil.copytree(tmp_path / "short", tmp_path / "copy" / "short")
    assert join(tmp_path / "copy" / "short", ours)[0] == 1
    assert small.tables(tmp_path / "copy" / "short")["articles"] == before
    assert join(ours, tmp_path / "short")[0] <= 1  # the summary its rebuild wrote: the crawl was cut short there
    assert small.tables(ours)["articles"] == before


def test_imported_files_come_along(ours: Path, theirs: Path, tmp_path: Path) -> None:
    with Warc(tmp_path / "wget.warc.gz") as out:
        for number in range(20, 23):
            out.response(number)
    run_marbre("import", tmp_path / "wget.warc.gz", "--copy", "--archive", theirs)
    (tmp_path / "wget.warc.gz").unlink()
    run_marbre("merge", theirs, "--archive", ours)
    found = small.tables(ours, ALL)
    assert len(found["imports"]) == 1
    assert len(found["articles"]) == 11
    assert found == rebuilt(ours, tmp_path / "rebuilt")
    assert list(verify(ours)) == []


def test_an_archive_that_came_as_a_package(ours: Path, tmp_path: Path) -> None:
    """The same captures under two names: they stay where they were first, and nothing is there twice."""
    run_marbre("export", "-o", tmp_path / "x.wacz", "--archive", ours)
    run_marbre("import", tmp_path / "x.wacz", "--copy", "--site", "gazette", "--archive", tmp_path / "other")
    before = small.tables(ours)
    run_marbre("merge", tmp_path / "other", "--archive", ours)
    after = small.tables(ours)
    for table in ("articles", "versions", "extractions", "captures"):
        assert after[table] == before[table], table
    assert list(verify(ours)) == []


def test_what_cannot_be_merged(ours: Path, theirs: Path, tmp_path: Path) -> None:
    before = small.tables(ours)
    with pytest.raises(ArchiveError, match="the archive itself"):
        join(ours, ours)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotAnArchive, match="no WARC files"):
        join(ours, tmp_path / "empty")
    (path,) = (theirs / "warc").glob("*.warc.gz")
    with (ours / "warc" / path.name).open("wb") as file:
        file.write(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ArchiveError, match="both archives hold a file of this name, and they differ"):
        join(ours, theirs)
    (ours / "warc" / path.name).unlink()
    assert small.tables(ours) == before
    done = run_marbre("merge", tmp_path / "nowhere", "--archive", ours, code=2)
    assert "does not exist" in done.stderr


def test_a_crawl_that_has_not_ended(ours: Path, theirs: Path) -> None:
    with WarcWriter(theirs / "warc", "marbre", "gazette-4", {"site": "gazette"}) as writer:
        writer.write(small.answer(9))
        with pytest.raises(ArchiveError, match="has not ended"):
            join(ours, theirs)
    with Store(theirs) as store:
        store.begin_crawl("gazette-4", "gazette", small.CRAWL[0].captured_at, {})
    with pytest.raises(ArchiveError, match="gazette-4 has not ended"):
        join(ours, theirs)
    run_marbre("extract", "--archive", theirs)
    assert join(ours, theirs)[0] == 3
    assert list(verify(ours)) == []
