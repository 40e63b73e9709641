"""Probing sites in one Scrapy process: the settings of a crawl, without the archive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.discovery import Source
from crawler.probing import Probe
from crawler.site import Site
from crawler.spiders.probe import ProbeSpider

_TIMEOUT = 20  # seconds; somebody waits for the answer


class Question(NamedTuple):
    """A site to probe; `known` are places that an earlier crawl had links from."""

    site: Site
    known: Sequence[Source] = ()
    is_new: bool = True


def ask(questions: Sequence[Question], contact: str | None) -> list[Probe]:
    """Probe sites side by side, each with its own delay between two requests; raises KeyboardInterrupt after Ctrl-C."""
    process = AsyncCrawlerProcess(_settings([question.site for question in questions]))
    crawlers = []
    for site, known, is_new in questions:
        crawlers.append(process.create_crawler(ProbeSpider))
        process.crawl(crawlers[-1], site=site, known=known, is_new=is_new, contact=contact)
    process.start()
    probes = []
    for crawler in crawlers:
        spider = crawler.spider
        assert isinstance(spider, ProbeSpider)
        if spider.closing == "shutdown":
            raise KeyboardInterrupt
        assert crawler.stats is not None
        spider.probe.requests = crawler.stats.get_value("downloader/request_count", 0)
        probes.append(spider.probe)
    return probes


def _settings(sites: Sequence[Site]) -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    middlewares = dict(settings.getdict("DOWNLOADER_MIDDLEWARES"))
    extensions = dict(settings.getdict("EXTENSIONS"))
    kept = ("crawler.middlewares.ScopeMiddleware", "crawler.addresses.AddressMiddleware")
    changed: dict[str, Any] = {
        # What is ours needs an archive, but for the scope and the address guard.
        "DOWNLOADER_MIDDLEWARES": {
            **{name: order for name, order in middlewares.items() if not _is_ours(name) or name in kept},
            "crawler.spiders.probe.RememberingRobots": middlewares["crawler.robots.RobotsMiddleware"],
        },
        "EXTENSIONS": {name: None if _is_ours(name) else order for name, order in extensions.items()},
        "ITEM_PIPELINES": {},
        "MARBRE_LOOPBACK_HOSTS": [urlsplit(site.url).hostname or "" for site in sites if site.allow_loopback],
        "AUTOTHROTTLE_ENABLED": False,  # too few requests to learn from; the delay, or robots.txt's, is kept
        "DOWNLOAD_TIMEOUT": _TIMEOUT,
        "RETRY_TIMES": 1,
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",  # what came of it is said in one line
        "LOG_INSTALL_ROOT_HANDLER": False,
    }
    settings.setdict(changed, priority="cmdline")
    return settings


def _is_ours(name: str) -> bool:
    return name.startswith("crawler.")
