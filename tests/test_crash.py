"""kill -9 at each step of the life of a page: the next run completes, nothing is doubled, nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from archive.verification import verify
from crawler.demo import serve
from tests.archives import dump
from tests.conftest import run_marbre, write_sites
from tests.crashing import POINTS, SMALL_FILES

_FEW = ("a URL is discovered", *SMALL_FILES)
_ONCE = ("before the summary", "before the file is closed", "after the file is closed", "before the crawl's row ends")

# What the WARC files say is another matter after these only: the rest leaves them as a kill elsewhere does.
REBUILT = (
    *("before its record is written", "inside its record", "between record and row", "before its article is saved"),
    *SMALL_FILES,
    *_ONCE,
)


def words(directory: Path) -> list[tuple[Any, ...]]:
    with Archive(directory) as archive:
        return sorted((a.canonical_url, a.title, a.text, a.authors, a.published) for a in archive.articles())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, newspaper: serve) -> list[tuple[Any, ...]]:
    directory = tmp_path_factory.mktemp("undisturbed")
    run_marbre("--sites", write_sites(directory, newspaper.url), "crawl", "--archive", directory / "archive")
    return words(directory / "archive")


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_taken_up(point: str, tmp_path: Path, newspaper: serve, undisturbed: list[tuple[Any, ...]]) -> None:
    sites, directory = write_sites(tmp_path, newspaper.url), tmp_path / "archive"
    survive = "0" if point in _ONCE else "4" if point in _FEW else "12"
    command = ("--sites", sites, "crawl", "--archive", directory)
    killed = run_marbre(point, survive, *command, code=None, module=("tests.crashing",))
    assert killed.returncode == -9, f"it was not killed: {killed.stdout}\n{killed.stderr}"

    run_marbre(*command)

    assert words(directory) == undisturbed
    assert list(verify(directory)) == []
    with Archive(directory) as archive:
        fetched = archive.db.execute(
            "SELECT url, count(*) FROM captures WHERE role = 'page' AND status = 200 GROUP BY url HAVING count(*) > 1"
        ).fetchall()
        assert len(fetched) <= 1, "only the moved article, under its old and its new address"
        for crawl in archive.crawls():
            counts = crawl["counts"]
            outcomes = ("new", "changed", "unchanged", "skipped", "rejected", "failed")
            assert counts["discovered"] == sum(counts[name] for name in outcomes), crawl
            assert "queued" not in json.dumps(counts)
        before = dump(archive.db)
    if point not in REBUILT:
        return
    run_marbre("rebuild", "--archive", directory)
    with Archive(directory) as archive:
        assert dump(archive.db) == before
