"""How far an import is: a bar on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from archive.render import clock

_MINUTE = 60.0
# A batch of pages takes some seconds, and the next may be quicker: a pace over less would make the estimate jump.
_PACE = 300.0


class Progress:
    """Bytes of all the files of one run that were still to do when it began, and those done.

    `bar` draws; without one a line is printed once a minute.
    """

    def __init__(self, total: int, bar: Bar | None) -> None:
        self.total = total
        self.bar = bar
        self.task = bar.add_task("", total=total) if bar else None
        self.done = 0  # bytes of the files before the one being read
        self.size = 0
        self.phase = ""
        self.begun = (0.0, 0)
        self.last = time.monotonic()

    def of(self, name: str, size: int, begin: int = 0) -> Callable[[int], None]:
        """Return what is to be called with the bytes done of the next file; `begin` is where this run takes it up."""
        self.done += self.size
        self.size = size - begin
        self.total -= begin
        return lambda done: self._show("read", name, self.done + max(0, done - begin), self.total)

    def download(self, name: str) -> Callable[[int, int | None], None]:
        """Return what is to be called with the bytes fetched, and those in all, of a file that is being downloaded."""
        said: list[int] = []

        def show(done: int, total: int | None) -> None:
            if total and not said:
                said.append(total)
                self.total += total  # when it has been fetched it will be read
                click.echo(f"{name}: {total:,} bytes", err=True)
            self._show("fetch", f"fetching {name}", done, total)

        return show

    def _show(self, phase: str, name: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if phase != self.phase:  # another pace, and what was done before is not this one's
            self.phase, self.begun = phase, (now, done)
            if self.bar is not None and self.task is not None:
                self.bar.reset(self.task, completed=done, total=total)
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, description=name, completed=done, total=total)
        elif now - self.last >= _MINUTE:
            self.last = now
            click.echo(line(name, done, total, (done - self.begun[1]) / (now - self.begun[0] or 1)), err=True)


def line(name: str, done: int, total: int | None, pace: float) -> str:
    """Return one line: how much of how much, MB a second, time to go; `pace` is in bytes a second."""
    share = f"{done / total:.0%} of {total / 1e6:,.0f} MB" if total else f"{done / 1e6:,.0f} MB"
    to_go = f", {clock((total - done) / pace)} to go" if total and pace > 0 else ""
    return f"{name}: {share}, {pace / 1e6:.2f} MB/s{to_go}"


@contextmanager
def showing(files: list[Path]) -> Iterator[Progress]:
    """Show the progress over `files` while the block runs."""
    total = sum(path.stat().st_size for path in files)
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Progress(total, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bar(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        speed_estimate_period=_PACE,
        redirect_stdout=sys.stdout.isatty(),  # what goes into a file or a pipe is not for the terminal
    ) as bar:
        yield Progress(total, bar)
