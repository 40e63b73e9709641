"""What accompanies a crawl from start to end: its record in the archive, and its progress for a person to see."""

from __future__ import annotations

import dataclasses
import logging
import platform
import secrets
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import scrapy
import trafilatura
from scrapy import signals
from twisted.internet.task import LoopingCall

import archive
from archive import captures, forgotten, profiles, recovery, revisits, rows
from archive.database import open_for_reading
from archive.errors import DamagedRecord
from archive.frontier import Frontier, Visit, last_visit, unfinished, visited
from archive.ingest import Ingest, extraction_pool
from archive.models import Capture, Exchange, Link, Page
from archive.sources import Memory
from archive.store import Store
from archive.urls import urlkey
from archive.warc import WarcWriter, payload_digest, read_page
from crawler import display, logs, mementos
from crawler.watch import broken_off_when_full, closing_when_full

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.mementos import Memento
    from crawler.spiders.backfill import BackfillSpider
    from crawler.spiders.news import NewsSpider

logger = logging.getLogger("marbre")

# How Scrapy's reasons for closing a spider are called in the table of crawls.
_REASONS = {"shutdown": "stopped", "cancelled": "stopped", "closespider_timeout": "time"}


def recorder_of(crawler: Crawler) -> CrawlRecorder:
    recorder = crawler.get_extension(CrawlRecorder)
    assert recorder is not None, "settings.EXTENSIONS must name crawler.extensions.CrawlRecorder"
    return recorder


class CrawlRecorder:
    """One crawl's hold on the archive: its row, its frontier, its WARC file, and the reading of its captures."""

    store: Store
    frontier: Frontier
    ingest: Ingest
    writer: WarcWriter
    memory: Memory
    crawl = ""  # until it has begun

    def __init__(self, directory: Path, known: Path | None, workers: int | None) -> None:
        self.directory = directory
        self.known = known or directory
        self.workers = workers
        self.tally: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.counts: dict[str, Any] = {}
        self.reason = "interrupted"
        self.revisits_left = 0  # visits that are due, but beyond the day's budget
        self.complete = False  # whether every way of discovery was read to its end

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        known = crawler.settings["MARBRE_KNOWN"]
        recorder = cls(
            Path(crawler.settings["MARBRE_ARCHIVE"]), known and Path(known), crawler.settings["MARBRE_WORKERS"]
        )
        crawler.signals.connect(recorder.spider_opened, signals.spider_opened)
        crawler.signals.connect(recorder.spider_closed, signals.spider_closed)
        crawler.signals.connect(recorder.spider_error, signals.spider_error)
        return recorder

    @closing_when_full
    def spider_opened(self, spider: NewsSpider | BackfillSpider) -> None:
        self.site = spider.site.name
        self.store = Store(self.directory)
        self.known_db = open_for_reading(self.known)
        self.ingest = Ingest(self.store, extraction_pool(self.workers))
        profiles.adopt_selectors(self.store.db, self.store.warc, self.site, spider.site.by_hand(), datetime.now(UTC))
        for crawl in recovery.recover(self.store, self.ingest):
            logger.warning("crawl %s was killed: what it had fetched is kept, the rest is taken up again", crawl)
        self.crawl = f"{self.site}-{secrets.token_hex(4)}"
        logs.running[self.site] = self.crawl
        self.memory = Memory(self.known_db, self.site, self.crawl)
        versions = {
            "marbre": archive.__version__,
            "scrapy": scrapy.__version__,
            "trafilatura": trafilatura.__version__,
            "python": platform.python_version(),
        }
        # The file comes before the row: a row without an open file is how a killed crawl is known.
        info = {"site": self.site, "http-header-user-agent": spider.agent, "robots": "obey", **versions}
        self.writer = WarcWriter(self.store.warc, "marbre", self.crawl, info)
        self.frontier = self.store.begin_crawl(self.crawl, self.site, self.writer.started, versions)

    def note_due(self, due: int) -> None:
        """Take note of how many URLs are to be fetched."""
        self.tally["due"] = due
        self.store.note_due(self.crawl, due)

    def spider_error(self) -> None:
        """A bug of ours in a callback: Scrapy logs it and goes on, and the run must not look like a good one."""
        self.sources["failed"] += 1

    @broken_off_when_full
    def spider_closed(self, reason: str) -> None:
        self.reason = reason = _REASONS.get(reason, reason)
        if reason == "finished":
            # Nothing may be left then; if there is, we have lost it, and that must not look like anything else.
            self.frontier.settle_rest(
                "failed", "lost", "its request came back neither with an answer nor with an error"
            )
        self.frontier.settle_rest("skipped", "stopped", "the crawl ended before it came to this URL")
        counts = self.frontier.counts()
        self.counts = counts | {"sources": dict(sorted(self.sources.items())), "complete": self.is_complete()}
        self.counts["due"] = self.tally["due"]
        if self.revisits_left:
            self.counts["revisits_left"] = self.revisits_left
        ended = datetime.now(UTC)
        document = self.store.crawl_document(self.crawl, ended, reason, self.counts)
        self.writer.write_metadata(document, recovery.DOCUMENT + self.crawl)
        self.writer.close()
        self.store.end_crawl(self.crawl, ended, reason, self.counts)
        self.store.close()
        self.known_db.close()

    def is_complete(self) -> bool:
        """Whether the next crawl of the site may build on this one's discovery."""
        return self.complete and not self.sources["failed"]

    def discover(self, found: Sequence[tuple[str, Link]], *, anew: bool) -> list[str]:
        """Put links into the frontier; returns the URLs new to this crawl, and unless `anew` to all earlier ones."""
        urls = dict.fromkeys(url for url, _ in found)
        fresh = [url for url in urls if not self.frontier.knows(url) and (anew or not self.memory.knows(url))]
        before = self.frontier.size()
        self.frontier.discover(found)
        self.tally["discovered"] += self.frontier.size() - before
        return fresh

    def note_source(self, said: Mapping[str, Any]) -> None:
        """Keep what a place that was asked for links answered: the columns of `sources`."""
        self.store.note_source(self.crawl, {**said, "timestamp": rows.instant(said["timestamp"])})

    def settle(self, urls: Sequence[str], outcome: str, reason: str | None = None, **said: str | None) -> None:
        self.frontier.settle(urls, outcome, reason, **said)
        self.tally[outcome] += len(urls)

    def last_visit(self, url: str) -> Visit | None:
        return last_visit(self.known_db, url)

    def was_forgotten(self, url: str) -> forgotten.Forgotten | None:
        """Return what was forgotten under a URL: it is not fetched again."""
        return forgotten.by_url(self.known_db, url)

    def visited(self, at_most: int) -> list[str]:
        return visited(self.known_db, self.site, at_most)

    def unfinished(self, *, without_page: bool) -> list[tuple[str, tuple[Link, ...]]]:
        return unfinished(self.known_db, self.site, self.crawl, without_page=without_page)

    def last_capture(self, url: str) -> Capture | None:
        return captures.last_with_body(self.known_db, url)

    def unchanged_in_a_row(self, url: str) -> int:
        return revisits.unchanged_in_a_row(self.known_db, url)

    def stored_headers(self, capture: Capture) -> list[tuple[str, str]]:
        """Return a stored response's headers, names in lower case; none if its record is damaged (then fetch anew)."""
        try:
            return [(name.lower(), value) for name, value in read_page(self.known / "warc", capture).headers]
        except DamagedRecord as error:
            logger.warning("%s; fetching %s anew", error, capture.url)
            return []

    def stored_body(self, capture: Capture) -> bytes:
        return read_page(self.known / "warc", capture).body

    def page_of(self, response: Response) -> Page:
        """What a response shows: itself, or what is stored if it says that nothing changed."""
        original: Capture | None = response.meta.get("original")
        if response.status == 304 and original:
            try:
                return read_page(self.known / "warc", original)
            except DamagedRecord as error:
                logger.warning("%s; its further pages are not asked for", error)
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return Page(response.url, response.status, (("Content-Type", kind),), response.body, datetime.now(UTC))

    def record(self, request: Request, response: Response) -> Capture:
        """Write one exchange to the WARC file and its capture to the archive, in this order."""
        original: Capture | None = request.meta.get("original")
        if original and response.status != 304 and payload_digest(response.body) != original.digest:
            original = None
        if original and response.status not in (200, 304):
            original = None
        exchange = _exchange(request, response)
        if memento := request.meta.get("memento"):
            exchange = self._remembered(exchange, memento)
            request.meta["intact"] = mementos.agrees(memento, response.body)  # before Scrapy undoes its coding
        capture = self.writer.write(exchange, original)
        self.store.add_captures([capture])
        self.tally["requests"] += 1
        return capture

    def _remembered(self, exchange: Exchange, asked: Memento) -> Exchange:
        """Make of a web archive's answer what the page's server once answered; or else a word of the archive itself."""
        memento = mementos.answered(asked, exchange.headers, exchange.url)
        if memento is None or exchange.status != 200 or self.holds(memento):
            return dataclasses.replace(exchange, role="source", links=())
        return dataclasses.replace(
            exchange,
            url=memento.url,
            captured_at=memento.captured_at,
            headers=mementos.original_headers(exchange.headers, exchange.body),
            ip_address=None,
            source=exchange.url,
        )

    def holds(self, memento: Memento) -> bool:
        """Tell whether a capture of the same page from the same second is archived."""
        second = memento.captured_at.replace(microsecond=0)
        times = [rows.instant(second), rows.instant(second + timedelta(seconds=1))]
        values = [urlkey(memento.url), *times]
        sql = "SELECT 1 FROM captures WHERE urlkey = ? AND timestamp >= ? AND timestamp < ? AND role = 'page' LIMIT 1"
        return any(db.execute(sql, values).fetchone() for db in (self.known_db, self.store.db))

    def record_post(self, link: Link, post: bytes, answer: Capture) -> Capture:
        """Write one post of a REST API's answer to the WARC file, under the post's own address."""
        headers = (("Content-Type", "application/json"),)
        resource = Exchange(
            url=link.url, status=200, headers=headers, body=post, captured_at=answer.timestamp, links=(link,)
        )
        capture = self.writer.write_resource(resource, answer.id)
        self.store.add_captures([capture])
        return capture


class Progress:
    """Shows how far the crawl is: a live line on a terminal, one log line a minute elsewhere."""

    SECONDS = 60.0

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.loop = LoopingCall(self.say)
        self.started = time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler)
        crawler.signals.connect(progress.spider_opened, signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signals.spider_closed)
        return progress

    def spider_opened(self) -> None:
        self.started = time.monotonic()
        if display.on_terminal():
            display.add(self.line)
        else:
            self.loop.start(self.SECONDS, now=False)

    def spider_closed(self) -> None:
        display.remove(self.line)
        if self.loop.running:
            self.loop.stop()

    def say(self) -> None:
        logger.info("%s", self.line())

    def line(self) -> str:
        recorder = recorder_of(self.crawler)
        return display.progress_line(recorder.site, recorder.tally, time.monotonic() - self.started)


def _exchange(request: Request, response: Response) -> Exchange:
    return Exchange(
        url=response.url,
        status=response.status,
        headers=_pairs(response.headers),
        body=response.body,
        captured_at=datetime.now(UTC),
        method=request.method,
        request_headers=_pairs(request.headers),
        protocol=response.protocol or "HTTP/1.1",
        ip_address=str(response.ip_address) if response.ip_address else None,
        role=request.meta.get("role", "robots"),
        links=request.meta.get("links", ()),
    )


def _pairs(headers: Any) -> tuple[tuple[str, str], ...]:
    # items() gives every value of a repeated header; indexing would give the last one only.
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values
    )
