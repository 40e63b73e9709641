"""The contract every way of discovery keeps, whatever a stranger sends."""

from __future__ import annotations

import codecs
import gzip
import json
import random
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.models import Link
from crawler import discovery
from crawler.discovery import MAX_LINKS, Source, feeds, listings, pages, robots, sitemaps, wordpress

Links = Callable[[bytes, str], Iterator[Link | Source]]
BASE = "https://gazette.example/rubrique/"

RSS = """<?xml version="1.0"?><rss version="2.0"><channel>
<item><title>Un</title><link>https://gazette.example/un/</link></item>
<item><title>Deux</title><link>https://gazette.example/deux/</link></item></channel></rss>"""
SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://gazette.example/un/</loc></url><url><loc>https://gazette.example/deux/</loc></url></urlset>"""
POSTS = json.dumps([{"link": "https://gazette.example/un/"}, {"link": "https://gazette.example/deux/"}])
HOME = """<!doctype html><html><head><title>Gazette</title>
<link rel="alternate" type="application/rss+xml" href="/feed/">
<link rel="alternate" type="application/atom+xml" href="/atom/"></head><body></body></html>"""
LISTING = """<!doctype html><html><body><main><h2><a href="/un/">Un</a></h2><article><h2><a href="/deux/">Deux</a></h2>
</article></main></body></html>"""
MENU = """<!doctype html><html><body><nav><a href="/mer/">Mer</a> <a href="/ciel/">Ciel</a></nav></body></html>"""
ROBOTS = "User-agent: *\nDisallow: /x\nSitemap: https://gazette.example/a.xml\nSitemap: https://gazette.example/b.xml\n"

GOOD: dict[Links, str] = {
    feeds.links: RSS,
    sitemaps.links: SITEMAP,
    wordpress.links: POSTS,
    pages.links: HOME,
    listings.links: LISTING,
    listings.sections: MENU,
    robots.links: ROBOTS,
}
WAYS = list(GOOD)
NAMES = [f"{way.__module__.rpartition('.')[2]}.{way.__name__}" for way in WAYS]
every_way = pytest.mark.parametrize("way", WAYS, ids=NAMES)

_TENFOLD = "".join(f'<!ENTITY {after} "{f"&{name};" * 10}">' for name, after in pairwise("abcdefghij"))
LAUGHS = f'<!DOCTYPE x [<!ENTITY a "ha">{_TENFOLD}]>'
WRAPPINGS = (
    "<rss><channel><item><title>{0}</title><link>https://gazette.example/{0}</link></item></channel></rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>{0}</title><link href='/{0}'/></entry></feed>",
    "<urlset><url><loc>https://gazette.example/{0}</loc></url></urlset>",
    "<html><head><link rel='alternate' type='application/rss+xml' href='/{0}'/></head></html>",
    "<html><body><h2><a href='/{0}'>{0}</a></h2><nav><a href='/{0}'>{0}</a></nav></body></html>",
)


def read(way: Links, body: bytes, base: str = BASE) -> list[Link | Source]:
    """All that a way finds, each one within the contract."""
    found = list(way(body, base))
    assert len(found) <= MAX_LINKS
    for one in found:
        parts = urlsplit(one.url)
        assert parts.scheme in {"http", "https"}
        assert parts.hostname
        if isinstance(one, Link):
            assert one.found_on == base
            assert "" not in {one.title, one.section, one.description, one.image, *one.authors, *one.tags}
            assert all(when is None or when.utcoffset() is not None for when in (one.published, one.modified))
            repr(one).encode()
    return found


@every_way
def test_good_bodies_give_their_links(way: Links) -> None:
    assert len(read(way, GOOD[way].encode())) == 2


@every_way
@pytest.mark.parametrize("body", [b"", b" \n", b"\0", b"<", b"{", b"[", b"null", b"\x1f\x8b", b"<?xml", b"[null, 1]"])
def test_next_to_nothing_gives_nothing(way: Links, body: bytes) -> None:
    assert read(way, body) == []


@every_way
def test_a_broken_tail_keeps_what_came_before(way: Links) -> None:
    body = GOOD[way].encode()
    whole = [one.url for one in read(way, body)]
    found = [[one.url for one in read(way, body[:length])] for length in range(len(body))]
    if way is not robots.links:  # who can tell a short line from half a line?
        assert all(urls == whole[: len(urls)] for urls in found)
    if way is not wordpress.links:  # half an answer of the API is no answer
        assert whole[:1] in found


@every_way
def test_bytes_in_any_encoding(way: Links) -> None:
    assert len(read(way, codecs.BOM_UTF8 + GOOD[way].encode())) == 2
    assert len(read(way, GOOD[way].encode("utf-16"))) == (0 if way is robots.links else 2)
    read(way, GOOD[way].encode("utf-16-le"))
    read(way, GOOD[way].replace("https", "é à ÿ https").encode("latin-1"))


@every_way
@pytest.mark.parametrize("kind", ["random", "angles", "ampersands", "brackets", "items", "entities", "spaces", "cdata"])
def test_five_megabytes_of_junk(way: Links, kind: str) -> None:
    size = 5_000_000
    junk = {
        "random": random.Random(1).randbytes(size),
        "angles": b"<a" * (size // 2),
        "ampersands": b"<rss><item><title>" + b"&" * 500_000,
        "brackets": b'{"items":' + b"[" * size,
        "items": b"<item>" * (size // 6),
        "entities": b"<item><title>" + b"&a;" * 500_000,
        "spaces": b" " * size,
        "cdata": b"<item><![CDATA[" * (size // 15),
    }
    assert read(way, junk[kind]) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=400), at=st.integers(0, 600), way=st.sampled_from(WAYS))
def test_any_bytes_alone_or_inside(body: bytes, at: int, way: Links) -> None:
    read(way, body)
    good = GOOD[way].encode()
    read(way, good[:at] + body + good[at:])


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(max_size=60), field=st.sampled_from(["link", "title", "date", "date_gmt", "id", "_embedded", "slug"])
)
def test_any_text_in_any_field(text: str, field: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    post = {"link": BASE, "date_gmt": "2026-01-01T00:00:00", field: text}
    read(wordpress.links, json.dumps([post]).encode())
    read(feeds.links, json.dumps({"items": [{"url": text, "title": text, "date_published": text}]}).encode())
    item = f"<item><link>{escaped}</link><pubDate>{escaped}</pubDate><guid>{escaped}</guid></item>"
    read(feeds.links, f"<rss><channel>{item}</channel></rss>".encode())
    read(sitemaps.links, f"<urlset><url><loc>{escaped}</loc><lastmod>{escaped}</lastmod></url></urlset>".encode())


@settings(max_examples=100, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "slug", "items"]), inner),
        max_leaves=8,
    ),
    field=st.sampled_from(
        ["link", "title", "date_gmt", "id", "_embedded", "authors", "tags", "url", "author", "image"]
    ),
)
def test_json_of_any_shape(value: object, field: str) -> None:
    embedded = {"author": value, "wp:term": [value], "wp:featuredmedia": value}
    for shape in (value, [value], [{"link": BASE, field: value}], [{"link": BASE, "_embedded": embedded}]):
        read(wordpress.links, json.dumps(shape).encode())
        read(feeds.links, json.dumps({"items": shape}).encode())
    read(feeds.links, json.dumps({"items": [{"url": BASE, field: value}]}).encode())


@every_way
@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("entity", ["&b;", "&j;"])
def test_xml_bombs_do_not_expand(way: Links, wrapping: str, entity: str) -> None:
    for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-32"):
        found = read(way, ('<?xml version="1.0"?>' + LAUGHS + wrapping.format(entity)).encode(encoding))
        assert "haha" not in repr(found)


@every_way
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_outside_entities_are_not_read(way: Links, wrapping: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("openSesame")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        for target in (secret.as_uri(), str(secret), f"http://127.0.0.1:{port}/x"):
            for doctype in (
                f'<!DOCTYPE x [<!ENTITY j SYSTEM "{target}">]>',
                f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{target}"> %p;]>',
                f'<!DOCTYPE x SYSTEM "{target}">',
            ):
                found = read(way, ('<?xml version="1.0"?>' + doctype + wrapping.format("&j;")).encode())
                assert "openSesame" not in repr(found)
        with pytest.raises(BlockingIOError):
            server.accept()


@every_way
def test_a_path_or_url_is_only_text(way: Links, tmp_path: Path) -> None:
    feed = tmp_path / "<" / "item>"  # a path that looks like the end of an entry
    feed.parent.mkdir()
    feed.write_text(RSS)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        assert read(way, str(feed).encode()) == []
        found = read(way, f"http://127.0.0.1:{server.getsockname()[1]}/</item>".encode())
        assert found == [] or way is sitemaps.links  # a line of text is a sitemap too
        with pytest.raises(BlockingIOError):
            server.accept()


def _million(way: Links) -> bytes:
    bodies: dict[Links, bytes] = {
        feeds.links: b"<rss><channel>" + b"<item><link>/a</link></item>" * 200_000,
        sitemaps.links: b"<urlset>" + b"<url><loc>/a</loc></url>" * 1_000_000,
        wordpress.links: b"[" + b",".join([b'{"link":"/a"}'] * 200_000) + b"]",
        pages.links: b"<html><head>" + b'<link rel=alternate type="application/rss+xml" href=/a>' * 100_000,
        listings.links: b"<h2><a href=/a>a</a></h2>" * 200_000,
        listings.sections: b"<nav>" + b"<a href=/a>a</a>" * 300_000,
        robots.links: b"Sitemap: /a.xml\n" * 1_000_000,
    }
    return bodies[way]


@every_way
def test_a_million_links_are_cut(way: Links) -> None:
    found = way(_million(way), BASE)
    assert sum(1 for _ in islice(found, MAX_LINKS + 1)) <= MAX_LINKS
    assert next(found, None) is None


@every_way
def test_pages_of_html_in_place_of_something_else(way: Links) -> None:
    body = b"<!doctype html><html><head><title>403</title></head><body><p>Denied<br><a href='/a'>a</a></body></html>"
    assert read(way, body) == []


@pytest.mark.parametrize("way", [feeds.links, sitemaps.links, wordpress.links, robots.links])
def test_gzip_is_undone_with_a_bound(way: Links) -> None:
    packed = gzip.compress(GOOD[way].encode())
    assert len(read(way, packed)) == 2
    assert read(way, gzip.compress(b" " * (discovery.MAX_BYTES + 1) + GOOD[way].encode())) == []
    read(way, packed[:-20])


def test_a_gzip_bomb_is_let_go_early() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    tracemalloc.start()
    assert discovery.unpacked(bomb) == b""
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * discovery.MAX_BYTES


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200), at=st.integers(0, 300), text=st.text(max_size=40))
def test_the_page_after_a_feeds_is_on_its_host_whatever_is_read(body: bytes, at: int, text: str) -> None:
    good = RSS.encode()
    paged = f"<feed xmlns='http://www.w3.org/2005/Atom'><link rel='next' href={quoteattr(text)}/></feed>"
    bodies = (
        body,
        good[:at] + body + good[at:],
        paged.encode("utf-8", "replace"),
        json.dumps({"next_url": text}).encode(),
    )
    for one in bodies:
        after = feeds.next_page(one, BASE)
        assert after is None or (after.kind == "feed" and discovery.same_host(after.url, BASE) and after.url != BASE)
