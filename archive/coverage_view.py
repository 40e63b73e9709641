"""An account of coverage, as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from archive.coverage import Claim, Coverage, Missing, Month

_SHOWN_MONTHS = 24
_SHOWN_MISSING = 20
_BAR = 40  # characters


def show(console: Console, account: Coverage, *, all_missing: bool, all_months: bool) -> None:
    """Print an account: the sentence, the ways, the site's own word, the months, and what is missing."""
    console.print(Text(headline(account), style="bold"))
    console.print()
    console.print(_ways(account))
    for claim in account.claims:
        console.print(Text(_claim(claim, account)))
    if account.no_article:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in account.no_article.items())
        console.print(Text(f"No articles, so not counted: {reasons}."))
    shown = account.months if all_months else account.months[-_SHOWN_MONTHS:]
    if shown:
        console.print()
        console.print(_chart(shown))
        for line in _beyond(account, shown):
            console.print(Text(line))
    if account.missing:
        console.print()
        for line in _missing(account.missing, None if all_missing else _SHOWN_MISSING):
            console.print(Text(line), soft_wrap=True)


def headline(account: Coverage) -> str:
    """Return the account in one sentence."""
    held, gap = account.held_by_site, len(account.missing)
    if not held:
        return f"{account.site}: no article is known of"
    if not gap:
        return f"{account.site}: the site holds {held:,} articles that we know of, and the archive holds them all"
    holds = f"the site holds {held:,} articles that we know of, the archive {account.articles:,}"
    return f"{account.site}: {holds}; {gap:,} missing"


def _ways(account: Coverage) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("way")
    for name in ("URLs", "archived", "no article", "missing", "only here"):
        table.add_column(name, justify="right")
    for way in account.ways:
        counts = (way.known, way.archived, way.no_article, way.missing, way.only_here)
        table.add_row(way.name, *(f"{count:,}" if count else "-" for count in counts))
    return table


def _claim(claim: Claim, account: Coverage) -> str:
    """What the site says beside what is known; the entries of sitemaps repeat URLs, the posts of an API do not."""
    if claim.kind == "sitemap":
        return f"{claim.said_by} held {claim.count:,} entries on {claim.at:%Y-%m-%d}."
    known = next((way.known for way in account.ways if way.name == claim.kind), 0)
    difference = claim.count - known
    agrees = "all of them known" if difference <= 0 else f"{difference:,} more than it has named"
    return f"{claim.said_by} said on {claim.at:%Y-%m-%d} that there are {claim.count:,} posts: {agrees}."


def _chart(months: Sequence[Month]) -> RenderableType:
    """One bar a month: archived in full blocks, missing in light ones, to one scale."""
    most = max(month.archived + month.missing for month in months) or 1
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("month")
    table.add_column("bar", no_wrap=True)
    table.add_column("count")
    for month in months:
        table.add_row(month.name, _bar(month, most), _counts(month))
    return table


def _bar(month: Month, most: int) -> Text:
    full, light = (round(count / most * _BAR) or bool(count) for count in (month.archived, month.missing))
    return Text("█" * full + "░" * light)


def _counts(month: Month) -> str:
    missing = f", {month.missing:,} missing" if month.missing else ""
    return f"{month.archived:,}{missing}" if month.archived or missing else "none"


def _beyond(account: Coverage, shown: Sequence[Month]) -> Iterator[str]:
    earlier = account.months[: len(account.months) - len(shown)]
    if earlier:
        total = Month("", sum(m.archived for m in earlier), sum(m.missing for m in earlier))
        yield f"before {shown[0].name}: {_counts(total)} (--all-months shows them)"
    if account.undated.archived or account.undated.missing:
        yield f"without a date: {_counts(account.undated)}"


def _missing(missing: Sequence[Missing], most: int | None) -> Iterator[str]:
    shown = missing[:most]
    for each in shown:
        because = f"{each.reason}: {each.detail}" if each.detail else each.reason
        yield f"missing  {each.url}\n         {because}; named by {', '.join(each.ways) or 'nobody now'}"
    if len(missing) > len(shown):
        yield f"... and {len(missing) - len(shown):,} more: --missing lists them all"
