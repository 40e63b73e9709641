"""The nouns of the archive: frozen values without behaviour of their own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """What one way of discovery says of one URL; kept as evidence beside the capture.

    `via` is the way ("feed", "sitemap", "rest", ...), `found_on` the URL that named it. All else is
    what the feed, sitemap or API said of the article, `None` or empty where it said nothing. Dates are
    aware. `shortlink` is an address that outlives a change of slug or section (WordPress `/?p=ID`).
    """

    url: str
    via: str
    found_on: str
    title: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    description: str | None = None
    image: str | None = None
    shortlink: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One stored HTTP response, as extraction sees it: no socket, no clock, no database.

    `headers` are (name, value) pairs in the order received; `body` has its Content-Encoding undone;
    `captured_at` is aware; `links` is what discovery knew of the page when it was captured; `parts` are the further
    pages of an article that is cut into several.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    captured_at: datetime
    links: tuple[Link, ...] = ()
    parts: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request and its response as they crossed the wire, before anything is decoded.

    `body` still has its Content-Encoding (a transfer coding is undone); `captured_at` is aware; `role`, `links` and
    `source` as in `Capture`.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    captured_at: datetime
    method: str = "GET"
    request_headers: tuple[tuple[str, str], ...] = ()
    protocol: str = "HTTP/1.1"
    ip_address: str | None = None
    role: str = "page"
    links: tuple[Link, ...] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One record of a WARC file: the line a CDXJ index has for it, plus what discovery knew.

    `kind` is "response", "revisit" or "resource"; a revisit has no body of its own and `refers_to` names the
    record that has; a resource is no HTTP answer but something made of one, which `refers_to` names: a post as the
    REST API gave it, a page as a browser built it. `source` is where the bytes come from if not from `url` itself,
    such as a web archive or a file; `url` and `timestamp` are those of the original then. `role` tells what the URL
    was fetched for: "page" (may be an article), "part" (a further page of one), "source" (a feed, a sitemap, ...),
    "robots" or "rights" (a file that says something of all pages of a site). `digest` is the payload digest,
    `algorithm:BASE32`, of the body as received.
    """

    id: str
    urlkey: str
    timestamp: datetime
    url: str
    status: int
    mime: str | None
    digest: str
    kind: str
    refers_to: str | None
    filename: str
    offset: int
    length: int
    crawl: str
    role: str
    links: tuple[Link, ...] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """One picture of an article: absolute URL, what the page prints or says about it, and its stated size in pixels."""

    url: str
    caption: str | None = None
    credit: str | None = None
    alt: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a page is not kept as an article: a short reason to count by, and a sentence of detail."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a stored page could not be read at all: a damaged record, or a worker out of time or memory."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What an article said between `first_seen` and `last_seen` (both aware, times of capture).

    `changed` are the fields in which it differs from the version before it: title, text, authors, published.
    """

    digest: str
    first_seen: datetime
    last_seen: datetime
    title: str | None
    text: str
    published: datetime | None
    modified: datetime | None
    capture: str
    authors: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def _field(about: str, **options: Any) -> Any:
    return dataclasses.field(metadata={"about": about}, **options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news article as read from one page: the one list of fields.

    Table columns, documentation and Datasette's descriptions are made from the sentences here. Missing
    is `None` (or an empty tuple), never an empty string.
    """

    url: str = _field("Address the page was fetched from, after redirects, as published.")
    canonical_url: str = _field(
        "Address the article is known by: the page's own canonical link where it can be believed, "
        "else the fetched address; tracking parameters and fragments dropped."
    )
    shortlink: str | None = _field(
        "Address that outlives a change of slug or section (WordPress /?p=ID); none if the page has none.",
        default=None,
    )
    title: str | None = _field("Headline as printed, without the site's name; none if no headline was found.")
    authors: tuple[str, ...] = _field("People named in the byline, in order; empty if none is named.", default=())
    published: datetime | None = _field(
        "When the publisher says it was first published, ISO 8601 with the publisher's offset; none if unstated.",
        default=None,
    )
    published_raw: str | None = _field("The publishing date exactly as the page or feed wrote it.", default=None)
    modified: datetime | None = _field(
        "When the publisher says it was last changed, ISO 8601 with offset; none if unstated.", default=None
    )
    language: str | None = _field(
        "Language of the text, BCP 47 as the page declares it; none if unstated.", default=None
    )
    site_name: str | None = _field("Name the site gives itself; none if it gives none.", default=None)
    section: str | None = _field("Section or main category it was published in; none if unstated.", default=None)
    tags: tuple[str, ...] = _field("Tags or keywords, in the page's order; empty if none.", default=())
    description: str | None = _field("Standfirst or summary, kept apart from the text; none if none.", default=None)
    text: str = _field("The article's paragraphs and subheadings, plain, one a line, without title or byline.")
    markdown: str = _field("The same with structure: headings, lists, quotations, links; as Markdown.")
    image: str | None = _field("URL of the lead image; none if there is none.", default=None)
    images: tuple[Image, ...] = _field("All images: url, caption, credit, alt; empty if none.", default=())
    licence: str | None = _field("URL or name of the licence the page declares; none if unstated.", default=None)
    free_access: bool | None = _field(
        "Whether the page says it can be read without paying (isAccessibleForFree); none if unstated.", default=None
    )
    parts: int = _field("How many pages it was cut into; they are joined here.", default=1)
    missing_part: str | None = _field(
        "Address of its next page where that was not captured: the text is not whole. None if it is.", default=None
    )
    accepted_by: str | None = _field(
        "What told that the page is an article and not a listing or another kind of page: the rule and its evidence.",
        default=None,
    )
    provenance: Mapping[str, Mapping[str, Any]] = _field(
        "For each field above, where it was read (source: json-ld, a meta tag's name, feed, rest, ...), by which rule "
        "it was chosen, and which others spoke of it.",
        default_factory=dict,
    )
