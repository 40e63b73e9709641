"""Runs `marbre` and kills it, as kill -9 does, at one step of a page's life: `python -m tests.crashing POINT N ...`.

N counts: the step is survived N times first. Nothing in the product knows of this.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

from scrapy.core.downloader.handlers import http11

from archive import database, events
from archive.duplicates import index
from archive.frontier import Frontier
from archive.ingest import Ingest
from archive.store import Store
from archive.warc import WarcWriter, writer
from crawler.cli import main
from crawler.extensions import CrawlRecorder
from crawler.middlewares import RevisitMiddleware


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def before(function: Callable[..., Any], survive: int) -> Callable[..., Any]:
    left = iter(range(survive))

    @functools.wraps(function)
    def dying(*args: Any, **kwargs: Any) -> Any:
        if next(left, None) is None:
            die()
        return function(*args, **kwargs)

    return dying


def after(function: Callable[..., Any], survive: int) -> Callable[..., Any]:
    left = iter(range(survive))

    @functools.wraps(function)
    def dying(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if next(left, None) is None:
            die()
        return result

    return dying


def torn(function: Callable[..., Any], survive: int) -> Callable[..., Any]:
    """Let the last record lose its second half: what a kill inside a write leaves behind."""
    left = iter(range(survive))

    @functools.wraps(function)
    def dying(writer: WarcWriter, *args: Any, **kwargs: Any) -> Any:
        start = writer._file.tell()
        result = function(writer, *args, **kwargs)
        if next(left, None) is None:
            os.ftruncate(writer._file.fileno(), (start + writer._file.tell()) // 2)
            die()
        return result

    return dying


POINTS: dict[str, tuple[type | ModuleType, str, Callable[..., Any]]] = {
    "a URL is discovered": (Frontier, "discover", after),
    "pages are taken from the frontier": (Frontier, "take", after),
    "before its record is written": (CrawlRecorder, "record", before),
    "before it is asked for": (RevisitMiddleware, "process_request", before),
    "while its body arrives": (http11._ResponseReader, "dataReceived", before),
    "inside its record": (WarcWriter, "write", torn),
    "between record and row": (Store, "add_captures", before),
    "after its row": (Store, "add_captures", after),
    "while it is read": (Ingest, "submit", after),
    "before its article is saved": (Store, "save", before),
    "inside the transaction": (events, "follow", after),
    "while its words are indexed": (database, "searchable", before),
    "before the transaction's end": (index, "follow", after),
    "after its article is saved": (Store, "save", after),
    "after it is settled": (Frontier, "settle", after),
    "when a WARC file is full": (WarcWriter, "_begin", after),
    "before the full file has its name": (writer, "finish", before),
    "before the summary": (WarcWriter, "write_metadata", before),
    "before the file is closed": (WarcWriter, "close", before),
    "after the file is closed": (WarcWriter, "close", after),
    "before the crawl's row ends": (Store, "end_crawl", before),
}
# Points that a crawl comes to only if its WARC files are smaller than they are.
SMALL_FILES = ("when a WARC file is full", "before the full file has its name")


if __name__ == "__main__":
    if sys.argv[1] in SMALL_FILES:
        WarcWriter.__init__.__defaults__ = (20_000,)
    owner, name, how = POINTS[sys.argv[1]]
    setattr(owner, name, how(getattr(owner, name), int(sys.argv[2])))
    main(sys.argv[3:])
