"""A profile learnt of a real WordPress, whose plugins write into every article: what it brings when it stands alone."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive import Archive, captures, profiles
from archive.dedup import normalise
from archive.extraction import extract
from archive.models import Article, Page
from archive.reading.profile import Profile
from archive.store import Store
from archive.urls import canonicalise
from archive.warc import read_page
from tests.conftest import REQUIRED
from tests.test_wordpress import FIELDS, POSTS, Truth
from tests.wordpress.server import BLOCK_THEME, CLASSIC_THEME, WordPress, missing

pytestmark = [pytest.mark.wordpress, pytest.mark.timeout(900)]

LIFTED: dict[str, Callable[[Article, Truth], bool]] = {
    "title": FIELDS["title"],
    # Block themes print the apostrophe of a name as typographers do; WordPress holds it as it was typed.
    "authors": lambda read, true: [normalise(name) for name in read.authors] == [normalise(true["author"])],
    "text": FIELDS["text"],
}
ENOUGH = 0.995
_PAGES = (
    "SELECT id FROM captures WHERE role = 'page' AND kind = 'response' AND status = 200"
    " AND url LIKE ? ORDER BY timestamp"
)


@dataclass(frozen=True, slots=True)
class Crawled:
    """A WordPress, its archive, and what WordPress holds, by address."""

    wordpress: WordPress
    directory: Path
    sites: Path
    posts: Mapping[str, Truth]

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "-W", "error", "-m", "crawler", "--sites", str(self.sites), *arguments]
        command += ["--archive", str(self.directory)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=800)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    def pages(self) -> dict[str, Page]:
        """The posts' pages as they are stored, without what the feed and the API said of them."""
        found: dict[str, Page] = {}
        with Store(self.directory) as store:
            for (identifier,) in store.db.execute(_PAGES, [f"{self.wordpress.url}%"]).fetchall():
                capture = captures.by_id(store.db, identifier)
                if capture is not None and capture.url in self.posts:
                    parts = [read_page(store.warc, part) for part in captures.parts_of(store.db, capture)]
                    page = read_page(store.warc, capture)
                    found[capture.url] = dataclasses.replace(page, links=(), parts=tuple(parts))
        return found

    def profile(self) -> Profile:
        with Store(self.directory) as store:
            found = profiles.in_use(store.db, "wp")
        assert found is not None
        return found


@pytest.fixture(scope="module", params=[CLASSIC_THEME, BLOCK_THEME])
def crawled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    if lacking := missing():
        reason = f"no WordPress here (lacking {', '.join(lacking)}): run tests/install.sh"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    with WordPress(tmp_path_factory.mktemp("profile"), posts=POSTS, theme=request.param) as server:
        server.switch("furniture")
        sites = server.folder / "sites.toml"
        sites.write_text(f'[sites.wp]\nurl = "{server.url}"\nallow_loopback = true\ndelay = 0\n', encoding="utf-8")
        posts = {post["permalink"]: post for post in server.truth() if post["public"] and post["type"] == "post"}
        crawled = Crawled(server, server.folder / "archive", sites, posts)
        crawled.run("crawl", "wp")
        yield crawled


def _right(crawled: Crawled, profile: Profile | None) -> dict[str, float]:
    """The share of posts whose field is exactly what WordPress holds."""
    right = dict.fromkeys(LIFTED, 0)
    for url, page in crawled.pages().items():
        article = extract(page, profile)
        for name, is_right in LIFTED.items():
            agrees = isinstance(article, Article) and is_right(article, crawled.posts[url])
            right[name] += agrees
            if profile and not agrees:
                print(url, name, getattr(article, name, article), crawled.posts[url]["paragraphs"], sep="\n    ")
    return {name: count / len(crawled.posts) for name, count in right.items()}


def test_a_profile_lifts_what_the_pages_alone_give(crawled: Crawled) -> None:
    assert len(crawled.pages()) == len(crawled.posts) == POSTS
    alone = _right(crawled, None)
    crawled.run("sites", "profile", "wp", "--learn")
    known = _right(crawled, crawled.profile())
    print(f"alone {alone}", f"with the profile {known}", sep="\n")
    assert alone["text"] < ENOUGH
    assert alone["title"] < ENOUGH
    assert {name: share for name, share in known.items() if share < ENOUGH} == {}


def test_the_command_shows_what_each_rule_did(crawled: Crawled) -> None:
    shown = crawled.run("sites", "profile", "wp")
    print(shown)
    assert "leave out" in shown
    assert "confirmed it on" in shown
    told = json.loads(crawled.run("sites", "profile", "wp", "--json"))
    assert told["templates"][0]["pages"] >= POSTS / 2


def test_the_archive_is_read_with_it(crawled: Crawled) -> None:
    crawled.run("extract", "--site", "wp")
    with Archive(crawled.directory) as archive:
        texts = {article.canonical_url: article.text.split("\n") for article in archive.articles()}
    wrong = [
        url
        for url, post in crawled.posts.items()
        if texts[canonicalise(url)] not in (post["paragraphs"], post["first_page"])
    ]
    assert len(wrong) <= (1 - ENOUGH) * POSTS, wrong
