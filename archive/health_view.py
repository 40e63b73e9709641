"""The health of sites, as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from sqlite_utils import Database

from archive import render
from archive.health import book
from archive.health.account import Account
from archive.health.alarms import Alarm
from archive.health.causes import ABOUT
from archive.health.measures import FIELDS


def show(console: Console, accounts: Sequence[Account]) -> None:
    """Print a line per site, then each alarm with its cause and what to do next, then what is well again."""
    console.print(_table(accounts))
    for lines in (_standing, _ended):
        for account in accounts:
            for line in lines(account):
                console.print(line, soft_wrap=True)


def _table(accounts: Sequence[Account]) -> Table:
    table = Table("site", "health", "last article", box=SIMPLE_HEAD)
    for name in ("a day", "before", *(f"no {field}" for field in FIELDS), "characters"):
        table.add_column(name, justify="right")
    for one in accounts:
        missing = [f"{one.missing[name]:.0%}" if name in one.missing else "-" for name in FIELDS]
        table.add_row(
            escape(one.site),
            Text(f"{len(one.alarms)} alarm{'s' if len(one.alarms) > 1 else ''}", "bold red") if one.alarms else "ok",
            render.when(one.last_article),
            f"{one.per_day:.1f}",
            "-" if one.baseline is None else f"{one.baseline:.1f}",
            *missing,
            "-" if one.characters is None else f"{one.characters:,.0f}",
        )
    return table


def _standing(account: Account) -> Iterator[Text]:
    for alarm in account.alarms:
        yield Text.assemble((sentence(alarm), "bold red"))
        yield Text(f"  likely cause: {alarm.cause}: {ABOUT[alarm.cause]}")
        yield Text(f"  next: {alarm.advice}")


def _ended(account: Account) -> Iterator[Text]:
    for alarm in account.ended:
        yield Text(f"well again since {alarm.until}: {sentence(alarm)}", "green")


def sentence(alarm: Alarm) -> str:
    """Return an alarm in a line: "gazette: author missing in 14 of 14 articles since 2026-03-31; before: ..."."""
    return f"{alarm.site}: {alarm.field}: {alarm.detail}"


def one_line(db: Database, site: str) -> str:
    """Return how a site did when it was last looked at: "ok", or "author since 2026-03-31 (template changed)".

    Reads the table of alarms alone: what stands there was judged at the end of the site's last crawl.
    """
    standing = [entry.alarm for entry in book.entries(db, [site], standing=True)]
    return "; ".join(f"{alarm.field} since {alarm.since} ({alarm.cause})" for alarm in standing) or "ok"
