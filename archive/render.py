"""What a person sees in the terminal: articles, hits, stories and tables as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from archive import forgotten, rows
from archive.models import Article, Capture, Link
from archive.query import END, START, Hit, Reading, Sighting, Story


def console() -> Console:
    """Return where tables and results go: standard output, at a width to read in a file or pipe if it is none."""
    to = Console(highlight=False)
    return to if to.is_terminal else Console(highlight=False, width=160)


def plain(article: Article) -> str:
    """Return the article as one plain document: title, `![](lead image URL)` if it has one, then a paragraph a line."""
    image = [f"![]({article.image})"] if article.image else []
    return "\n".join([article.title or "", *image, article.text])


def markdown(article: Article) -> str:
    heading = [f"# {article.title}"] if article.title else []
    image = [f"![]({article.image})"] if article.image else []
    return "\n\n".join([*heading, *image, article.markdown])


def as_json(article: Article) -> str:
    return json.dumps(rows.plain(article) | {"provenance": dict(article.provenance)}, ensure_ascii=False, indent=2)


def when(moment: datetime | str | None) -> str:
    if moment is None:
        return "-"
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return moment.strftime("%Y-%m-%d %H:%M")


def clock(seconds: float) -> str:
    """Return a duration as a clock shows it: "0:05", "1:02:03"."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def hits(to: Console, found: Iterable[Hit]) -> None:
    for hit in found:
        to.print(_marked(hit.title), style="bold")
        to.print(Text.assemble((f"{hit.id}  {when(hit.published)}  {hit.canonical_url}", "dim")), soft_wrap=True)
        to.print(_marked(hit.snippet.replace("\n", " ")))
        to.print()


def _marked(text: str) -> Text:
    """Return text with matches highlighted; without colours they stand out by nothing but their own words."""
    marked = Text()
    for part in text.split(START):
        match, mark, rest = part.partition(END)
        marked.append(match, "bold yellow" if mark else "")
        marked.append(rest)
    return marked


def status(sites: Iterable[dict[str, Any]]) -> Table:
    table = Table("site", box=SIMPLE_HEAD)
    for name in ("articles", "versions", "captures", "crawls"):
        table.add_column(name, justify="right")
    for name in ("newest article", "last crawl", "how it went"):
        table.add_column(name)
    for row in sites:
        last = row["last"] or {}
        table.add_row(
            escape(row["site"]),
            *(f"{row[name]:,}" for name in ("articles", "versions", "captures", "crawls")),
            when(row["newest"]),
            when(row["last_crawl"]),
            escape(outcome_line(last.get("counts", {}), last.get("reason"))),
        )
    return table


def outcome_line(counts: dict[str, Any], reason: str | None) -> str:
    """Return a crawl's end in a line: "finished: 3 new, 57 skipped"."""
    said = [
        f"{counts[name]:,} {name}"
        for name in ("new", "changed", "unchanged", "skipped", "rejected", "failed")
        if counts.get(name)
    ]
    return f"{reason or 'running'}: {', '.join(said) or 'nothing discovered'}"


def articles(found: Iterable[Article]) -> Table:
    table = Table("published", "section", "title", "authors", "language", box=SIMPLE_HEAD)
    for article in found:
        table.add_row(
            when(article.published),
            escape(article.section or "-"),
            escape(article.title or "-"),
            escape(", ".join(article.authors) or "-"),
            article.language or "-",
        )
    return table


def story(told: Story) -> Iterator[str]:
    """Yield the lines of a URL's whole story, in order of time."""
    yield told.url
    if told.forgotten:
        yield f"  {forgotten.said(told.forgotten)}"
        if not told.sightings and not told.readings:
            return
    if not told.sightings and not told.readings:
        yield "  never seen: no crawl has discovered it, and no capture of it is in the archive"
        return
    for sighting in told.sightings:
        yield from _sighting(sighting)
    for reading in told.readings:
        yield _reading(reading)
    for event in told.events:
        yield f"  {when(event.timestamp)}  {event.kind}: {event.detail}"
    because = f" (an article by {told.accepted_by})" if told.accepted_by else ""
    if told.article or not told.forgotten:
        yield f"  article {told.article}{because}" if told.article else "  no article came of it"


def _sighting(sighting: Sighting) -> Iterator[str]:
    yield f"  {when(sighting.started)}  crawl {sighting.crawl} of {sighting.site}"
    for link in sighting.links:
        yield f"    named by {link.via} {link.found_on}".rstrip() + _said(link)
    because = f": {sighting.detail or sighting.reason}" if sighting.reason else ""
    yield f"    {sighting.outcome}{because}"


def _said(link: Link) -> str:
    said = {"title": link.title, "published": link.published, "changed": link.modified}
    words = [
        f"{name} {when(item) if isinstance(item, datetime) else repr(item)}" for name, item in said.items() if item
    ]
    return f" ({', '.join(words)})" if words else ""


def _whence(capture: Capture) -> str:
    if capture.source:
        return f"recorded elsewhere: {capture.source}" if "://" in capture.source else f"from {capture.source}"
    return "from the REST API" if capture.kind == "resource" else "fetched"


def _reading(reading: Reading) -> str:
    capture = reading.capture
    outcome = reading.outcome or ("not read yet" if capture.status in (200, 304) else "not to be read")
    because = f": {reading.detail or reading.reason}" if reading.reason else ""
    return (
        f"  {when(capture.timestamp)}  {_whence(capture)}, {capture.status}, {capture.kind} {capture.id}\n"
        f"    in {capture.filename} at byte {capture.offset:,}\n    read as {outcome}{because}"
    )
