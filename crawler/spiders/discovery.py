"""The first half of a crawl: the site's ways of discovery are read to the end, before anything is decided of a page."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from archive import captures
from archive.models import Capture, Link
from archive.rights.files import TDMREP
from archive.robots_kept import KEPT
from archive.urls import canonicalise
from crawler.discovery import Source, feeds, listings, pages, robots, sitemaps, wordpress
from crawler.extensions import CrawlRecorder, recorder_of
from crawler.failures import Reason, classify
from crawler.pacing import NOT_ASKED
from crawler.site import Site
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
# A sitemap of fifty thousand addresses takes seconds to read, in which no answer would be taken and no limit of time be
# kept: what is larger is read in a thread, and what it names goes to the database by so many at a time.
_LARGE = 256 * 1024  # bytes
_AT_ONCE = 2000  # links


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

    def rights_files(self) -> Iterator[Request]:
        """Ask for the site's tdmrep.json, once a day: what it says belongs to every page that is captured."""
        url = urljoin(self.site.url, TDMREP)
        held = captures.of_file(self.recorder.known_db, url)
        if held and timedelta() <= datetime.now(UTC) - held[-1].timestamp < KEPT:
            return
        meta = {"role": "rights", "dont_retry": True, "handle_httpstatus_all": True}
        yield Request(url, callback=self.parse_rights, errback=self.rights_failed, meta=meta)

    def parse_rights(self, _: Response) -> None:
        """Do nothing: it is on record, which is what it was asked for."""

    def rights_failed(self, failure: Failure) -> None:
        logger.debug("%s: %s: %s", self.site.name, TDMREP, classify(failure).detail)

    def asks(self, asks: Iterable[Ask]) -> Iterator[Request]:
        yield from map(self.ask, asks)
        for source, why in self.ways.skipped:
            self.note(source.url, source.kind, "skipped", detail=why)
        self.ways.skipped.clear()

    async def parse_source(self, response: Response, ask: Ask) -> AsyncIterator[Capture | Request]:
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
            found = await _found(kind, body, capture.url)
            links = [link for link in found if isinstance(link, Link)]
            sources = [source for source in found if isinstance(source, Source)]
            fresh = await self.discover_all(links)
            for wanted in self.read(ask, capture, Answer(capture.url, headers, body, links, sources, fresh)):
                yield wanted
        for following in self.walk_on(ask):
            yield following

    def read(self, ask: Ask, capture: Capture, answer: Answer) -> Iterator[Capture | Request]:
        """Keep what an answer's posts say, note what it was, and ask for what comes after it."""
        kind, url = ask.source.kind, answer.url
        if kind == "rest" and self.whole:
            yield from self.posts(answer.body, capture)
        empty = not (answer.links or answer.sources) and kind not in ("home", "types")
        outcome = "unchanged" if capture.kind == "revisit" else "empty" if empty else "read"
        detail = "a further page" if ask.deep and kind == "feed" else None
        claimed = _claimed(kind, url, answer.headers)
        self.note(url, kind, outcome, links=len(answer.links), claimed=claimed, detail=detail)
        if kind == "home":
            yield from self.asks(self.ways.home(answer.headers, answer.body, url, self.sitemaps_of_robots(url)))
            return
        yield from self.asks(self.ways.after(ask, answer))

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

    async def discover_all(self, links: Sequence[Link]) -> list[str]:
        """Put links into the frontier, by so many at a time; returns the canonical URLs that nobody knew before."""
        fresh: list[str] = []
        for start in range(0, len(links), _AT_ONCE):
            if start:
                await _others_turn()
            fresh += self.discover(links[start : start + _AT_ONCE])
        return fresh

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


async def _found(kind: str, body: bytes, url: str) -> list[Link | Source]:
    """What a body names; a large one is read beside what else the crawl does."""

    def read() -> list[Link | Source]:
        return list(_READERS[kind](body, url))

    if len(body) < _LARGE and not body.startswith(b"\x1f\x8b"):
        return read()
    return await maybe_deferred_to_future(deferToThread(read))


async def _others_turn() -> None:
    """Let the crawl do what waits to be done."""
    from twisted.internet import reactor  # the one Scrapy has installed by now

    turn: Deferred[None] = Deferred()
    cast("Any", reactor).callLater(0, turn.callback, None)
    await maybe_deferred_to_future(turn)


def _outcome(ask: Ask, why: Reason) -> str:
    """How a place that was asked is called: a guess that is not there is absent, an API that refuses is closed."""
    if ask.source.kind in ("rest", "types") and why.reason in ("http_401", "http_403", "http_404", "http_410"):
        return "closed"
    if ask.guess and why.outcome == "rejected":
        return "absent"
    return "skipped" if why.outcome == "skipped" and why.reason not in NOT_ASKED else "failed"


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
