"""The feeds a page announces, or links to."""

from __future__ import annotations

import pytest

from crawler.discovery import Source, pages


def test_a_home_page_announces_its_feeds() -> None:
    body = b"""<html><head>
    <link rel="alternate" type="application/rss+xml" title="Gazette &raquo; Flux" href="https://gazette.example/feed/">
    <link rel="alternate" type="application/rss+xml" title="Gazette &raquo; Flux des commentaires" href="/flux2/">
    <link rel="alternate" type="application/rss+xml" title="Comments" href="https://gazette.example/comments/feed/">
    <link rel='ALTERNATE home' type='application/atom+xml ' title="Comment faire" href=/atom>
    <link rel="alternate" type="application/feed+json" href="feed.json">
    <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
    <link rel="alternate" hreflang="en" href="/en/"><link rel="stylesheet" href="/x.css">
    <link rel="alternate" type="application/rss+xml"></head>"""
    assert list(pages.links(body, "https://gazette.example/")) == [
        Source("https://gazette.example/feed/", "feed"),
        Source("https://gazette.example/atom", "feed"),
        Source("https://gazette.example/feed.json", "feed"),
    ]


def announced(markup: str, base: str = "https://gazette.example/mer/") -> list[str]:
    return [source.url for source in pages.links(f"<html><body>{markup}".encode(), base)]


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/rss+xml" href="/feed/">',
        "<LINK REL=Alternate TYPE=Application/RSS+XML HREF=/feed/>",
        '<link type="application/rss+xml; charset=utf-8" rel="home alternate" href="../feed/" />',
        '<base href="https://gazette.example/x/"><link rel="alternate" type="application/atom+xml" href="../feed/">',
        '<link rel="alternate" type="text/xml" title="RSS .92" href="/feed/">',
        '<link rel="alternate" type="application/xml" href="/feed/">',
        '<link rel="alternate" href="/feed/">',
        '<link rel="feed" href="/feed/">',
        '<link rel="alternate" type="application/rdf+xml" href="https://gazette.example/feed/" hreflang="fr">',
        '<div><link rel="alternate" type="application/rss+xml" href="/feed/"></div>',
        '<link rel="alternate" type="application/rss+xml" href="/feed/">' * 2,
        '<link rel="alternate" type="application/rss+xml" href="/feed/"><a href="/autre.rss">RSS</a>',
        '<a href="/feed/">RSS</a> <a href="https://gazette.example/feed/#x">RSS</a> <a href="/comments/feed/">x</a>',
    ],
)
def test_forms_of_announcing_a_feed(link: str) -> None:
    assert announced(link) == ["https://gazette.example/feed/"]


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
        '<link rel="alternate" type="application/json+oembed" title="oEmbed" href="/wp-json/oembed/1.0/embed?url=x">',
        '<link rel="alternate" type="text/xml+oembed" href="/wp-json/oembed/1.0/embed?url=x&format=xml">',
        '<link rel="alternate" hreflang="en" href="/en/">',
        '<link rel="alternate" media="print" href="/print">',
        '<link rel="alternate stylesheet" type="text/css" title="feed" href="/feed.css">',
        '<link rel="alternate" type="application/rss+xml" title="Comments on Un" href="/un/flux">',
        '<link rel="alternate" type="application/rss+xml" href="/2026/03/01/un/feed/">',
        '<link rel="alternate" type="application/rss+xml" href="http://[/">',
        '<a href="https://elsewhere.example/feed/">RSS</a><a href="/un/comments/feed/">x</a><a href="/rss-et-x/">x</a>',
        '<a href="/sitemap.xml">plan</a><a href="/feedback">x</a><a href="/?feed=comments-rss2">x</a><a>x</a>',
    ],
)
def test_what_announces_no_feed(link: str) -> None:
    assert announced(link) == []


@pytest.mark.parametrize(
    "address",
    """/feed /mer/feed/ /feed/atom/ /rss /rss.xml /mer/rss_mer.xml /index.xml /atom.xml /feed.json /mer.rss /mer.atom
    /index.rdf /?feed=rss2 /mer?format=rss /flux-mer.xml""".split(),  # noqa: SIM905 - fifteen words
)
def test_a_last_resort_are_links_to_feeds(address: str) -> None:
    assert announced(f'<p><a class="rss" href="{address}">x</a></p>') == [f"https://gazette.example{address}"]
