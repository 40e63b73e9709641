"""A look at a site in a handful of requests: which ways name its articles. Nothing is archived.

It has no `name`, so that `scrapy list` does not offer it: only `marbre sites` knows what to do with what it finds.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from twisted.python.failure import Failure
from w3lib.url import safe_url_string

from archive.reading.shapes import listing_kind
from archive.robots import rules
from crawler import homepage, probing
from crawler.discovery import Source, listings, pages, robots, sitemaps, wordpress
from crawler.failures import Reason, classify
from crawler.identity import user_agent
from crawler.probing import CHILD, GUESSED, KNOWN, LONGEST_DELAY, NAMED, Probe, Way
from crawler.robots import PRODUCT, RobotsMiddleware
from crawler.site import Site

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger("marbre")

_MOST_NAMED = 5  # feeds, and sitemaps, that a site announces; the rest is counted, not asked
_CHILDREN = 2  # sitemaps of an index that are read
_MOST_KNOWN = 12  # places an earlier crawl had answers from that nothing names any more
_SITEMAPS = ("/sitemap.xml", "/wp-sitemap.xml", "/sitemap_index.xml")
_FEEDS = ("feed/", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds/all.atom.xml")
# Where the software of a site has its feed, if it says what it is.
_OWN_FEEDS = {
    "wordpress": "feed/",
    "ghost": "rss/",
    "drupal": "rss.xml",
    "joomla": "?format=feed&type=rss",
    "spip": "spip.php?page=backend",
    "hugo": "index.xml",
    "jekyll": "feed.xml",
    "nikola": "rss.xml",
    "pelican": "feeds/all.atom.xml",
}
# Closed doors are no faults: the server has answered, and will answer the same tomorrow.
_CLOSED = {"http_401", "http_403"}
_ABSENT = {"http_404", "http_410"}


class ProbeSpider(Spider):
    """Fills a `Probe`. `known` are ways of earlier crawls, asked again unless something names them."""

    def __init__(self, site: Site, known: Sequence[Source] = (), *, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(name="probe", **kwargs)
        self.site = site
        self.known = list(known)
        self.is_new = is_new  # not in sites.toml yet
        self.probe = Probe(site, site.url)
        self.robots: dict[str, bytes] = {}  # RobotsMiddleware fills it
        self.asked: set[str] = set()
        self.waiting: Counter[str] = Counter()
        self.guesses: dict[str, deque[str]] = {}
        self.robots_faults: dict[str, Exception] = {}
        self.listed: set[str] = set()  # children of the sitemaps that were read: they live as long as these name them
        self.closing = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler, **kwargs: Any) -> Self:
        site, contact = kwargs["site"], kwargs.pop("contact", None)
        settings: dict[str, Any] = {
            "USER_AGENT": user_agent(contact),
            "DOWNLOAD_DELAY": site.delay,
        }
        if site.language:
            settings["DEFAULT_REQUEST_HEADERS"] = {"Accept-Language": f"{site.language}, *;q=0.5"}
        crawler.settings.setdict(settings, priority="spider")
        return super().from_crawler(crawler, **kwargs)

    def closed(self, reason: str) -> None:
        self.closing = reason

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.site.url, callback=self.parse_home, errback=self.home_failed)

    # -- The home page

    def home_failed(self, failure: Failure) -> Iterator[Request]:
        fault = self.robots_faults.get(urlsplit(self.site.url).netloc)
        why = classify(failure)
        if why.reason == "robots_unreachable" and fault is not None and not isinstance(fault, IgnoreRequest):
            # robots.txt was only the first to be asked.
            why = classify(Failure(fault))  # type: ignore[no-untyped-call]
        self.probe.failure = f"{self.site.url}: {probing.sentence(why)}"
        if not self.is_new and why.reason.startswith("http_"):  # what is known of a site may live without it
            self.read_robots(self.site.url)
            yield from self.plan(self.site.url, (), b"", "")

    def parse_home(self, response: Response) -> Iterator[Request]:
        url, headers = response.url, _pairs(response)
        self.read_robots(url)
        self.probe.home = home = homepage.read(response.body, headers) if _is_html(headers, response.body) else None
        if home is None:
            kind = dict(headers).get("content-type", "nothing that says what it is").partition(";")[0]
            self.probe.failure = f"{url}: this is no web page ({kind}); give the address of the site's home page"
            return
        self.probe.url = _home_url(self.site.url, url)
        self.probe.opt_outs.extend(home.opt_outs)
        found = probing.read(Source(url, "listing"), "home page", url, headers, response.body)
        self.probe.ways.append(found)
        self.probe.sections = _sections(response.body, url)
        yield from self.plan(url, headers, response.body, home.platform or "")

    def read_robots(self, url: str) -> None:
        body = self.robots.get(urlsplit(url).netloc)
        self.probe.robots = body
        if body:
            self.probe.crawl_delay = rules(body).crawl_delay(PRODUCT)
            self.probe.opt_outs.extend(homepage.robots_signals(body))
        self.slow_down(urlsplit(url).netloc)

    def slow_down(self, netloc: str) -> None:
        """Leave as much time between requests as robots.txt asks for, from now on."""
        delay = min(self.probe.crawl_delay or 0.0, LONGEST_DELAY)
        if delay > self.site.delay:
            logger.info("%s: its robots.txt asks for %g s between two requests; this takes a while", netloc, delay)
        assert self.crawler.engine is not None
        for slot in self.crawler.engine.downloader.slots.values():
            slot.delay = max(slot.delay, delay)

    # -- What is asked after it

    def plan(self, url: str, headers: homepage.Headers, body: bytes, platform: str) -> Iterator[Request]:
        announced = [source for source in pages.links(body, url) if isinstance(source, Source)]
        named = [source for source in robots.links(self.probe.robots or b"", url) if isinstance(source, Source)]
        self.guesses = {
            "feed": deque(dict.fromkeys(_feed_guesses(url, platform))),
            "sitemap": deque(dict.fromkeys(urljoin(url, path) for path in _SITEMAPS)),
        }
        yield from (
            *self.ask_all(self.site.feeds, "feed", NAMED),
            *self.ask_all((source.url for source in announced[:_MOST_NAMED]), "feed", "announced"),
            *self.ask_all(self.site.sitemaps, "sitemap", NAMED),
            *self.ask_all((source.url for source in named[:_MOST_NAMED]), "sitemap", "robots.txt"),
            *self.ask_all((one for one in self.site.sections if "#" not in one), "listing", NAMED),
            *self.ask_rest(headers, body, url, platform),
        )
        if self.is_new:
            yield self.request(Source(urljoin(url, "/.well-known/tdmrep.json"), "tdmrep"), "")
        yield from self.answered()

    def ask_all(self, urls: Iterable[str], kind: str, found: str) -> list[Request]:
        wanted = [url for url in dict.fromkeys(urls) if url not in self.asked and self.site.covers(url)]
        return [self.request(Source(url, kind), found) for url in wanted]

    def ask_rest(self, headers: homepage.Headers, body: bytes, url: str, platform: str) -> list[Request]:
        if self.site.rest is False:
            return []
        root, found = wordpress.api_root(list(headers), body, url), "announced"
        if isinstance(self.site.rest, str):
            root, found = self.site.rest, NAMED
        elif root is None and "wordpress" in platform.lower():
            root, found = urljoin(url, "wp-json/"), GUESSED
        # The oldest post tells how far back the API reaches, and its answer how many there are.
        return self.ask_all([wordpress.posts_source(root, asked={"per_page": "1"}).url], "rest", found) if root else []

    def request(self, source: Source, found: str) -> Request:
        self.asked.add(source.url)
        self.waiting[source.kind] += 1
        return Request(
            source.url,
            callback=self.parse_way,
            errback=self.way_failed,
            cb_kwargs={"source": source, "found": found},
        )

    def parse_way(self, response: Response, source: Source, found: str) -> Iterator[Request]:
        if source.kind == "tdmrep":
            self.probe.opt_outs.extend(homepage.reservations(response.body, response.url))
            return
        way = probing.read(source, found, source.url, _pairs(response), response.body)
        self.keep(way)
        if way.children:
            yield from self.children(response.body, response.url, found)
        yield from self.answered(source.kind)

    def way_failed(self, failure: Failure) -> Iterator[Request]:
        request: Request = failure.request  # type: ignore[attr-defined]
        source: Source = request.cb_kwargs["source"]
        if source.kind == "tdmrep":
            return
        why = classify(failure)
        self.keep(Way(source.kind, source.url, request.cb_kwargs["found"], _outcome(why), detail=why.detail))
        yield from self.answered(source.kind)

    def keep(self, way: Way) -> None:
        """Keep what was found; of guesses, what is there: something to read, or a closed door."""
        if way.found != GUESSED or way.answers or (way.kind == "rest" and way.outcome == "closed"):
            self.probe.ways.append(way)

    def children(self, body: bytes, url: str, found: str) -> list[Request]:
        """Read the first and the last sitemap of an index, those of news aside: they hold the last two days."""
        named = [source.url for source in sitemaps.links(body, url) if isinstance(source, Source)]
        self.listed.update(named)
        plain = [one for one in named if "news" not in one.rpartition("/")[2].lower()] or named
        return [] if found == CHILD else self.ask_all(dict.fromkeys((plain[0], plain[-1])), "sitemap", CHILD)

    def answered(self, kind: str | None = None) -> Iterator[Request]:
        """Go on where every question of a kind has been answered: with a guess, or with what was known."""
        if kind:
            self.waiting[kind] -= 1
        for guessed, places in self.guesses.items():
            lives = any(way.lives for way in self.probe.of(guessed))
            while places and not lives and not self.waiting[guessed]:
                yield from self.ask_all([places.popleft()], guessed, GUESSED)
        if not any(self.waiting.values()):
            forgotten = [source for source in self.known if source.url not in self.listed]
            self.known = []
            for source in forgotten[:_MOST_KNOWN]:
                yield from self.ask_all([source.url], source.kind, KNOWN)


class RememberingRobots(RobotsMiddleware):
    """Keeps why a robots.txt could not be had: it is the first thing asked of a host, so its fault is the host's."""

    def unreachable(self, url: str, error: Exception) -> None:
        self.crawler.spider.robots_faults[urlsplit(url).netloc] = error  # type: ignore[union-attr]
        super().unreachable(url, error)


def _feed_guesses(url: str, platform: str) -> Iterator[str]:
    """Where a feed may be, below the home page: first where the site's own software has it."""
    own = [path for name, path in _OWN_FEEDS.items() if name in platform.lower()]
    yield from (urljoin(url, path) for path in (*own, *_FEEDS))


def _sections(body: bytes, url: str) -> list[str]:
    """The lists of the navigation in sites.toml's form; tags, authors and dates only repeat them."""
    found = [source.url for source in listings.sections(body, url) if isinstance(source, Source)]
    lists = [safe_url_string(one) for one in found if listing_kind(one) in (None, "section")]
    return [one for one in lists if "@" not in urlsplit(one).netloc]


def _home_url(asked: str, answered: str) -> str:
    """Where the home page is: scheme and host as the site leads to, the path as it was asked for."""
    to, path = urlsplit(answered), urlsplit(asked)
    if (to.scheme, to.netloc) == (path.scheme, path.netloc):
        return asked
    return path._replace(scheme=to.scheme, netloc=to.netloc).geturl()


def _outcome(why: Reason) -> str:
    if why.reason in _ABSENT:
        return "absent"
    return "closed" if why.reason in _CLOSED or why.reason == "robots" else "failed"


def _is_html(headers: homepage.Headers, body: bytes) -> bool:
    kind = dict(headers).get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") or (not kind and b"<html" in body[:1024].lower())


def _pairs(response: Response) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
