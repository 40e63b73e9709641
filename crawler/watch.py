"""Ends a crawl before there is no room left, as `[limits]` says, and in order if there is none all the same."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.task import LoopingCall

from archive.room import is_full, sentence
from crawler.limits import LimitReached, Limits
from crawler.sites import load_sites

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from crawler.extensions import CrawlRecorder

logger = logging.getLogger("marbre")

BUG = "bug"
FULL = "disk_full"  # the reason of a crawl for which there was no room; those of a limit are "disk" and "size"
# They would show a traceback for each of the pages in flight; the sentence was said once.
_TALKERS = ("scrapy.core.scraper", "scrapy.core.engine", "scrapy.utils.signal")


def watch_of(crawler: Crawler) -> RoomWatch:
    watch = crawler.get_extension(RoomWatch)
    assert watch is not None, "settings.EXTENSIONS must name crawler.watch.RoomWatch"
    return watch


class RoomWatch:
    """Looks at disk and archive with every answer, every article and every few seconds; ends the crawl, saying why."""

    SECONDS = 3.0

    def __init__(self, crawler: Crawler, directory: Path, limits: Limits) -> None:
        self.crawler = crawler
        self.directory = directory
        self.limits = limits
        self.ended = False
        self.loop = LoopingCall(self.look)
        for name in _TALKERS:
            logging.getLogger(name).addFilter(_is_news)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        sites = load_sites(Path(crawler.settings["MARBRE_SITES"]), needed=False)
        watch = cls(crawler, Path(crawler.settings["MARBRE_ARCHIVE"]), sites.limits)
        crawler.signals.connect(watch.spider_opened, signals.spider_opened)
        crawler.signals.connect(watch.spider_closed, signals.spider_closed)
        crawler.signals.connect(watch.look, signals.response_received)
        crawler.signals.connect(watch.look, signals.item_scraped)  # pages that wait to be read come in bursts
        crawler.signals.connect(watch.failed, signals.spider_error)
        crawler.signals.connect(watch.failed, signals.item_error)
        return watch

    def spider_opened(self) -> None:
        self.loop.start(self.SECONDS, now=False)  # crawler.run has looked before

    def spider_closed(self) -> None:
        if self.loop.running:
            self.loop.stop()

    def look(self) -> None:
        try:
            self.limits.check(self.directory)
        except LimitReached as reached:
            self.end(reached.reason, str(reached))

    def failed(self, failure: Failure) -> None:
        """Look at an error in a callback or in the pipeline."""
        if failure.value is not None:
            self.see(failure.value)

    def see(self, error: BaseException) -> None:
        """End the crawl if an error says that nothing more can be written."""
        if is_full(error, self.directory):
            self.end(FULL, sentence(error, self.directory))

    def end(self, reason: str, said: str) -> None:
        """Close the spider: what is in flight is finished, the rest is left for the next run."""
        if not self.ended:
            self.ended = True
            logger.warning("%s", said)
            if self.crawler.engine is not None:
                deferred_from_coro(self.crawler.engine.close_spider_async(reason=reason))


def closing_when_full(handler: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Have a handler of a signal end the crawl, and say so, when it finds no room; Scrapy would log it and go on.

    It is a method, of the recorder or of a spider that has one, and takes the spider.
    """

    @functools.wraps(handler)
    def closing(self: Any, spider: Any) -> None:
        try:
            handler(self, spider)
        except Exception as error:
            directory = getattr(self, "recorder", self).directory
            if not is_full(error, directory):
                raise
            logger.warning("%s", sentence(error, directory))
            raise CloseSpider(FULL) from None

    return closing


def broken_off_when_full(closed: Callable[[CrawlRecorder, str], None]) -> Callable[[CrawlRecorder, str], None]:
    """Leave a crawl that finds no room for its own end as a kill would: the next one finishes it."""

    @functools.wraps(closed)
    def closing(recorder: CrawlRecorder, reason: str) -> None:
        if not hasattr(recorder, "frontier"):  # it found no room to begin, or stumbled over a bug of ours
            _let_go(recorder, FULL if reason == FULL else BUG)
            return
        try:
            closed(recorder, reason)
        except Exception as error:
            if not is_full(error, recorder.directory):
                raise
            logger.warning("%s", sentence(error, recorder.directory))
            _let_go(recorder, FULL)

    return closing


def _let_go(recorder: CrawlRecorder, reason: str) -> None:
    recorder.reason, recorder.counts = reason, {}
    if hasattr(recorder, "writer"):
        recorder.writer.abandon()
    for name in ("store", "known_db"):
        if hasattr(recorder, name):
            getattr(recorder, name).close()


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.exc_info and is_full(record.exc_info[1]))
