"""Loads what a crawl loads when imported, all but Twisted's reactor, which no process can inherit."""

from __future__ import annotations

import sys
from importlib import import_module

from scrapy.settings import default_settings as scrapy_settings

from crawler import settings as our_settings

_NAMES = [
    "crawler.cli.main",
    "crawler.run.crawl",
    "crawler.pipelines.ExtractionPipeline",
    *scrapy_settings.DOWNLOADER_MIDDLEWARES_BASE,
    *scrapy_settings.SPIDER_MIDDLEWARES_BASE,
    *scrapy_settings.EXTENSIONS_BASE,
    *our_settings.DOWNLOADER_MIDDLEWARES,
    "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler",
    "scrapy.core.engine.ExecutionEngine",
    "scrapy.logformatter.LogFormatter",
    "scrapy.pqueues.DownloaderAwarePriorityQueue",
    "scrapy.robotstxt.ProtegoRobotParser",
    "scrapy.squeues.PickleLifoDiskQueue",
    "scrapy.statscollectors.MemoryStatsCollector",
    "crawler.spiders.news.NewsSpider",
    "crawler.spiders.probe.ProbeSpider",
]

for _name in _NAMES:
    import_module(str(_name).rpartition(".")[0])

assert "twisted.internet.reactor" not in sys.modules
