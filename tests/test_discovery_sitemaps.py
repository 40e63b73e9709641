"""Sitemaps of pages, news and sitemaps; and robots.txt, which names them."""

from __future__ import annotations

from datetime import datetime

import pytest

from archive.models import Link
from crawler.discovery import Source, robots, sitemaps

BASE = "https://gazette.example/sitemap.xml"


def read(body: str) -> list[Link | Source]:
    return list(sitemaps.links(body.encode(), BASE))


def test_pages_with_their_dates_and_images() -> None:
    body = """<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:i="http://www.google.com/schemas/sitemap-image/1.1">
    <url><loc> https://gazette.example/un/ </loc><lastmod>2026-03-01T10:00:00+01:00</lastmod>
    <i:image><i:loc>https://gazette.example/un.jpg</i:loc></i:image></url>
    <url><i:image><i:loc>https://gazette.example/only-a-picture.jpg</i:loc></i:image></url>
    <url><loc>https://gazette.example/?a=1&b=2</loc><lastmod>2026-03-01</lastmod></url>
    <url><loc>ftp://gazette.example/deux/</loc></url></urlset>"""
    assert read(body) == [
        Link(
            "https://gazette.example/un/",
            via="sitemap",
            found_on=BASE,
            modified=datetime.fromisoformat("2026-03-01T10:00:00+01:00"),
            image="https://gazette.example/un.jpg",
        ),
        Link(
            "https://gazette.example/?a=1&b=2",
            via="sitemap",
            found_on=BASE,
            modified=datetime.fromisoformat("2026-03-01T00:00:00+00:00"),
        ),
    ]


def test_news() -> None:
    body = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
    xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://gazette.example/un/</loc><news:news>
    <news:publication><news:name>Gazette</news:name><news:language>fr</news:language></news:publication>
    <news:publication_date>2026-03-01T10:00:00+01:00</news:publication_date>
    <news:title>L&#8217;été</news:title><news:keywords>mer, ciel,</news:keywords></news:news></url></urlset>"""
    (link,) = read(body)
    assert isinstance(link, Link)
    assert (link.via, link.title, link.tags) == ("news-sitemap", "L’été", ("mer", "ciel"))
    assert (link.published and link.published.isoformat()) == "2026-03-01T10:00:00+01:00"
    assert link.modified is None


def test_an_index_leads_on_but_not_to_listings() -> None:
    articles = ["post-sitemap", "post-sitemap2", "news-sitemap", "wp-sitemap-posts-post-1", "homepage-sitemap", "tags"]
    listings = ["category-sitemap", "category-sitemap2", "post_tag-sitemap", "author-sitemap", "tag-sitemap"]
    listings += ["page-sitemap", "wp-sitemap-taxonomies-category-1", "wp-sitemap-users-1", "wp-sitemap-posts-page-1"]
    names = [f"{name}.{end}" for name in articles + listings for end in ("xml", "xml.gz")]
    entries = "".join(f"<sitemap><loc>https://gazette.example/{name}?x=1</loc></sitemap>" for name in names)
    found = read(f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}</sitemapindex>")
    assert found == [Source(f"https://gazette.example/{name}?x=1", "sitemap") for name in names[:12]]


@pytest.mark.parametrize("start", ["", "\ufeff", "\n"])
def test_one_url_a_line(start: str) -> None:
    found = read(
        start + "https://gazette.example/un\r\n\r\nnot a URL\n http://gazette.example/deux \nftp://x.example/\n"
    )
    assert [one.url for one in found] == ["https://gazette.example/un", "http://gazette.example/deux"]


def test_robots_names_sitemaps() -> None:
    body = (
        b"\xef\xbb\xbfSitemap: https://gazette.example/a.xml\r\nsitemap : /b.xml # ours\rSITEMAP:\n#Sitemap: /c.xml\n"
    )
    assert list(robots.links(body, "https://gazette.example/robots.txt")) == [
        Source("https://gazette.example/a.xml", "sitemap"),
        Source("https://gazette.example/b.xml", "sitemap"),
    ]
