"""`marbre versions` and `marbre diff`: what a publisher changed after publication."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.options import archive_option

if TYPE_CHECKING:
    from rich.text import Text

    from archive.changes import Change, Span
    from archive.models import Version

_AROUND = 12  # words shown on either side of a change


@click.command(short_help="List what an article said, and since when.")
@click.argument("address")
@click.option("--headline", is_flag=True, help="Only versions with another headline.")
@click.option(
    "--min-words", type=click.IntRange(1), help="Only versions with at least so many words added or taken out."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, oldest first.")
@archive_option
def versions(address: str, directory: Path, *, headline: bool, min_words: int | None, as_json: bool) -> None:
    """List the versions of the article at ADDRESS (its URL or id): when each was seen, and what was changed.

    \b
    marbre versions https://example.org/politique/un-titre/
    marbre versions 3f2a9c1d5e6b7a80 --headline
    marbre versions 3f2a9c1d5e6b7a80 --min-words 20 --json
    """
    from archive import changes, render

    known = _versions(directory, address)
    rows = [(number, version, None if number == 1 else changes.between(known[number - 2], version))
            for number, version in enumerate(known, start=1)]  # fmt: skip
    rows = [row for row in rows if row[2] is None or _is_wanted(row[2], headline=headline, min_words=min_words)]
    for row in rows:
        if as_json:
            click.echo(json.dumps(_document(*row), ensure_ascii=False))
        else:
            render.console().print(_line(*row))


@click.command(short_help="Show word by word what changed between two versions.")
@click.argument("address")
@click.argument("before", type=click.IntRange(1), required=False)
@click.argument("after", type=click.IntRange(1), required=False)
@click.option("--whole", is_flag=True, help="The whole text, not only what stands around the changes.")
@click.option("--json", "as_json", is_flag=True, help="The spans of title and text as one JSON object.")
@archive_option
def diff(address: str, directory: Path, *, before: int | None, after: int | None, whole: bool, as_json: bool) -> None:
    """Show what changed between versions BEFORE and AFTER of the article at ADDRESS, word by word.

    The numbers are those of `marbre versions`; without them the last two are compared, with one that version and the
    next. On a terminal what was taken out is red and struck through, what was added green; elsewhere it stands in
    [-brackets-] and {+braces+}. Exits with 1 if there is nothing to compare.

    \b
    marbre diff https://example.org/politique/un-titre/
    marbre diff 3f2a9c1d5e6b7a80 1 3
    """
    from archive import changes

    known = _versions(directory, address)
    first, last = _chosen(before, after, len(known))
    change = changes.between(known[first - 1], known[last - 1])
    if as_json:
        spans = {"title": _spans(change.title), "text": _spans(change.text)}
        click.echo(
            json.dumps(_document(last, change.after, change) | {"before": first, "spans": spans}, ensure_ascii=False)
        )
    else:
        _show(change, first, last, whole=whole)


def _versions(directory: Path, address: str) -> Sequence[Version]:
    from archive.errors import ArchiveError
    from archive.query import Archive

    with Archive(directory) as archive:
        found = archive.versions(address)
    if not found:
        raise ArchiveError(f"{address}: no such article in {directory}; marbre why {address} tells what is known of it")
    return found


def _chosen(before: int | None, after: int | None, count: int) -> tuple[int, int]:
    """The numbers of the two versions to compare; ends the command if there are none."""
    if count == 1:
        click.echo("the article has one version only: nothing was changed that is archived", err=True)
        sys.exit(1)
    first = before if before is not None else count - 1
    last = after if after is not None else min(first + 1, count)
    if max(first, last) > count or first == last:
        raise click.UsageError(f"the article has versions 1 to {count}; give two of them")
    return first, last


def _is_wanted(change: Change, *, headline: bool, min_words: int | None) -> bool:
    if headline and "title" not in change.fields:
        return False
    return min_words is None or change.inserted + change.deleted >= min_words


def _document(number: int, version: Version, change: Change | None) -> dict[str, Any]:
    from archive import rows

    described: dict[str, Any] = {"number": number, **rows.plain(version)}
    if change is not None:
        described |= {"changed": list(change.fields), "inserted": change.inserted, "deleted": change.deleted}
    return described


def _line(number: int, version: Version, change: Change | None) -> Text:
    from rich.text import Text

    from archive import render

    what = "first seen" if change is None else _summary(change)
    when = f"{render.when(version.first_seen)} to {render.when(version.last_seen)}"
    return Text.assemble(
        (f"{number:3}  ", "bold"), f"{when}  ", (what, "cyan"), f"\n     {version.title or '(no title)'}"
    )


def _summary(change: Change) -> str:
    """Which fields differ, and how many words."""
    count = f" (+{change.inserted} -{change.deleted} words)"
    return ", ".join(f"{field}{count if field == 'text' else ''}" for field in change.fields) or "typography only"


def _show(change: Change, first: int, last: int, *, whole: bool) -> None:
    from rich.text import Text

    from archive import render

    to = render.console()
    when = [render.when(version.first_seen) for version in (change.before, change.after)]
    to.print(Text(f"version {first} ({when[0]}) to version {last} ({when[1]}): {_summary(change)}", style="bold"))
    to.print(_marked(change.title, coloured=to.is_terminal))
    to.print()
    to.print(_marked(change.text if whole else _shortened(change.text), coloured=to.is_terminal))
    for field in ("authors", "published"):
        if field in change.fields:
            old, new = (_value(getattr(version, field)) for version in (change.before, change.after))
            to.print(Text(f"\n{field}: {old} -> {new}"))


def _value(value: Any) -> str:
    return (", ".join(value) if isinstance(value, tuple) else str(value or "")) or "none"


def _shortened(spans: Sequence[Span]) -> Iterable[Span]:
    """The spans with what both versions have cut to some words around the changes."""
    from archive.changes import Span

    for position, span in enumerate(spans):
        words = span.text.split(" ")
        if span.operation != "equal" or len(words) <= 2 * _AROUND:
            yield span
            continue
        before = " ".join(words[:_AROUND]) + " " if position else ""
        after = " " + " ".join(words[-_AROUND:]) if position < len(spans) - 1 else ""
        yield Span("equal", f"{before}[...]{after}")


def _marked(spans: Iterable[Span], *, coloured: bool) -> Text:
    from rich.text import Text

    text = Text()
    for operation, words in spans:
        if operation == "equal":
            text.append(words)
        elif coloured:
            text.append(words, style="red strike" if operation == "delete" else "green")
        else:
            text.append(f"[-{words}-]" if operation == "delete" else f"{{+{words}+}}")
    return text


def _spans(spans: Iterable[Span]) -> list[dict[str, str]]:
    return [{"operation": operation, "text": words} for operation, words in spans]
