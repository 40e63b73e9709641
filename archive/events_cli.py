"""`marbre events`: what happened to articles after they were published."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.options import Day, archive_option

if TYPE_CHECKING:
    from rich.text import Text

    from archive.events import Event


@click.command(short_help="List articles that were removed, redirected, walled or brought back.")
@click.option("--site", help="Only articles of this site.")
@click.option(
    "--kind",
    type=click.Choice(["removed", "redirected", "moved", "soft_404", "walled", "returned"]),
    help="Only events of this kind.",
)
@click.option("--since", type=Day(), help="Only what was seen since this day (UTC).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@archive_option
def events(directory: Path, *, site: str | None, kind: str | None, since: datetime | None, as_json: bool) -> None:
    """List what happened to articles after they were published, the newest first; the articles stay in the archive.

    \b
    removed      the server answers 404, 410 or 451
    redirected   to the home page or a list of articles
    moved        another article answers
    soft_404     a page says that it is gone, or a list stands in its place
    walled       it is behind a paywall or a password
    returned     it is to be read again

    Each was seen at the moment that is shown, and happened between the visit before and then. `marbre why URL` tells
    all visits of one article.

    \b
    marbre events
    marbre events --site gazette --kind removed --since "1 week ago"
    marbre events --json | jq -r 'select(.kind == "walled") | .canonical_url'
    """
    from archive import render, rows
    from archive.query import Archive

    count = 0
    with Archive(directory) as archive:
        for count, event in enumerate(archive.events(site, kind, since), start=1):  # noqa: B007 - counted, told below
            if as_json:
                click.echo(json.dumps(rows.plain(event), ensure_ascii=False))
            else:
                render.console().print(_lines(event), soft_wrap=True)
    if not count:
        click.echo("no such events: nothing that was archived is known to have gone", err=True)


def _lines(event: Event) -> Text:
    from rich.text import Text

    from archive import render

    style = "green" if event.kind == "returned" else "red"
    return Text.assemble(
        f"{render.when(event.timestamp)}  ",
        (f"{event.kind:10}", style),
        f"  {event.site}  {event.title or '(no title)'}",
        (f"\n{'':18}{event.article}  {event.canonical_url}", "dim"),
        f"\n{'':18}{event.detail}",
    )
