"""The articles of a search as a feed: Atom (RFC 4287) or RSS 2.0 (rssboard.org), newest first.

Nothing in a feed depends on the clock: the same archive gives the same feed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

from lxml import etree

from archive.exchange.selection import Document

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_IN_ATOM: Any = {None: _ATOM}  # the library's types know no default namespace
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed without an article was last changed
# What XML 1.0 (2.2) has no way to write.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class About:
    """What a feed says of itself: its title, when it last changed, and the address of the site it is about."""

    title: str
    updated: datetime
    link: str


def about(documents: Iterable[Document], title: str) -> About:
    """Return what a feed of these documents says of itself; a feed has to say it before its first entry."""
    updated, link = _NEVER, "about:blank"
    for number, document in enumerate(documents):
        updated = max(updated, _updated(document))
        if number == 0:
            link = "{0.scheme}://{0.netloc}/".format(urlsplit(document["canonical_url"]))
    return About(title, updated, link)


def atom(out: BinaryIO, documents: Iterable[Document], said: About) -> None:
    with etree.xmlfile(out, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element(f"{{{_ATOM}}}feed", nsmap=_IN_ATOM):
            # RFC 4287, 4.2.6: an id must never change, so it is made of the search.
            xml.write(_atom("id", f"urn:marbre:feed:{quote(said.title, safe='')}"))
            xml.write(_atom("title", said.title))
            xml.write(_atom("updated", said.updated.isoformat()))
            xml.write(_atom("generator", "Marbre"))
            for document in documents:
                xml.write(_entry(document))


def rss(out: BinaryIO, documents: Iterable[Document], said: About) -> None:
    with etree.xmlfile(out, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("rss", version="2.0", nsmap={"dc": _DC, "content": _CONTENT}), xml.element("channel"):
            xml.write(_element("title", said.title))
            xml.write(_element("link", said.link))
            xml.write(_element("description", said.title))
            xml.write(_element("lastBuildDate", format_datetime(said.updated)))
            xml.write(_element("generator", "Marbre"))
            for document in documents:
                xml.write(_item(document))


def _entry(document: Document) -> Any:
    entry = etree.Element(f"{{{_ATOM}}}entry", nsmap=_IN_ATOM)
    entry.append(_atom("id", f"urn:marbre:article:{document['id']}"))
    entry.append(_atom("title", document["title"] or document["canonical_url"]))
    entry.append(_atom("link", rel="alternate", type="text/html", href=document["canonical_url"]))
    entry.append(_atom("updated", _updated(document).isoformat()))
    if document["published"]:
        entry.append(_atom("published", _moment(document["published"]).isoformat()))
    for name in document["authors"] or [document["site_name"] or document["site"]]:  # 4.2.1: there must be one
        author = _atom("author")
        author.append(_atom("name", name))
        entry.append(author)
    entry.extend(_atom("category", term=term) for term in _categories(document))
    if document["licence"]:
        entry.append(_atom("rights", document["licence"]))
    if document["description"]:
        entry.append(_atom("summary", document["description"], type="text"))
    entry.append(_atom("content", _html(document), type="html"))
    return entry


def _item(document: Document) -> Any:
    item = etree.Element("item", nsmap={"dc": _DC, "content": _CONTENT})
    item.append(_element("title", document["title"] or document["canonical_url"]))
    item.append(_element("link", document["canonical_url"]))
    item.append(_element("guid", f"urn:marbre:article:{document['id']}", isPermaLink="false"))
    if document["published"]:
        item.append(_element("pubDate", format_datetime(_moment(document["published"]))))
    # RSS's own author is an e-mail address, which no byline gives.
    item.extend(_element(f"{{{_DC}}}creator", name) for name in document["authors"])
    item.extend(_element("category", term) for term in _categories(document))
    if document["description"]:
        item.append(_element("description", escape(document["description"], quote=False)))
    item.append(_element(f"{{{_CONTENT}}}encoded", _html(document)))
    return item


def _html(document: Document) -> str:
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in document["text"].split("\n") if line)


def _categories(document: Document) -> Iterator[str]:
    yield from dict.fromkeys(filter(None, [document["section"], *document["tags"]]))


def _updated(document: Document) -> datetime:
    """When the publisher last changed it as far as is known; Atom wants a moment in any case (4.2.15)."""
    stated = [document["published"], document["modified"]]
    return max((_moment(text) for text in stated if text), default=_moment(document["first_seen"]))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _atom(name: str, text: str | None = None, **attributes: str) -> Any:
    return _element(f"{{{_ATOM}}}{name}", text, **attributes)


def _element(name: str, text: str | None = None, **attributes: str) -> Any:
    element = etree.Element(name, nsmap=_IN_ATOM if name.startswith(f"{{{_ATOM}}}") else None)
    element.text = None if text is None else _NOT_XML.sub(" ", text)
    for key, value in attributes.items():
        element.set(key, _NOT_XML.sub(" ", value))
    return element
