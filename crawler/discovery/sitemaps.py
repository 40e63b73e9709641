"""Sitemaps (sitemaps.org): lists of pages, of news, of other sitemaps; XML or one URL a line, plain or gzipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from archive.models import Link
from crawler.discovery import MAX_LINKS, Source, absolute, elements, moment, plain, text_of, unique, unpacked

_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
_IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"
# Sitemaps whose names, as WordPress and its SEO plugins give them, say that they list archives of tags, sections and
# authors, or static pages: nothing in them is an article, and a large site has ten times as many tags as articles.
LISTINGS = re.compile(
    r"(?:wp-sitemap-(?:taxonomies|users|posts-page)-.*|(?:category|post_tag|tag|author|page)-sitemap\d*)\.xml(?:\.gz)?",
    re.IGNORECASE,
)


def links(body: bytes, base_url: str) -> Iterator[Link | Source]:
    """Yield the pages of a sitemap, or the sitemaps of an index."""
    return islice(_links(unpacked(body), base_url), MAX_LINKS)


def _links(body: bytes, base_url: str) -> Iterator[Link | Source]:
    if not body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1].isalpha():
        for element in elements(body, "url", "sitemap"):
            found = _source(element, base_url) if element.tag.endswith("sitemap") else _link(element, base_url)
            if found:
                yield found
    else:
        yield from _lines(body, base_url)


def _source(element: etree._Element, base_url: str) -> Source | None:
    url = absolute(text_of(element.find("{*}loc")), base_url)
    if url is None or LISTINGS.fullmatch(urlsplit(url).path.rpartition("/")[2]):
        return None
    return Source(url, "sitemap")


def _link(element: etree._Element, base_url: str) -> Link | None:
    url = absolute(text_of(element.find("{*}loc")), base_url)
    if url is None:
        return None
    news = element.find(f"{_NEWS}news")

    def in_news(name: str) -> etree._Element | None:
        return None if news is None else news.find(f"{_NEWS}{name}")

    return Link(
        url,
        via="sitemap" if news is None else "news-sitemap",
        found_on=base_url,
        title=plain(text_of(in_news("title"))),
        published=moment(text_of(in_news("publication_date"))),
        modified=moment(text_of(element.find("{*}lastmod"))),
        tags=unique(plain(tag) for tag in text_of(in_news("keywords")).split(",")),
        image=absolute(text_of(element.find(f"{_IMAGE}image/{_IMAGE}loc")), base_url),
    )


def _lines(body: bytes, base_url: str) -> Iterator[Link]:
    for line in body.decode("utf-8-sig", "replace").splitlines():
        url = absolute(line, base_url) if line.lstrip().startswith(("http://", "https://")) else None
        if url:
            yield Link(url, via="sitemap", found_on=base_url)
