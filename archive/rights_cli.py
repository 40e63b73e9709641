"""`marbre rights`: what publishers say about the use of what is archived, and applying it to what is held."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.errors import InvalidQuery
from archive.options import archive_option

if TYPE_CHECKING:
    from archive.query import Archive


class _Rights(click.Group):
    """A group whose first word may be a URL or an id."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_Rights, invoke_without_command=True, short_help="Tell what publishers say about use, and apply it.")
@archive_option
@click.pass_context
def rights(ctx: click.Context, directory: Path) -> None:
    """Tell what publishers say about the use of what is archived: robots.txt, TDMRep, noai, content signals, licences.

    Without more, a line per site; with a URL, every claim about it with its source. Exports leave out what is reserved
    for text and data mining, unless they are told otherwise; see docs/rights.md.

    \b
    marbre rights
    marbre rights https://example.org/politique/un-titre/
    marbre rights apply
    """
    ctx.default_map = {name: {"directory": directory} for name in rights.commands}
    if ctx.invoked_subcommand is None:
        ctx.invoke(sites, directory=directory)


@rights.command()
@archive_option
def sites(directory: Path) -> None:
    """Count for each site the articles held, and those that are reserved, by what reserves them.

    \b
    marbre rights sites
    """
    from archive import render
    from archive.query import Archive

    with Archive(directory) as archive:
        found = [(site, *_counted(archive, site)) for (site,) in archive.db.execute(_SITES)]
    if not found:
        click.echo("an empty archive: there is nothing that anybody could have said something about", err=True)
        return
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table("site", box=SIMPLE_HEAD)
    for name in ("articles", "reserved", "would be now"):
        table.add_column(name, justify="right")
    table.add_column("by")
    for site, held, why, more in found:
        because = ", ".join(f"{count:,} {kind}" for kind, count in why.most_common())
        table.add_row(escape(site), f"{held:,}", f"{why.total():,}", f"{why.total() + more:,}", escape(because or "-"))
    render.console().print(table)
    if any(more for *_, more in found):
        click.echo("what sites say now is not applied to what was fetched before: marbre rights apply", err=True)


_SITES = "SELECT DISTINCT site FROM articles ORDER BY site"


def _counted(archive: Archive, site: str) -> tuple[int, Counter[str], int]:
    """Return a site's articles, those reserved by kind of claim, and how many more would be by what it says now."""
    from archive import rows
    from archive.rights.ledger import SHOWN, SPOKEN, Ledger

    held, more, why = 0, 0, Counter[str]()
    now = rows.instant(datetime.now(UTC))
    with Ledger(archive.directory) as ledger:
        for row in archive.db.execute(f"SELECT {SPOKEN}, {SHOWN}, url, site FROM articles WHERE site = ?", [site]):
            held += 1
            if found := ledger.decide(*row):
                why[f"{found.kind}={found.value} in {found.source}"] += 1
            elif ledger.decide(*row, also=now):
                more += 1
    return held, why, more


@rights.command()
@click.argument("address", metavar="URL|ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@archive_option
def show(address: str, directory: Path, *, as_json: bool) -> None:
    """Tell every claim about an article, with the record it was read in, and what they come to.

    \b
    marbre rights https://example.org/politique/un-titre/
    marbre rights 3f2a9c1d5e6b7a80 --json
    """
    from archive.query import Archive
    from archive.rights_story import told

    with Archive(directory) as archive:
        article = archive.get(address)
        if article is None:
            raise InvalidQuery(f"no article at {address}; `marbre why {address}` tells what is known of a URL")
        story = told(archive, article.canonical_url)
    if as_json:
        click.echo(json.dumps(story, ensure_ascii=False, indent=2))
    else:
        for line in _lines(story):
            click.echo(line)


def _lines(story: dict[str, Any]) -> list[str]:
    lines = [story["url"], f"  captured {story['captured']} as {story['user_agent'] or 'nobody that is on record'}"]
    for claim in story["claims"]:
        place = f", {claim['place']}" if claim["place"] else ""
        agent = f" to {claim['agent']}" if claim["agent"] else ""
        lines.append(f"  {claim['source']}{place}{agent}: {claim['kind']} = {claim['value']}")
        lines.append(f"    read in {claim['capture']}, captured {claim['timestamp']}")
    if not story["claims"]:
        lines.append("  nothing is said about its use: neither by robots.txt, nor by tdmrep.json, nor by the page")
    lines.append(
        f"  text and data mining: {'reserved by ' + story['reserved'] if story['reserved'] else 'not reserved'}"
    )
    return lines


@rights.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--dry-run", is_flag=True, help="Only say how many articles it would be.")
@archive_option
def apply(names: tuple[str, ...], directory: Path, *, dry_run: bool) -> None:
    """Have what SITEs (all, if none is named) say now count for what was fetched before, too.

    A publisher who reserves text and data mining today did not do so when a page was fetched last year. Without this
    exports go by what was said then. It is kept on record, and a later word of the site does not undo it.

    \b
    marbre rights apply --dry-run
    marbre rights apply 1001infos
    """
    from archive.database import in_use, open_for_writing
    from archive.query import Archive
    from archive.rights import applying

    with Archive(directory) as archive:
        known = [site for (site,) in archive.db.execute(_SITES)]
        if strange := [name for name in names if name not in known]:
            raise InvalidQuery(f"{directory}: no articles of {strange[0]!r}; there are of {', '.join(known) or 'none'}")
        counted = {site: _counted(archive, site)[2] for site in names or known}
    if not dry_run:
        db = open_for_writing(directory)
        try:
            with in_use(directory):
                counted = {site: applying.apply(db, directory, site, datetime.now(UTC)) for site in counted}
        finally:
            db.close()
    for site, more in counted.items():
        would = "would be" if dry_run else "are"
        click.echo(f"{site}: {more:,} more articles {would} reserved" if more else f"{site}: nothing changes")
