"""One pace for each host, kept by all processes on one archive: over pages, retries, redirects and robots.txt alike.

A request waits for its turn here, next to the downloader, so that nothing can slip by; Scrapy's own delays are off,
for they know neither of another process nor of the run before. A host that asks for patience (429, 503, Retry-After)
is given it as a whole; one that does not answer, or answers with nothing but errors, is left alone after a while, and
the next run takes up what was not asked for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import IgnoreRequest

from archive.hosts import Hosts
from crawler.extensions import recorder_of
from crawler.robots import PRODUCT
from crawler.watch import watch_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.site import Site

logger = logging.getLogger("marbre")

LONGEST_WAIT = 900.0  # seconds that a run waits for a host; one that asks for more is left for another run
LONGEST_BLOCK = 86_400.0  # seconds that a host is left alone in later runs, whatever it asks for
LONGEST_PAUSE = 30.0  # seconds between two attempts at a host that does not answer
LONGEST_CRAWL_DELAY = 60.0  # seconds; robots.txt may ask for no more
BUDGET = 10.0  # failures in a row after which a host is left alone for the rest of a run
_FIRST_REFUSAL = 0.25  # seconds, at least, that the first 429 or 503 adds to the delay
_STEP = 1.0  # seconds of waiting between two looks at whether the crawl is to end
_BUSY = (429, 503)
# What an answer counts against its host: a page that is gone says little, a refusal more, a broken server most.
_GONE, _REFUSED, _BROKEN = 0.02, 0.1, 1.0


class NotAsked(IgnoreRequest):
    """Raised for a request that was not sent for its host's sake; `reason` is what it is counted by."""

    reason = "stopped"


class Stopped(NotAsked):
    """Raised for a request that waited for its turn when the crawl was ended."""


class RateLimited(NotAsked):
    """Raised for a request to a host that asked for more patience than a run has."""

    reason = "rate_limited"


class HostDown(NotAsked):
    """Raised for a request to a host that has failed again and again."""

    reason = "host_down"


class BudgetSpent(NotAsked):
    """Raised for a request beyond what a site may be sent in a day (`requests_per_day`)."""

    reason = "day_budget"


# Reasons for which a place that tells of articles was not read: what was discovered is not complete then.
NOT_ASKED = (RateLimited.reason, HostDown.reason, BudgetSpent.reason)
_WHY = {"rate_limited": RateLimited, "host_down": HostDown}


def pace_of(crawler: Crawler) -> Pace:
    pace = crawler.get_extension(Pace)
    assert pace is not None, "settings.EXTENSIONS must name crawler.pacing.Pace"
    return pace


def host_of(url: str) -> str:
    """Return what has one pace: a host, whether by http or https; with its port if that is another."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    return host if parts.port in (None, 80, 443) else f"{host}:{parts.port}"


def retry_after(said: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After asks for, as a number or as a date (RFC 9110, 10.2.3).

    None if it says nothing that can be meant: no number, no date, or a time that is past.
    """
    said = said.strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        when = parsedate_to_datetime(said)
        seconds = (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if seconds > 0 else None


class Pace:
    """What this run knows of its hosts, beside what all runs share in the table `hosts`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.delay = crawler.settings.getfloat("MARBRE_DELAY")
        self.left: dict[str, type[NotAsked]] = {}
        self.crawl_delays: dict[str, float] = {}
        self.slowness: defaultdict[str, float] = defaultdict(float)  # seconds that its answers take, smoothed
        self.sent: dict[str, float] = {}  # by the clock that nobody sets
        self.turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pace = cls(crawler)
        crawler.signals.connect(pace.robots_parsed, signals.robots_parsed)
        return pace

    @cached_property
    def hosts(self) -> Hosts:
        return Hosts(recorder_of(self.crawler).store.db)

    @property
    def budget(self) -> int | None:
        site: Site = self.crawler.spider.site  # type: ignore[union-attr]
        return None if self.is_backfill else site.requests_per_day

    @property
    def is_backfill(self) -> bool:
        """A backfill asks a web archive, knows its refusals, and waits for it on its own account."""
        return hasattr(self.crawler.spider, "archive")

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        self.at_least(request.url, robotparser.crawl_delay(PRODUCT))

    def at_least(self, url: str, seconds: float | None) -> None:
        """Leave so many seconds between two requests to a URL's host, as its robots.txt asks; at most a minute."""
        if seconds and seconds > 0:
            self.crawl_delays[host_of(url)] = min(seconds, LONGEST_CRAWL_DELAY)

    def delay_of(self, host: str) -> float:
        """Return the seconds to leave between two requests; a host that answers slowly gets as much time to rest."""
        if not self.delay:  # somebody's own server
            return self.crawl_delays.get(host, 0.0)
        return max(self.delay, self.crawl_delays.get(host, 0.0), min(self.slowness[host], LONGEST_CRAWL_DELAY))

    def check(self, host: str) -> None:
        """Raise NotAsked if nothing more is sent to this host, or for this site, in this run."""
        if host in self.left:
            raise self.left[host](f"{host} is left alone for the rest of this run")
        known = self.hosts.of(host)
        if known.block(time.time()) > LONGEST_WAIT:
            self.leave(host, _WHY[known.why or "rate_limited"])
            self.check(host)
        if self.budget is not None and self.hosts.is_spent(self._site, self.budget, datetime.now(UTC)):
            raise BudgetSpent(f"the day's budget of {self.budget} requests is spent")

    def leave(self, host: str, why: type[NotAsked]) -> None:
        """Send nothing more to a host in this run."""
        if host not in self.left:
            self.left[host] = why
            logger.warning("%s: %s is left alone for the rest of this run: %s", self._site, host, why.reason)

    async def turn(self, host: str) -> None:
        """Wait until a request may be sent to a host; of those who wait in this process one at a time is served."""
        async with self.turns[host]:
            delay = self.delay_of(host)
            while wait := self._wait(host, delay):
                if self.is_ending():
                    raise Stopped("the crawl ended before its turn came")
                await asyncio.sleep(min(wait, _STEP))
                self.check(host)
            if self.budget is not None and not self.hosts.spend(self._site, self.budget, datetime.now(UTC)):
                raise BudgetSpent(f"the day's budget of {self.budget} requests is spent")
            self.sent[host] = time.monotonic()

    def _wait(self, host: str, delay: float) -> float:
        since = time.monotonic() - self.sent.get(host, float("-inf"))
        if since < delay:  # whatever the clock of the day says
            return delay - since
        if not delay and not (known := self.hosts.of(host)).slower:
            return known.block(time.time())
        return self.hosts.claim(host, delay, time.time())

    def is_ending(self) -> bool:
        engine = self.crawler.engine
        return engine is None or not engine.running or watch_of(self.crawler).ended

    def answered(self, request: Request, response: Response) -> None:
        """Learn from an answer: its status, what it asks for, how long it took."""
        host = host_of(request.url)
        self.slowness[host] = (self.slowness[host] + request.meta.get("download_latency", 0.0)) / 2
        if self.is_backfill:
            return
        if response.status in _BUSY:
            said = (response.headers.get("Retry-After") or b"").decode("latin-1")
            least = max(self.delay, _FIRST_REFUSAL)
            self.hosts.refused(host, least, _bounded(retry_after(said, datetime.now(UTC))), time.time())
        if response.status < 400:
            self.hosts.answered(host)
        else:
            self._failed(request, host, _weight(response.status), pause=0.0)

    def unanswered(self, request: Request) -> None:
        """Learn from a request that came to nothing."""
        if not self.is_backfill:
            host = host_of(request.url)
            before = self.hosts.of(host).errors
            pause = min(self.delay * 2 ** min(before, 10), LONGEST_PAUSE) if before >= 1 else 0.0
            self._failed(request, host, _BROKEN, pause)

    def _failed(self, request: Request, host: str, weight: float, pause: float) -> None:
        # Second attempts are bounded as it is; they do not count.
        counts = 0.0 if request.meta.get("retry_times") else weight
        known = self.hosts.failed(host, counts, pause, time.time())
        if known.errors >= BUDGET:
            self.leave(host, _WHY[known.why or "host_down"])

    @property
    def _site(self) -> str:
        name: str = self.crawler.spider.site.name  # type: ignore[union-attr]
        return name


def _bounded(seconds: float | None) -> float | None:
    return None if seconds is None else min(seconds, LONGEST_BLOCK)


def _weight(status: int) -> float:
    if status >= 500 or status == 429:
        return _BROKEN
    return _GONE if status in (404, 410) else _REFUSED


class OnceHandler(HTTP11DownloadHandler):
    """Sends a request once. Twisted would at once send it again if the connection it had kept open was closed."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False


class GateMiddleware:
    """Refuses at once what will not be sent, before robots.txt is asked for on its behalf."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if is_paced(request):
            pace_of(self.crawler).check(host_of(request.url))


class PaceMiddleware:
    """The last before the network: waits for the host's turn, and learns from every answer."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if is_paced(request):
            await pace_of(self.crawler).turn(host_of(request.url))

    def process_response(self, request: Request, response: Response) -> Response:
        if is_paced(request):
            pace_of(self.crawler).answered(request, response)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        if is_paced(request) and not isinstance(exception, IgnoreRequest):
            pace_of(self.crawler).unanswered(request)


def is_paced(request: Request) -> bool:
    """What a page built by a browser loads beside itself comes at once, as in a reader's browser."""
    return request.meta.get("role") != "subresource"
