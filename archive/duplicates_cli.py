"""`marbre duplicates` and `marbre cluster`: which articles copy one another, and who had it first."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.options import Day, archive_option

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.duplicates.clusters import Cluster


@click.command(short_help="List articles that copy one another.")
@click.option("--site", help="Only clusters with an article of this site.")
@click.option("--since", type=Day(), help="Only clusters with an article published since this day (UTC).")
@click.option("--min-size", type=click.IntRange(2), default=2, show_default=True, help="Articles in a cluster.")
@click.option("--index", "to_index", is_flag=True, help="First compare the texts that are not compared yet.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per cluster and line.")
@archive_option
def duplicates(
    directory: Path, *, site: str | None, since: datetime | None, min_size: int, to_index: bool, as_json: bool
) -> None:
    """List clusters of articles that copy one another, in whole or in part, within a site and across sites.

    Each is named by its earliest article; the agency is the source that its articles name. Texts are compared when
    they are saved; those of an archive made by an older Marbre wait until --index, or until later saves get to them.

    \b
    marbre duplicates --index
    marbre duplicates --site gazette --since 2026-03-01 --min-size 3
    marbre duplicates --json | jq 'select(.agency == "AFP") | .members[].url'
    """
    from archive.query import Archive

    if to_index:
        _index(directory)
    with Archive(directory) as archive:
        archive.check_site(site)
        _say_what_is_waiting(archive.db)
        found = _chosen(archive.db, site, since, min_size)
    for one in found:
        if as_json:
            click.echo(json.dumps(_document(one), ensure_ascii=False))
        else:
            _print_line(one)
    if not found:
        click.echo("no articles that copy one another, or none that were asked for", err=True)


@click.command(short_help="Show the articles that copy one another with one of them.")
@click.argument("address", metavar="URL|ID")
@click.option("--json", "as_json", is_flag=True, help="The cluster as one JSON object.")
@archive_option
def cluster(address: str, directory: Path, *, as_json: bool) -> None:
    """Show the cluster of the article at ADDRESS: who had it first, who copied it, and how much each changed.

    Changed is the share of the passages (five words on end) of an article and of the first one that are not in both.
    Exits with 1 if nothing in the archive is like the article.

    \b
    marbre cluster 3f2a9c1d5e6b7a80
    marbre cluster https://example.org/monde/une-depeche/ --json
    """
    from archive.duplicates.clusters import cluster_of
    from archive.errors import ArchiveError
    from archive.query import Archive

    with Archive(directory) as archive:
        article = archive.find(address)
        if article is None:
            raise ArchiveError(
                f"{address}: no such article in {directory}; marbre why {address} tells what is known of it"
            )
        _say_what_is_waiting(archive.db)
        found = cluster_of(archive.db, article)
    if found is None:
        click.echo("nothing in the archive is like this article", err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(_document(found), ensure_ascii=False, indent=2))
    else:
        _print_whole(found)


def _index(directory: Path) -> None:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from archive.database import in_use, open_for_reading, open_for_writing
    from archive.duplicates import index

    open_for_reading(directory).close()  # it must be there
    columns = (TextColumn("texts compared"), MofNCompleteColumn(), TimeRemainingColumn())
    shown = sys.stderr.isatty()
    with in_use(directory), Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown) as bar:
        db = open_for_writing(directory)
        task = bar.add_task("", total=index.waiting(db))
        total = index.catch_up(db, lambda count: bar.advance(task, count))
        db.close()
    click.echo(f"{total:,} texts compared", err=True)


def _say_what_is_waiting(db: Database) -> None:
    from archive.duplicates import index

    if count := index.waiting(db):
        verb = "text is" if count == 1 else "texts are"
        click.echo(
            f"{count:,} {verb} not compared yet, what follows may lack copies: marbre duplicates --index", err=True
        )


def _chosen(db: Database, site: str | None, since: datetime | None, min_size: int) -> list[Cluster]:
    """The clusters asked for, the largest first."""
    from archive.duplicates.clusters import clusters

    found = [
        one
        for one in clusters(db)
        if len(one.members) >= min_size
        and (site is None or site in one.sites)
        and (since is None or any(member.moment >= since for member in one.members))
    ]
    return sorted(found, key=lambda one: (-len(one.members), one.first_seen, one.id))


def _document(one: Cluster) -> dict[str, Any]:
    from archive import rows

    members = [rows.plain(member) for member in one.members]
    return {
        "id": one.id,
        "size": len(members),
        "first_seen": one.first_seen.isoformat(),
        "agency": one.agency,
        "sites": list(one.sites),
        "members": members,
    }


def _print_line(one: Cluster) -> None:
    from rich.text import Text

    from archive import render

    sites = ", ".join(one.sites[:4]) + (f" and {len(one.sites) - 4} more" if len(one.sites) > 4 else "")
    render.console().print(
        Text.assemble(
            (one.id, "cyan"),
            f"  {render.when(one.first_seen)}  {_plain(one.members[0].title)}\n",
            (
                f"    {len(one.members)} articles on {sites}"
                + (f"; source: {_plain(one.agency)}" if one.agency else ""),
                "dim",
            ),
        ),
        soft_wrap=True,
    )


def _print_whole(one: Cluster) -> None:
    from rich.text import Text

    from archive import render

    to = render.console()
    first = one.members[0]
    naming = sum(member.agency == one.agency for member in one.members)
    origin = f"{_plain(one.agency)}, which {naming} of them name{'s' if naming == 1 else ''}; " if one.agency else ""
    sites = f"{len(one.sites)} sites" if len(one.sites) > 1 else first.site
    to.print(Text(f"{len(one.members)} articles on {sites}", style="bold"))
    to.print(Text(f"likely origin: {origin}first published on {first.site}, {render.when(one.first_seen)}"))
    for member in one.members:
        how = {"first": "first", "same": "same text"}.get(
            member.relation, f"{member.relation}, {member.changed:.0%} changed"
        )
        to.print(
            Text.assemble(
                (f"\n{member.article}  ", "cyan"),
                f"{render.when(member.moment)}  {member.site}  ",
                (how, "yellow"),
                f"\n    {_plain(member.title)}\n    {member.url}",
            ),
            soft_wrap=True,
        )


def _plain(text: str | None) -> str:
    """What a page says, without what could move the terminal's cursor."""
    return "".join(char if char.isprintable() else " " for char in text or "(no title)")
