"""What leaves an archive, what joins it, and what keeps it whole: the commands of `archive.exchange`.

`marbre export`, `marbre backup`, `marbre merge`, `marbre compact`, `marbre verify`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from archive.errors import InvalidQuery
from archive.options import Day, archive_option

_FORMS = ("jsonl", "csv", "parquet", "markdown", "atom", "rss", "warc", "wacz", "cdxj")
_IN_A_FEED = 100


@contextmanager
def bar(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """Show on a terminal how far something is; silent elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


@click.command(short_help="Write articles, or their evidence, to files of other programs.")
@click.argument("words", nargs=-1, metavar="[WORDS]...")
@click.option("--format", "form", type=click.Choice(_FORMS), help="What to write.  [default: as OUTPUT's name ends]")
@click.option(
    "--output", "-o", "place", type=click.Path(path_type=Path), help="File, or folder for markdown.  [default: stdout]"
)
@click.option("--site", help="Only articles of this site.")
@click.option("--since", type=Day(), help="Only what was published on this day (UTC) or later.")
@click.option("--until", type=Day(), help="Only what was published on this day (UTC) or earlier.")
@click.option(
    "--versions",
    type=click.Choice(["all", "current"]),
    help="What of each article.  [default: current; all for warc, wacz and cdxj]",
)
@click.option("--limit", type=click.IntRange(1), help="At most so many articles.  [default: all; 100 in a feed]")
@click.option(
    "--respect-tdm/--no-respect-tdm",
    default=True,
    show_default=True,
    help="Leave out what is reserved for text and data mining.",
)
@archive_option
def export(
    words: tuple[str, ...],
    directory: Path,
    place: Path | None,
    form: str | None,
    *,
    versions: str | None,
    limit: int | None,
    **chosen: Any,
) -> None:
    """Write the articles that a search for WORDS finds, or all, to a file, a folder or standard output.

    \b
    jsonl, csv, parquet   a row for each article, or with --versions all for each version
    markdown              a file for each article, with front matter, in folders by year
    atom, rss             the newest articles as a feed
    warc, wacz, cdxj      the captures themselves, copied byte for byte, or their index

    Articles whose publisher reserves text and data mining are left out and counted (docs/rights.md); a cdxj, which
    holds no text, has them all. What is written appears under its name when it is complete. Exits with 0 if all was
    written, 1 if a record was damaged and left out, 2 for a mistake in the command.

    \b
    marbre export > articles.jsonl
    marbre export -o articles.parquet --site 1001infos --since 2026-01-01
    marbre export '"conseil municipal"' -o conseil.csv --versions all
    marbre export élection --format atom -o election.xml
    marbre export --format markdown -o articles/
    marbre export -o evidence.wacz
    """
    from archive.exchange import export as exporting
    from archive.exchange.selection import Selection, count
    from archive.query import Archive
    from archive.rights.ledger import Ledger

    place = None if place == Path("-") else place
    form = form or exporting.form_of(place) or _guessed(place)
    selection = Selection(
        query=" ".join(words),
        site=chosen["site"],
        since=chosen["since"],
        until=chosen["until"] and chosen["until"] + timedelta(days=1),
        every_version=(versions == "all") if versions else form in exporting.RECORDS,
        limit=limit or (_IN_A_FEED if form in exporting.FEEDS else None),
        unreserved=chosen["respect_tdm"] and form != "cdxj",
    )
    with Archive(directory) as archive, Ledger(directory) as ledger:
        ledger.leave_out(archive.db)
        _check_site(archive, selection.site)
        known = form not in exporting.RECORDS and not selection.every_version and sys.stderr.isatty()
        with bar("exported", count(archive.db, selection) if known else None) as progress:
            ledger.left_out.clear()  # it was asked to count them
            result = exporting.export(archive, selection, form, place, progress)
    for line in result.lost:
        click.echo(f"marbre: left out: {line}", err=True)
    what = "captures" if form in exporting.RECORDS else "versions" if selection.every_version else "articles"
    click.echo(f"{result.written:,} {what}{f' in {place}' if place else ''}", err=True)
    if ledger.left_out:
        why = ", ".join(f"{count:,} by {kind}" for kind, count in ledger.left_out.most_common())
        click.echo(
            f"left out {ledger.left_out.total():,} that are reserved: {why} (--no-respect-tdm has them)", err=True
        )
    sys.exit(1 if result.lost else 0)


def _guessed(place: Path | None) -> str:
    if place is None or str(place) == "/dev/stdout":
        return "jsonl"
    raise click.UsageError(f"{place}: its name does not say in which form; give --format, one of {', '.join(_FORMS)}")


def _check_site(archive: object, site: str | None) -> None:
    from archive.query import Archive

    assert isinstance(archive, Archive)
    known = [name for (name,) in archive.db.execute("SELECT DISTINCT site FROM crawls ORDER BY site")]
    if site is not None and site not in known:
        raise InvalidQuery(
            f"{archive.directory}: no site {site!r} in this archive; it has {', '.join(known) or 'none'}"
        )


@click.command(short_help="Copy an archive, also while a crawl writes.")
@click.argument("target", metavar="DEST", type=click.Path(path_type=Path, file_okay=False))
@click.option("--link", is_flag=True, help="On the same disk, link WARC files instead of copying them.")
@archive_option
def backup(target: Path, directory: Path, *, link: bool) -> None:
    """Make DEST a copy of the archive, or bring the copy it is up to date.

    A crawl may go on meanwhile. The copy is an archive of its own: everything up to the moment it was begun, and more.
    Killed half-way, the next one goes on; only what is new is copied. Linked files take no room, and are no help
    against a broken disk. Exits with 0 if DEST is complete, 1 if it is not, 2 if there is no archive.

    \b
    marbre backup /mnt/backup/marbre-archive
    marbre backup --link ../before-the-upgrade --archive marbre-archive
    """
    from archive.exchange import files
    from archive.exchange.backup import backup as backup_archive

    with bar("WARC files", len(files.names(directory / "warc"))) as progress:
        result = backup_archive(directory, target, link=link, progress=lambda _: progress())
    for name in result.elsewhere:
        click.echo(f"marbre: not in the backup, as it lies outside the archive: {name}", err=True)
    click.echo(f"{target}: {result.copied:,} files copied ({result.size / 1e6:,.1f} MB), {result.kept:,} were there")


@click.command(short_help="Add another archive to this one.")
@click.argument("other", metavar="OTHER_ARCHIVE", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--workers", type=click.IntRange(1), help="Worker processes.  [default: one per processor]")
@archive_option
def merge(other: Path, directory: Path, workers: int | None) -> None:
    """Copy the WARC files of OTHER_ARCHIVE into this archive and read what they hold; OTHER_ARCHIVE stays as it is.

    Twice is as good as once, and a merge that was killed is taken up by the same command. Exits with 0 if all is in,
    1 if it is not, 2 if there is no archive in OTHER_ARCHIVE.

    \b
    marbre merge ../archive-of-the-other-machine
    marbre merge old-archive --archive marbre-archive
    """
    from archive.exchange.merge import merge as merge_archives
    from archive.ingest import extraction_pool

    with bar("files and captures") as progress:
        result = merge_archives(directory, other, extraction_pool(workers), lambda _: progress())
    click.echo(
        f"{directory}: {result.copied:,} files copied, {result.kept:,} were there,"
        f" {result.outcomes.total():,} captures read"
    )
    if result.forgotten:
        click.echo(f"left out: {result.forgotten:,} articles that were forgotten; `marbre forget --list` tells why")
    sys.exit(1 if result.outcomes["failed"] else 0)


@click.command(short_help="Have the database take less room.")
@archive_option
def compact(directory: Path) -> None:
    """Write archive.db anew without the gaps that changes leave, its index of words in one piece; say what that freed.

    WARC files are never rewritten. Needs twice the database's size of free room while it runs, and that nobody writes.
    Exits with 0 if it was done, 1 if not, 2 if there is no archive.

    \b
    marbre compact
    marbre compact --archive marbre-archive
    """
    from archive.exchange.compact import STEPS
    from archive.exchange.compact import compact as compact_archive

    with bar("steps", len(STEPS) + 1) as progress:
        before, after, held = compact_archive(directory, lambda _: progress())
    if held:
        click.echo("marbre: somebody is reading; what is freed shows when that has ended", err=True)
    click.echo(
        f"{directory / 'archive.db'}: {before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB now,"
        f" {max(0, before - after) / 1e6:,.1f} MB freed"
    )


@click.command(short_help="Check rows against records and records against rows.")
@click.option("--deep", is_flag=True, help="Also compute all digests anew, and read every page again.")
@click.option("--workers", type=click.IntRange(1), help="Worker processes for --deep.  [default: one per processor]")
@archive_option
def verify(directory: Path, workers: int | None, *, deep: bool) -> None:
    """Check every row against its record's digest, every record against its row, and the database against itself.

    With --deep the articles too: each page is read again out of its WARC file, and must give what its row says. That
    takes as long as `marbre extract --all`; nothing is written. Exits with 0 if all is well, 1 if anything is off,
    which it names, 2 if there is no archive.

    \b
    marbre verify
    marbre verify --deep
    """
    with bar("WARC files", len(list((directory / "warc").glob("*.warc.gz")))) as progress:
        found = list(_problems(directory, progress))
    if deep:
        with bar("rows and pages") as progress:
            found += _deep_problems(directory, workers, progress)
    for where, what in found:
        click.echo(f"{where}: {what}")
    click.echo(f"{len(found)} problems found" if found else "everything is as it should be", err=True)
    click.echo(_advice(directory, wrong=bool(found)), nl=False, err=True)
    sys.exit(1 if found else 0)


def _advice(directory: Path, *, wrong: bool) -> str:
    """Say what to do next, and what is known to be damaged and not named any more."""
    from archive.database import DatabaseError, open_for_reading

    lines = (
        ["`marbre repair` mends what can be mended; `marbre repair --dry-run` says what it would do"] if wrong else []
    )
    try:
        db = open_for_reading(directory)
        count = db.execute("SELECT count(*) FROM damages").fetchone()[0]
        db.close()
    except DatabaseError:
        count = 0
    if count:
        lines.append(
            f"{count} records are known to be damaged or gone, and are not named: they are in the table damages"
        )
    return "".join(f"{line}\n" for line in lines)


def _problems(directory: Path, progress: Callable[[], None]) -> Iterator[tuple[str, str]]:
    from archive.verification import verify as verify_archive

    yield from ((problem.where, problem.what) for problem in verify_archive(directory, lambda _: progress()))


def _deep_problems(directory: Path, workers: int | None, progress: Callable[[], None]) -> list[tuple[str, str]]:
    from archive.exchange import fixity
    from archive.ingest import extraction_pool

    found = fixity.deep(directory, extraction_pool(workers), lambda _: progress())
    return [(problem.where, problem.what) for problem in found]


COMMANDS = (export, backup, merge, compact, verify)
