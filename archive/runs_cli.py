"""`marbre runs`: every run, and what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.options import archive_option

if TYPE_CHECKING:
    from rich.table import Table

_COLUMNS = ("due", "discovered", "new", "changed", "unchanged", "skipped", "rejected", "failed")


@click.command(short_help="List the runs and what came of each.")
@click.argument("site", required=False)
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with reasons, sources and versions.")
@archive_option
def runs(site: str | None, directory: Path, *, last: int, as_json: bool) -> None:
    """List the runs over SITE (all sites if none is named), the newest first; outcomes add up to what was discovered.

    \b
    marbre runs
    marbre runs 1001infos --last 5
    marbre runs --json | jq 'select(.failed > 0)'
    """
    from archive import render
    from archive.query import Archive

    with Archive(directory) as archive:
        found = list(archive.runs(site, last))
    if not found:
        click.echo(f"no runs{f' of {site}' if site else ''}: marbre crawl begins one", err=True)
    elif as_json:
        for row in found:
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        render.console().print(_table(found))


def _table(found: list[dict[str, Any]]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from archive import render

    table = Table("site", "started", box=SIMPLE_HEAD)
    for name in ("took", *_COLUMNS, "kB"):
        table.add_column(name, justify="right")
    table.add_column("how it ended")
    for row in found:
        table.add_row(
            escape(row["site"]),
            render.when(row["started"]),
            "-" if row["seconds"] is None else render.clock(row["seconds"]),
            *("-" if row[name] is None else f"{row[name]:,}" for name in _COLUMNS),
            f"{row['bytes'] / 1000:,.0f}",
            escape(_ended(row)),
        )
    return table


def _ended(row: dict[str, Any]) -> str:
    """Return how a run ended, and why what failed did."""
    outcomes = ((*reason.partition(": "), count) for reason, count in row["reasons"].items())
    why = ", ".join(f"{count:,} {reason}" for outcome, _, reason, count in outcomes if outcome == "failed")
    return f"{row['reason']}: {why}" if why else str(row["reason"])
