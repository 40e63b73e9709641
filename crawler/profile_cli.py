"""`marbre sites profile`: what was learnt of a site's templates, and learning it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from archive.options import archive_option
from crawler.sites_cli import sites_option


@click.command()
@click.argument("name", metavar="SITE")
@click.option(
    "--learn", "anew", is_flag=True, help="Learn the site anew from its stored pages, and use that from now on."
)
@click.option("--json", "as_json", is_flag=True, help="Print the profile as JSON.")
@sites_option
@archive_option
@click.pass_obj
def profile(sites_file: Path, /, name: str, directory: Path, **flags: bool) -> None:
    """Show what was learnt of a SITE's templates, rule by rule; with --learn, learn it anew.

    Learning reads up to 150 stored articles. What was read with another profile becomes pending: `marbre extract`
    reads it again. Exits with 1 if nothing was learnt, or there is too little to learn from.

    \b
    marbre sites profile 1001infos --learn
    marbre sites profile 1001infos
    """
    import json

    from crawler import profile_view

    name = _known_name(sites_file, name)
    if flags["anew"]:
        _learn(directory, name)
    found, adopted = _in_use(directory, name)
    if flags["as_json"]:
        click.echo(json.dumps(profile_view.document(found, adopted), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(profile_view.lines(found, adopted)))


def _known_name(sites_file: Path, name: str) -> str:
    """A name of sites.toml; or, without such a file, any: an archive outlives the list it was made with."""
    from crawler.sites import load_sites

    listed = load_sites(sites_file, needed=False)
    return listed.named(name).name if listed else name


def _learn(directory: Path, name: str) -> None:
    from datetime import UTC, datetime

    from archive import profiling
    from archive.database import in_use, open_for_reading
    from archive.extraction import EXTRACTOR
    from archive.store import Store

    open_for_reading(directory).close()
    with in_use(directory), Store(directory) as store, _bar("pages learnt from") as progress:
        learnt, fresh = profiling.learn_site(store, name, datetime.now(UTC), progress)
        pending = len(store.pending(EXTRACTOR, site=name)) if fresh else 0
    if fresh:
        click.echo(f"{pending:,} pages of {name} are to be read with it: marbre extract --site {name}", err=True)
    else:
        click.echo(f"nothing new was learnt: profile {learnt.version} stays", err=True)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _in_use(directory: Path, name: str) -> Any:
    from archive import profiles
    from archive.database import open_for_reading
    from archive.errors import ArchiveError

    db = open_for_reading(directory)
    found = profiles.in_use(db, name)
    if found is None:
        raise ArchiveError(f"{name}: nothing was learnt yet; begin with: marbre sites profile {name} --learn")
    return found, profiles.adopted(db, name)
