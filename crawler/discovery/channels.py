"""What a feed says of itself as a whole: whether it is one of comments, and where its older entries are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from crawler.discovery import (
    Source,
    absolute,
    dig,
    elements,
    in_base,
    json_object,
    local_name,
    same_host,
    text_of,
    unpacked,
    whole,
)

COMMENT_FEED = re.compile(
    r"/comments?/(?:feed|rss|atom)|/feeds?/(?:\w+/)?comments?\b|[?&]feed=comments|/comments?[._-]?(?:feed|rss\d?)?"
    r"\.(?:xml|rss|atom|rdf)\b",
    re.IGNORECASE,
)
# The titles WordPress gives to feeds of comments. A newspaper may call a section so ("Kommentare"); its entries are
# told by what no comment has: the number of its comments, or a feed of them.
_TITLE = re.compile(
    r"\s*(?:comments (?:on|for)\b|commentaires (?:sur|pour)\b|kommentare (?:zu:|für\b)|comentarios (?:en|de)\b"
    r"|comentários (?:sobre|em|para)\b|commenti (?:a:|per\b|su\b)|reacties op\b|komentarze do\b|комментарии)",
    re.IGNORECASE,
)
_COMMENTED = re.compile(rb"<(?:slash:comments|wfw:commentRss|thr:total|thread:total)\b", re.IGNORECASE)
_ENTRY = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)\b", re.IGNORECASE)
_WORDPRESS = re.compile(r"https?://(?:www\.)?wordpress\.(?:org|com)\b", re.IGNORECASE)
_MAX_PAGES = 10_000  # a hundred thousand entries; a server may say anything
_WHOLES = {"feed", "channel", "RDF"}
_JSON_START = (b"{", b"\xef\xbb\xbf{")


def is_of_comments(body: bytes, url: str) -> bool:
    """Whether its address says so, or its title where no entry has comments of its own."""
    if COMMENT_FEED.search(url):
        return True
    head = _ENTRY.split(whole(body, "title"), maxsplit=1)[0]
    title = next((text_of(title) for title in elements(head, "title")), "")
    return _TITLE.match(title) is not None and not _COMMENTED.search(body)


def next_page(body: bytes, url: str) -> Source | None:
    """Return where a feed goes on with older entries, on the same host; none if it does not say.

    RFC 5005: `rel="next"` of a paged feed, `rel="prev-archive"` of an archived one, in Atom, and in RSS by Atom's link;
    `next_url` of a JSON Feed. WordPress announces none and answers `?paged=N`; a cache before it may not, and send the
    first page again: what brings nothing new is the last page, which only the reader of both can tell.
    """
    body = unpacked(body)
    if is_of_comments(body, url):
        return None
    if body.lstrip().startswith(_JSON_START):
        target = absolute(dig(json_object(body), "next_url"), url)
        return _source(target, url)
    head = _head(body, url)
    announced = head.links.get("next") or head.links.get("prev-archive")
    if announced:
        return _source(announced, url)
    by_number = head.is_wordpress and head.has_entry and (head.home is None or same_host(head.home, url))
    return _source(_paged(url), url) if by_number else None


@dataclass(slots=True)
class _Head:
    links: dict[str, str] = field(default_factory=dict)
    home: str | None = None
    is_wordpress: bool = False
    has_entry: bool = False


def _head(body: bytes, url: str) -> _Head:
    head = _Head()
    for element in _parts(body):
        name = local_name(element)
        if name in {"item", "entry"}:
            head.has_entry = True
        elif name.startswith("generator"):
            head.is_wordpress = head.is_wordpress or _WORDPRESS.search(_said(element)) is not None
        elif element.get("href") is None:
            head.home = head.home or absolute(in_base(text_of(element), element), url)
        else:
            relation = element.get("rel", "").strip().lower().removeprefix("http://www.iana.org/assignments/relation/")
            if target := absolute(in_base(element.get("href", ""), element), url):
                head.links.setdefault(relation, target)
    return head


def _parts(body: bytes) -> Iterator[etree._Element]:
    """The entries, and the links and generators that are the feed's own."""
    for element in elements(body, "link", "generator", "generatorAgent", "item", "entry", *_WHOLES):
        name = local_name(element)
        parent = element.getparent()
        is_own = parent is not None and local_name(parent) in _WHOLES
        if name in {"item", "entry"} or (is_own and name not in _WHOLES):
            yield element


def _said(generator: etree._Element) -> str:
    return " ".join((text_of(generator), *map(str, generator.attrib.values())))


def _source(target: str | None, url: str) -> Source | None:
    good = target is not None and target != url and same_host(target, url)
    return Source(target, "feed") if target and good else None


def _paged(url: str) -> str | None:
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    stated = dict(query).get("paged", "1")
    page = int(stated) if re.fullmatch(r"[1-9][0-9]{0,5}", stated) else 1
    if page >= _MAX_PAGES:
        return None
    others = [(name, value) for name, value in query if name != "paged"]
    return urlunsplit(parts._replace(query=urlencode([*others, ("paged", str(page + 1))]), fragment=""))
