"""Keeps a crawl to robots.txt as RFC 9309 wants it: by origin, for a day, and closed where nobody answers."""

from __future__ import annotations

import logging
from asyncio import Future, get_running_loop
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from archive import robots_kept
from archive.robots import Rules, rules

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.extensions import CrawlRecorder

logger = logging.getLogger("marbre")

PRODUCT = "marbre"  # our product token: what a group of robots.txt must name to speak to us
_FIRST = 1000  # priority: everything else of the host waits for it


class RobotsRefusal(IgnoreRequest):
    """Raised for a URL that robots.txt closes to us."""


class RobotsUnreachable(IgnoreRequest):
    """Raised for a URL whose robots.txt could not be had: nothing may be fetched then (RFC 9309, 2.3.1.4)."""


class RobotsMiddleware:
    """Refuses what robots.txt closes, and everything of an origin whose robots.txt cannot be had.

    An answer is kept for a day, over runs and processes: it is read back from its record. The bodies are handed to the
    spider (`spider.robots`, by host): their `Sitemap:` lines are a way of discovery.
    """

    def __init__(self, crawler: Crawler, recorder: CrawlRecorder | None) -> None:
        self.crawler = crawler
        self.recorder = recorder
        self._rules: dict[str, Future[Rules | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        from crawler.extensions import CrawlRecorder

        return cls(crawler, crawler.get_extension(CrawlRecorder))

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        found = await self.rules_for(request)
        if found is None:
            raise RobotsUnreachable("robots.txt could not be fetched, so nothing else is")
        if not found.allows(PRODUCT, request.url):
            line = found.line_for(PRODUCT, request.url)
            raise RobotsRefusal(f"robots.txt does not allow it: line {line.number}" if line else "robots.txt")

    async def rules_for(self, request: Request) -> Rules | None:
        """Return the rules of a request's origin, None if they cannot be had; asked for once in a run."""
        url = robots_kept.address(request.url)
        if url not in self._rules:
            self._rules[url] = get_running_loop().create_future()
            try:
                found = await self._found(url)
            except BaseException:
                self._rules[url].cancel()  # whoever waits for it must not wait for ever
                raise
            self._rules[url].set_result(found)
            if found is not None:
                await self._tell(found, request)
        return await self._rules[url]

    async def _tell(self, found: Rules, request: Request) -> None:
        """Let those who keep the pace know of `Crawl-delay`."""
        await self.crawler.signals.send_catch_log_async(signals.robots_parsed, robotparser=found, request=request)

    async def _found(self, url: str) -> Rules | None:
        body = self._kept(url)
        if body is None:
            body = await self._asked(url)
        if body is None:
            return None
        self.crawler.spider.robots[urlsplit(url).netloc] = body  # type: ignore[union-attr]
        return rules(body)

    def _kept(self, url: str) -> bytes | None:
        if self.recorder is None:
            return None
        found = robots_kept.kept(self.recorder.known_db, self.recorder.known / "warc", url, datetime.now(UTC))
        return None if found is None else found.body

    async def _asked(self, url: str) -> bytes | None:
        # RFC 9309, 2.3.1.2: five redirects are followed, to other hosts, too; one more and it counts as not there.
        meta: dict[str, Any] = {"dont_obey_robotstxt": True, "redirect_ttl": robots_kept.REDIRECTS}
        request = Request(url, priority=_FIRST, meta=meta, callback=NO_CALLBACK)
        assert self.crawler.engine is not None
        try:
            response: Response = await self.crawler.engine.download_async(request)
        except IgnoreRequest as error:
            if "max redirections" in str(error):  # Scrapy has no class for it
                return b""
            self.unreachable(url, error)
            return None
        except Exception as error:  # noqa: BLE001 - whatever the network did, there is no answer
            self.unreachable(url, error)
            return None
        if not robots_kept.is_available(response.status):
            self.unreachable(url, IgnoreRequest(f"{response.status}"))
            return None
        return robots_kept.body_of(response.status, response.body)

    def unreachable(self, url: str, error: Exception) -> None:
        """Take note that a robots.txt cannot be had, and why."""
        logger.debug("%s: %s: %s", url, type(error).__name__, error)
