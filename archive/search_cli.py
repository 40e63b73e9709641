"""`marbre search`: find articles by their words."""

from __future__ import annotations

import csv
import dataclasses
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.options import archive_option

if TYPE_CHECKING:
    from archive.query import Hit

_COLUMNS = ("id", "site", "published", "title", "authors", "language", "url", "snippet")


@click.command(short_help="Find articles by their words.")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="How many results.")
@click.option(
    "--sort",
    type=click.Choice(["rank", "date"]),
    default="rank",
    show_default=True,
    help="Best matches first, or the newest.",
)
@click.option("--site", help="Only articles of this site, as site: does.")
@click.option("--json", "form", flag_value="json", help="Results as a JSON array.")
@click.option("--csv", "form", flag_value="csv", help="Results as CSV, with a line of column names.")
@archive_option
def search(words: tuple[str, ...], limit: int, sort: str, site: str | None, form: str | None, directory: Path) -> None:
    """Find articles by their words; accents and capitals do not matter.

    A space means and. "a phrase", begin*, -not, this OR that; title: author: tag: section: site: lang: and
    after: before: (2026, 2026-03, 2026-03-01, "3 days ago") narrow it down. Put -- before a first word that
    begins with -. Exits with 0 whether something is found or not, with 2 if the search cannot be understood.

    \b
    marbre search élection municipale
    marbre search '"conseil municipal" -budget' --limit 3
    marbre search 'munici* lyon OR grenoble' --site gazette --sort date
    marbre search 'author:dupont title:budget after:2025-03' --json
    """
    from archive import render
    from archive.query import Archive
    from archive.search.advice import advice

    typed = " ".join(words)
    with Archive(directory) as archive:
        found = list(archive.search(typed, limit, site, sort))
        said = f"{len(found)} found" if found else f"nothing found: {advice(archive.db, typed, site)}"
    if form == "json":
        click.echo(json.dumps([_document(hit) for hit in found], ensure_ascii=False, indent=2))
    elif form == "csv":
        _write_csv(found)
    else:
        render.hits(render.console(), found)
    click.echo(said, err=True)


def _document(hit: Hit) -> dict[str, Any]:
    from archive.search.snippets import plain

    document = dataclasses.asdict(hit)
    document["url"] = document.pop("canonical_url")
    document |= {"title": plain(hit.title), "snippet": plain(hit.snippet)}
    document["published"] = hit.published.isoformat() if hit.published else None
    return {name: document[name] for name in _COLUMNS}


def _write_csv(found: Iterable[Hit]) -> None:
    writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for hit in found:
        document = _document(hit)
        writer.writerow(document | {"authors": "; ".join(document["authors"])})
