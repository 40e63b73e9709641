"""What earlier crawls of a site noted of its ways of discovery: see the archive's table of sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive.database import FILE, open_for_reading
from archive.reading.shapes import split_page
from crawler.discovery import Source, wordpress
from crawler.probing import KINDS, same_place, wordpress_root

_ANSWERED = ("read", "unchanged", "empty")
_LATEST = """
    SELECT kind, url, outcome, links, detail, sources.timestamp AS timestamp
    FROM sources JOIN crawls ON crawls.id = sources.crawl
    WHERE crawls.site = :site AND sources.crawl = (
        SELECT sources.crawl FROM sources JOIN crawls ON crawls.id = sources.crawl
        WHERE crawls.site = :site AND kind != 'robots' ORDER BY sources.timestamp DESC LIMIT 1
    )
    ORDER BY sources.timestamp
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What the latest crawl noted of one place; `day` is the date of that, YYYY-MM-DD."""

    kind: str
    url: str
    outcome: str
    links: int
    detail: str
    day: str

    @property
    def answered(self) -> bool:
        return self.outcome in _ANSWERED


def known_ways(directory: Path, site: str) -> list[Known]:
    """Return what the latest crawl of a site that asked for links noted; nothing where there is no archive."""
    if not (directory / FILE).is_file():
        return []
    db = open_for_reading(directory)
    try:
        return list(_rows(db, site))
    finally:
        db.close()


def _rows(db: Database, site: str) -> Iterator[Known]:
    for row in db.query(_LATEST, {"site": site}):
        if row["kind"] in KINDS:
            day = row["timestamp"][:10]
            yield Known(row["kind"], row["url"], row["outcome"], row["links"] or 0, row["detail"] or "", day)


def by_place(ways: list[Known]) -> dict[str, Known]:
    """Return the ways by the place asked: the pages of one feed, list or API are one, and what it answered first."""
    places: dict[str, Known] = {}
    for way in ways:
        if way.kind == "rest" or split_page(way.url)[1] is None:
            places.setdefault(same_place(way.kind, way.url), way)
    return places


def questions(ways: list[Known]) -> list[Source]:
    """Return what to ask again of what answered: each place once, an API for its oldest post."""
    asks = []
    for way in by_place(ways).values():
        if way.answered:
            rest = wordpress.posts_source(wordpress_root(way.url), asked={"per_page": "1"}).url
            asks.append(Source(rest if way.kind == "rest" else way.url, way.kind))
    return asks


def summary(ways: list[Known]) -> str:
    """Return, in a few words, which kinds of ways gave how many links: "sitemap 212, feed 15, API closed"."""
    return ", ".join(filter(None, (_of_kind(kind, ways) for kind in KINDS)))


def _of_kind(kind: str, ways: list[Known]) -> str:
    mine = [way for way in ways if way.kind == kind and way.outcome not in ("absent", "skipped")]
    links = sum(way.links for way in mine if way.answered)
    bad = [way.outcome for way in mine if not way.answered]
    if not mine:
        return ""
    if links:
        return f"{kind} {links:,}" + (f" ({len(bad)} {bad[0]})" if bad else "")
    return f"{kind} {bad[0] if bad else 'empty'}"
