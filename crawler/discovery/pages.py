"""A home page as a way of discovery: the feeds its head announces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from archive.models import Link
from crawler.discovery import MAX_LINKS, Source, absolute

_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json"}
_COMMENTS = re.compile(r"/comments?[/?]|feed=comments", re.IGNORECASE)
_COMMENTS_TITLE = re.compile(
    r"\b(?:comments|commentaires|comentarios|comentários|commenti|kommentare?|reacties)\b", re.IGNORECASE
)
_HEAD = 512 * 1024  # bytes; links in a head come first


def links(body: bytes, base_url: str) -> Iterator[Link | Source]:
    """Yield the feeds a page announces (RSS autodiscovery), those of comments left out."""
    return islice(_feeds(body, base_url), MAX_LINKS)


def _feeds(body: bytes, base_url: str) -> Iterator[Source]:
    for link in head_links(body):
        if "alternate" not in link.get("rel", "").lower().split():
            continue
        url = absolute(link.get("href"), base_url)
        if link.get("type", "").strip().lower() not in _FEED_TYPES or url is None:
            continue
        if not _COMMENTS.search(url) and not _COMMENTS_TITLE.search(link.get("title", "")):
            yield Source(url, "feed")


def head_links(body: bytes) -> list[etree._Element]:
    """The `<link>` elements at the beginning of an HTML page."""
    parser = etree.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(body[:_HEAD], parser)
    except etree.XMLSyntaxError:  # an empty page, or not one
        return []
    return [] if root is None else list(root.iter("link"))
