"""When sites are due, as a person or a program reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from archive import render, rows
from archive.render import clock
from archive.rhythm import Due
from crawler.scheduling import plan
from crawler.sites import Sites


def lines(directory: Path, sites: Sites, now: datetime, *, as_json: bool) -> Iterator[str]:
    """Yield when each site is due: a table as one string, or a JSON object a line."""
    found = plan(directory, sites, tuple(sites), now)
    if as_json:
        for due in found:
            every = due.every and due.every.total_seconds()
            yield json.dumps({**due._asdict(), "at": rows.instant(due.at), "every": every, "last": _instant(due.last)})
        return
    table = Table("site", "last crawl", "next", "every", "why", box=SIMPLE_HEAD)
    for due in found:
        wait = (due.at - now).total_seconds()
        table.add_row(
            escape(due.site),
            render.when(due.last),
            "now" if wait <= 0 else f"{render.when(due.at)} (in {clock(wait)})",
            _every(due),
            escape(due.why),
        )
    console = render.console()
    with console.capture() as captured:
        console.print(table)
    yield captured.get().rstrip("\n")


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else rows.instant(moment)


def _every(due: Due) -> str:
    if due.every is None:
        return "-"
    minutes = max(1, round(due.every.total_seconds() / 60))
    if minutes > 90:
        return f"{minutes / 60:.0f} hours" if minutes < 2880 else f"{minutes / 1440:.0f} days"
    return f"{minutes} minutes"
