"""The first half of a crawl: the site's ways of discovery are read to the end, before anything is decided of a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request, Spider

from archive.models import Capture, Link
from archive.urls import canonicalise
from crawler.discovery import Source, feeds, listings, pages, robots, sitemaps, wordpress
from crawler.extensions import CrawlRecorder, recorder_of
from crawler.failures import Reason, classify
from crawler.sites import Site
from crawler.ways import Answer, Ask, Ways

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure

logger = logging.getLogger("marbre")

_READERS: dict[str, Callable[[bytes, str], Iterator[Link | Source]]] = {
    "feed": feeds.links,
    "sitemap": sitemaps.links,
    "rest": wordpress.links,
    "home": pages.links,
    "listing": lambda body, url: chain(listings.links(body, url), pages.links(body, url)),  # sections have feeds, too
    "types": lambda *_: iter(()),
}


class DiscoverySpider(Spider):
    """Asks what `Ways` says, and notes what was answered; what to do with the links is the business of subclasses."""

    site: Site
    ways: Ways
    whole: bool  # whether posts are archived from the REST API
    robots: dict[str, bytes]  # by host; RobotsMiddleware fills it

    @property
    def recorder(self) -> CrawlRecorder:
        return recorder_of(self.crawler)

    def first(self) -> Request:
        return self.ask(Ask(Source(self.site.url, "home")))

    def ask(self, ask: Ask) -> Request:
        self.ways.asked.add(ask.source.url)
        return Request(
            ask.source.url,
            callback=self.parse_source,
            errback=self.source_failed,
            cb_kwargs={"ask": ask},
            meta={"role": "source", "handle_httpstatus_list": [304]},
        )

    def asks(self, asks: Iterable[Ask]) -> Iterator[Request]:
        yield from map(self.ask, asks)
        for source, why in self.ways.skipped:
            self.note(source.url, source.kind, "skipped", detail=why)
        self.ways.skipped.clear()

    def parse_source(self, response: Response, ask: Ask) -> Iterator[Capture | Request]:
        """Read a feed, sitemap, API answer, listing or home page; a 304 is read from the stored body."""
        url, body, headers = response.url, response.body, _pairs(response)
        kind, capture = ask.source.kind, response.meta["capture"]
        if response.status == 304 and response.meta["original"] is None:
            self.note(url, kind, "failed", detail="304, though nothing was asked of it")
        elif kind in ("rest", "types") and wordpress.is_closed(response.status, body):
            self.note(ask.source.url, kind, "closed", detail="a page in place of the API's JSON")
            self.ways.failed(ask, gone=True)
        else:
            if response.status == 304:
                body = self.recorder.stored_body(response.meta["original"])
                headers = self.recorder.stored_headers(response.meta["original"])
            yield from self.read(ask, capture, headers, body)
        yield from self.walk_on(ask)

    def read(
        self, ask: Ask, capture: Capture, headers: Sequence[tuple[str, str]], body: bytes
    ) -> Iterator[Capture | Request]:
        kind, url = ask.source.kind, capture.url
        found = list(_READERS[kind](body, url))
        links = [link for link in found if isinstance(link, Link)]
        fresh = self.discover(links)
        if kind == "rest" and self.whole:
            yield from self.posts(body, capture)
        unchanged, empty = capture.kind == "revisit", not found and kind not in ("home", "types")
        outcome = "unchanged" if unchanged else "empty" if empty else "read"
        detail = "a further page" if ask.deep and kind == "feed" else None
        self.note(url, kind, outcome, links=len(links), claimed=_claimed(kind, url, headers), detail=detail)
        if kind == "home":
            yield from self.asks(self.ways.home(headers, body, url, self.sitemaps_of_robots(url)))
            return
        sources = [source for source in found if isinstance(source, Source)]
        yield from self.asks(self.ways.after(ask, Answer(url, headers, body, links, sources, fresh)))

    def source_failed(self, failure: Failure) -> Iterator[Request]:
        request: Request = failure.request  # type: ignore[attr-defined]
        ask: Ask = request.cb_kwargs["ask"]
        why = classify(failure)
        kind = ask.source.kind
        if kind == "home":
            url = self.site.url
            yield from self.asks(self.ways.home((), b"", url, self.sitemaps_of_robots(url)))
        self.ways.failed(ask, gone=why.reason in ("http_404", "http_410"))
        self.note(request.url, kind, _outcome(ask, why), detail=why.detail)
        yield from self.walk_on(ask)

    def walk_on(self, ask: Ask) -> Iterator[Request]:
        """Ask for the next page of a feed or listing, if this was one: they are walked one by one."""
        if ask.deep and (following := self.ways.next_deep()):
            yield self.ask(following)

    def begin_to_walk(self) -> list[Request]:
        """Return the first page of a feed or listing to walk, once everything else was read; empty if there is none."""
        self.discover(self.ways.listing_links())
        following = self.ways.next_deep()
        return [self.ask(following)] if following else []

    def note(self, url: str, kind: str, outcome: str, *, links: int = 0, **said: object) -> None:
        """Keep what a place answered, for people and for the next crawl; a failure is told at once."""
        if kind == "types" and outcome in ("closed", "absent"):
            return  # the API of posts says the same
        self.recorder.sources["failed" if outcome == "failed" else outcome] += 1
        when = datetime.now(UTC)
        self.recorder.note_source(
            {"url": url, "kind": kind, "outcome": outcome, "links": links, "timestamp": when, **said}
        )
        if outcome in ("failed", "closed", "skipped"):
            logger.warning("%s: %s %s: %s: %s", self.site.name, kind, url, outcome, said.get("detail"))

    def sitemaps_of_robots(self, url: str) -> list[Source]:
        body = self.robots.get(urlsplit(url).netloc, b"")
        return [source for source in robots.links(body, url) if isinstance(source, Source)]

    def discover(self, links: Iterable[Link]) -> list[str]:
        """Put links into the frontier; returns the canonical URLs that nobody knew before."""
        found, bad = [], []
        for link in links:
            try:
                found.append((canonicalise(link.url), link))
            except ValueError:
                bad.append((link.url, link))
        fresh = self.recorder.discover(found + bad, anew=self.ways.complete is None)
        self.recorder.settle([url for url, _ in bad], "skipped", "bad_url", detail="not an http(s) URL")
        return fresh

    def posts(self, body: bytes, answer: Capture) -> Iterator[Capture]:
        """Archive the posts of an API answer; which of them, subclasses say."""
        raise NotImplementedError


def _outcome(ask: Ask, why: Reason) -> str:
    """How a place that was asked is called: a guess that is not there is absent, an API that refuses is closed."""
    if ask.source.kind in ("rest", "types") and why.reason in ("http_401", "http_403", "http_404", "http_410"):
        return "closed"
    if ask.guess and why.outcome == "rejected":
        return "absent"
    return "skipped" if why.outcome == "skipped" else "failed"


def _claimed(kind: str, url: str, headers: Sequence[tuple[str, str]]) -> int | None:
    """How many posts the site says there are; an answer about some of them says nothing of that."""
    partial = wordpress.is_edits(url) or wordpress.is_since(url)
    return None if kind != "rest" or partial else wordpress.total(headers)


def _pairs(response: Response) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
