"""A site's profile in an archive: learnt by the command, used by every reading, on record in WARC, never mixed up."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive import Archive
from archive.extraction import EXTRACTOR
from archive.warc import Document, index
from tests.conftest import run_marbre, write_sites
from tests.press import ALERT, OWNER, SUFFIX, Story
from tests.test_crawl import Answers, site, sitemap

COUNT = 30
STORIES = [Story(number) for number in range(COUNT)]
Run = Callable[..., str]


def answers() -> Answers:
    pages: Answers = {f"/{path(story)}": (200, {}, story.page().body.decode()) for story in STORIES}
    return {
        "/": (200, {}, "<html><body><h1>La Feuille</h1></body></html>"),
        "/robots.txt": (200, {"Content-Type": "text/plain"}, "Sitemap: BASE/sitemap.xml"),
        "/sitemap.xml": (200, {"Content-Type": "application/xml"}, sitemap(*map(path, STORIES))),
        **pages,
    }


def path(story: Story) -> str:
    return story.url.partition(".example/")[2]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a newspaper whose template nobody knows; its server is gone."""
    folder = tmp_path_factory.mktemp("feuille")
    with site(answers()) as base:
        run_marbre("--sites", write_sites(folder, base), "crawl", "--archive", folder / "archive")
    return folder


@pytest.fixture
def run(crawled: Path, tmp_path: Path) -> Run:
    """Run a command on a copy of that archive."""
    shutil.copytree(crawled / "archive", tmp_path / "archive")

    def command(*arguments: str, code: int = 0) -> str:
        done = run_marbre("--sites", crawled / "sites.toml", *arguments, "--archive", tmp_path / "archive", code=code)
        return done.stdout + done.stderr

    return command


def texts(directory: Path) -> dict[str, str]:
    with Archive(directory) as archive:
        return {article.canonical_url.rpartition("/")[2]: article.text for article in archive.articles()}


def rows(directory: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(directory / "archive.db")) as db:
        return db.execute(query).fetchall()


def test_nothing_learnt_is_said_with_what_to_do(run: Run) -> None:
    said = run("sites", "profile", "gazette", code=1)
    assert "nothing was learnt yet" in said
    assert "marbre sites profile gazette --learn" in said


def test_too_few_articles_are_said(run: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "archive" / "archive.db")) as db, db:
        few = "SELECT id FROM articles ORDER BY id LIMIT 3"
        db.execute(f"UPDATE extractions SET outcome = 'rejected' WHERE article NOT IN ({few})")
    assert "too few articles" in run("sites", "profile", "gazette", "--learn", code=1)


def test_learnt_used_and_read_again(run: Run, tmp_path: Path) -> None:
    directory = tmp_path / "archive"
    before = texts(directory)
    assert all(ALERT in text for text in before.values())
    said = run("sites", "profile", "gazette", "--learn")
    assert f"{COUNT} pages of gazette are to be read with it: marbre extract --site gazette" in said
    assert "stands in div.colonne-une" in said
    assert texts(directory) == before, "nothing is read again unasked"
    run("extract", "--site", "gazette")
    after = texts(directory)
    for story in STORIES:
        text = after[path(story).rpartition("/")[2]]
        assert text.startswith("\n".join(story.paragraphs))
        assert ALERT not in text
        assert OWNER not in text
    (extractors,) = rows(directory, "SELECT DISTINCT extractor FROM extractions")
    ((version,),) = rows(directory, "SELECT version FROM profiles")
    assert extractors == (f"{EXTRACTOR}+profile-{version}",)
    assert "nothing new was learnt" in run("sites", "profile", "gazette", "--learn")


def test_a_rebuild_has_it(run: Run, tmp_path: Path) -> None:
    directory = tmp_path / "archive"
    run("sites", "profile", "gazette", "--learn")
    run("extract", "--site", "gazette")
    known, profiles = texts(directory), rows(directory, "SELECT * FROM profiles")
    (directory / "archive.db").unlink()
    run("rebuild")
    assert rows(directory, "SELECT * FROM profiles") == profiles
    assert texts(directory) == known


def test_it_stands_in_a_warc_file_as_a_metadata_record(run: Run, tmp_path: Path) -> None:
    run("sites", "profile", "gazette", "--learn")
    ((version,),) = rows(tmp_path / "archive", "SELECT version FROM profiles")
    (file,) = (tmp_path / "archive" / "warc").glob("*-profile-gazette-*.warc.gz")
    (document,) = [record for record in index(file) if isinstance(record, Document)]
    assert document.about == f"urn:marbre:profile:gazette:{version}"
    run("verify")


def test_as_json(run: Run) -> None:
    run("sites", "profile", "gazette", "--learn")
    told = json.loads(run("sites", "profile", "gazette", "--json"))
    (template,) = told["templates"]
    assert told["site"] == "gazette"
    assert template["pages"] == COUNT
    assert [rule["value"] for rule in template["rules"] if rule["kind"] == "cut"] == [SUFFIX]


def test_an_unknown_site_is_said(run: Run) -> None:
    assert "gazete" in run("sites", "profile", "gazete", code=2)


def by_hand(folder: Path, base: str, selectors: str) -> Path:
    """A list with these selectors."""
    listed = write_sites(folder, base)
    with listed.open("a", encoding="utf-8") as file:
        file.write(f"\n[sites.gazette.selectors]\n{selectors}\n")
    return listed


def test_selectors_of_the_list_are_used_by_the_next_crawl(tmp_path: Path) -> None:
    with site(answers()) as base:
        listed = by_hand(tmp_path, base, 'author = ".plume"\nbody = ".colonne-une"\nremove = [".encart-alerte"]')
        run_marbre("--sites", listed, "crawl", "--archive", tmp_path / "archive")
        checked = run_marbre("--sites", listed, "sites", "check", "--archive", tmp_path / "archive")
    with Archive(tmp_path / "archive") as archive:
        articles = list(archive.articles())
    assert len(articles) == COUNT
    assert all(ALERT not in article.text and OWNER in article.text and article.authors for article in articles)
    assert {article.provenance["authors"]["source"] for article in articles} == {".plume"}
    assert f"finds something on {COUNT} of {COUNT} stored articles" in checked.stdout


def test_a_selector_that_finds_nothing_fails_the_check(crawled: Path, tmp_path: Path) -> None:
    with site(answers()) as base:
        listed = by_hand(tmp_path, base, 'title = "h1.unknown"')
        done = run_marbre("--sites", listed, "sites", "check", "--archive", crawled / "archive", code=1)
    assert f"h1.unknown  finds something on 0 of {COUNT} stored articles" in done.stdout
