"""The first half of a backfill: a web archive's index is read to the end, before anything is picked from it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from scrapy import Request, Spider

from archive.models import Capture
from crawler.discovery import cdx, timemap
from crawler.extensions import CrawlRecorder, recorder_of
from crawler.failures import Reason, classify
from crawler.mementos import Memento
from crawler.site import Site

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure

logger = logging.getLogger("marbre")

BUSY = (429, 503, 504)
_MOST = 500_000  # captures listed in one run; they are held in memory
_MOST_TIMEMAPS = 10_000  # each is a request
_NO_INDEX = ("no_cdx", "http_400", "http_403", "http_404", "http_405", "http_410", "http_501")
_TRIES = 6
_LONGEST_WAIT = 600  # seconds


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `-a` and the command line may say: see `marbre backfill --help`; `delay` is in seconds."""

    site: str
    place: str = "wayback"
    pick: cdx.Pick = "month"
    since: datetime | None = None
    until: datetime | None = None
    urls: tuple[str, ...] = ()
    limit: int | None = None
    delay: float = 2.0
    dry_run: bool = False


class Target(NamedTuple):
    """What to ask an index for: a site's or a page's URL, and captured when."""

    url: str
    span: cdx.Span


class ArchivedSpider(Spider):
    """Asks an archive's index for a site, or for single pages, one after the other; waits when it is asked to."""

    site: Site
    options: Options
    archive: cdx.Archive
    targets: deque[Target]
    timemaps: deque[Target]
    listed: dict[Memento, str]  # and the address that named it
    counts: Counter[str]

    @property
    def recorder(self) -> CrawlRecorder:
        return recorder_of(self.crawler)

    async def start(self) -> AsyncIterator[Capture | Request]:
        for request in self.next_listing():
            yield request

    def next_listing(self) -> Iterator[Capture | Request]:
        """Ask for the next page or site on the list; when there is none, begin to fetch."""
        if self.targets:
            yield self.ask(self.targets.popleft(), None)
        elif self.timemaps:
            target = self.timemaps.popleft()
            yield self.request(self.archive.mementos_of(target.url), target, "timemap")
        else:
            yield from self.listed_all()

    def ask(self, target: Target, key: str | None) -> Request:
        since, until = target.span
        url = self.archive.ask(target.url, page=bool(self.options.urls), since=since, until=until, key=key)
        return self.request(url, target, "cdx")

    def request(self, url: str, target: Target, kind: str) -> Request:
        return Request(
            url,
            callback=self.parse_listing,
            errback=self.listing_failed,
            cb_kwargs={"target": target, "kind": kind},
            meta={"role": "source", "memento": None, "handle_httpstatus_list": list(BUSY)},
        )

    async def parse_listing(self, response: Response, target: Target, kind: str) -> AsyncIterator[Capture | Request]:
        if response.status in BUSY:
            again = await self.later(response)
            for request in (again,) if again else self.unlisted(response.url, target, kind, busy(response)):
                yield request
            return
        found = cdx.parse(response.body) if kind == "cdx" else cdx.Listing(timemap.parse(response.body, target.url))
        if not found.captures and not found.resume_key and not _is_empty(response.body):
            why = Reason("failed", "no_cdx", "it answered something else than a list of captures")
            for request in self.unlisted(response.url, target, kind, why):
                yield request
            return
        full = kind == "cdx" and self.archive.is_full(response.body) and found.captures
        if full and (spans := cdx.halves(found.captures, *target.span)):
            self.targets.extendleft(Target(target.url, span) for span in reversed(spans))
        elif full:
            self.note(f"{response.url}#", kind, "failed", detail="more captures in one second than it lists")
        for request in self.listing(response.url, target, kind, found):
            yield request

    def listing(self, url: str, target: Target, kind: str, found: cdx.Listing) -> Iterator[Capture | Request]:
        before = len(self.listed)
        self.listed |= dict.fromkeys(found.captures, url)
        self.counts["listed"] += len(self.listed) - before
        fresh = len(self.listed) > before  # an index that says the same again would never end
        beyond = len(self.listed) >= _MOST and found.resume_key
        detail = f"more than {_MOST:,} captures; ask for fewer with --since and --until" if beyond else None
        self.note(url, kind, "read" if found.captures else "empty", links=len(found.captures), detail=detail)
        if beyond:
            logger.warning("%s: %s", self.site.name, detail)
        if found.resume_key and fresh and not beyond:
            yield self.ask(target, found.resume_key)
        else:
            yield from self.next_listing()

    def listing_failed(self, failure: Failure) -> Iterator[Capture | Request]:
        request: Request = failure.request  # type: ignore[attr-defined]
        why = classify(failure)
        yield from self.unlisted(request.url, request.cb_kwargs["target"], request.cb_kwargs["kind"], why)

    def unlisted(self, url: str, target: Target, kind: str, why: Reason) -> Iterator[Capture | Request]:
        """Go on without an index that failed: by TimeMaps of single pages, or where there is none, of those known."""
        no_index = not self.archive.wayback and why.reason in _NO_INDEX and not self.listed
        pages = [target.url] if self.options.urls else self.recorder.visited(_MOST_TIMEMAPS) if no_index else []
        if kind != "cdx" or not pages:
            # pywb says 404 of the TimeMap of a page that it does not have.
            absent = kind == "timemap" and why.reason == "http_404"
            self.note(url, kind, "absent" if absent else "failed", detail=why.detail)
        else:
            self.note(url, kind, "absent", detail=f"{why.detail}; reading TimeMaps of {len(pages):,} pages")
            self.timemaps.extend(Target(page, target.span) for page in pages)
        yield from self.next_listing()

    def note(self, url: str, kind: str, outcome: str, *, links: int = 0, detail: str | None = None) -> None:
        self.recorder.sources[outcome] += 1
        said = {"url": url, "kind": kind, "outcome": outcome, "links": links, "detail": detail}
        self.recorder.note_source({**said, "timestamp": datetime.now(UTC)})
        if outcome == "failed":
            logger.warning("%s: %s %s: failed: %s", self.site.name, kind, url, detail)

    def listed_all(self) -> Iterator[Capture | Request]:
        """Go on with what is listed; what to do with it is the business of subclasses."""
        raise NotImplementedError

    async def later(self, response: Response) -> Request | None:
        """Wait as long as a busy archive asks, and longer each time; returns the request to try again, or none."""
        tries = response.meta.get("tries", 1)
        request = response.request
        if tries >= _TRIES or request is None:
            return None
        grown = self.options.delay * 2**tries
        seconds = min(max(_retry_after(response), grown), _LONGEST_WAIT)
        logger.info("%s: the archive asks to wait; going on in %.0f s", self.site.name, seconds)
        engine = self.crawler.engine
        assert engine is not None
        while seconds > 0 and engine.running:  # Ctrl-C must not wait for it
            await asyncio.sleep(min(seconds, 1))
            seconds -= 1
        return request.replace(meta={**request.meta, "tries": tries + 1})


def busy(response: Response) -> Reason:
    return Reason("failed", f"http_{response.status}", f"it answered {response.status} {_TRIES} times")


def _is_empty(body: bytes) -> bool:
    """Whether a CDX answer says that there is nothing, in any dialect."""
    return body.strip() in (b"", b"[]") or body.lstrip().startswith((b'[["', b" CDX"))


def _retry_after(response: Response) -> float:
    """Return the seconds that Retry-After asks for (RFC 9110, 10.2.3), 0 if it says nothing."""
    said = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if said.isascii() and said.isdigit():
        return float(said[:6])
    try:
        return (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
