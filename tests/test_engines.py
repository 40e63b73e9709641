"""Sites built by Pelican and by Nikola, added and crawled by the command line alone: their posts, and nothing else.

The engines live in `.venv-engines`, which `make test` sets up; without it these tests are skipped.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from archive.models import Article
from archive.query import Archive
from tests.conftest import REQUIRED, run_marbre
from tests.engines import building
from tests.engines.posts import Post, posts
from tests.engines.static import served

pytestmark = pytest.mark.skipif(
    not (building.ENGINES / "nikola").exists() and not REQUIRED, reason="no site generators: make test sets them up"
)

_SITES: dict[str, Callable[[Path, str], Path]] = {
    "pelican": building.pelican,  # a feed of ten posts, no sitemap
    "pelican-bare": partial(building.pelican, theme="simple", feed=None),  # neither
    "nikola": building.nikola,  # sitemaps and RSS
}

# What is known not to work yet, with its cause; strict, so that whoever mends it is told to strike it out.
_NOT_YET = {
    ("title", "pelican-bare"): "the only h1 is the site's name, the post's title an h2 in its article",
}


def _each(what: str) -> list[Any]:
    """Every engine as a test's parameter, marked where `what` is known not to work on it."""
    marked = []
    for engine in _SITES:
        cause = _NOT_YET.get((what, engine))
        marks = [pytest.mark.xfail(reason=cause, strict=True)] if cause else []
        marked.append(pytest.param(what, engine, marks=marks))
    return marked


@dataclass(frozen=True)
class Crawled:
    """What became of one engine's site: what `sites add` printed and wrote, and the articles by their titles."""

    said: str
    written: dict[str, object]
    articles: tuple[Article, ...]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Crawled]:
    return cache(lambda engine: _crawl(engine, tmp_path_factory.mktemp(engine)))


def _crawl(engine: str, directory: Path) -> Crawled:
    root = directory / "served"
    root.mkdir()
    sites = ("--sites", directory / "sites.toml")
    with served(root) as url:
        built = _SITES[engine](directory / "built", url)
        root.rmdir()
        built.rename(root)
        options = ("--allow-loopback", "--delay", "0", "--name", "courrier")
        said = run_marbre(*sites, "sites", "add", url, *options).stdout
        run_marbre(*sites, "crawl", "--archive", directory / "archive")
    written = tomllib.loads((directory / "sites.toml").read_text("utf-8"))["sites"]["courrier"]
    with Archive(directory / "archive") as archive:
        return Crawled(said, written, tuple(archive.articles()))


def _pairs(found: Crawled) -> Iterator[tuple[Post, Article]]:
    by_slug = {
        article.canonical_url.rstrip("/").rpartition("/")[2].removesuffix(".html"): article
        for article in found.articles
    }
    yield from ((post, by_slug[post.slug]) for post in posts() if post.slug in by_slug)


@pytest.mark.parametrize("engine", _SITES)
def test_what_was_found(crawled: Callable[[str], Crawled], engine: str) -> None:
    found = crawled(engine)
    assert f"platform    {'Nikola' if engine == 'nikola' else 'Pelican'}" in found.said
    assert found.written["language"] == "fr"
    assert ("sections" in found.written) == (engine != "nikola")


@pytest.mark.parametrize(("what", "engine"), _each("posts"))
def test_every_post_is_an_article(crawled: Callable[[str], Crawled], what: str, engine: str) -> None:
    del what
    assert {post.slug for post, _ in _pairs(crawled(engine))} == {post.slug for post in posts()}


@pytest.mark.parametrize(("what", "engine"), _each("else"))
def test_nothing_else_is_an_article(crawled: Callable[[str], Crawled], what: str, engine: str) -> None:
    del what
    found = crawled(engine)
    told = {article.canonical_url for _, article in _pairs(found)}
    assert [article.canonical_url for article in found.articles if article.canonical_url not in told] == []


@pytest.mark.parametrize(
    ("what", "engine"), [case for what in ("title", "text", "author", "date", "tags") for case in _each(what)]
)
def test_articles_read_as_written(crawled: Callable[[str], Crawled], what: str, engine: str) -> None:
    wrong = [(post.slug, read) for post, article in _pairs(crawled(engine)) if (read := _differs(what, post, article))]
    assert wrong == []


def _differs(what: str, post: Post, article: Article) -> str | None:
    """What an article says, where that is not what was published; none where it is."""
    text = " ".join((article.text or "").split())
    same, read = {
        "title": (article.title == post.title, article.title),
        "text": (all(paragraph in text for paragraph in post.paragraphs), text[:80]),
        "author": (article.authors == (post.author,), article.authors),
        "date": (article.published == post.published, article.published),
        "tags": (set(article.tags) == set(post.tags), article.tags),
    }[what]
    return None if same else f"{what}: {read}"
