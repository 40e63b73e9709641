"""The log's forms: one JSON object a line for machines, and for everybody no flood of the same message.

What a crawl says is bounded: of one warning or error an hour brings twenty (of other messages two hundred), then the
thousandth, the ten thousandth and so on with their numbers, and in the end how many there were. Accounts and passwords
in URLs are left out in every form.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

_WHOLE, _WHOLE_BELOW_WARNING = 20, 200  # of one message in an hour
_NUMBERED = 1000  # this one is shown, and each that is ten times as many
_HOUR = 3600.0
_MOST_TEMPLATES = 1000
_MOST_CHARACTERS = 10_000
_ACCOUNT = re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://)[^/\s@?#\"'<>]{1,500}@", re.IGNORECASE)

_handlers: list[logging.Handler] = []
# Crawls that run in this process: site -> id of the crawl.
running: dict[str, str] = {}


def masked(text: str) -> str:
    """Return a text without the accounts that its URLs hold: http://***@gazette.example/."""
    return _ACCOUNT.sub(r"\1***@", text)


class PlainFormatter(logging.Formatter):
    """Lines for people, tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time (RFC 3339), level, logger, message; site, crawl, exception where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        said: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage())[:_MOST_CHARACTERS],
        }
        site = site_of(record)
        if site:
            said |= {"site": site, "crawl": running.get(site)}
        if record.exc_info and record.exc_info[0]:
            said["exception"] = masked("".join(traceback.format_exception(*record.exc_info)))[-_MOST_CHARACTERS:]
        return json.dumps({name: value for name, value in said.items() if value is not None}, ensure_ascii=False)


def site_of(record: logging.LogRecord) -> str | None:
    """Return the site a record is about: Scrapy's name their spider, ours begin with it, or there is only one."""
    spider = getattr(record, "spider", None)
    if site := getattr(spider, "site", None):
        return str(site.name)
    first = record.args[0] if isinstance(record.args, tuple) and record.args else None
    if isinstance(first, str) and first in running:
        return first
    return next(iter(running)) if len(running) == 1 else None


class Bounded(logging.Handler):
    """Hands records on to another handler, of the same message only so many."""

    def __init__(self, target: logging.Handler, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.target = target
        self._clock = clock
        self._since = clock()
        self._counts: dict[tuple[str, int, str], int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if self._clock() - self._since >= _HOUR:
            self.sum_up()
        key = (record.name, record.levelno, str(record.msg)[:200])
        if key not in self._counts and len(self._counts) >= _MOST_TEMPLATES:
            key = (record.name, record.levelno, "other messages")
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count <= _whole(record.levelno):
            self.target.handle(record)
        elif count >= _NUMBERED and str(count).strip("0") == "1":
            self.target.handle(_numbered(record, count))

    def sum_up(self) -> None:
        """Say how many messages were left out, and begin to count anew."""
        for (name, level, message), count in self._counts.items():
            if count > _whole(level):
                words = "%d messages like %r in %d s, of which the first %d were shown and %d left out"
                shown = _whole(level) + sum(_NUMBERED * 10**power <= count for power in range(12))
                values = (count, message, self._clock() - self._since, _whole(level), count - shown)
                self.target.handle(logging.LogRecord(name, level, "", 0, words, values, None))
        self._counts.clear()
        self._since = self._clock()

    def close(self) -> None:
        self.sum_up()
        self.target.close()
        super().close()


def _whole(level: int) -> int:
    return _WHOLE if level >= logging.WARNING else _WHOLE_BELOW_WARNING


def _numbered(record: logging.LogRecord, count: int) -> logging.LogRecord:
    """The same record with its number: those before it are not shown."""
    numbered = logging.makeLogRecord(record.__dict__)
    numbered.msg = f"{record.getMessage()} (the {count:,}th such message)"
    numbered.args = ()
    return numbered


def json_handler() -> logging.Handler:
    """Return a handler that writes JSON to stderr; warnings and what nobody caught are said in JSON, too."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    _handlers.append(handler)
    logging.captureWarnings(capture=True)
    sys.excepthook = _say
    return handler


def for_machines() -> bool:
    """Whether a machine reads stderr, and nothing but JSON may be written there."""
    return bool(_handlers)


def _say(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    logging.getLogger("marbre").critical("%s: %s", kind.__name__, error, exc_info=(kind, error, at))
