"""What stands between Scrapy and the network: the site's bounds, conditional requests, and the WARC file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import IgnoreRequest

from archive.forgotten import said
from crawler.extensions import CrawlRecorder, recorder_of
from crawler.watch import RoomWatch, watch_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.site import Site

_VALIDATORS = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))


class OffSite(IgnoreRequest):
    """Raised for a redirect to another site: it is not ours to follow."""


class ForgottenAddress(IgnoreRequest):
    """Raised for a URL whose page was forgotten: by whatever way we come there, it is not archived again."""


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
        memento = request.meta.get("memento")
        if known := self.recorder.was_forgotten(memento.url if memento else request.url):
            raise ForgottenAddress(said(known))
        if memento:  # what an archive has does not change
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

    def __init__(self, recorder: CrawlRecorder, watch: RoomWatch) -> None:
        self.recorder = recorder
        self.watch = watch

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(recorder_of(crawler), watch_of(crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        try:
            request.meta["capture"] = self.recorder.record(request, response)
        except Exception as error:
            self.watch.see(error)  # an errback takes it for a fault of this one page
            raise
        return response
