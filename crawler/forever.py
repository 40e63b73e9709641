"""`marbre run --forever`: a run whenever something is due, each in a process of its own, so that memory stays flat."""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Self

from archive.exits import Exit
from archive.render import clock
from crawler import scheduling
from crawler.errors import SitesError
from crawler.sites import load_sites

logger = logging.getLogger("marbre")

LONGEST_SLEEP = 300.0  # seconds: sites.toml may be edited, and a crawl may be begun by hand
_AFTER_TROUBLE = 60.0  # seconds, at least, after a run that ended badly: it must not be begun again at once
_WELL = (Exit.OK, Exit.PARTIAL, Exit.TIME)
_FOR_GOOD = (Exit.USAGE, Exit.FATAL)  # the same run would end the same way


def forever(sites_file: Path, directory: Path, names: Sequence[str], options: Sequence[str]) -> Exit:
    """Crawl what is due until a signal comes; returns the exit code. `options` go to each run as they were typed.

    SIGTERM and SIGINT are passed on to the run that is under way, which ends cleanly; a second one ends it at once.
    """
    words = ("--sites", str(sites_file), "run", *options, "--archive", str(directory), *names)
    with _Keeper() as keeper:
        while not keeper.signals:
            code = keeper.run([sys.executable, "-m", "crawler", *words])
            if code in _FOR_GOOD:
                return Exit(code)
            if keeper.signals:
                break
            least = 0.0 if code in _WELL else _AFTER_TROUBLE
            keeper.sleep(_wait(sites_file, directory, names, least=least))
    if len(keeper.signals) > 1:
        return Exit.FORCED
    return Exit.STOPPED if keeper.signals[0] == signal.SIGINT else Exit.OK


def _wait(sites_file: Path, directory: Path, names: Sequence[str], *, least: float) -> float:
    """Return the seconds until something is due; says so in the log, which is the sign of life."""
    now = datetime.now(UTC)
    try:
        first = scheduling.plan(directory, load_sites(sites_file), names, now)[0]
    except SitesError as error:  # it is being edited: what runs must not end for that
        logger.warning("%s; trying again in a minute", error)
        return _AFTER_TROUBLE
    seconds = max(least, (first.at - now).total_seconds(), 1.0)
    logger.info("next: %s in %s (%s)", first.site, clock(seconds), first.why)
    return min(seconds, LONGEST_SLEEP)


class _Keeper:
    """Runs one process at a time and passes signals on to it."""

    def __init__(self) -> None:
        self.signals: list[int] = []
        self._child: subprocess.Popen[bytes] | None = None
        self._awake = threading.Event()
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._before[number] = signal.signal(number, self._pass_on)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # as it was given

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        self.signals.append(number)
        self._awake.set()
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                self._child.send_signal(number)

    def run(self, command: Sequence[str]) -> int:
        # A session of its own: Ctrl-C in a terminal would reach it twice, and twice means at once.
        with subprocess.Popen(command, start_new_session=True) as child:  # noqa: S603 - our own words
            self._child = child
            for number in self.signals:  # one that came before there was anybody to pass it on to
                child.send_signal(number)
            code = child.wait()
        self._child = None
        if code not in (0, 1):
            logger.warning("the run ended with exit code %d (docs/schedule.md says what that means)", code)
        return code

    def sleep(self, seconds: float) -> None:
        self._awake.wait(seconds)
