"""A home page, or a section's, as a way of discovery: the feeds it announces in its head, else those it links to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from archive.models import Link
from crawler.discovery import MAX_LINKS, Source, absolute, base_of, html_root, same_host
from crawler.discovery.channels import COMMENT_FEED

_FEED_TYPES = {
    *("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/rss+xml"),
    *(
        "application/x-rss+xml",
        "application/x-atom+xml",
        "application/x.atom+xml",
        "application/rss",
        "application/atom",
    ),
}
# Types of much else: of a feed if the address or title says so.
_XML_OR_JSON = {"text/xml", "application/xml", "application/json", ""}
_FEED_NAME = re.compile(r"\b(?:rss|atom|rdf|feed|json feed|flux|fil rss)\b", re.IGNORECASE)
_FEED_ADDRESS = re.compile(
    r"/(?:feed|rss|atom)(?:/(?:rss2?|atom|rdf|feed))?/?$|[/_-](?:rss|feed|atom|index|flux)[\w-]*\.(?:xml|rdf|json)$"
    r"|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed=(?:feed|rss2?|atom|rdf)|(?:format|type|output)=(?:rss|atom|feed))(?:&|$)")
_COMMENTS = re.compile(r"/comments?[/?]|feed=comments|/\d{4}/\d{2}/\d{2}/[^/]+/feed", re.IGNORECASE)
_COMMENTS_TITLE = re.compile(
    r"\b(?:comments|commentaires|comentarios|comentários|commenti|kommentare?|kommentar-feed|reacties|kommentarer"
    r"|kommentit|komentarze|komentáře|hozzászólások|yorumlar|комментарии|комментариев|коментарі)\b|コメント|评论|댓글",
    re.IGNORECASE,
)
_HEAD = 512 * 1024  # bytes; links in a head come first


def links(body: bytes, base_url: str) -> Iterator[Link | Source]:
    """Yield the feeds a page announces (RSS autodiscovery), those of comments left out.

    Where none is announced, those of its own host that it links to by an address such as `/feed/` or `rss.xml`.
    """
    announced = list(islice(_announced(body, base_url), MAX_LINKS))
    found = announced or list(islice(_linked(body, base_url), MAX_LINKS))
    yield from (Source(url, "feed") for url in dict.fromkeys(found))


def _announced(body: bytes, base_url: str) -> Iterator[str]:
    found = head_links(body)
    base = base_of(found[0].getroottree().getroot(), base_url) if found else base_url
    for link in found:
        url = absolute(link.get("href"), base)
        if url and _is_feed(link, url) and not _is_of_comments(url, link.get("title", "")):
            yield url


def _is_feed(link: etree._Element, url: str) -> bool:
    rel = link.get("rel", "").lower().split()
    if "alternate" not in rel or "stylesheet" in rel:
        return "feed" in rel
    kind = link.get("type", "").partition(";")[0].strip().lower()
    named = _is_feed_address(url) or (kind and _FEED_NAME.search(link.get("title", "")))
    return kind in _FEED_TYPES or (kind in _XML_OR_JSON and not link.get("hreflang") and bool(named))


def _linked(body: bytes, base_url: str) -> Iterator[str]:
    root = html_root(body)
    if root is None:
        return
    base = base_of(root, base_url)
    for anchor in root.iter("a"):
        url = absolute(anchor.get("href"), base)
        if url and _is_feed_address(url) and same_host(url, base_url) and not _is_of_comments(url, ""):
            yield url.partition("#")[0]


def _is_feed_address(url: str) -> bool:
    parts = urlsplit(url)
    return _FEED_ADDRESS.search(parts.path) is not None or _FEED_QUERY.search(parts.query) is not None


def _is_of_comments(url: str, title: str) -> bool:
    return any(rule.search(text) for rule, text in ((COMMENT_FEED, url), (_COMMENTS, url), (_COMMENTS_TITLE, title)))


def head_links(body: bytes) -> list[etree._Element]:
    """The `<link>` elements at the beginning of an HTML page."""
    parser = etree.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(body[:_HEAD], parser)
    except etree.XMLSyntaxError:  # an empty page, or not one
        return []
    return [] if root is None else list(root.iter("link"))
