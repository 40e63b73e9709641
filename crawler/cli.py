"""The command `marbre`: crawling, and the archive's own commands beside it; each parses and calls."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from archive import __version__
from archive.cli import COMMANDS
from archive.errors import ArchiveError, InvalidQuery, NotAnArchive
from archive.options import OPENED, Day, archive_option
from crawler.backfill_cli import backfill
from crawler.errors import CrawlError, SitesError
from crawler.import_cli import import_
from crawler.profile_cli import profile
from crawler.sites_cli import sites, sites_option

_USAGE = (InvalidQuery, NotAnArchive, SitesError)
# Kinds of SQLite errors (primary result codes) that are the file's or the machine's fault, and what to do about them.
_DAMAGED = (11, 26)  # SQLITE_CORRUPT, SQLITE_NOTADB
_OUT_OF_REACH = (5, 8, 10, 13, 14)  # SQLITE_BUSY, _READONLY, _IOERR, _FULL, _CANTOPEN


class _Marbre(click.Group):
    """Turns our own errors, and the machine's, into a line and an exit code; all else is a bug with its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ArchiveError, CrawlError) as error:
            _end(str(error), 2 if isinstance(error, _USAGE) else 1)
        except KeyboardInterrupt:
            _end("stopped; what was finished is kept", 130)
        except Exception as error:
            sentence = _environmental(error)
            if sentence is None:
                raise
            _end(sentence, 1)


def _environmental(error: Exception) -> str | None:
    """Return a sentence for an error that is the machine's (a damaged file, a full disk, a forbidden directory)."""
    from archive.database import FILE, DatabaseError

    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    if not isinstance(error, DatabaseError):
        return None
    file = click.get_current_context().meta.get(OPENED, Path()) / FILE
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if kind in _DAMAGED:
        return f"{file}: {error}; make it again from the WARC files: marbre rebuild --archive {file.parent}"
    if kind in _OUT_OF_REACH:
        return f"{file}: {error}; look whether its directory may be written to and the disk has room"
    return None


def _end(sentence: str, code: int) -> NoReturn:
    click.echo(f"marbre: {sentence}", err=True)
    sys.exit(code)


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


@main.command(short_help="Fetch what is new or changed into the archive.")
@click.argument("names", nargs=-1, metavar="[SITE]...")
@sites_option
@archive_option
@click.option("--url", "urls", multiple=True, help="Fetch this page only, whatever is known of it; may be repeated.")
@click.option("--limit", type=click.IntRange(0), help="Fetch at most so many pages of each site.")
@click.option("--since", type=Day(), help="Only what is dated on or after this day (UTC).")
@click.option("--full", is_flag=True, help="Read every way of discovery to its end, as the first crawl does.")
@click.option("--no-revisits", is_flag=True, help="Visit nothing again that no feed or sitemap says has changed.")
@click.option(
    "--pages",
    type=click.Choice(["now", "later", "never"]),
    help="When to fetch the pages of articles that the REST API gives whole.  [default: as sites.toml says, else now]",
)
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
    marbre crawl 1001infos --pages later
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


@main.command(short_help="Crawl a small newspaper that comes with Marbre.")
@click.option(
    "--archive",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("marbre-demo"),
    show_default=True,
    help="Where to put the demo's archive.",
)
def demo(directory: Path) -> None:
    """Crawl a small newspaper that comes with Marbre, served on this machine, and show what landed.

    \b
    marbre demo
    """
    from crawler import display
    from crawler.tour import tour

    display.log_to_stderr(verbose=False)
    sys.exit(tour(directory))


for command in (sites, *COMMANDS, backfill, import_):
    main.add_command(command)
sites.add_command(profile)
