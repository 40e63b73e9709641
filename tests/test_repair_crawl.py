"""A page whose record is lost is fetched by the next crawl, once, and in full."""

from __future__ import annotations

import shutil
from pathlib import Path

from archive import Archive
from archive.verification import verify
from crawler.demo import serve
from tests.conftest import run_marbre, write_sites
from tests.damaging import hit


def fetched(directory: Path, url: str) -> list[tuple[str, int, str]]:
    with Archive(directory) as archive:
        return list(archive.db.execute("SELECT id, status, kind FROM captures WHERE url = ? ORDER BY timestamp", [url]))


def test_the_next_crawl_fetches_it_again_in_full(tmp_path: Path, newspaper: serve) -> None:
    sites, directory = write_sites(tmp_path, newspaper.url), tmp_path / "archive"
    command = ("--sites", sites, "crawl", "--archive", directory)
    run_marbre(*command)
    with Archive(directory) as archive:
        rows = archive.db.execute(
            "SELECT filename, offset, length, captures.url, articles.text FROM articles"
            " JOIN captures ON captures.id = capture WHERE kind = 'response' AND parts = 1 ORDER BY length DESC LIMIT 1"
        )
        filename, offset, length, url, text = rows.fetchone()
    hit(directory / "warc" / filename, offset + length // 2)
    said = run_marbre("repair", "--archive", directory, code=1).stdout
    assert url in said
    assert "fetches it again" in said
    before = len(fetched(directory, url))

    run_marbre(*command)
    again = fetched(directory, url)
    assert [(status, kind) for _, status, kind in again[before:]] == [(200, "response")], "no 304 that rests on nothing"
    with Archive(directory) as archive:
        article = archive.get(url)
        assert article is not None
        assert article.text == text
        assert archive.page(url) is not None
    assert list(verify(directory)) == []
    run_marbre(*command)
    assert len(fetched(directory, url)) == len(again), "once"
    shutil.rmtree(directory)
