"""Where a feed goes on with older entries."""

from __future__ import annotations

import pytest

from crawler.discovery import feeds

BASE = "https://gazette.example/feed/"
_RDF = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
_ITEM = "<item><title>Un</title><link>https://gazette.example/un</link></item>"
_ENTRY = "<entry><title>Un</title><link href='https://gazette.example/un'/></entry>"


def after(body: str, url: str = BASE) -> str | None:
    source = feeds.next_page(body.encode(), url)
    assert source is None or source.kind == "feed"
    return source.url if source else None


_ATOM = "xmlns='http://www.w3.org/2005/Atom'"
_LINK = "<atom:link xmlns:atom='http://www.w3.org/2005/Atom'"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<feed {_ATOM}><link rel='next' href='?page=2'/>{_ENTRY}</feed>", f"{BASE}?page=2"),
        (f"<feed {_ATOM}>{_ENTRY}<link rel='next' href='?page=2'/></feed>", f"{BASE}?page=2"),
        (f"<feed {_ATOM} xml:base='/x/'><link rel='next' href='2'/></feed>", "https://gazette.example/x/2"),
        (
            f"<feed {_ATOM}><link rel='http://www.iana.org/assignments/relation/next' href='/2'/></feed>",
            "https://gazette.example/2",
        ),
        (
            f"<feed {_ATOM}><link rel='prev-archive' href='/2025'/><link rel='next-archive' href='/2027'/></feed>",
            "https://gazette.example/2025",
        ),
        (
            f"<feed {_ATOM}><link rel='prev-archive' href='/2025'/><link rel='next' href='/2'/></feed>",
            "https://gazette.example/2",
        ),
        (f"<rss><channel>{_LINK} rel='next' href='/2'/>{_ITEM}</channel></rss>", "https://gazette.example/2"),
        (f"<rss><channel>{_LINK} rel='prev-archive' href='/2'/>{_ITEM}</channel></rss>", "https://gazette.example/2"),
        (f"<rss><channel>{_LINK} rel='next' href='/2'/>{_ITEM}<item><title>cut", "https://gazette.example/2"),
        (f"<feed {_ATOM}><link rel='next' href='https://elsewhere.example/2'/>{_ENTRY}</feed>", None),
        (f"<feed {_ATOM}><link rel='next' href='{BASE}'/>{_ENTRY}</feed>", None),
        (f"<feed {_ATOM}><entry><link rel='next' href='/2'/></entry></feed>", None),  # the entry's, not the feed's
        (f"<feed {_ATOM}><link rel='prev' href='/2'/><link rel='self' href='/x'/>{_ENTRY}</feed>", None),
        ('{"items": [], "next_url": "https://gazette.example/2.json"}', "https://gazette.example/2.json"),
        ('{"items": [], "next_url": "https://elsewhere.example/2.json"}', None),
        ('{"items": [], "next_url": 7}', None),
        (f"<rss><channel>{_ITEM}</channel></rss>", None),
        ("<html><head><link rel='next' href='/2'></head></html>", None),
        ("", None),
    ],
)
def test_paged_and_archived_feeds(body: str, expected: str | None) -> None:
    assert after(body) == expected


_BY_WORDPRESS = "<generator>https://wordpress.org/?v=6.5.2</generator>"
_POSTS = f"<rss><channel><link>https://gazette.example</link>{_BY_WORDPRESS}{_ITEM}</channel></rss>"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (BASE, f"{BASE}?paged=2"),
        (f"{BASE}?paged=2", f"{BASE}?paged=3"),
        (f"{BASE}?paged=9&cat=3", f"{BASE}?cat=3&paged=10"),
        ("https://gazette.example/?feed=rss2", "https://gazette.example/?feed=rss2&paged=2"),
        (f"{BASE}?paged=x", f"{BASE}?paged=2"),
        (f"{BASE}?paged=10000", None),
        ("https://gazette.example/comments/feed/", None),
        ("https://feeds.counter.example/gazette", None),  # a copy that knows of no pages
    ],
)
def test_pages_of_a_wordpress_feed(url: str, expected: str | None) -> None:
    assert after(_POSTS, url) == expected


def test_how_wordpress_says_its_name() -> None:
    atom = "<generator uri='https://wordpress.org/' version='6.5'>WordPress</generator>"
    rdf = "<admin:generatorAgent xmlns:admin='http://webns.net/mvcb/' rdf:resource='https://wordpress.org/?v=6.5'/>"
    assert after(f"<feed {_ATOM}>{atom}{_ENTRY}</feed>") == f"{BASE}?paged=2"
    assert (
        after(f"<rdf:RDF {_RDF} xmlns='http://purl.org/rss/1.0/'><channel>{rdf}</channel>{_ITEM}</rdf:RDF>")
        == f"{BASE}?paged=2"
    )
    assert after(_POSTS.replace(_ITEM, "")) is None  # past its end
    assert after(_POSTS.replace("wordpress.org", "wordpress.example")) is None
