"""`marbre forget`: taking articles out of the archive for good."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from archive.exits import Exit
from archive.options import archive_option

if TYPE_CHECKING:
    from archive.forgetting.doing import Plan
    from archive.query import Archive
    from archive.store import Store


class _Wanted(NamedTuple):
    """What was asked for, by the names of the options."""

    addresses: tuple[str, ...]
    site: str | None
    reason: str | None
    yes: bool
    dry_run: bool
    again: bool
    resume: bool


@click.command(short_help="Take articles out of the archive for good, for a stated reason.")
@click.argument("addresses", nargs=-1, metavar="[URL | ID]...")
@click.option("--site", help="Forget this site: its articles, and all else that was captured of it.")
@click.option("--reason", help="Why, in a sentence; it is kept, and must not tell what is to be forgotten.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@click.option("--again", is_flag=True, help="Take out what has come since of articles that were forgotten before.")
@click.option("--resume", is_flag=True, help="Finish what a run that was killed has begun; every crawl does, too.")
@click.option("--list", "listed", is_flag=True, help="List what was forgotten, when and why.")
@click.option("--json", "as_json", is_flag=True, help="With --list: one JSON object a line.")
@archive_option
def forget(directory: Path, *, listed: bool, as_json: bool, **asked: Any) -> None:
    """Take articles out of the archive for good: a lawful erasure.

    Their text goes from the database, its indexes and its log, and from the WARC files: pages, redirects, posts of an
    API, and the feeds, sitemaps and lists that name them. Where a record was, a note is left with the reason. No crawl,
    import, merge or rebuild brings them back; what is left to know them by are digests of their addresses.

    There is no way back. Backups and other copies are not touched: see docs/forgetting.md.

    \b
    marbre forget https://www.gazette.example/une/titre/ --dry-run
    marbre forget https://www.gazette.example/une/titre/ --reason "order of the court of Lyon, 2026-03-01"
    marbre forget --site gazette --reason "the publisher asked for it" --yes
    marbre forget --list
    """
    from archive.errors import ArchiveError
    from archive.query import Archive

    if listed:
        with Archive(directory) as archive:
            _list(archive, as_json=as_json)
        return
    wanted = _Wanted(**asked)
    if sum(map(bool, (wanted.addresses, wanted.site, wanted.again, wanted.resume))) != 1:
        raise click.UsageError("give URLs or ids, or one of --site, --again, --resume, --list")
    if not (wanted.reason or wanted.dry_run or wanted.again or wanted.resume):
        raise click.UsageError("give a --reason: it is what will be left to tell why")
    if not (directory / "warc").is_dir():
        raise ArchiveError(f"{directory}: no archive here; give another with --archive DIR")
    _run(directory, wanted)


def _run(directory: Path, wanted: _Wanted) -> None:
    from archive import recovery
    from archive.database import in_use
    from archive.forgetting import doing
    from archive.ingest import Ingest, extraction_pool
    from archive.store import Store

    with in_use(directory, alone=True), Store(directory) as store:
        recovery.recover(store, Ingest(store, extraction_pool(1)))  # finishes what was killed, a forgetting too
        if wanted.resume:
            done = doing.is_done(store)
            click.echo("nothing is left to be done" if done else _HELD, err=not done)
            sys.exit(Exit.OK if done else Exit.PARTIAL)
        plan = _plan(store, wanted)
        if plan is None:
            click.echo("nothing has come since of what was forgotten")
            return
        _tell(plan)
        if wanted.dry_run:
            return
        if not wanted.yes:
            click.confirm("There is no way back. Forget all this?", abort=True)
        done = doing.carry_out(store, plan, wanted.reason or doing.AGAIN)
    click.echo(f"forgotten: {_count(plan)}")
    if not done:
        click.echo(_HELD, err=True)
        sys.exit(Exit.PARTIAL)


_HELD = (
    "somebody is reading the database, so that its log could not be emptied of the text yet: when that has ended,"
    " `marbre forget --resume`"
)


def _plan(store: Store, wanted: _Wanted) -> Plan | None:
    from archive.forgetting import doing

    if wanted.again:
        return doing.again(store)
    return doing.of_site(store, wanted.site) if wanted.site else doing.of_addresses(store, wanted.addresses)


def _tell(plan: Plan) -> None:
    """Say what goes, and what stays that a person may take to be gone."""
    articles = [subject for subject in plan.subjects if not subject.article.startswith("site:")]
    for subject in articles[:20]:
        versions = f", {subject.versions} version{'s' * (subject.versions != 1)}" if subject.versions else ""
        click.echo(f"{subject.article}  {subject.title or '(no title)'}{versions}")
        for url in subject.urls:
            click.echo(f"{'':18}{url}")
    if len(articles) > 20:
        click.echo(f"and {len(articles) - 20:,} articles more")
    click.echo(f"to be taken out: {_count(plan)}, {plan.size / 1000:,.0f} kB of WARC records")
    for capture in plan.lists[:20]:
        click.echo(f"  that tells of it: {capture.url}, of {capture.timestamp:%Y-%m-%d %H:%M}")
    for path in plan.copies:
        click.echo(f"  a copy of the database from before: {path.name}")
    for article, url in plan.same:
        click.echo(f"stays: the same text under another address, {url} ({article})")
    for name, count in sorted(plan.elsewhere.items()):
        click.echo(f"stays: {name}, which is not the archive's own, with {count} of its records: erase it there")


def _count(plan: Plan) -> str:
    pages = len(plan.found.captures) - len(plan.lists)
    articles = sum(not subject.article.startswith("site:") for subject in plan.subjects)
    whole = "captures, all of the site's" if plan.sites else "of their captures"
    said = f"{articles:,} article{'s' * (articles != 1)}, {pages:,} {whole}"
    return f"{said}, {len(plan.lists):,} lists that tell of them" if plan.lists else said


def _list(archive: Archive, *, as_json: bool) -> None:
    from archive import forgotten, rows

    count = 0
    for count, one in enumerate(forgotten.every(archive.db), start=1):  # noqa: B007 - counted, told below
        if as_json:
            click.echo(json.dumps(rows.plain(one), ensure_ascii=False))
        else:
            click.echo(f"{one.timestamp:%Y-%m-%d %H:%M}  {one.article}  {one.site}  {one.reason}")
    if not count:
        click.echo("nothing was forgotten", err=True)
