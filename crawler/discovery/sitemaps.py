"""Sitemaps (sitemaps.org): lists of pages, of news, of other sitemaps; XML or one URL a line, plain or gzipped."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime
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
    r"(?:wp-sitemap-(?:taxonomies|users|posts-page)-.*|(?:(?:\w+_)?(?:category|cat|tag|format)|author|page|date-archive)"
    r"-sitemap\d*|sitemap-(?:tax-.*|pt-page-.*|authors|archives|categories|tags|misc))\.xml(?:\.gz)?",
    re.IGNORECASE,
)
# A month or a day in a sitemap's name or query, plainly so: 2019-03, 2019/03, 2019_03, yyyy=2019&mm=03.
_PERIOD = re.compile(
    r"(?<![0-9])(?:19|20)[0-9]{2}(?P<by>[-/_])(?:0[1-9]|1[0-2])(?:(?P=by)(?:0[1-9]|[12][0-9]|3[01]))?(?![0-9])"
)
_ASKED_PERIOD = re.compile(r"(?:^|&)y{1,4}=([0-9]{4})&m{1,2}=([0-9]{2})(?:&d{1,2}=([0-9]{2}))?(?:&|$)")


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
    return Source(url, "sitemap", moment(text_of(element.find("{*}lastmod"))) or end_of_period(url))


def end_of_period(url: str) -> datetime | None:
    """Return the last second (UTC) of the month or day that a sitemap's address names: its pages are of that time."""
    parts = urlsplit(url)
    asked, named = _ASKED_PERIOD.search(parts.query), _PERIOD.search(parts.path)
    numbers = [part for part in asked.groups() if part] if asked else re.findall("[0-9]+", named[0]) if named else []
    if not numbers:
        return None
    year, month, day = (*map(int, numbers), 0)[:3]
    try:
        day = day or monthrange(year, month)[1]
        return datetime(year, month, day, 23, 59, 59, tzinfo=UTC)
    except ValueError:  # the thirteenth month, the thirtieth of February
        return None


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
