"""The command `marbre`: crawling, and the archive's own commands beside it; each parses and calls."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from archive import __version__
from archive.cli import COMMANDS, Day, archive_option
from archive.errors import ArchiveError, InvalidQuery, NotAnArchive
from crawler.errors import CrawlError, SitesError

_USAGE = (InvalidQuery, NotAnArchive, SitesError)


class _Marbre(click.Group):
    """Turns our own errors into one line and an exit code; everything else is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ArchiveError, CrawlError) as error:
            click.echo(f"marbre: {error}", err=True)
            sys.exit(2 if isinstance(error, _USAGE) else 1)


@click.group(cls=_Marbre, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="marbre")
@click.option(
    "--sites",
    "sites_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("sites.toml"),
    envvar="MARBRE_SITES",
    show_default=True,
    help="The list of sites.",
)
@click.pass_context
def main(ctx: click.Context, sites_file: Path) -> None:
    """Crawl news sites, keep what was fetched as evidence, read articles out of it, search them.

    \b
    marbre crawl 1001infos          fetch what is new
    marbre search élection          find articles
    marbre show URL                 read one
    marbre why URL                  ask what became of a URL
    marbre serve                    open the archive in a browser
    """
    ctx.obj = sites_file


@main.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@archive_option
@click.option("--url", "urls", multiple=True, help="Fetch this page only, whatever is known of it; may be repeated.")
@click.option("--limit", type=click.IntRange(0), help="Fetch at most so many pages of each site.")
@click.option("--since", type=Day(), help="Only what is dated on or after this day (UTC).")
@click.option(
    "--dry-run", is_flag=True, help="Read feeds and sitemaps, list what would be fetched and why; keep nothing."
)
@click.option("--workers", type=click.IntRange(1), help="Processes that read articles.  [default: one per processor]")
@click.option("--verbose", "-v", is_flag=True, help="Also what Scrapy says.")
@click.pass_obj
def crawl(
    sites_file: Path,
    /,
    names: tuple[str, ...],
    directory: Path,
    urls: tuple[str, ...],
    since: datetime | None,
    *,
    verbose: bool,
    **options: Any,
) -> None:
    """Fetch what is new or changed on SITEs (all of sites.toml if none is named) into the archive.

    Ctrl-C ends it cleanly, and the next run goes on. Exits with 0 if all went well, 1 if something failed, 2 for a
    mistake in the command or in sites.toml, 130 after Ctrl-C.

    \b
    marbre crawl
    marbre crawl 1001infos --limit 50
    marbre crawl 1001infos --since 2026-01-01 --dry-run
    marbre crawl --url https://example.org/politique/un-titre/
    """
    from crawler import display
    from crawler.run import Request, crawl
    from crawler.sites import load_sites

    sites = load_sites(sites_file, needed=not urls)
    chosen = sites.choose(names, urls)
    display.log_to_stderr(verbose=verbose)
    request = Request(sites_file, directory, chosen, urls=urls, since=since, **options)
    results = crawl(request, sites)
    for result in results:
        for line in (display.due if request.dry_run else display.summary)(result):
            click.echo(line)
    sys.exit(_exit_code(results))


def _exit_code(results: Any) -> int:
    if any(result.reason in ("stopped", "interrupted") for result in results):
        return 130
    return 1 if any(result.failed for result in results) else 0


@main.command()
@click.pass_obj
def sites(sites_file: Path) -> None:
    """List the sites of sites.toml."""
    from crawler.sites import load_sites

    for site in load_sites(sites_file).all():
        click.echo(f"{site.name:20} {site.url}  every {site.delay:g} s")


@main.command()
@click.option(
    "--archive",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("marbre-demo"),
    show_default=True,
    help="Where to put the demo's archive.",
)
def demo(directory: Path) -> None:
    """Crawl a small newspaper that comes with Marbre, served on this machine, and show what landed."""
    from crawler import display
    from crawler.tour import tour

    display.log_to_stderr(verbose=False)
    sys.exit(tour(directory))


for command in COMMANDS:
    main.add_command(command)
