"""Crawling sites in one process: locks, Scrapy's process, and what came of it."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from archive.database import FILE, in_use, make_directory, open_for_writing
from archive.ingest import extraction_pool
from crawler import notifying, rendering
from crawler.addresses import is_this_machine
from crawler.extensions import CrawlRecorder, recorder_of
from crawler.site import Site
from crawler.sites import Sites, loopback_hosts
from crawler.spiders.backfill import BackfillSpider
from crawler.spiders.news import NewsSpider

logger = logging.getLogger("marbre")


@dataclass(frozen=True, slots=True)
class Request:
    """What to crawl: sites by name, or single pages; and how far."""

    sites_file: Path
    directory: Path
    names: tuple[str, ...]
    urls: tuple[str, ...] = ()
    limit: int | None = None
    since: datetime | None = None
    dry_run: bool = False
    full: bool = False
    no_revisits: bool = False
    pages: str | None = None
    workers: int | None = None
    seconds: float | None = None  # after which it is ended


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one site's crawl; `due` lists (URL, reason, detail) of what was to be fetched."""

    site: str
    crawl: str
    reason: str
    counts: dict[str, Any] = field(default_factory=dict)
    due: tuple[tuple[str, str, str], ...] = ()

    @property
    def failed(self) -> bool:
        return self.reason != "finished" or bool(self.counts["failed"] or self.counts["sources"].get("failed"))


class _Process(AsyncCrawlerProcess):
    """Scrapy's, but that it remembers which signals it was sent."""

    def __init__(self, settings: Settings, signals: list[int]) -> None:
        super().__init__(settings)
        self._signals = signals

    def _signal_shutdown(self, signum: int, frame: Any) -> None:
        self._signals.append(signum)
        super()._signal_shutdown(signum, frame)

    def _signal_kill(self, signum: int, frame: Any) -> None:
        self._signals.append(signum)
        super()._signal_kill(signum, frame)


def crawl(request: Request, sites: Sites, signals: list[int] | None = None) -> list[Result]:
    """Crawl every site of `request` side by side; returns a result each, but none for one that is crawled already.

    SIGINT (Ctrl-C) and SIGTERM end the crawls cleanly: what is in flight is finished, the rest is left for the next
    run; a second one ends them at once. They are appended to `signals`.
    """
    with _archive_of(request) as directory, in_use(directory), contextlib.ExitStack() as locks:
        names = request.names or (sites.site_for(request.urls[0]).name,)
        sites.limits.check(directory)
        _check_browser(sites, names)
        process = _Process(_settings(request, directory), [] if signals is None else signals)
        crawlers = []
        for name in names:
            lock = _lock(directory, name)
            if lock is None:
                logger.warning("%s: another crawl of this site is running; leaving it to that one", name)
                continue
            locks.enter_context(lock)
            crawlers.append(process.create_crawler(NewsSpider))
            process.crawl(crawlers[-1], **_options(request, name))
        process.start()
        extraction_pool(request.workers).shutdown()
        results = [_result(crawler.spider, recorder_of(crawler)) for crawler in crawlers if crawler.spider]
        if _tell_of_health(request, results):
            notifying.after_run(directory, sites, results)
        return results


def _tell_of_health(request: Request, results: Sequence[Result]) -> bool:
    """Not of a page fetched by hand, nor where there is no room, or somebody wants it to end at once."""
    cut_off = any(result.reason in ("disk_full", "interrupted") for result in results)
    return not (request.dry_run or request.urls or cut_off)


def backfill(
    request: Request, site: Site, options: Mapping[str, Any], signals: list[int] | None = None
) -> tuple[Result, Mapping[str, Any]] | None:
    """Fetch one site's past from a web archive; `options` as in `crawler.spiders.archived.Options`.

    Returns what came of it, and what was listed and picked (`years`: captures to fetch by year); none if the site is
    being crawled by another process. `signals` as for `crawl`.
    """
    with _archive_of(request) as directory, in_use(directory), contextlib.ExitStack() as locks:
        lock = _lock(directory, site.name)
        if lock is None:
            logger.warning("%s: a crawl of this site is running; try again when it has ended", site.name)
            return None
        locks.enter_context(lock)
        settings = _settings(request, directory)
        if is_this_machine(options["place"]):
            hosts = [*settings.getlist("MARBRE_LOOPBACK_HOSTS"), urlsplit(options["place"]).hostname or ""]
            settings.set("MARBRE_LOOPBACK_HOSTS", hosts, priority="cmdline")
        process = _Process(settings, [] if signals is None else signals)
        crawler = process.create_crawler(BackfillSpider)
        process.crawl(crawler, site=site.name, **options)
        process.start()
        extraction_pool(request.workers).shutdown()
        spider = crawler.spider
        assert isinstance(spider, BackfillSpider), "Scrapy could not make the spider"
        return _result(spider, recorder_of(crawler)), {**spider.counts, "years": dict(sorted(spider.years.items()))}


def _check_browser(sites: Sites, names: Sequence[str]) -> None:
    """Raise NoBrowser now, and not inside Scrapy, if a site needs one and there is none."""
    for name in names:
        if name in sites and sites.named(name).javascript:
            rendering.executable(sites.named(name))


def _options(request: Request, name: str) -> dict[str, Any]:
    names = ("limit", "since", "dry_run", "urls", "full", "no_revisits", "pages")
    given = {option: getattr(request, option) for option in names}
    site = {"site": name} if request.names else {}
    unsaid = (None, False, ())
    # Not "in unsaid": a limit of 0 equals False.
    return site | {key: value for key, value in given.items() if not any(value is nothing for nothing in unsaid)}


def _settings(request: Request, directory: Path) -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(
        {
            "MARBRE_ARCHIVE": str(directory),
            "MARBRE_KNOWN": str(request.directory) if (request.directory / FILE).exists() else None,
            "MARBRE_SITES": str(request.sites_file),
            "MARBRE_LOOPBACK_HOSTS": loopback_hosts(str(request.sites_file)),
            "MARBRE_WORKERS": request.workers,
            "CLOSESPIDER_TIMEOUT": request.seconds or 0,
            "LOG_INSTALL_ROOT_HANDLER": False,  # display.log_to_stderr has set one up
        },
        priority="cmdline",
    )
    return settings


@contextlib.contextmanager
def _archive_of(request: Request) -> Iterator[Path]:
    """Yield where to write: the archive, or for a dry run a directory that is thrown away afterwards."""
    if not request.dry_run:
        open_for_writing(request.directory).close()
        yield request.directory
        return
    scratch = Path(tempfile.mkdtemp(prefix="marbre-dry-run-"))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch)


def _lock(directory: Path, name: str) -> IO[str] | None:
    """Hold the lock of one site in one archive; None if another process holds it. A killed process lets go of it."""
    make_directory(directory)
    path = directory / "locks" / f"{name}.lock"
    path.parent.mkdir(exist_ok=True)
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _result(spider: Any, recorder: CrawlRecorder) -> Result:
    return Result(spider.site.name, recorder.crawl, recorder.reason, recorder.counts, tuple(spider.due))
