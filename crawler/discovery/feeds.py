"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed.

Read by lxml, which is quick, tells every author and leaves dates as the publisher wrote them, offset included; what
is too broken for it goes to feedparser.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import feedparser
from lxml import etree

from archive.models import Link
from crawler.discovery import (
    MAX_LINKS,
    Source,
    absolute,
    dig,
    elements,
    in_base,
    items,
    json_object,
    moment,
    plain,
    same_host,
    text_of,
    unique,
    unpacked,
    whole,
)
from crawler.discovery.channels import is_of_comments, next_page

__all__ = ["links", "next_page"]

_DC = "{http://purl.org/dc/elements/1.1/}"
_DCTERMS = "{http://purl.org/dc/terms/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_ORIGINAL = "{http://rssnamespace.org/feedburner/ext/1.0}origLink"  # the article's address, not the counter's
_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_REPLY = "{http://purl.org/syndication/thread/1.0}in-reply-to"  # RFC 4685
_COMMENT = re.compile(r"#comment[-_]?\d|[?&]showComment=|#c\d{4,}$")
_SHORTLINK = re.compile(r"https?://[^?#]*/\?p=\d+")
_ENTRIES = ("item", "entry")
_MAILBOX = re.compile(r"[^()@]*@[^()]*\(([^()]+)\)\s*")  # RSS 2.0: a@example.org (A Name)
_LOOSE_LIMIT = 1024 * 1024  # bytes; feedparser is thorough, not quick


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One entry as written: nothing is absolute, parsed or plain yet."""

    url: Any
    title: Any = None
    published: Any = None
    modified: Any = None
    authors: Iterable[Any] = ()
    tags: Iterable[Any] = ()
    description: Any = None
    image: Any = None
    guid: Any = None
    is_reply: bool = False  # a comment


def links(body: bytes, base_url: str) -> Iterator[Link | Source]:
    """Yield the entries of a feed; those of a feed of comments are none."""
    body = unpacked(body)
    if is_of_comments(body, base_url):
        return
    found = False
    for entry in islice(_entries(body), MAX_LINKS):
        found = True
        if link := _link(entry, base_url):
            yield link
    if not found:
        yield from filter(None, (_link(entry, base_url) for entry in _loose(body)))


def _entries(body: bytes) -> Iterator[_Entry]:
    if body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return map(_json_entry, items(dig(json_object(body), "items")))
    return map(_xml_entry, elements(body, *_ENTRIES))


def _link(entry: _Entry, base_url: str) -> Link | None:
    url = absolute(entry.url, base_url)
    if url is None or _COMMENT.search(url) or entry.is_reply:
        return None
    guid = entry.guid.strip() if isinstance(entry.guid, str) else ""
    return Link(
        url,
        via="feed",
        found_on=base_url,
        title=plain(entry.title),
        published=moment(entry.published),
        modified=moment(entry.modified),
        authors=unique(_name(plain(author)) for author in entry.authors),
        tags=unique(plain(tag) for tag in entry.tags),
        description=plain(entry.description),
        image=absolute(entry.image, base_url),
        shortlink=absolute(guid, base_url) if _SHORTLINK.fullmatch(guid) and same_host(guid, url) else None,
    )


def _name(author: str | None) -> str | None:
    if author is None or "@" not in author:
        return author
    match = _MAILBOX.fullmatch(author)
    return match[1].strip() if match else None


# -- RSS and Atom


def _xml_entry(item: etree._Element) -> _Entry:
    own = item.tag[: item.tag.find("}") + 1]  # titles of other namespaces are those of players and pictures

    def first(*tags: str) -> str | None:
        return next(_texts(item, *tags), None)

    return _Entry(
        url=_address(item, own),
        title=first(f"{own}title", f"{_DC}title"),
        published=first(
            f"{own}pubDate", f"{own}published", f"{own}issued", f"{_DC}date", f"{_DCTERMS}issued", f"{_DCTERMS}created"
        ),
        modified=first(f"{own}updated", f"{own}modified", f"{_DCTERMS}modified"),
        authors=list(_texts(item, f"{_DC}creator", f"{own}author/{own}name", f"{own}author")),
        tags=list(_tags(item, own)),
        description=first(f"{own}description", f"{own}summary", f"{_DC}description"),
        image=_image(item, own),
        guid=first(f"{own}guid", f"{own}id"),
        is_reply=item.find(_REPLY) is not None,
    )


def _texts(item: etree._Element, *tags: str) -> Iterator[str]:
    """Texts of the children of these names, the first name first; of persons the name, not the address."""
    for tag in tags:
        for child in item.findall(tag):
            if not (tag.endswith("author") and len(child)) and (text := text_of(child)):
                yield text


def _address(item: etree._Element, own: str) -> str | None:
    texts = _texts(item, _ORIGINAL, f"{own}link")
    url = next(texts, None) or _atom_address(item) or item.get(_ABOUT) or _permalink(item, own)
    return in_base(url, item) if url else None


def _atom_address(item: etree._Element) -> str | None:
    found = [child for child in item if child.tag in {_ATOM_LINK, f"{item.tag[: item.tag.find('}') + 1]}link"}]
    pages = [child for child in found if child.get("rel", "alternate") == "alternate" and child.get("href")]
    pages.sort(key=lambda child: child.get("type", "text/html") != "text/html")
    return pages[0].get("href") if pages else None


def _permalink(item: etree._Element, own: str) -> str | None:
    guid = item.find(f"{own}guid")
    if guid is None or guid.get("isPermaLink") == "false":
        return None
    return guid.text if (guid.text or "").strip().startswith("http") else None


def _tags(item: etree._Element, own: str) -> Iterator[str]:
    for child in item.findall(f"{own}category"):
        yield child.get("label") or child.get("term") or text_of(child)
    yield from _texts(item, f"{_DC}subject")


def _image(item: etree._Element, own: str) -> str | None:
    """The entry's picture: enclosed, else the widest of its media, else a thumbnail."""
    for child in item:
        if child.get("type", "").startswith("image/"):
            if child.tag == f"{own}enclosure":
                return child.get("url")
            if child.get("rel") == "enclosure":
                return child.get("href")
    media = [node for node in item.iter(f"{_MEDIA}content") if _is_image(node) and node.get("url")]
    media += list(item.iter(f"{_MEDIA}thumbnail"))[:1]
    return max(media, key=_width).get("url") if media else None


def _is_image(node: etree._Element) -> bool:
    return node.get("medium") == "image" or node.get("type", "").startswith("image/")


def _width(node: etree._Element) -> int:
    width = node.get("width", "")
    return int(width) if width.isascii() and width.isdigit() and len(width) < 7 else 0


# -- JSON Feed 1.0 and 1.1 (jsonfeed.org)


def _json_entry(item: Any) -> _Entry:
    authors = items(dig(item, "authors")) or [dig(item, "author")]
    return _Entry(
        url=dig(item, "url"),
        title=dig(item, "title"),
        published=dig(item, "date_published"),
        modified=dig(item, "date_modified"),
        authors=[dig(author, "name") for author in authors],
        tags=items(dig(item, "tags")),
        description=dig(item, "summary"),
        image=dig(item, "image") or dig(item, "banner_image"),
        guid=dig(item, "id"),
    )


# -- What lxml cannot read


def _loose(body: bytes) -> list[_Entry]:
    body = whole(body[:_LOOSE_LIMIT], *_ENTRIES)
    if not body:
        return []
    try:
        # A stream, because feedparser opens the file that a string, or bytes, happen to name.
        parsed = feedparser.parse(io.BytesIO(body))
        return [_loose_entry(entry) for entry in parsed.entries[:MAX_LINKS]]
    except Exception:  # noqa: BLE001 - it states no errors of its own, and its input is hostile; nothing can be read
        return []


def _loose_entry(entry: Any) -> _Entry:
    return _Entry(
        url=entry.get("link"),
        title=entry.get("title"),
        published=entry.get("published"),
        modified=entry["updated"] if "updated" in entry else None,  # noqa: SIM401 - .get() gives the other date
        authors=[author.get("name") for author in entry.get("authors", [])],
        tags=[tag.get("label") or tag.get("term") for tag in entry.get("tags", [])],
        description=entry.get("summary"),
        image=next(
            (link["href"] for link in entry.get("enclosures", []) if link.get("type", "").startswith("image/")), None
        ),
        guid=entry.get("id"),
    )
