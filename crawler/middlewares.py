"""What stands between Scrapy and the network: robots.txt, conditional requests, and the WARC file."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest

from crawler.extensions import CrawlRecorder, recorder_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

    from crawler.sites import Site

_VALIDATORS = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
_ROBOTS_LIMIT = 512 * 1024  # bytes; RFC 9309 2.5 asks for at least 500 KiB


class RobotsRefusal(IgnoreRequest):
    """Raised for a URL that robots.txt closes to us."""


class RobotsUnreachable(IgnoreRequest):
    """Raised for a URL whose robots.txt could not be had: nothing may be fetched then (RFC 9309, 2.3.1.4)."""


class OffSite(IgnoreRequest):
    """Raised for a redirect to another site: it is not ours to follow."""


class ScopeMiddleware:
    """Keeps a crawl on its site, redirects included. Scrapy's own drops such requests without a word to anybody."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        spider: Any = self.crawler.spider
        site: Site = spider.site
        allows: Callable[[str], bool] = getattr(spider, "allows", site.covers)  # a backfill asks an archive instead
        # What a page is built of may lie elsewhere, and its robots.txt with it.
        beside = request.meta.get("role") == "subresource" or request.meta.get("dont_obey_robotstxt")
        if not beside and not allows(request.url):
            raise OffSite(f"redirected to {request.url}, which is not on {getattr(spider, 'home', site.url)}")


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's robots.txt middleware, strict where RFC 9309 is: no answer or a server error closes the site (2.3.1.4).

    The bodies are handed to the spider: their `Sitemap:` lines are a way of discovery.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # It logs a traceback when robots.txt cannot be fetched; the spider says the same in a line.
        logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        await super().robot_parser(request)
        # Of several that wait for one robots.txt Scrapy gives its answer to the first; the others would get none.
        return self._parsers[urlsplit(request.url).netloc]  # type: ignore[return-value]

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        if rp is None:
            raise RobotsUnreachable("robots.txt could not be fetched, so nothing else is")
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest:
            raise RobotsRefusal("robots.txt does not allow it") from None

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        body = response.body[:_ROBOTS_LIMIT]
        if response.status >= 500:
            self._robots_error(IgnoreRequest(), netloc)
            return
        if response.status >= 400 or b"<html" in body[:1024].lower():
            body = b""  # "unavailable" allows everything (2.3.1.3); an error page is no rule
        self.crawler.spider.robots[netloc] = body  # type: ignore[union-attr]
        await super()._parse_robots(response.replace(body=body), netloc, request)


class RevisitMiddleware:
    """Asks "changed since?" of what is archived already, and remembers which capture the question was about."""

    def __init__(self, crawler: Crawler, recorder: CrawlRecorder) -> None:
        self.crawler = crawler
        self.recorder = recorder

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, recorder_of(crawler))

    def process_request(self, request: Request) -> None:
        for name, _ in _VALIDATORS:
            request.headers.pop(name, None)  # a redirect copies those of the URL it came from
        request.meta.pop("capture", None)  # nor is the capture of a redirect that of its target
        request.meta.pop("original", None)
        if "memento" in request.meta:  # what an archive has does not change
            return
        original = self.recorder.last_capture(request.url)
        request.meta["original"] = original
        if original is None or "role" not in request.meta or self.asks_for_all(request):
            return
        stored = dict(self.recorder.stored_headers(original))
        for name, validator in _VALIDATORS:
            if stored.get(validator):
                request.headers[name] = stored[validator]

    def asks_for_all(self, request: Request) -> bool:
        """Whether this is a page's Nth visit: some caches say that nothing changed, and would say so for ever."""
        site: Site = self.crawler.spider.site  # type: ignore[union-attr]
        if request.meta["role"] not in ("page", "part"):
            return False
        return self.recorder.unchanged_in_a_row(request.url) + 1 >= site.unconditional_every


class WarcMiddleware:
    """Writes every exchange to the WARC file, as it crossed the wire; what cannot be written is not parsed either."""

    def __init__(self, recorder: CrawlRecorder) -> None:
        self.recorder = recorder

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(recorder_of(crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        request.meta["capture"] = self.recorder.record(request, response)
        return response
