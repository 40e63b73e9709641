"""One article from link to query and back to its bytes; the same path whatever the order; the WARC files alone."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from archive import Archive, captures
from archive.extraction import EXTRACTOR
from archive.ingest import Ingest
from archive.pool import KillablePool
from archive.store import Store
from archive.verification import verify
from archive.warc import read_exchange
from crawler.demo import Newspaper, serve
from tests.archives import dump
from tests.conftest import Marbre, run_marbre, write_sites


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory, newspaper: serve) -> Path:
    directory = tmp_path_factory.mktemp("crawled")
    run_marbre("--sites", write_sites(directory, newspaper.url), "crawl", "--archive", directory / "archive")
    return directory / "archive"


def test_one_page(crawled: Path, newspaper: serve) -> None:
    wanted = next(a for a in newspaper.newspaper.articles() if a.archived and a.image_path and len(a.authors) == 2)
    url = newspaper.url.rstrip("/") + wanted.path
    with Archive(crawled) as archive:
        article = archive.get(url)
        assert article is not None
        assert (article.title, article.authors, article.section) == (wanted.title, wanted.authors, article.section)
        assert article.published == wanted.published
        assert article.text.split("\n") == list(wanted.paragraphs)
        hit = next(archive.search(f'"{wanted.title}"'))
        assert archive.get(hit.id) == article
        story = archive.why(url)
        assert {link.via for link in story.sightings[0].links} >= {"sitemap"}
        assert story.sightings[0].outcome == "new"
        capture = captures.by_id(archive.db, story.sightings[0].capture)
        assert capture is not None
        exchange = read_exchange(crawled / "warc" / capture.filename, capture.offset)
        assert exchange.status == 200
        page = archive.page(url)
        assert page is not None
        assert wanted.title.split("'")[0].encode()[:20] in page.body


def test_what_is_archived_is_what_should_be(crawled: Path, newspaper: serve) -> None:
    base = newspaper.url.rstrip("/")
    with Archive(crawled) as archive:
        held = {article.url for article in archive.articles()}
    assert held == {base + a.path for a in newspaper.newspaper.articles() if a.archived}


def test_texts_titles_authors_and_dates(crawled: Path, newspaper: serve) -> None:
    wrong = []
    with Archive(crawled) as archive:
        for wanted in newspaper.newspaper.articles():
            if not wanted.archived:
                continue
            article = archive.get(newspaper.url.rstrip("/") + wanted.path)
            assert article is not None, wanted.path
            got = (article.title, article.authors, article.published, tuple(article.text.split("\n")), article.tags)
            if got != (wanted.title, wanted.authors, wanted.published, wanted.paragraphs, wanted.tags):
                wrong.append(wanted.path)
    assert wrong == []


def test_verify_finds_nothing(crawled: Path) -> None:
    assert list(verify(crawled)) == []


def test_same_path(crawled: Path) -> None:
    """Crawl, dump; clear the derived rows; extract in another order, five years on: the same rows."""
    with Store(crawled) as store, KillablePool(2) as pool:
        before = dump(store.db)
        store.clear_derived()
        pending = store.pending(EXTRACTOR)
        random.Random(7).shuffle(pending)
        with time_machine.travel(datetime.now(UTC) + timedelta(days=5 * 365), tick=True):
            Ingest(store, pool).run(pending)
        assert dump(store.db) == before


def test_rebuild(crawled: Path) -> None:
    with Archive(crawled) as archive:
        before = dump(archive.db)
    run_marbre("rebuild", "--archive", crawled)
    with Archive(crawled) as archive:
        assert dump(archive.db) == before
    assert list(verify(crawled)) == []


def test_extracting_twice_changes_nothing(crawled: Path) -> None:
    with Archive(crawled) as archive:
        before = dump(archive.db)
    run_marbre("extract", "--all", "--archive", crawled)
    assert "nothing to read" in run_marbre("extract", "--archive", crawled).stdout
    with Archive(crawled) as archive:
        assert dump(archive.db) == before


def test_second_crawl_fetches_nothing_again(marbre: Marbre, tmp_path: Path, newspaper: serve) -> None:
    marbre("crawl")
    newspaper.requests.clear()
    summary = marbre("crawl").stdout
    assert " 0 new + 0 changed + 0 unchanged" in summary
    paths = {a.path for a in newspaper.newspaper.articles() if a.archived}
    assert not paths & {path for _, path, *_ in newspaper.requests}
    assert 304 in {status for *_, status in newspaper.requests}
    with Archive(tmp_path / "archive") as archive:
        assert {version for (version,) in archive.db.execute("SELECT DISTINCT versions FROM articles")} == {1}


def test_corrections_make_versions(tmp_path: Path) -> None:
    with serve(Newspaper()) as server:
        sites = write_sites(tmp_path, server.url)
        command = ("--sites", sites, "crawl", "--archive", tmp_path / "archive")
        run_marbre(*command)
        server.newspaper.edition = 2
        run_marbre(*command)
    with Archive(tmp_path / "archive") as archive:
        assert archive.db.execute("SELECT count(*) FROM articles WHERE versions = 2").fetchone()[0] == 2
        assert archive.db.execute("SELECT count(*) FROM articles WHERE versions > 2").fetchone()[0] == 0


def test_dry_run_keeps_nothing(marbre: Marbre, tmp_path: Path) -> None:
    shown = marbre("crawl", "--dry-run").stdout
    assert "to fetch" in shown
    assert "never fetched before" in shown
    assert not (tmp_path / "archive").exists()


def test_limit_leaves_the_rest_for_the_next_run(marbre: Marbre, tmp_path: Path) -> None:
    assert "skipped: limit" in marbre("crawl", "--limit", "5").stdout
    with Archive(tmp_path / "archive") as archive:
        assert archive.db["articles"].count <= 5
    marbre("crawl")
    with Archive(tmp_path / "archive") as archive:
        assert archive.db["articles"].count > 50
