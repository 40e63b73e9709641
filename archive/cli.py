"""The commands that read and tend an archive; each parses its arguments and calls."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.coverage_cli import coverage
from archive.duplicates_cli import cluster, duplicates
from archive.errors import ArchiveError
from archive.events_cli import events
from archive.exchange_cli import COMMANDS as EXCHANGE
from archive.forget_cli import forget
from archive.options import Day, archive_option
from archive.repair_cli import repair
from archive.rights_cli import rights
from archive.runs_cli import runs
from archive.search_cli import search
from archive.versions_cli import diff, versions

if TYPE_CHECKING:
    from archive.models import Article
    from archive.query import Archive


@contextmanager
def _open(directory: Path) -> Iterator[Archive]:
    from archive.query import Archive

    with Archive(directory) as archive:
        yield archive


def _article(archive: Archive, address: str) -> Article:
    article = archive.get(address)
    if article is not None:
        return article
    if "/" in address:
        raise ArchiveError(f"no article at {address}; `marbre why {address}` tells what is known of a URL")
    raise ArchiveError(f"no article has the id {address}; `marbre search` finds ids")


@contextmanager
def _counting(what: str) -> Iterator[Callable[[str], None]]:
    """Show a counter on a terminal while something long runs; silent elsewhere."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda _: bar.advance(task)


@click.command()
@click.argument("address", metavar="URL|ID")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "html"]),
    default="text",
    show_default=True,
    help="html is the stored page itself.",
)
@archive_option
def show(address: str, form: str, directory: Path) -> None:
    """Print one article.

    \b
    marbre show https://example.org/politique/un-titre/
    marbre show 3f2a9c1d5e6b7a80 --format json
    """
    from archive import render
    from archive.encoding import decode_text

    with _open(directory) as archive:
        article = _article(archive, address)
        if form == "html":
            page = archive.page(address)
            assert page is not None, "an article always has its capture"
            kind = next((value for name, value in page.headers if name.lower() == "content-type"), None)
            click.echo(decode_text(page.body, kind))
        else:
            click.echo({"text": render.plain, "markdown": render.markdown, "json": render.as_json}[form](article))


@click.command()
@archive_option
def status(directory: Path) -> None:
    """Show what the archive holds and how the last crawls went, a line per site.

    \b
    marbre status
    """
    from archive import render
    from archive.database import long_log

    with _open(directory) as archive:
        held = archive.status()
    if said := long_log(directory):
        click.echo(said, err=True)
    if held:
        render.console().print(render.status(held))
    else:
        click.echo("an empty archive: nothing has been crawled yet", err=True)


@click.command(short_help="Tell a URL's whole story.")
@click.argument("address", metavar="URL|ID")
@archive_option
def why(address: str, directory: Path) -> None:
    """Tell a URL's whole story: how it was discovered, when fetched, what became of it.

    \b
    marbre why https://example.org/politique/un-titre/
    marbre why 3f2a9c1d5e6b7a80
    """
    from archive import render
    from archive.forgotten import said

    with _open(directory) as archive:
        if "/" not in address and (gone := archive.forgotten(address)):
            click.echo(f"{address}\n  {said(gone)}")
            return
        url = address if "/" in address else _article(archive, address).canonical_url
        for line in render.story(archive.why(url)):
            click.echo(line)


@click.command(short_help="Read stored pages that this version has not read.")
@click.option("--all", "everything", is_flag=True, help="Also what this version has read already.")
@click.option("--site", help="Only captures of this site.")
@click.option("--since", type=Day(), help="Only captures since this day (UTC).")
@click.option("--workers", type=click.IntRange(1), help="Worker processes.  [default: one per processor]")
@click.option("--report", is_flag=True, help="Say in the end which fields of how many articles have changed.")
@archive_option
def extract(
    *, everything: bool, site: str | None, since: datetime | None, workers: int | None, report: bool, directory: Path
) -> None:
    """Read articles out of captures that are not read yet, or not by this version.

    It can be stopped at any time: what is read is saved, and the next run goes on. Running it twice changes nothing.

    \b
    marbre extract
    marbre extract --all --site 1001infos --since "2 weeks ago"
    marbre extract --report
    """
    from archive.difference import Comparison
    from archive.jobs import extract_pending

    with contextlib.ExitStack() as stack:
        compared = stack.enter_context(Comparison(directory)) if report else None
        progress = stack.enter_context(_counting("captures read"))
        counts = extract_pending(directory, workers, progress, everything=everything, site=site, since=since)
        found = compared.difference() if compared else None
    click.echo(_tally(counts) or "nothing to read: every capture has been read by this version")
    for line in found.lines() if found else ():
        click.echo(line)
    sys.exit(1 if counts["failed"] else 0)


@click.command(short_help="Make archive.db again from the WARC files.")
@click.option("--workers", type=click.IntRange(1), help="Worker processes.  [default: one per processor]")
@archive_option
def rebuild(workers: int | None, directory: Path) -> None:
    """Make a new archive.db from the WARC files alone; the old one is kept beside it.

    \b
    marbre rebuild --archive marbre-archive
    """
    from archive.ingest import extraction_pool
    from archive.rebuild import rebuild as rebuild_from_warc

    with _counting("files and captures read") as progress:
        counts = rebuild_from_warc(directory, extraction_pool(workers), progress)
    click.echo(f"rebuilt {directory / 'archive.db'}: {_tally(counts) or 'no page captures'}")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@archive_option
def serve(host: str, port: int, directory: Path) -> None:
    """Open the archive in Datasette, read-only, until Ctrl-C.

    \b
    marbre serve --port 8080
    """
    from archive.serving import serve as serve_archive

    _check_free(host, port)
    serve_archive(directory, host, port)


def _check_free(host: str, port: int) -> None:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        socket.create_server(address[:2], family=family).close()
    except OSError as error:
        reason = error.strerror or error
        raise ArchiveError(f"cannot listen on {host}:{port}: {reason}; give another with --host, --port") from None


def _tally(counts: Counter[str]) -> str:
    """Say how many captures held what; whether an article was new to the archive is no matter when it is read again."""
    read = Counter({name: counts[name] for name in ("rejected", "failed")})
    read["articles"] = counts.total() - read.total()
    return ", ".join(f"{read[name]:,} {name}" for name in ("articles", "rejected", "failed") if read[name])


COMMANDS = (
    *(search, show, versions, diff, events, duplicates, cluster, status, runs, why, coverage, extract, rebuild),
    *(rights, forget),
    *(*EXCHANGE, repair, serve),
)
