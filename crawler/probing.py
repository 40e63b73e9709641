"""What a probe of a site found, and what is to be made of it: which ways live, what sites.toml must say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from archive.models import Link
from archive.reading.shapes import is_article
from crawler.discovery import Source, feeds, json_object, listings, sitemaps, unpacked, wordpress
from crawler.discovery.channels import is_of_comments
from crawler.failures import Reason
from crawler.homepage import Headers, HomePage
from crawler.robots import PRODUCT
from crawler.site import Site

DEFAULT_DELAY = 2.0  # seconds, as crawler.site.Site
LONGEST_DELAY = 3600  # seconds, as crawler.site.Site
# The order in which ways are worth having: the whole site at once, then all that it lists, then what is new.
KINDS = ("rest", "sitemap", "feed", "listing")
GUESSED = "guessed"
NAMED = "sites.toml"
CHILD = "an index"  # a sitemap that another names
KNOWN = "an earlier crawl"
_FEED_START = re.compile(rb"<(?:rss|(?:\w+:)?feed|rdf:rdf)\b", re.IGNORECASE)
_SITEMAP_START = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)
_HEAD = 4096  # bytes in which a document says what it is
_SHARE = 0.8  # of the articles on the home page and in the feeds that a complete sitemap names: the newest may lack
MOST_SECTIONS = 20  # written to sites.toml; a menu has fewer


@dataclass(frozen=True, slots=True)
class Way:
    """One place asked for links. `found` says who named it, `outcome` is as in the table of sources.

    `links` counts articles, `children` the further sitemaps of an index; `urls` are the links, comparable.
    """

    kind: str
    url: str
    found: str
    outcome: str
    links: int = 0
    children: int = 0
    claimed: int | None = None
    oldest: datetime | None = None
    is_news: bool = False
    detail: str = ""
    urls: frozenset[str] = frozenset()

    @property
    def lives(self) -> bool:
        return self.outcome == "read"

    @property
    def answers(self) -> bool:
        return self.outcome in ("read", "empty")


@dataclass(slots=True)
class Probe:
    """What one probe found; `failure` is a sentence if the home page could not be had."""

    site: Site
    url: str
    home: HomePage | None = None
    ways: list[Way] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    robots: bytes | None = None
    crawl_delay: float | None = None
    opt_outs: list[str] = field(default_factory=list)
    failure: str | None = None
    requests: int = 0

    def of(self, kind: str) -> list[Way]:
        return [way for way in self.ways if way.kind == kind]

    @property
    def language(self) -> str | None:
        return self.home.language if self.home else None


class Key(NamedTuple):
    """One line of a site's table, with the reason that stands behind it."""

    name: str
    value: Any
    why: str = ""


# -- From answers to ways


def read(source: Source, found: str, url: str, headers: Headers, body: bytes) -> Way:
    """Return what an answer with status 200 makes of a place."""
    body = unpacked(body)
    return {"feed": _feed, "sitemap": _sitemap, "rest": _rest, "listing": _listing}[source.kind](
        Way(source.kind, url, found, "failed"), headers, body
    )


def _feed(way: Way, _: Headers, body: bytes) -> Way:
    if not is_feed(body):
        return _with(way, "failed", detail="a page in place of a feed")
    if is_of_comments(body, way.url):
        return _with(way, "failed", detail="a feed of comments")
    return _counted(way, feeds.links(body, way.url))


def is_feed(body: bytes) -> bool:
    """Whether a body begins as RSS, Atom, RDF or JSON Feed does."""
    head = body[:_HEAD]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        feed = json_object(body)
        return isinstance(feed, dict) and "jsonfeed.org" in str(feed.get("version"))
    return _FEED_START.search(head) is not None and b"<html" not in head.lower()


def _sitemap(way: Way, _: Headers, body: bytes) -> Way:
    if is_feed(body):
        return _with(way, "empty", detail="a feed in place of a sitemap")
    plain_list = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"http://", b"https://"))
    if not plain_list and not _SITEMAP_START.search(body[:_HEAD]):
        return _with(way, "failed", detail="a page in place of a sitemap")
    return _counted(way, sitemaps.links(body, way.url))


def _rest(way: Way, headers: Headers, body: bytes) -> Way:
    if not isinstance(json_object(body), list):
        return _with(way, "closed", detail="no list of posts in its answer")
    claimed = wordpress.total(headers)
    read_ = _counted(way, wordpress.links(body, way.url))
    return _with(read_, read_.outcome, claimed=claimed, links=claimed if claimed is not None else read_.links)


def _listing(way: Way, _: Headers, body: bytes) -> Way:
    return _counted(way, listings.links(body, way.url))


def _counted(way: Way, found: Iterable[Link | Source]) -> Way:
    found = list(found)
    links = [one for one in found if isinstance(one, Link)]
    dates = [when for link in links if (when := link.published or link.modified)]
    children = sum(isinstance(one, Source) and one.kind == "sitemap" for one in found)
    return _with(
        way,
        "read" if links or children else "empty",
        links=len(links),
        children=children,
        oldest=min(dates, default=None),
        is_news=bool(links) and all(link.via == "news-sitemap" for link in links),
        urls=frozenset(comparable(link.url) for link in links),
    )


def _with(way: Way, outcome: str, **values: Any) -> Way:
    known = {name: getattr(way, name) for name in Way.__slots__}
    return Way(**(known | values | {"outcome": outcome}))


def comparable(url: str) -> str:
    """An address without what differs between a site's own ways of writing it: scheme, `www.`, fragment, last slash."""
    return url.partition("://")[2].removeprefix("www.").partition("#")[0].rstrip("/")


# -- What sites.toml must say, so that a crawl finds every article


def keys(probe: Probe, delay: float | None) -> Iterator[Key]:
    """Yield the lines of a site's table: only what a crawl would not find, or not know, by itself."""
    yield Key("url", probe.url)
    if probe.language:
        yield Key("language", probe.language, "as its home page says")
    yield from _delay(probe, delay)
    if probe.site.allow_loopback:
        yield Key("allow_loopback", True, "it is served from this machine")
    yield from _guessed(probe)
    if probe.home and probe.home.needs_javascript:
        yield Key("javascript", True, "its home page is empty until a browser has run its scripts")
    if probe.sections and not reaches_back(probe):
        why = "no sitemap or API has all its articles: these lists are walked to their ends"
        yield Key("sections", probe.sections[:MOST_SECTIONS], why)


def _delay(probe: Probe, delay: float | None) -> Iterator[Key]:
    wanted = DEFAULT_DELAY if delay is None else delay
    asked = min(probe.crawl_delay or 0.0, LONGEST_DELAY)
    if asked > wanted:
        yield Key("delay", asked, "seconds between two requests, as its robots.txt asks")
    elif wanted != DEFAULT_DELAY:
        yield Key("delay", wanted, "seconds between two requests")


def _guessed(probe: Probe) -> Iterator[Key]:
    if found := _living_guesses(probe, "feed"):
        yield Key("feeds", found, "its home page announces none that answers")
    if found := _living_guesses(probe, "sitemap"):
        yield Key("sitemaps", found, "its robots.txt names none that answers")
    if found := _living_guesses(probe, "rest"):
        yield Key("rest", wordpress_root(found[0]), "its home page does not announce it")


def _living_guesses(probe: Probe, kind: str) -> list[str]:
    return [way.url for way in probe.of(kind) if way.lives and way.found == GUESSED]


def wordpress_root(url: str) -> str:
    """The root of the REST API that a question to its posts was put to."""
    return url.partition("/wp/v2/")[0] + "/"


def reaches_back(probe: Probe) -> bool:
    """Whether a way names every article there is, as far as a few requests can tell."""
    return any(way.lives for way in probe.of("rest")) or _has_complete_sitemap(probe)


def _has_complete_sitemap(probe: Probe) -> bool:
    read_ = [way for way in probe.of("sitemap") if way.lives and not way.is_news]
    named = frozenset[str]().union(*(way.urls for way in read_))
    known = frozenset[str]().union(*(way.urls for way in (*probe.of("feed"), *probe.of("listing"))))
    unread = sum(way.children for way in read_) > sum(way.children == 0 for way in read_)
    if unread or not known:
        return bool(named & known) or any(is_article(f"https://{url}") for url in named)
    return len(named & known) >= _SHARE * len(known)


def instead(ways: Sequence[Way]) -> Way | None:
    """Return the best way that lives, for what does not; None if nothing does."""
    living = [way for way in ways if way.lives]
    return min(living, key=lambda way: (KINDS.index(way.kind), -way.links), default=None)


def same_place(kind: str, url: str) -> str:
    """Return a key for a place: an API is one, however it is asked."""
    return f"{kind} {comparable(wordpress_root(url) if kind == 'rest' else url)}"


# -- Why a site could not be had

_SENTENCES = {
    "dns": "there is no such host; look at the spelling",
    "dns_unavailable": "no name server answers: it cannot be told whether there is such a host; try again later",
    "refused": "nothing answers there: the connection was refused",
    "timeout": "it did not answer in time",
    "tls": "TLS fails there; perhaps it is only to be had by http://",
    "certificate": "its certificate cannot be trusted, so what comes from there proves nothing",
    "connection_lost": "the connection was lost before it answered",
    "reset": "it broke the connection off before it answered",
    "robots": f"its robots.txt does not allow {PRODUCT} to fetch it; ask whoever runs the site",
    "robots_unreachable": "its robots.txt cannot be had, and until then nothing may be fetched (RFC 9309)",
    "off_site": "leads to another site; add that one instead",
    "http_403": "the server answered 403 Forbidden: it may keep programs out; ask whoever runs the site",
}


def sentence(why: Reason) -> str:
    """Return why a home page could not be had, for whoever typed its address."""
    said = _SENTENCES.get(_fault(why))
    if why.reason == "refused_address":
        return f"{why.detail}; only a site on this machine can be let in, with --allow-loopback"
    if why.reason in ("off_site", "connection_lost", "reset"):
        return f"{said} ({why.detail[:200]})"
    return said or why.detail


def _fault(why: Reason) -> str:
    """The reason, with TLS's told apart: Scrapy wraps them in a general failure."""
    if why.reason in ("tls", "error") and "certificate" in why.detail:
        return "certificate"
    return "tls" if why.reason == "error" and "OpenSSL" in why.detail else why.reason
