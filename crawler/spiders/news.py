"""The spider: reads a site's ways of discovery to the end, then fetches what is due. It judges nothing."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

import msgspec
from scrapy import Request, Spider, signals
from scrapy.exceptions import DontCloseSpider

from archive.models import Capture, Link
from archive.urls import canonicalise
from crawler import due
from crawler.discovery import Source, feeds, pages, robots, sitemaps, wordpress
from crawler.extensions import CrawlRecorder, recorder_of
from crawler.failures import classify
from crawler.identity import user_agent
from crawler.sites import Site, load_sites

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

logger = logging.getLogger("marbre")

_READERS: dict[str, Callable[[bytes, str], Iterator[Link | Source]]] = {
    "feed": feeds.links,
    "sitemap": sitemaps.links,
    "rest": wordpress.links,
    "home": pages.links,
}
# Where a site that announces no sitemap or feed most often has one; not finding it there is no failure.
_GUESSES = (Source("/sitemap.xml", "sitemap"), Source("/wp-sitemap.xml", "sitemap"), Source("/feed/", "feed"))
_MOST_SOURCES = 10_000  # an endless chain of sitemaps must not keep a crawl from its pages
_WINDOW = 32  # requests handed to Scrapy at a time; the rest waits in the frontier, where a kill cannot lose it


class NewsSpider(Spider):
    """Crawls one site: `scrapy crawl news -a site=NAME`, options as in `Options`."""

    name = "news"

    def __init__(self, site: Site, agent: str, options: Options, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.site = site
        self.agent = agent
        self.options = options
        self.robots: dict[str, bytes] = {}  # by host; RobotsMiddleware fills it
        self.asked: set[str] = set()
        self.named: set[str] = set()  # sources that the site or sites.toml names: not finding one is a failure
        self.due: list[tuple[str, str, str]] = []  # URL, reason, detail: what a dry run shows
        self.fetching = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, **kwargs: Any) -> Self:
        sites = load_sites(Path(crawler.settings["MARBRE_SITES"]))
        options = msgspec.convert(kwargs, Options, strict=False)
        site = sites.named(options.site) if options.site else sites.site_for(options.urls[0])
        crawler.settings.setdict(_settings_of(site, user_agent(sites.contact)), priority="spider")
        spider = super().from_crawler(crawler, site=site, agent=user_agent(sites.contact), options=options)
        crawler.signals.connect(spider.idle, signals.spider_idle)
        return spider

    @property
    def recorder(self) -> CrawlRecorder:
        return recorder_of(self.crawler)

    # -- First half: discovery, to the end, so that what is known of a page does not depend on which way was quicker

    async def start(self) -> AsyncIterator[Request]:
        if self.options.urls:
            self.discover(Link(url, via="command line", found_on="") for url in self.options.urls)
            self.fetching = True
            self.decide()
            for request in self.next_pages(_WINDOW):
                yield request
        else:
            self.take_up_unfinished()
            yield self.source(Source(self.site.url, "home"))

    def parse_source(self, response: Response, kind: str) -> Iterator[Request]:
        """Read a feed, sitemap, API answer or home page; a 304 is read from the stored body."""
        url, body, headers = response.url, response.body, _pairs(response)
        capture: Capture = response.meta["capture"]
        if response.status == 304 and response.meta["original"] is None:
            logger.warning("%s: %s %s: 304, though nothing was asked of it", self.site.name, kind, url)
            self.recorder.sources["failed"] += 1
            return
        if response.status == 304:
            body = self.recorder.stored_body(response.meta["original"])
            headers = self.recorder.stored_headers(response.meta["original"])
        self.recorder.sources["unchanged" if capture.kind == "revisit" else "read"] += 1
        found = list(_READERS[kind](body, url))
        self.discover(link for link in found if isinstance(link, Link))
        yield from self.sources(source for source in found if isinstance(source, Source))
        if kind == "home":
            yield from self.sources(self.ways(headers, body, url))
        if kind == "rest" and (after := wordpress.next_page(headers, url)):
            yield from self.sources([after])

    def source_failed(self, failure: Failure) -> Iterator[Request]:
        request: Request = failure.request  # type: ignore[attr-defined]
        why = classify(failure)
        if request.cb_kwargs["kind"] == "home":
            yield from self.sources(self.ways((), b"", self.site.url))
        if request.meta["guess"] and why.outcome == "rejected":
            return
        self.recorder.sources["skipped" if why.reason in ("robots", "off_site") else "failed"] += 1
        logger.warning("%s: %s %s: %s", self.site.name, request.cb_kwargs["kind"], request.url, why.detail)

    def ways(self, headers: Iterable[tuple[str, str]], body: bytes, url: str) -> Iterator[Source]:
        """Yield the site's ways of discovery beyond its home page: configured, announced, or guessed."""
        announced = [link for link in pages.links(body, url) if isinstance(link, Source)]
        named = [
            link for link in robots.links(self.robots.get(urlsplit(url).netloc, b""), url) if isinstance(link, Source)
        ]
        self.named |= {source.url for source in (*announced, *named)} | {*self.site.feeds, *self.site.sitemaps}
        if root := wordpress.api_root(list(headers), body, url):
            yield wordpress.posts_source(root)
        yield from (Source(feed, "feed") for feed in self.site.feeds)
        yield from (Source(sitemap, "sitemap") for sitemap in self.site.sitemaps) if self.site.sitemaps else named
        has = {"feed": bool(announced or self.site.feeds), "sitemap": bool(named or self.site.sitemaps)}
        yield from (Source(urljoin(url, guess.url), guess.kind) for guess in _GUESSES if not has[guess.kind])

    def sources(self, found: Iterable[Source]) -> Iterator[Request]:
        guesses = {urljoin(self.site.url, guess.url) for guess in _GUESSES}
        for source in found:
            if source.url in self.asked or not self.site.covers(source.url):
                continue
            if len(self.asked) >= _MOST_SOURCES:
                self.recorder.sources["beyond the limit"] += 1
                continue
            yield self.source(source, guess=source.url in guesses and source.url not in self.named)

    def source(self, source: Source, *, guess: bool = False) -> Request:
        self.asked.add(source.url)
        return Request(
            source.url,
            callback=self.parse_source,
            errback=self.source_failed,
            cb_kwargs={"kind": source.kind},
            meta={"role": "source", "guess": guess, "handle_httpstatus_list": [304]},
        )

    def discover(self, links: Iterable[Link]) -> None:
        found, bad = [], []
        for link in links:
            try:
                found.append((canonicalise(link.url), link))
            except ValueError:
                bad.append((link.url, link))
        before = self.recorder.frontier.size()
        self.recorder.discover(found + bad)
        self.recorder.settle([url for url, _ in bad], "skipped", "bad_url", detail="not an http(s) URL")
        self.recorder.tally["discovered"] += self.recorder.frontier.size() - before

    def take_up_unfinished(self) -> None:
        left = self.recorder.unfinished()
        self.discover(link for _, links in left for link in links)

    # -- Second half: what is due

    def idle(self) -> None:
        """Called by Scrapy when nothing is left to do: discovery has ended, or the pages have."""
        if not self.fetching:
            self.fetching = True
            self.decide()
        if pages := list(self.next_pages(_WINDOW)):
            for request in pages:
                self.crawler.engine.crawl(request)
            raise DontCloseSpider

    def decide(self) -> None:
        """Settle what need not be fetched, with the reason; what stays queued is due."""
        now = datetime.now(UTC)
        skipped: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for url, links in self.recorder.frontier.undecided():
            decision = self.judge(url, links, now)
            if decision.due:
                self.due.append((url, decision.reason, decision.detail))
            else:
                skipped[decision.reason, decision.detail].append(url)
        for (reason, detail), urls in skipped.items():
            self.recorder.settle(urls, "skipped", reason, detail=detail)
            if reason == "not_due":
                self.recorder.frontier.slim(urls)
        self.cut()
        self.recorder.tally["due"] = len(self.due)

    def judge(self, url: str, links: Sequence[Link], now: datetime) -> due.Decision:
        if not self.site.covers(url):
            return due.Decision(due=False, reason="off_site", detail=f"not on {urlsplit(self.site.url).netloc}")
        if self.options.since and due.before(links, self.options.since):
            detail = f"dated before {self.options.since:%Y-%m-%d}"
            return due.Decision(due=False, reason="before_since", detail=detail)
        return due.decide(links, self.recorder.last_visit(url), now)

    def cut(self) -> None:
        """Leave what is beyond --limit, or everything in a dry run, for another time."""
        limit = len(self.due) if self.options.limit is None else self.options.limit
        beyond = [url for url, *_ in self.due[limit:]]
        self.due = self.due[:limit]
        self.recorder.settle(beyond, "skipped", "limit", detail=f"beyond the limit of {limit} pages")
        if self.options.dry_run:
            self.recorder.settle([url for url, *_ in self.due], "skipped", "dry_run", detail="due, but not fetched")

    def next_pages(self, count: int) -> Iterator[Request]:
        for _, links in self.recorder.frontier.take(count):
            yield Request(
                links[0].url,
                callback=self.parse_page,
                errback=self.page_failed,
                meta={"role": "page", "links": links, "handle_httpstatus_list": [304]},
            )

    def parse_page(self, response: Response) -> Iterator[Capture | Request]:
        yield response.meta["capture"]
        yield from self.next_pages(1)

    def page_failed(self, failure: Failure) -> Iterator[Capture | Request]:
        request: Request = failure.request  # type: ignore[attr-defined]
        why = classify(failure)
        capture: Capture | None = request.meta.get("capture")
        if capture is not None and capture.status == 200:
            # It is stored, but Scrapy could not unpack it: the one way from bytes to article judges it.
            yield capture
            yield from self.next_pages(1)
            return
        self.recorder.settle(
            [canonicalise(request.meta["links"][0].url)],
            why.outcome,
            why.reason,
            detail=why.detail,
            capture=capture.id if capture else None,
        )
        yield from self.next_pages(1)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `-a` and the command line may say: see `marbre crawl --help`."""

    site: str = ""
    urls: tuple[str, ...] = ()
    limit: int | None = None
    since: datetime | None = None
    dry_run: bool = False


def _settings_of(site: Site, agent: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"USER_AGENT": agent, "ROBOTSTXT_USER_AGENT": "marbre", "DOWNLOAD_DELAY": site.delay}
    settings["AUTOTHROTTLE_START_DELAY"] = site.delay
    if site.delay == 0:  # somebody's own server: as fast as it goes
        settings |= {"AUTOTHROTTLE_ENABLED": False, "CONCURRENT_REQUESTS_PER_DOMAIN": 8, "CONCURRENT_REQUESTS": 16}
    if site.language:
        settings["DEFAULT_REQUEST_HEADERS"] = {"Accept-Language": f"{site.language}, *;q=0.5"}
    return settings


def _pairs(response: Response) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
