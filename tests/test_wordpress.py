"""The whole command against a real WordPress, compared with what WordPress itself says it holds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from archive import Archive, Article
from tests.conftest import REQUIRED
from tests.wordpress.server import BLOCK_THEME, CLASSIC_THEME, WordPress, missing

pytestmark = [pytest.mark.wordpress, pytest.mark.timeout(900)]

POSTS = int(os.environ.get("MARBRE_WORDPRESS_POSTS", "120"))
Truth = Mapping[str, Any]


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@dataclass(frozen=True, slots=True)
class Site:
    """A WordPress and the archive that `marbre crawl` makes of it."""

    wordpress: WordPress
    directory: Path
    sites: Path

    def crawl(self) -> list[str]:
        """Crawl once; return the paths of posts that were fetched, in order."""
        posts = {path_of(post["permalink"]) for post in self.posts()}
        self.wordpress.requests()
        arguments = ["--sites", self.sites, "crawl", "wp", "--archive", self.directory]
        command = [sys.executable, "-W", "error", "-m", "crawler", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=800)
        print(done.stdout, done.stderr)
        assert done.returncode == 0, done.stderr
        return [path for path in self.wordpress.requests() if path in posts]

    def posts(self) -> list[Truth]:
        """Every post that readers can see, oldest first."""
        return [post for post in self.everything() if post["public"] and post["type"] == "post"][::-1]

    def everything(self) -> list[Truth]:
        return list(self.wordpress.truth())

    def versions(self) -> dict[str, int]:
        """How many versions each article has, by canonical URL."""
        with Archive(self.directory) as archive:
            return {a.canonical_url: len(archive.versions(a.canonical_url)) for a in archive.articles()}


@pytest.fixture(scope="module", params=[CLASSIC_THEME, BLOCK_THEME])
def wordpress(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    if lacking := missing():
        reason = f"no WordPress here (lacking {', '.join(lacking)}): run tests/install.sh"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    with WordPress(tmp_path_factory.mktemp("wordpress"), posts=POSTS, theme=request.param) as server:
        yield server


@pytest.fixture(scope="module")
def site(wordpress: WordPress) -> Site:
    """The WordPress, crawled once."""
    sites = wordpress.folder / "sites.toml"
    sites.write_text(f'[sites.wp]\nurl = "{wordpress.url}"\nallow_loopback = true\ndelay = 0\n', encoding="utf-8")
    site = Site(wordpress, wordpress.folder / "archive", sites)
    fetched = site.crawl()
    assert len(fetched) == len(set(fetched)), "the first crawl fetched a post twice"
    return site


def test_bed(wordpress: WordPress) -> None:
    print({step: round(seconds, 1) for step, seconds in wordpress.seconds.items()})
    truth = list(wordpress.truth())
    public = [post for post in truth if post["public"] and post["type"] == "post"]
    guarded = [post for post in truth if post["status"] == "publish" and not post["public"]]
    assert (len(public), len(guarded)) == (POSTS, 2)
    assert b'lang="fr-FR"' in wordpress.get("/").body
    assert all(wordpress.get(path_of(post["permalink"])).status == 200 for post in public[::10])
    rest = wordpress.get("/wp-json/wp/v2/posts?per_page=100&_embed=author,wp:featuredmedia,wp:term")
    # WordPress counts posts behind a password, and lists them without their text.
    assert int(rest.headers["x-wp-total"]) == len(public) + len(guarded)
    assert rest.json()[0]["_embedded"]["author"][0]["name"]
    assert len(etree.fromstring(wordpress.get("/feed/").body).findall(".//item")) == 10
    assert {post["permalink"] for post in public} <= _sitemap(wordpress)
    assert b"post_password" in wordpress.get(path_of(guarded[0]["permalink"])).body
    log = wordpress.folder / "php.log"
    assert not log.exists(), log.read_text(encoding="utf-8")


def _sitemap(wordpress: WordPress) -> set[str]:
    files = [url for url in _locations(wordpress, "/wp-sitemap.xml") if "-posts-post-" in url]
    return {url for file in files for url in _locations(wordpress, path_of(file))}


def _locations(wordpress: WordPress, path: str) -> list[str]:
    return [str(url.text) for url in etree.fromstring(wordpress.get(path).body).iterfind(".//{*}loc")]


def test_archives_every_public_post_and_nothing_else(site: Site) -> None:
    with Archive(site.directory) as archive:
        found = {post["permalink"]: archive.get(post["permalink"]) for post in site.posts()}
        archived = {article.canonical_url for article in archive.articles()}
    assert [url for url, article in found.items() if article is None] == []
    assert archived - {article.canonical_url for article in found.values() if article} == set()
    assert len(archived) == len(found)


def test_archives_nothing_that_readers_do_not_see(site: Site) -> None:
    hidden = [post for post in site.everything() if not post["public"]]
    assert {post["status"] for post in hidden} == {"draft", "pending", "private", "publish", "future", "trash"}
    with Archive(site.directory) as archive:
        assert [post["permalink"] for post in hidden if archive.get(post["permalink"])] == []
        titles = {article.title for article in archive.articles()}
    assert titles.isdisjoint(post["title"] for post in hidden)


def _same_moment(read: datetime | None, true: str) -> bool:
    return read is not None and read.tzinfo is not None and read == datetime.fromisoformat(true)


def _same_image(read: str | None, true: str | None) -> bool:
    # A post without a featured image may still open with a picture of its own.
    return read == true or (true is None and read is not None and "/wp-content/uploads/" in read)


FIELDS: dict[str, Callable[[Article, Truth], bool]] = {
    "title": lambda read, true: read.title == true["title"],
    "authors": lambda read, true: read.authors == (true["author"],),
    "section": lambda read, true: read.section == true["section"],
    "tags": lambda read, true: set(read.tags) == set(true["tags"]),
    "image": lambda read, true: _same_image(read.image, true["image"]),
    "published": lambda read, true: _same_moment(read.published, true["published"]),
    "modified": lambda read, true: _same_moment(read.modified, true["modified"]),
    # A post of several pages has its other pages at other addresses: the first page alone is right, too.
    "text": lambda read, true: read.text.split("\n") in (true["paragraphs"], true["first_page"]),
}


def _difference(name: str, read: Article, true: Truth) -> str:
    if name != "text":
        key = {"authors": "author"}.get(name, name)
        return f"read {getattr(read, name)!r}, WordPress has {true[key]!r}"
    lines = read.text.split("\n")
    lost = [line for line in true["paragraphs"] if line not in lines]
    added = [line for line in lines if line not in true["paragraphs"]]
    return f"lost {lost!r}, added {added!r}" if lost or added else "the same lines in another order or number"


def test_fields_are_what_wordpress_holds(site: Site) -> None:
    posts = site.posts()
    wrong: dict[str, list[str]] = {name: [] for name in FIELDS}
    with Archive(site.directory) as archive:
        for true in posts:
            read = archive.get(true["permalink"])
            for name, agrees in FIELDS.items():
                if read is None:
                    wrong[name].append(f"{true['permalink']}: not archived")
                elif not agrees(read, true):
                    wrong[name].append(f"{true['permalink']}: {_difference(name, read, true)}")
    right = {name: 1 - len(cases) / len(posts) for name, cases in wrong.items()}
    for name, share in right.items():
        print(f"{name:<10} {share:7.1%}", *wrong[name][:5], sep="\n    ")
    assert {name: share for name, share in right.items() if share < 0.99} == {}


def test_a_second_crawl_fetches_no_post(site: Site) -> None:
    before = site.versions()
    assert site.crawl() == []
    assert site.versions() == before


def test_an_edit_makes_one_version_of_one_article(site: Site) -> None:
    before = site.versions()
    post = site.posts()[POSTS // 2]
    site.wordpress.change("add", post["id"], "Ce paragraphe est venu après coup.")
    assert site.crawl() == [path_of(post["permalink"])]
    after = site.versions()
    grown = {url: after[url] - count for url, count in before.items() if after[url] != count}
    assert list(grown.values()) == [1]
    with Archive(site.directory) as archive:
        versions = archive.versions(post["permalink"])
    first, last = sorted(versions, key=lambda version: version.first_seen)
    assert last.text == f"{first.text}\nCe paragraphe est venu après coup."


def test_a_save_without_a_change_makes_no_version(site: Site) -> None:
    before = site.versions()
    post = site.posts()[POSTS // 3]
    site.wordpress.change("touch", post["id"])
    assert site.crawl() in ([], [path_of(post["permalink"])])
    assert site.versions() == before


def test_a_moved_post_stays_one_article(site: Site) -> None:
    before = site.versions()
    post = next(post for post in site.posts()[POSTS // 4 :] if post["sections"] == ["Sport"])
    site.wordpress.change("section", post["id"], "Culture")
    moved = next(again for again in site.posts() if again["id"] == post["id"])
    redirect = site.wordpress.get(path_of(post["permalink"]))
    assert (redirect.status, redirect.headers["location"]) == (301, moved["permalink"])
    site.crawl()
    assert len(site.versions()) == len(before)
    with Archive(site.directory) as archive:
        old, new = archive.get(post["permalink"]), archive.get(moved["permalink"])
    assert old is not None
    assert old == new
    assert (old.canonical_url, old.section) == (moved["permalink"], "Culture")
