"""Feeds in every dialect, their pages, and those that are of comments."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from archive.models import Link
from crawler.discovery import feeds

BASE = "https://gazette.example/feed/"

WORDPRESS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Gazette</title><link>https://gazette.example</link>
<atom:link href="https://gazette.example/feed/" rel="self" type="application/rss+xml"/>
<image><url>https://gazette.example/logo.png</url><title>Gazette</title><link>https://gazette.example</link></image>
<item>
 <title>L&#8217;&eacute;t&eacute; &amp; la mer</title>
 <link>https://gazette.example/mer/ete/</link>
 <dc:creator><![CDATA[Anne Martin]]></dc:creator><dc:creator><![CDATA[Bo Li]]></dc:creator>
 <pubDate>Sun, 01 Mar 2026 10:00:00 +0100</pubDate>
 <category><![CDATA[Mer]]></category><category><![CDATA[Arts & lettres]]></category><category>Mer</category>
 <guid isPermaLink="false">https://gazette.example/?p=42</guid>
 <description><![CDATA[<p>Il fait&nbsp;<b>beau</b>.</p>]]></description>
 <content:encoded><![CDATA[<p>Il fait beau. Longtemps.</p>]]></content:encoded>
 <media:group><media:content url="https://gazette.example/small.jpg" medium="image" width="90">
 <media:title>Photo</media:title></media:content>
 <media:content url="https://gazette.example/wide.jpg" medium="image" width="1200"/>
 <media:content url="https://gazette.example/film.mp4" medium="video" width="9999"/></media:group>
</item></channel></rss>"""


def one(body: str, base: str = BASE) -> Link:
    (link,) = feeds.links(body.encode(), base)
    assert isinstance(link, Link)
    return link


def item(inside: str) -> Link:
    return one(f"<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item>{inside}</item></channel></rss>")


def test_rss_2_as_wordpress_writes_it() -> None:
    assert one(WORDPRESS) == Link(
        "https://gazette.example/mer/ete/",
        via="feed",
        found_on=BASE,
        title="L’été & la mer",
        published=datetime.fromisoformat("2026-03-01T10:00:00+01:00"),
        authors=("Anne Martin", "Bo Li"),
        tags=("Mer", "Arts & lettres"),
        description="Il fait\xa0beau.",
        image="https://gazette.example/wide.jpg",
        shortlink="https://gazette.example/?p=42",
    )
    assert str(one(WORDPRESS).published) == "2026-03-01 10:00:00+01:00"


def test_atom() -> None:
    link = one("""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://gazette.example/blog/"><title>Blog</title>
    <link href="https://gazette.example/"/><author><name>Nobody</name></author>
    <entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>title</b></div></title>
    <link rel="replies" href="un/comments"/><link rel="alternate" type="text/html" href="un/"/>
    <link rel="enclosure" type="image/png" href="un.png"/>
    <published>2026-03-01T10:00:00+01:00</published><updated>2026-03-02T11:00:00+01:00</updated>
    <author><name>Anne</name><email>a@gazette.example</email></author><author><name>Bo</name></author>
    <category term="mer" label="La mer"/><category term="ciel"/><summary>Short.</summary>
    <id>tag:1</id></entry></feed>""")
    assert (link.url, link.title) == ("https://gazette.example/blog/un/", "A title")
    assert (link.published and link.published.isoformat()) == "2026-03-01T10:00:00+01:00"
    assert (link.modified and link.modified.isoformat()) == "2026-03-02T11:00:00+01:00"
    assert (link.authors, link.tags, link.description) == (("Anne", "Bo"), ("La mer", "ciel"), "Short.")
    assert link.shortlink is None


@pytest.mark.parametrize(
    ("base", "path"), [("blog/", "/feed/blog/un"), ("/blog/", "/blog/un"), ("http://[/", "/feed/un")]
)
def test_relative_and_broken_bases(base: str, path: str) -> None:
    entry = "<entry><title>Un</title><link href='un'/></entry>"
    link = one(f"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='{base}'>{entry}</feed>")
    assert link.url == f"https://gazette.example{path}"


def test_rss_1_and_0_91() -> None:
    link = one("""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><items><rdf:Seq/></items></channel>
    <item rdf:about="https://gazette.example/un"><title>Un</title><dc:date>2026-03-01T10:00:00+01:00</dc:date>
    <dc:creator>Anne</dc:creator><dc:subject>Mer</dc:subject></item></rdf:RDF>""")
    assert (link.url, link.title, link.authors, link.tags) == ("https://gazette.example/un", "Un", ("Anne",), ("Mer",))
    assert (
        one('<rss version="0.91"><channel><item><title>Un</title><link>/un</link></item></channel></rss>').title == "Un"
    )


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1"])
def test_json_feed(version: str) -> None:
    entry = {
        "id": "https://gazette.example/?p=7",
        "url": "https://gazette.example/un",
        "title": "Un",
        "date_published": "2026-03-01T10:00:00+01:00",
        "date_modified": "2026-03-02T10:00:00+01:00",
        "tags": ["Mer", None, 3],
        "summary": "Court.",
        "image": "/un.jpg",
        "author": {"name": "Anne"},
        "authors": [{"name": "Anne"}, {"name": "Bo"}] if version.endswith("1.1") else None,
    }
    link = one(json.dumps({"version": version, "items": [7, None, entry, {"title": "without a URL"}]}))
    assert link.authors == (("Anne", "Bo") if version.endswith("1.1") else ("Anne",))
    assert (link.tags, link.description, link.image) == (("Mer",), "Court.", "https://gazette.example/un.jpg")
    assert link.published is not None
    assert link.modified is not None
    assert link.shortlink == "https://gazette.example/?p=7"


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<link>https://gazette.example/?a=1&b=2</link>", "https://gazette.example/?a=1&b=2"),
        ("<link><![CDATA[https://gazette.example/?a=1&b=2]]></link>", "https://gazette.example/?a=1&b=2"),
        ("<guid>https://gazette.example/un</guid>", "https://gazette.example/un"),
        ("<link/><guid isPermaLink='true'>https://gazette.example/un</guid>", "https://gazette.example/un"),
        ("<link>\n /un \n</link>", "https://gazette.example/un"),
        (
            """<link>https://counter.example/x</link>
            <o:origLink xmlns:o='http://rssnamespace.org/feedburner/ext/1.0'>https://gazette.example/un</o:origLink>""",
            "https://gazette.example/un",
        ),
    ],
)
def test_where_the_address_is(inside: str, url: str) -> None:
    assert item(inside).url == url


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("a@gazette.example (Anne Martin)", ("Anne Martin",)),
        ("a@gazette.example", ()),
        ("Anne Martin", ("Anne Martin",)),
        ("", ()),
    ],
)
def test_rss_authors(author: str, expected: tuple[str, ...]) -> None:
    assert item(f"<link>/un</link><author>{author}</author>").authors == expected


@pytest.mark.parametrize(
    "guid", ["https://elsewhere.example/?p=1", "https://gazette.example/?p=x", "7", "http://[/?p=1"]
)
def test_only_a_shortlink_of_the_same_host_is_one(guid: str) -> None:
    assert item(f"<link>https://gazette.example/un</link><guid isPermaLink='false'>{guid}</guid>").shortlink is None


def test_an_article_in_place_of_a_summary_is_no_description() -> None:
    assert item(f"<link>/un</link><description>{'Bla bla. ' * 500}</description>").description is None


def test_feeds_of_comments_are_left_alone() -> None:
    body = b"<rss><channel><item><title>By Bo</title><link>https://gazette.example/un/#comment-7</link></item></channel></rss>"
    assert list(feeds.links(body, "https://gazette.example/un/feed/")) == []
    assert list(feeds.links(WORDPRESS.encode(), "https://gazette.example/comments/feed/")) == []


def test_an_encoding_lxml_has_never_heard_of() -> None:
    body = "<rss><channel><item><title>Un</title><link>/un</link></item></channel></rss>"
    assert one(f'<?xml version="1.0" encoding="x-klingon"?>{body}').title == "Un"


def test_a_feed_only_feedparser_can_read() -> None:
    body = """<rss><channel><ITEM><TITLE>Un &amp; deux</TITLE><LINK>https://gazette.example/un</LINK>
    <PUBDATE>Sun, 01 Mar 2026 10:00:00 +0100</PUBDATE><AUTHOR>Anne</AUTHOR><CATEGORY>Mer</CATEGORY></ITEM>
    </channel></rss>"""
    link = one(body)
    assert (link.title, link.url, link.tags) == ("Un & deux", "https://gazette.example/un", ("Mer",))
    assert (link.published and link.published.isoformat()) == "2026-03-01T10:00:00+01:00"
    assert link.modified is None


_RDF = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
_ITEM = "<item><title>Un</title><link>https://gazette.example/un</link></item>"
_ENTRY = "<entry><title>Un</title><link href='https://gazette.example/un'/></entry>"
_JSON = json.dumps({"items": [{"url": "https://gazette.example/un", "title": "Un"}]})


@pytest.mark.parametrize(
    "body",
    [
        f"<rdf:RDF {_RDF} xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><title>G</title></channel>{_ITEM}</rdf:RDF>",
        f"<rss version='0.91'><channel><title>G</title>{_ITEM}</channel></rss>",
        f"<rss version='0.92'><channel><title>G</title>{_ITEM}</channel></rss>",
        f"<rdf:RDF {_RDF} xmlns='http://purl.org/rss/1.0/'><channel><title>G</title></channel>{_ITEM}</rdf:RDF>",
        f"<rss version='2.0'><channel><title>G</title>{_ITEM}</channel></rss>",
        f"<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>G</title>{_ENTRY}</feed>",
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>G</title>{_ENTRY}</feed>",
        f"<a:feed xmlns:a='http://www.w3.org/2005/Atom'>{_ENTRY.replace('<', '<a:').replace('<a:/', '</a:')}</a:feed>",
        _JSON[:1] + '"version": "https://jsonfeed.org/version/1", ' + _JSON[1:],
        _JSON[:1] + '"version": "https://jsonfeed.org/version/1.1", ' + _JSON[1:],
    ],
    ids=["0.90", "0.91", "0.92", "1.0", "2.0", "atom 0.3", "atom 1.0", "atom prefixed", "json 1.0", "json 1.1"],
)
def test_every_dialect(body: str) -> None:
    link = one(body)
    assert (link.url, link.title, link.via) == ("https://gazette.example/un", "Un", "feed")


_ATOM = "xmlns='http://www.w3.org/2005/Atom'"


@pytest.mark.parametrize(
    "address",
    [
        "/comments/feed/",
        "/feeds/comments/default",
        "/feeds/7/comments/default",
        "/?feed=comments-rss2",
        "/comments.xml",
        "/un/comments/rss",
    ],
)
def test_addresses_of_comment_feeds(address: str) -> None:
    assert list(feeds.links(WORDPRESS.encode(), f"https://gazette.example{address}")) == []


@pytest.mark.parametrize(
    "title",
    [
        "Comments on: L’été",
        "Comments for Gazette",
        "Commentaires sur&#160;: L’été",
        "Kommentare zu: Meer",
        "Commentaires pour Gazette",
    ],
)
def test_titles_of_comment_feeds(title: str) -> None:
    feed = f"<rss><channel><title>{title}</title>{{}}</channel></rss>"
    assert list(feeds.links(feed.format(_ITEM).encode(), f"{BASE}un/feed/")) == []
    commented = _ITEM.replace(
        "</item>", "<slash:comments xmlns:slash='http://purl.org/rss/1.0/modules/slash/'>3</slash:comments></item>"
    )
    assert one(feed.format(commented)).title == "Un"  # a section of comment, whose entries are commented on


def test_a_title_of_opinion_is_no_feed_of_comments() -> None:
    for title in ("Comments", "Kommentare", "Comment is free", "Les commentaires de la rédaction"):
        assert one(f"<rss><channel><title>{title}</title>{_ITEM}</channel></rss>").title == "Un"


@pytest.mark.parametrize("fragment", ["#comment-7", "#comment7", "?showComment=123#c123456", "#c123456"])
def test_entries_that_are_comments(fragment: str) -> None:
    comment = _ITEM.replace("/un<", f"/un{fragment}<")
    (link,) = feeds.links(f"<rss><channel>{comment}{_ITEM}</channel></rss>".encode(), BASE)
    assert link.url == "https://gazette.example/un"
    reply = _ENTRY.replace(
        "</entry>", "<r:in-reply-to xmlns:r='http://purl.org/syndication/thread/1.0' ref='x'/></entry>"
    )
    assert list(feeds.links(f"<feed {_ATOM}>{reply}</feed>".encode(), BASE)) == []
