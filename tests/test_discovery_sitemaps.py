"""Sitemaps of pages, news and sitemaps; and robots.txt, which names them."""

from __future__ import annotations

import gzip
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


def index(*children: tuple[str, str]) -> list[Source]:
    entries = "".join(
        f"<sitemap><loc>https://gazette.example/{name}</loc>{lastmod and f'<lastmod>{lastmod}</lastmod>'}</sitemap>"
        for name, lastmod in children
    )
    found = read(f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}</sitemapindex>")
    return [one for one in found if isinstance(one, Source)]


def test_the_date_of_a_child() -> None:
    (stated, named, both, neither) = index(
        ("a.xml", "2026-03-01T10:00:00+01:00"),
        ("b-2019-03.xml", ""),
        ("b-2019-04.xml", "2026-03-01"),
        ("c.xml", "soon"),
    )
    assert str(stated.modified) == "2026-03-01 10:00:00+01:00"
    assert str(named.modified) == "2019-03-31 23:59:59+00:00"
    assert str(both.modified) == "2026-03-01 00:00:00+00:00"  # what is said goes before what is guessed
    assert neither == Source("https://gazette.example/c.xml", "sitemap")


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("sitemap-2019-03.xml", "2019-03-31"),
        ("sitemap-pt-post-2020-02.xml", "2020-02-29"),
        ("sitemaps/2019/12/index.xml", "2019-12-31"),
        ("sitemap_2019_03.xml.gz", "2019-03-31"),
        ("sitemap-2019-03-05.xml", "2019-03-05"),
        ("2019/03/05/sitemap.xml", "2019-03-05"),
        ("sitemap.xml?yyyy=2019&amp;mm=03&amp;dd=05", "2019-03-05"),
        ("sitemap.xml?yyyy=2019&amp;mm=03", "2019-03-31"),
        ("sitemap-2019.xml", None),  # a year, or the two thousand and nineteenth file
        ("sitemap-201903.xml", None),
        ("sitemap-2019-13.xml", None),
        ("sitemap-12019-03.xml", None),
        ("sitemap-2019-02-30.xml", None),
        ("sitemap.xml?yyyy=2019&amp;mm=13", None),
        ("sitemap-2019-1.xml", None),
        ("post-sitemap3.xml", None),
    ],
)
def test_months_and_days_in_names(name: str, end: str | None) -> None:
    (source,) = index((name, ""))
    assert (source.modified and source.modified.isoformat()) == (end and f"{end}T23:59:59+00:00")


def layout(*names: str) -> list[str]:
    return [source.url.removeprefix("https://gazette.example/") for source in index(*((name, "") for name in names))]


def test_the_layouts_of_wordpress() -> None:
    core = ["wp-sitemap-posts-post-1.xml", "wp-sitemap-posts-post-2.xml", "wp-sitemap-posts-recette-1.xml"]
    others = ["wp-sitemap-posts-page-1.xml", "wp-sitemap-taxonomies-category-1.xml", "wp-sitemap-users-1.xml"]
    assert layout(*core, *others, "wp-sitemap-taxonomies-post_tag-1.xml") == core
    yoast = ["post-sitemap.xml", "post-sitemap2.xml", "recette-sitemap.xml", "news-sitemap.xml"]
    others = [
        "page-sitemap.xml",
        "category-sitemap.xml",
        "post_tag-sitemap2.xml",
        "author-sitemap.xml",
        "post_format-sitemap.xml",
    ]
    assert layout(*yoast, *others) == yoast
    rank_math = ["post-sitemap1.xml", "post-sitemap2.xml", "news-sitemap.xml"]
    assert layout(*rank_math, "page-sitemap.xml", "category-sitemap1.xml", "product_cat-sitemap.xml") == rank_math
    by_month = ["sitemap-pt-post-2026-03.xml", "sitemap-pt-post-p1-2026-02.xml"]
    assert (
        layout(
            *by_month,
            "sitemap-misc.xml",
            "sitemap-tax-category.xml",
            "sitemap-pt-page-2026-03.xml",
            "sitemap-authors.xml",
        )
        == by_month
    )
    assert layout("post-sitemap.xml", "date-archive-sitemap.xml", "sitemap-1.xml") == [
        "post-sitemap.xml",
        "sitemap-1.xml",
    ]


def test_core_before_and_after_it_told_dates_again() -> None:
    start = '<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet type="text/xsl" href="/wp-sitemap.xsl" ?>'
    urlset = f'{start}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{{}}</urlset>'
    old = "<url><loc>https://gazette.example/un/</loc></url>"
    new = old.replace("</url>", "<lastmod>2026-03-01T10:00:00+00:00</lastmod></url>")
    for body, modified in ((old, None), (new, "2026-03-01T10:00:00+00:00")):
        (link,) = read(urlset.format(body))
        assert isinstance(link, Link)
        assert (link.modified and link.modified.isoformat()) == modified


def test_yoast_and_rank_math_pages() -> None:
    body = """<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet type="text/xsl" href="/main-sitemap.xsl"?>
    <urlset xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
     xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"
     xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://gazette.example/</loc></url>
    <url><loc><![CDATA[https://gazette.example/un/?a=1&b=2]]></loc><lastmod>2026-03-01T09:00:00+00:00</lastmod>
    <image:image><image:loc>https://gazette.example/un.jpg</image:loc></image:image>
    <image:image><image:loc>https://gazette.example/deux.jpg</image:loc></image:image></url></urlset>
    <!-- XML Sitemap generated by a plugin -->"""
    home, link = read(body)
    assert home.url == "https://gazette.example/"
    assert isinstance(link, Link)
    assert (link.url, link.image) == ("https://gazette.example/un/?a=1&b=2", "https://gazette.example/un.jpg")


def test_indexes_in_indexes_packed_or_plain() -> None:
    """As a spider would read them: each body leads to the next."""
    top = (
        "<sitemapindex><sitemap><loc>/year.xml.gz</loc></sitemap><sitemap><loc>/list.txt</loc></sitemap></sitemapindex>"
    )
    year = "<sitemapindex><sitemap><loc>/month.xml.gz</loc><lastmod>2026-03-01</lastmod></sitemap></sitemapindex>"
    bodies = {
        "/sitemap.xml": top.encode(),
        "/year.xml.gz": gzip.compress(year.encode()),
        "/month.xml.gz": gzip.compress(b"<urlset><url><loc>/un/</loc></url></urlset>"),
        "/list.txt": b"https://gazette.example/deux/\n",
    }
    waiting, found = ["/sitemap.xml"], list[str]()
    while waiting:
        path = waiting.pop()
        for one in sitemaps.links(bodies[path], f"https://gazette.example{path}"):
            path = one.url.removeprefix("https://gazette.example")
            (waiting if isinstance(one, Source) else found).append(path)
    assert sorted(found) == ["/deux/", "/un/"]
