"""The command `marbre`: crawling, and the archive's own commands beside it; each parses and calls."""

from __future__ import annotations

import logging
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from archive import __version__
from archive.cli import COMMANDS
from archive.errors import ArchiveError, ArchiveInUse, InvalidQuery, NewerArchive, NotAnArchive
from archive.exits import Exit
from archive.options import OPENED, Day, archive_option
from crawler import logs
from crawler.backfill_cli import backfill
from crawler.ending import code_of
from crawler.errors import CrawlError, SitesError
from crawler.health_cli import health
from crawler.import_cli import import_
from crawler.profile_cli import profile
from crawler.run_cli import run, schedule
from crawler.sites_cli import sites, sites_option

_USAGE = (InvalidQuery, NotAnArchive, SitesError)
# Kinds of SQLite errors (primary result codes) that are the file's or the machine's fault, and what to do about them.
_DAMAGED = (11, 26)  # SQLITE_CORRUPT, SQLITE_NOTADB
_OUT_OF_REACH = (5, 8, 10, 14)  # SQLITE_BUSY, _READONLY, _IOERR, _CANTOPEN


class _Marbre(click.Group):
    """Turns our own errors, and the machine's, into a line and an exit code; all else is a bug with its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ArchiveError, CrawlError) as error:
            _end(_environmental(error) or str(error), _code_of(error))
        except KeyboardInterrupt:
            _end("stopped; what was finished is kept", Exit.STOPPED)
        except Exception as error:
            sentence = _environmental(error)
            if sentence is None:
                raise
            _end(sentence, _code_of(error))


def _code_of(error: Exception) -> int:
    from archive.room import is_full
    from crawler.limits import LimitReached

    if isinstance(error, LimitReached):
        return Exit.DISK if error.reason == "disk" else Exit.SIZE
    if is_full(error, click.get_current_context().meta.get(OPENED)):
        return Exit.DISK_FULL
    if isinstance(error, NewerArchive) or _kind(error) in _DAMAGED:
        return Exit.FATAL
    if isinstance(error, ArchiveInUse):
        return Exit.RETRY
    return Exit.USAGE if isinstance(error, _USAGE) else Exit.PARTIAL


def _kind(error: Exception) -> int:
    """Return SQLite's primary result code; 0 for an error that is not its."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _environmental(error: Exception) -> str | None:
    """Return a sentence for an error that is the machine's (a damaged file, a full disk, a forbidden directory)."""
    from archive import room
    from archive.database import FILE, DatabaseError

    directory = click.get_current_context().meta.get(OPENED, Path())
    if room.is_full(error, directory):
        return room.sentence(error, directory)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    if not isinstance(error, DatabaseError):
        return None
    file = directory / FILE
    kind = _kind(error)
    if kind in _DAMAGED:
        return f"{file}: {error}; make it again from the WARC files: marbre rebuild --archive {file.parent}"
    if kind in _OUT_OF_REACH:
        return f"{file}: {error}; look whether its directory may be written to and the disk has room"
    return None


def _end(sentence: str, code: int) -> NoReturn:
    if logs.for_machines():
        logging.getLogger("marbre").critical("%s", sentence)
    else:
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
    marbre run                      crawl what is due: for cron or a timer
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
@click.option("--log-json", is_flag=True, help="Write the log as JSON, one object a line.")
@click.pass_obj
def crawl(
    sites_file: Path,
    /,
    names: tuple[str, ...],
    directory: Path,
    urls: tuple[str, ...],
    since: datetime | None,
    **options: Any,
) -> None:
    """Fetch what is new or changed on SITEs (all of sites.toml if none is named) into the archive.

    Ctrl-C ends it cleanly, and the next run goes on; a second one ends it at once. Exits with 0 if all went well, 1 if
    something failed, 2 for a mistake in the command or in sites.toml, 9 if nothing could be had, 11 after Ctrl-C; the
    others are in docs/schedule.md.

    \b
    marbre crawl
    marbre crawl 1001infos --limit 50
    marbre crawl 1001infos --since 2026-01-01 --dry-run
    marbre crawl 1001infos --pages later
    marbre crawl --url https://example.org/politique/un-titre/
    """
    from archive.urls import without_login
    from crawler import display
    from crawler.run import Request, crawl
    from crawler.sites import load_sites

    display.log_to_stderr(verbose=options.pop("verbose"), as_json=options.pop("log_json"))
    urls = tuple(map(without_login, urls))  # a password must not get into the archive
    sites = load_sites(sites_file, needed=not urls)
    chosen = sites.choose(names, urls)
    request = Request(sites_file, directory, chosen, urls=urls, since=since, **options)
    signals: list[int] = []
    results = crawl(request, sites, signals)
    for result in results:
        for line in (display.due if request.dry_run else display.summary)(result):
            click.echo(line)
    sys.exit(code_of(results, signals))


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


for command in (sites, *COMMANDS, run, schedule, health, backfill, import_):
    main.add_command(command)
sites.add_command(profile)
