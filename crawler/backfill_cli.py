"""The command `marbre backfill`; it parses, calls, and says what came of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from archive.errors import ArchiveInUse
from archive.options import Day, archive_option


class Place(click.ParamType[str]):
    """A web archive: the word "wayback", or the URL of a collection or of its CDX index."""

    name = "archive"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value != "wayback" and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            self.fail(f'{value!r} is no web archive; write "wayback", or the URL of a collection', param, ctx)
        return str(value)


@click.command(short_help="Fetch a site's past from a web archive.")
@click.argument("name", metavar="SITE")
@click.option(
    "--from",
    "place",
    type=Place(),
    required=True,
    metavar="wayback|URL",
    help="The Wayback Machine, or the URL of another archive's collection (pywb) or CDX index.",
)
@archive_option
@click.option(
    "--pick",
    type=click.Choice(["month", "digest", "all"]),
    default="month",
    show_default=True,
    help="Of each page: the last capture of every month, the first of every content, or all.",
)
@click.option("--since", type=Day(), help="Only what was captured on this day (UTC) or later.")
@click.option("--until", type=Day(), help="Only what was captured on this day (UTC) or earlier.")
@click.option("--url", "urls", multiple=True, help="Only captures of this page; may be repeated.")
@click.option("--limit", type=click.IntRange(0), help="Fetch at most so many captures.")
@click.option(
    "--delay", type=click.FloatRange(0, 3600), default=2.0, show_default=True, help="Seconds between two requests."
)
@click.option("--dry-run", is_flag=True, help="Ask the index, list what would be fetched; keep nothing.")
@click.option("--workers", type=click.IntRange(1), help="Processes that read articles.  [default: one per processor]")
@click.option("--verbose", "-v", is_flag=True, help="Also what Scrapy says.")
@click.pass_obj
def backfill(
    sites_file: Path,
    /,
    name: str,
    directory: Path,
    workers: int | None,
    *,
    dry_run: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """Fetch what a web archive has of SITE, so that texts as they once were become versions of its articles.

    Each capture is kept under the page's own address and the date it was captured on. What is archived already is left
    out, so that a backfill that was stopped goes on where it was. Exits with 0 if all went well, 1 if something failed,
    2 for a mistake in the command or in sites.toml, 9 if nothing could be had, 11 after Ctrl-C.

    \b
    marbre backfill gazette --from wayback --dry-run
    marbre backfill gazette --from wayback --since 2019-01-01 --until 2019-12-31
    marbre backfill gazette --from https://archive.example.org/gazette/ --pick digest
    marbre backfill gazette --from wayback --url https://gazette.example/politique/un-titre/
    """
    from crawler import display, run
    from crawler.ending import code_of
    from crawler.sites import load_sites

    site = load_sites(sites_file).named(name)
    for url in options["urls"]:
        if not site.covers(url):
            raise click.UsageError(f"--url {url} is not on {site.url}")
    display.log_to_stderr(verbose=verbose)
    options["until"] = options["until"] and options["until"] + timedelta(days=1)
    given = {key: value for key, value in {**options, "dry_run": dry_run}.items() if value is not None}
    request = run.Request(sites_file, directory, (site.name,), dry_run=dry_run, workers=workers)
    signals: list[int] = []
    done = run.backfill(request, site, given, signals)
    if done is None:
        raise ArchiveInUse(f"{site.name}: nothing was fetched")
    result, counts = done
    for line in (display.due if dry_run else display.summary)(result):
        click.echo(line)
    for line in _told(counts):
        click.echo(line)
    sys.exit(code_of([result], signals))


def _told(counts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the index listed and what was picked of it, by year."""
    names = ("listed", "picked", "archived already", "beyond the limit", "to fetch", "given twice", "rewritten")
    said = [f"{counts.get(name, 0):,} {name}" for name in names if counts.get(name) or name == "listed"]
    yield f"  captures  {', '.join(said)}"
    for year, count in counts["years"].items():
        yield f"    {count:>6,}  of {year}"
