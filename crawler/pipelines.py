"""From capture to article: read in the pool, saved by the one writer, settled in the frontier."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from archive.models import Capture, Failure
from archive.recovery import settle_capture
from crawler.extensions import CrawlRecorder, recorder_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class ExtractionPipeline:
    """Waits for each capture to be read without holding up the reactor; what is slow here slows the fetching down."""

    def __init__(self, recorder: CrawlRecorder) -> None:
        self.recorder = recorder

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(recorder_of(crawler))

    async def process_item(self, item: Capture) -> Capture:
        recorder = self.recorder
        future = recorder.ingest.submit(item, recorder.site)
        await asyncio.wait([asyncio.wrap_future(future)])
        try:
            outcome, result = recorder.ingest.save(item, recorder.site, future)
        except Exception as error:
            # A bug of ours: the capture stays pending, the crawl goes on, Scrapy logs it, and the run has failed.
            settle_capture(recorder.frontier, item, "failed", Failure("bug", f"{type(error).__name__}: {error}"))
            recorder.tally["failed"] += 1
            raise
        settle_capture(recorder.frontier, item, outcome, result)
        recorder.tally[outcome] += 1
        return item
