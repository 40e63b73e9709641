"""`marbre health`: how sites do, what is wrong with which since when, and telling somebody."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.options import Day, archive_option
from crawler.sites_cli import sites_option

if TYPE_CHECKING:
    from archive.health.account import Account


@click.command(short_help="Tell which sites do well, and what is wrong with the others.")
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--on", "day", type=Day(), help="As it was at the end of this day (UTC).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a site, a line each.")
@click.option(
    "--prometheus",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the figures to this file, for node_exporter's textfile collector.",
)
@click.option("--notify", is_flag=True, help="Tell of new alarms, and of those that are over, as [notify] says.")
@sites_option
@archive_option
@click.pass_obj
def health(
    sites_file: Path,
    /,
    names: tuple[str, ...],
    directory: Path,
    *,
    day: datetime | None,
    prometheus: Path | None,
    **flags: bool,
) -> None:
    """Tell how SITEs (all that were crawled, if none is named) do: what they publish, and how well it is read.

    Each site is held against itself: its own weekdays, and what its own articles had before. An alarm says which
    field, since when, how far off it is, and what the likely cause is; below it stands what to do.

    Exits with 0 if all is well, 1 if an alarm stands, 2 for a mistake in the command.

    \b
    marbre health gazette --on 2026-03-31
    marbre health --json | jq -r 'select(.status == "alarm") | .alarms[].detail'
    marbre health --prometheus /var/lib/node_exporter/marbre.prom
    marbre health --notify
    """
    from archive.health.alarms import end_of

    now = datetime.now(UTC)
    if flags["notify"] and day:
        raise click.UsageError("give either --on or --notify: nobody is told of the past")
    found = _accounts(directory, names, min(now, end_of(day.date())) if day else now)
    if prometheus:
        from archive.health import prometheus as textfile

        textfile.write(prometheus, found, directory, now)
    _show(found, as_json=flags["as_json"])
    if flags["notify"]:
        from crawler import notifying
        from crawler.sites import load_sites

        notifying.after_run(directory, load_sites(sites_file, needed=False), [one.site for one in found])
    sys.exit(1 if any(one.alarms for one in found) else 0)


def _accounts(directory: Path, names: tuple[str, ...], now: datetime) -> list[Account]:
    from archive.database import open_for_reading
    from archive.health import account, observations

    db = open_for_reading(directory)
    try:
        known = observations.names(db)
        for name in names:
            if name not in known:
                # 2, not 1: that is what a monitor takes for an alarm.
                raise click.UsageError(
                    f'no crawl of a site "{name}" in {directory}; there are {", ".join(known) or "none"}'
                )
        return account.accounts(db, names or known, now)
    finally:
        db.close()


def _show(found: list[Account], *, as_json: bool) -> None:
    from archive import health_view, render
    from archive.health.account import as_json as plain

    if as_json:
        for one in found:
            click.echo(json.dumps(plain(one), ensure_ascii=False))
    elif found:
        health_view.show(render.console(), found)
    else:
        click.echo("nothing has been crawled yet", err=True)
