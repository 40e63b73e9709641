"""What a crawl asks of a site, and when it stops asking: the plan alone, against real rows of earlier crawls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive import rows
from archive.frontier import last_visit, unfinished
from archive.models import Link
from archive.sources import Memory
from archive.store import Store
from crawler.discovery import Source, wordpress
from crawler.site import Site
from crawler.ways import Answer, Ask, Ways

URL = "https://gazette.example/"
API = f"{URL}wp-json/"
HEADERS = [("link", f'<{API}>; rel="https://api.w.org/"')]
ITEM = "<item><link>https://gazette.example/{}/</link></item>"
NOW = datetime.now(UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as opened:
        yield opened


def earlier(store: Store, days: float, sources: Sequence[dict[str, Any]], **counts: Any) -> None:
    """A crawl that ended `days` ago, and what the places it asked answered."""
    when = NOW - timedelta(days=days)
    crawl = f"gazette-{days}"
    store.begin_crawl(crawl, "gazette", when, {})
    for source in sources:
        filled = {"kind": "rest", "outcome": "read", "links": 0, "timestamp": rows.instant(when), **source}
        store.note_source(crawl, filled)
    store.end_crawl(crawl, when, "finished", counts)


def plan(store: Store, *, site: Site | None = None, full: bool = False, since: datetime | None = None) -> Ways:
    memory = Memory(store.db, "gazette", "gazette-now")
    return Ways(site or Site(name="gazette", url=URL), memory, whole=False, full=full, since=since)


def begin(ways: Ways, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> list[str]:
    return [ask.source.url for ask in ways.home(headers, body, URL, [])]


def answer(url: str, body: bytes = b"", links: Sequence[str] = (), **given: Any) -> Answer:
    named = [Link(URL + name, "feed", url) for name in links]
    values: dict[str, Any] = {"headers": (), "sources": (), "fresh": [link.url for link in named]}
    return Answer(url, body=body, links=named, **(values | given))


def feed(*names: str) -> bytes:
    inside = "<generator>https://wordpress.org/?v=6.1</generator>" + "".join(map(ITEM.format, names))
    return f'<rss version="2.0"><channel>{inside}</channel></rss>'.encode()


def read_feed(ways: Ways, ask: Ask, *names: str) -> None:
    ways.after(ask, answer(ask.source.url, feed(*names), [f"{name}/" for name in names]))


def test_a_site_that_announces_nothing_is_guessed_at(store: Store) -> None:
    assert begin(plan(store)) == [
        f"{URL}{name}" for name in ("sitemap.xml", "wp-sitemap.xml", "sitemap_index.xml", "feed/")
    ]


def test_an_open_api_is_asked_for_all_posts_and_proves_the_rest_needless(store: Store) -> None:
    ways = plan(store)
    first = begin(ways, headers=HEADERS)[0]
    assert first == wordpress.posts_source(API).url
    read_feed(ways, Ask(Source(f"{URL}feed/", "feed")), "a", "b")
    pages = [("x-wp-totalpages", "2"), ("x-wp-total", "150")]
    (second,) = ways.after(Ask(Source(first, "rest")), answer(first, b"[]", headers=pages))
    assert second.source.url == first.replace("&page=1", "&page=2")
    assert ways.after(second, answer(second.source.url, b"[]", headers=pages)) == []
    assert ways.listing_links() == []
    assert ways.next_deep() is None


def test_a_closed_api_is_asked_again_after_a_week(store: Store) -> None:
    closed = {"url": wordpress.posts_source(API).url, "outcome": "closed"}
    earlier(store, 8, [closed])
    assert begin(plan(store), headers=HEADERS)[0].startswith(API)
    earlier(store, 6, [closed])
    ways = plan(store)
    assert not any(url.startswith(API) for url in begin(ways, headers=HEADERS))
    ((source, why),) = ways.skipped
    assert source.kind == "rest"
    assert "closed to the public" in why


def test_the_next_crawl_asks_the_api_for_what_changed(store: Store) -> None:
    posts = {"url": wordpress.posts_source(API).url, "claimed": 1200}
    earlier(store, 2, [posts], complete=True)
    ways = plan(store)
    edits, count = begin(ways, headers=HEADERS)[:2]
    assert f"modified_after={NOW - timedelta(days=3):%Y-%m-%d}" in edits
    ways.after(Ask(Source(edits, "rest")), answer(edits, b"[]", ["new/"]))
    ways.after(Ask(Source(count, "rest")), answer(count, b"[]", headers=[("x-wp-total", "1201")]))
    assert ways.next_deep() is None


def test_more_posts_than_were_told_of_are_looked_for(store: Store) -> None:
    posts = {"url": wordpress.posts_source(API).url, "claimed": 1200}
    earlier(store, 2, [posts], complete=True)
    ways = plan(store)
    edits, count = begin(ways, headers=HEADERS)[:2]
    ways.after(Ask(Source(edits, "rest")), answer(edits, b"[]"))
    ways.after(Ask(Source(count, "rest")), answer(count, b"[]", headers=[("x-wp-total", "1205")]))
    following = ways.next_deep()
    assert following is not None
    assert following.source == wordpress.posts_source(API)


@pytest.mark.parametrize("counts", [{}, {"complete": False}])
def test_an_incomplete_crawl_is_not_built_upon(store: Store, counts: dict[str, Any]) -> None:
    earlier(store, 2, [], **counts)
    assert plan(store).complete is None
    assert "modified_after" not in begin(plan(store), headers=HEADERS)[0]


def test_full_reads_everything_again(store: Store) -> None:
    earlier(store, 2, [], complete=True)
    assert plan(store).complete is not None
    assert plan(store, full=True).complete is None


def test_a_feed_is_walked_to_its_end(store: Store) -> None:
    ways = plan(store)
    begin(ways)
    read_feed(ways, Ask(Source(f"{URL}feed/", "feed")), "a", "b")
    second = ways.next_deep()
    assert second is not None
    assert second.source.url == f"{URL}feed/?paged=2"
    read_feed(ways, second, "c")
    third = ways.next_deep()
    assert third is not None
    ways.failed(third, gone=True)
    assert ways.proven


def test_a_feed_that_ignores_its_page_number_is_left(store: Store) -> None:
    ways = plan(store)
    begin(ways)
    read_feed(ways, Ask(Source(f"{URL}feed/", "feed")), "a", "b")
    second = ways.next_deep()
    assert second is not None
    read_feed(ways, second, "a", "b")
    assert ways.next_deep() is None
    assert not ways.proven


def test_a_known_site_is_read_up_to_what_is_known(store: Store) -> None:
    earlier(store, 1, [], complete=True)
    ways = plan(store)
    begin(ways)
    ask = Ask(Source(f"{URL}feed/", "feed"))
    ways.after(ask, answer(ask.source.url, feed("a"), ["a/"], fresh=[]))
    assert ways.next_deep() is None
    assert ways.listing_links() == [], "its feed lives"


def test_a_calendar_ends_after_two_years_without_a_page(store: Store) -> None:
    ways = plan(store, site=Site(name="gazette", url=URL, sections=(f"{URL}#year/#month/",)))
    begin(ways, body=b"<html><body></body></html>")
    ways.listing_links()
    asked = 0
    while following := ways.next_deep():
        asked += 1
        ways.failed(following, gone=True)
    assert asked == 24


def test_old_sitemaps_are_left_out(store: Store) -> None:
    since = NOW - timedelta(days=30)
    ways = plan(store, since=since)
    begin(ways)
    children = [Source(f"{URL}{n}.xml", "sitemap", NOW - timedelta(days=n)) for n in (1, 29, 31, 400)]
    index = f"{URL}sitemap.xml"
    asked = ways.after(Ask(Source(index, "sitemap")), answer(index, sources=children))
    assert [ask.source for ask in asked] == children[:2]


def test_other_sites_are_not_asked(store: Store) -> None:
    ways = plan(store)
    begin(ways)
    index = f"{URL}sitemap.xml"
    elsewhere = [Source("https://other.example/s.xml", "sitemap")]
    assert ways.after(Ask(Source(index, "sitemap")), answer(index, sources=elsewhere)) == []


def test_counts_are_read_from_the_row(store: Store) -> None:
    earlier(store, 2, [{"url": wordpress.posts_source(API).url, "claimed": 7}], complete=True)
    earlier(store, 1, [{"url": f"{API}wp/v2/recipes?page=1", "claimed": 99}], complete=True)
    assert json.loads(store.db.execute("SELECT counts FROM crawls LIMIT 1").fetchone()[0]) == {"complete": True}
    assert Memory(store.db, "gazette", "gazette-now").claimed() == 7


def test_what_a_web_archive_had_says_nothing_of_the_site_now(store: Store) -> None:
    frontier = store.begin_crawl("gazette-1", "gazette", NOW - timedelta(days=1), {})
    urls = [f"{URL}{name}/" for name in ("fetched", "failed", "both")]
    frontier.discover([(url, Link(url, "wayback", "https://archive.example/cdx")) for url in urls])
    frontier.discover([(urls[2], Link(urls[2], "feed", f"{URL}feed/"))])
    frontier.settle([urls[0], urls[2]], "new")
    frontier.settle([urls[1]], "failed", "no_memento")
    store.end_crawl("gazette-1", NOW, "finished", {})
    assert [last_visit(store.db, url) is not None for url in urls] == [False, False, True]
    assert unfinished(store.db, "gazette", "gazette-2") == []
    assert [Memory(store.db, "gazette", "gazette-2").knows(url) for url in urls] == [False, False, True]
