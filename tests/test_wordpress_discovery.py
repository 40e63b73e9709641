"""A WordPress of 1,200 posts, its ways of discovery switched off one by one: the union stays complete."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from archive.urls import canonicalise
from tests.conftest import REQUIRED
from tests.test_wordpress import FIELDS, Truth, path_of
from tests.wordpress.server import CLASSIC_THEME, WordPress, missing

pytestmark = [pytest.mark.wordpress, pytest.mark.timeout(900)]

POSTS = 1200
ENOUGH = 0.995  # of the posts must have a field exactly as WordPress holds it


class Bed:
    """The WordPress and the command line, each run in an archive of its own."""

    def __init__(self, wordpress: WordPress, folder: Path) -> None:
        self.wordpress = wordpress
        self.folder = folder
        self.truth: list[Truth] = list(wordpress.truth())
        self.posts = [post for post in self.truth if post["public"] and post["type"] == "post"]
        self.urls = {canonicalise(post["permalink"]) for post in self.posts}
        self.sites = folder / "sites.toml"
        self.sites.write_text(
            f'[sites.wp]\nurl = "{wordpress.url}"\nallow_loopback = true\ndelay = 0\n', encoding="utf-8"
        )

    def run(self, *arguments: str, archive: str, status: Sequence[int] = (0,)) -> str:
        """Run marbre, and return what it printed."""
        command = [sys.executable, "-W", "error", "-m", "crawler", "--sites", str(self.sites), *arguments]
        command += ["--archive", str(self.folder / archive)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=800)
        assert done.returncode in status, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def found(self, archive: str, *, status: Sequence[int] = (0,)) -> set[str]:
        """The pages that a crawl would fetch."""
        lines = self.run("crawl", "wp", "--dry-run", archive=archive, status=status).splitlines()
        return {word for line in lines for word in line.split() if word.startswith("http")}

    def coverage(self, archive: str, *, status: Sequence[int] = (0,)) -> dict[str, Any]:
        return dict(json.loads(self.run("coverage", "wp", "--json", archive=archive, status=status)))


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    if lacking := missing():
        reason = f"no WordPress here (lacking {', '.join(lacking)}): run tests/install.sh"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("discovery")
    with WordPress(folder / "wordpress", posts=POSTS, theme=CLASSIC_THEME) as server:
        yield Bed(server, folder)


SWITCHES = {
    "all ways": ((), (0,)),
    "REST refuses": (("rest-401",), (0,)),
    "REST answers with a page": (("rest-html",), (0,)),
    "REST refuses, the feed ignores paged": (("rest-401", "feed-ignores-paged"), (0,)),
    "REST refuses, a sitemap is missing": (("rest-401", "a-sitemap-missing"), (1,)),
    "REST refuses, no sitemaps": (("rest-401", "no-sitemaps"), (0,)),
    "archives only": (("rest-401", "no-feeds", "no-sitemaps"), (0,)),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_every_post_is_found(bed: Bed, name: str) -> None:
    switches, status = SWITCHES[name]
    bed.wordpress.switch(*switches)
    bed.wordpress.requests()
    found = bed.found(name.replace(" ", "-"), status=status)
    print(f"{name}: {len(found)} pages in {len(bed.wordpress.requests())} requests")
    assert bed.urls - found == set()


def test_rest_backfill_archives_the_site_in_few_requests(bed: Bed) -> None:
    bed.wordpress.switch()
    bed.wordpress.requests()
    bed.run("crawl", "wp", "--pages", "never", archive="backfill")
    asked = bed.wordpress.requests()
    posts = {path_of(post["permalink"]) for post in bed.posts}
    print(f"{len(asked)} requests for {len(posts)} posts")
    assert len(asked) <= 30
    assert posts.isdisjoint(asked)
    with Archive(bed.folder / "backfill") as archive:
        articles = {article.canonical_url: article for article in archive.articles()}
    assert set(articles) == bed.urls
    for name, agrees in FIELDS.items():
        wrong = [post["permalink"] for post in bed.posts if not agrees(articles[canonicalise(post["permalink"])], post)]
        print(f"{name:<10} {1 - len(wrong) / len(bed.posts):7.2%}", *wrong[:3])
        assert len(wrong) <= (1 - ENOUGH) * len(bed.posts), (name, wrong[:5])
    assert {a.provenance["text"]["source"] for a in articles.values()} == {"rest"}


def test_the_pages_follow_later(bed: Bed) -> None:
    bed.wordpress.requests()
    bed.run("crawl", "wp", "--pages", "later", "--limit", "25", archive="backfill")
    posts = {path_of(post["permalink"]) for post in bed.posts}
    fetched = [path for path in bed.wordpress.requests() if path in posts]
    assert len(fetched) == 25
    with Archive(bed.folder / "backfill") as archive:
        articles = list(archive.articles())
        versions = [len(archive.versions(article.canonical_url)) for article in articles]
    assert len(articles) == POSTS
    assert sum(article.provenance["text"]["source"] != "rest" for article in articles) == 25
    assert set(versions) == {1}, "the same text from the API and from the page is one version"


def test_coverage_is_exact(bed: Bed) -> None:
    bed.run("crawl", "wp", "--limit", "40", archive="partial")
    told = bed.coverage("partial", status=(1,))
    with Archive(bed.folder / "partial") as archive:
        archived = {article.canonical_url for article in archive.articles()}
    assert {missing["url"] for missing in told["missing"]} >= bed.urls - archived
    assert not {missing["url"] for missing in told["missing"]} & archived
    assert {missing["reason"] for missing in told["missing"] if missing["url"] in bed.urls} == {"limit"}
