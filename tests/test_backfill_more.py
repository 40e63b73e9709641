"""A site's past, where the archive has no index, is on this machine, gives up, or is not the last word on a page."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from archive.query import Archive
from tests.conftest import run_marbre, write_sites
from tests.test_backfill import HTML, NAMES, NEW, OLD, SITE, Answer, Wayback, backfill, frontier, page, served, versions
from tests.test_crawl import Answers, site, sitemap

TEXTS = {"20190301102030": page(OLD), "20230506070809": page(NEW)}
DATES = {"20190301102030": "Fri, 01 Mar 2019 10:20:30 GMT", "20230506070809": "Sat, 06 May 2023 07:08:09 GMT"}


class Collection:
    """A collection at /coll/: of `texts`, each a capture of one page; with a list of `rows`, or without an index."""

    def __init__(self, url: str, rows: list[list[str]] | None = None, broken: bool = False) -> None:
        self.url, self.rows, self.broken = url, rows, broken
        self.asked: list[str] = []

    def answer(self, target: str) -> Answer:
        self.asked.append(target)
        if target.startswith("/coll/cdx") and self.rows is not None:
            lines = [json.dumps(dict(zip(["timestamp", "url", *NAMES[2:]], row, strict=True))) for row in self.rows]
            return 200, {"Content-Type": "text/x-ndjson"}, "\n".join(lines).encode()
        if target.startswith("/coll/timemap/link/"):
            links = [f'<x/{at}/>; rel="memento"; datetime="{date}"' for at, date in DATES.items()]
            return 200, {}, ", ".join(links).encode() if target.endswith(self.url) else b""
        body = TEXTS.get(target.removeprefix("/coll/")[:14])
        if body is None or self.broken:
            return (504 if self.broken and body else 404), {"Content-Type": HTML}, b"<html>nothing"
        return Wayback.memento(DATES[target.removeprefix("/coll/")[:14]], body)


def collection_of(place: str) -> str:
    return place.removesuffix("cdx/search/cdx") + "coll/"


def test_a_crawl_still_visits_what_only_a_web_archive_had(tmp_path: Path) -> None:
    today = page("Le budget a été voté, puis corrigé, puis annulé par le préfet.")
    answers: Answers = {
        "/": (200, {}, "<html></html>"),
        "/sitemap.xml": (200, {}, sitemap("une/budget/")),
        "/une/budget/": (200, {}, today.decode()),
    }
    with site(answers) as base:
        url = f"{base}une/budget/"
        rows = [[at, url, "text/html", "200", at] for at in TEXTS]
        sites = write_sites(tmp_path, base)
        command = ("--sites", sites, "backfill", "gazette", "--archive", tmp_path / "archive", "--delay", "0")
        with served(Collection(url, rows)) as place:
            run_marbre(*command, "--from", collection_of(place))
        run_marbre("--sites", sites, "crawl", "--archive", tmp_path / "archive")
    with Archive(tmp_path / "archive") as archive:
        assert archive.db["versions"].count == 3


def test_what_a_backfill_left_is_not_fetched_from_the_site(tmp_path: Path) -> None:
    rows = [["20190301102030", f"{SITE}/une/perdu/{n}/", "text/html", "200", f"{n}"] for n in range(9)]
    archive = Collection("", rows, broken=True)
    with served(archive) as place:
        said = backfill(tmp_path, collection_of(place), code=1)
    assert "unreachable" in said
    assert len([target for target in archive.asked if "id_" in target]) == 5 * 6
    assert sorted(frontier(tmp_path).values()) == [("failed", "http_504")] * 5 + [("skipped", "stopped")] * 4
    answers: Answers = {"/": (200, {}, "<html></html>"), "/sitemap.xml": (200, {}, sitemap())}
    with site(answers) as base:
        run_marbre("--sites", write_sites(tmp_path, base), "crawl", "--archive", tmp_path / "archive")
    assert frontier(tmp_path) == {}


def test_timemaps_of_known_pages_stand_in_for_an_index(tmp_path: Path) -> None:
    url = f"{SITE}/une/budget/"
    with served(Collection(url, [["20230506070809", url, "text/html", "200", "A"]])) as place:
        backfill(tmp_path, collection_of(place))
    with served(Collection(url)) as place:
        backfill(tmp_path, collection_of(place))
    assert versions(tmp_path, "/une/budget/") == [("2019-03-01", OLD), ("2023-05-06", NEW)]


def test_an_archive_on_this_machine_may_have_a_public_site(tmp_path: Path) -> None:
    url = "https://gazette.example/une/budget/"
    sites = tmp_path / "sites.toml"
    sites.write_text('[sites.gazette]\nurl = "https://gazette.example/"\n', encoding="utf-8")
    with served(Collection(url, [["20190301102030", url, "text/html", "200", "A"]])) as place:
        command = ("--sites", sites, "backfill", "gazette", "--archive", tmp_path / "archive", "--delay", "0")
        assert "1 new" in run_marbre(*command, "--from", collection_of(place)).stdout


def test_what_is_not_what_the_index_says_is_kept_and_told(tmp_path: Path) -> None:
    sha1 = base64.b32encode(hashlib.sha1(page(OLD)).digest()).decode()
    rows = [[at, f"{SITE}/une/budget/", "text/html", "200", sha1] for at in ("20190301102030",)]
    rows += [["20230506070809", f"{SITE}/une/budget/", "text/html", "200", "A" * 32]]
    with served(Collection("", rows)) as place:
        assert "1 rewritten" in backfill(tmp_path, collection_of(place))
    assert len(versions(tmp_path, "/une/budget/")) == 2


def test_the_limit_of_an_answer_is_no_limit() -> None:
    """An index that has more than it lists at once is asked again, in spans of time."""
    from datetime import datetime, timedelta

    from crawler.discovery import cdx
    from crawler.mementos import Memento

    moments = [datetime.fromisoformat("2019-03-01T00:00:00+00:00") + timedelta(seconds=n * n) for n in range(1000)]
    waiting: list[cdx.Span] = [(None, None)]
    found: set[datetime] = set()
    while waiting:
        since, until = waiting.pop()
        inside = [each for each in moments if (not since or each >= since) and (not until or each < until)][:50]
        found.update(inside)
        waiting += cdx.halves([Memento(SITE, each) for each in inside], since, until) if len(inside) == 50 else []
    assert found == set(moments)
    second = moments[0], moments[0] + timedelta(seconds=1)
    assert cdx.halves([Memento(SITE, moments[0])] * 50, *second) == []


def test_a_single_page_has_its_timemap_where_there_is_no_index(tmp_path: Path) -> None:
    url = f"{SITE}/une/budget/"
    with served(Collection(url)) as place:
        backfill(tmp_path, collection_of(place), "--url", url)
    assert versions(tmp_path, "/une/budget/") == [("2019-03-01", OLD), ("2023-05-06", NEW)]
