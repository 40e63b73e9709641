"""`marbre coverage`: the proof of what is in the archive and what is not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from archive.options import archive_option


@click.command(short_help="Compare what a site holds with what is archived.")
@click.argument("site")
@click.option("--json", "as_json", is_flag=True, help="The same figures as one JSON object.")
@click.option("--missing", "all_missing", is_flag=True, help="List every missing URL, not only the first.")
@click.option("--all-months", is_flag=True, help="Chart every month, not only the last 24.")
@archive_option
def coverage(site: str, directory: Path, *, as_json: bool, all_missing: bool, all_months: bool) -> None:
    """Compare what SITE holds with what is archived, and say what is missing and why.

    What it holds, its feeds, sitemaps, APIs and listings have told in all crawls so far.
    Exits with 0 if nothing is missing, 1 if something is, 2 if the archive knows no such site.

    \b
    marbre coverage 1001infos
    marbre coverage 1001infos --missing
    marbre coverage 1001infos --json | jq '.missing[].url'
    """
    from archive import coverage as accounts
    from archive import coverage_view, render
    from archive.query import Archive

    with Archive(directory) as archive:
        account = accounts.coverage(archive.db, site)
    if as_json:
        click.echo(json.dumps(accounts.as_json(account), ensure_ascii=False, indent=2))
    else:
        coverage_view.show(render.console(), account, all_missing=all_missing, all_months=all_months)
    sys.exit(1 if account.missing else 0)
