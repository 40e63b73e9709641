"""From capture to article: read in the pool, saved by the one writer, settled in the frontier."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TYPE_CHECKING, Self

from archive.errors import ExtractionFailed
from archive.models import Article, Capture, Failure, Rejection
from archive.reading import barriers
from archive.recovery import settle_capture
from archive.store import Reading
from crawler.extensions import CrawlRecorder, recorder_of
from crawler.failures import answered

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.traps import Traps


class ExtractionPipeline:
    """Waits for each capture to be read without holding up the reactor; what is slow here slows the fetching down."""

    def __init__(self, recorder: CrawlRecorder, traps: Traps | None) -> None:
        self.recorder = recorder
        self.traps = traps

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(recorder_of(crawler), getattr(crawler.spider, "traps", None))  # a backfill has none

    async def process_item(self, item: Capture) -> Capture:
        recorder = self.recorder
        future = recorder.ingest.submit(item, recorder.site)
        await asyncio.wait([asyncio.wrap_future(future)])
        try:
            outcome, result = self.outcome(item, future)
        except Exception as error:
            # A bug of ours: the capture stays pending, the crawl goes on, Scrapy logs it, and the run has failed.
            settle_capture(recorder.frontier, item, "failed", Failure("bug", f"{type(error).__name__}: {error}"))
            recorder.tally["failed"] += 1
            raise
        outcome = settle_capture(recorder.frontier, item, outcome, result)
        recorder.tally[outcome] += 1
        if self.traps is not None and item.links:
            self.traps.note(item.links[0].url, outcome)
        return item

    def outcome(self, capture: Capture, future: Future[Reading]) -> tuple[str, Article | Rejection | Failure]:
        """Save what was read; a refusal or a fault of the server's is read for its reason only, and says nothing."""
        if capture.status not in barriers.STATUSES:
            return self.recorder.ingest.save(capture, self.recorder.site, future)
        try:
            result = future.result().result
        except ExtractionFailed:
            result = Rejection(f"http_{capture.status}", f"the server answered {capture.status}")
        return answered(capture.status).outcome, result
