"""What a crawl has discovered and what became of it, committed at each step: the queue that survives a kill."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from archive import rows
from archive.database import transaction
from archive.models import Link
from archive.revisits import VIA

OUTCOMES = ("new", "changed", "unchanged", "skipped", "rejected", "failed")
LOST = "record_lost"  # why a URL failed whose record was found to be damaged or gone: it is to be fetched again
VISITED = ("new", "changed", "unchanged", "rejected")
# The ways whose word on an article is best come first: an API tells most, a feed's URL may carry tracking parameters.
_WAYS = ("rest", "news-sitemap", "sitemap", "feed")


# A URL that failed in so many crawls is taken up again only when a feed or sitemap names it.
_ATTEMPTS = 5
_ELSEWHERE = ("skipped", "elsewhere")  # another crawl that is running has it
# Skipped, and left for the next crawl.
_LEFT = ("stopped", "limit", "interrupted", "rate_limited", "host_down", "day_budget", "trap", "elsewhere")
# Failed, but for its whole host: the page itself was not tried.
_NOT_ITS_FAULT = ("rate_limited", "host_down", "robots_unreachable", "dns", "dns_unavailable")
# Rows of a backfill tell of a web archive's captures: the site's own page was not asked for.
_LIVE = "EXISTS (SELECT 1 FROM json_each(links) WHERE value ->> 'via' != 'wayback')"
_LOOK_BACK = 20  # crawls; every one names whatever its feeds and sitemaps still name


class Visit(NamedTuple):
    """The last time a URL was fetched and settled: when that crawl began, what came of it, what was known of it."""

    started: datetime
    outcome: str
    reason: str | None
    links: tuple[Link, ...]


class Frontier:
    """The URLs of one crawl. Every method that writes commits before it returns."""

    def __init__(self, db: Database, crawl: str) -> None:
        self.db = db
        self.crawl = crawl

    def discover(self, found: Sequence[tuple[str, Link]]) -> None:
        """Note links under their canonical URLs; a URL named twice stays one row with two links."""
        with transaction(self.db):
            for url, link in found:
                said = rows.to_json(link)
                self.db.execute(
                    "INSERT INTO frontier (crawl, url, links) VALUES (?, ?, json_array(json(?))) ON CONFLICT DO UPDATE"
                    " SET links = json_insert(links, '$[#]', json(?))"
                    " WHERE (json_array_length(links) < 16 OR ?) AND NOT EXISTS"
                    " (SELECT 1 FROM json_each(links) WHERE value = json(?))",
                    [self.crawl, url, said, said, link.via == VIA, said],  # budgets are counted by it
                )

    def knows(self, url: str) -> bool:
        """Tell whether the crawl has discovered a canonical URL."""
        row = self.db.execute("SELECT 1 FROM frontier WHERE crawl = ? AND url = ?", [self.crawl, url])
        return row.fetchone() is not None

    def size(self) -> int:
        """Return how many URLs the crawl has discovered."""
        return int(self.db.execute("SELECT count(*) FROM frontier WHERE crawl = ?", [self.crawl]).fetchone()[0])

    def undecided(self) -> Iterator[tuple[str, tuple[Link, ...]]]:
        """Yield each queued URL with what is known of it, best way first."""
        for url, text in self.db.execute(
            "SELECT url, links FROM frontier WHERE crawl = ? AND state = 'queued' ORDER BY rowid", [self.crawl]
        ).fetchall():
            yield url, tuple(sorted(rows.links_of(text), key=_rank))

    def take(self, count: int) -> list[tuple[str, tuple[Link, ...]]]:
        """Return up to `count` queued URLs, now in flight, in the order they were discovered.

        What another crawl that is running has in flight or has fetched is left to that one.
        """
        taken: list[tuple[str, tuple[Link, ...]]] = []
        with transaction(self.db):
            while found := self._queued(count - len(taken)):
                states = [("done", *_ELSEWHERE) if theirs else ("in_flight", None, None) for *_, theirs in found]
                self.db.conn.executemany(
                    "UPDATE frontier SET state = ?, outcome = ?, reason = coalesce(?, reason)"
                    " WHERE crawl = ? AND url = ?",
                    [(*state, self.crawl, url) for state, (url, *_) in zip(states, found, strict=True)],
                )
                taken += [
                    (url, tuple(sorted(rows.links_of(links), key=_rank))) for url, links, theirs in found if not theirs
                ]
        return taken

    def _queued(self, count: int) -> list[tuple[str, str, int]]:
        marks = ", ".join("?" * len(VISITED))
        return self.db.execute(
            "SELECT url, links, EXISTS (SELECT 1 FROM frontier AS o JOIN crawls ON crawls.id = o.crawl"
            " WHERE o.url = f.url AND o.crawl != f.crawl AND crawls.ended IS NULL"
            f" AND (o.state = 'in_flight' OR o.outcome IN ({marks})))"
            " FROM frontier AS f WHERE crawl = ? AND state = 'queued' ORDER BY rowid LIMIT ?",
            [*VISITED, self.crawl, count],
        ).fetchall()

    def found(self, url: str) -> tuple[str, tuple[Link, ...]] | None:
        """Return the state of a canonical URL and what is known of it; None if the crawl has not discovered it."""
        row = self.db.execute("SELECT state, links FROM frontier WHERE crawl = ? AND url = ?", [self.crawl, url])
        found = row.fetchone()
        return found and (found[0], rows.links_of(found[1]))

    def because(self, url: str, reason: str, detail: str) -> None:
        """Note why a queued URL will be fetched; it stands beside the outcome if that has no reason of its own."""
        with transaction(self.db):
            self.db.execute(
                "UPDATE frontier SET reason = ?, detail = ? WHERE crawl = ? AND url = ? AND state = 'queued'",
                [reason, detail, self.crawl, url],
            )

    def settle(self, urls: Sequence[str], outcome: str, reason: str | None = None, **said: str | None) -> None:
        """Write what became of `urls`; `said` may hold `detail` and `capture`. A settled URL stays as it is."""
        values = [outcome, said.get("capture"), self.crawl]
        why = "reason = ?, detail = ?," if reason else ""
        with transaction(self.db):
            self.db.conn.executemany(
                f"UPDATE frontier SET state = 'done', {why} outcome = ?, capture = ?"
                " WHERE crawl = ? AND url = ? AND state != 'done'",
                [(*([reason, said.get("detail")] if reason else []), *values, url) for url in urls],
            )

    def slim(self, urls: Sequence[str]) -> None:
        """Keep of what was said of `urls` only who said it and when it changed: the rest stands with their captures.

        Most of what a crawl discovers is known already, and every crawl would say all of it again.
        """
        with transaction(self.db):
            self.db.conn.executemany(
                "UPDATE frontier SET links = (SELECT json_group_array(json_patch('{}', json_object("
                "'url', value ->> 'url', 'via', value ->> 'via', 'found_on', value ->> 'found_on',"
                " 'modified', value ->> 'modified'))) FROM json_each(links)) WHERE crawl = ? AND url = ?",
                [(self.crawl, url) for url in urls],
            )

    def settle_rest(self, outcome: str, reason: str, detail: str) -> None:
        """Settle whatever is not done; skipped or failed, the next crawl of the site takes it up."""
        rest = self.db.execute("SELECT url FROM frontier WHERE crawl = ? AND state != 'done'", [self.crawl])
        self.settle([url for (url,) in rest.fetchall()], outcome, reason, detail=detail)

    def counts(self) -> dict[str, Any]:
        """Return discovered, each outcome, and `reasons` (outcome: reason -> count); outcomes add up to discovered."""
        totals: Counter[str] = Counter()
        reasons: dict[str, int] = {}
        for outcome, reason, count in self.db.execute(
            "SELECT outcome, reason, count(*) FROM frontier WHERE crawl = ? GROUP BY 1, 2 ORDER BY 1, 2", [self.crawl]
        ):
            totals[outcome or "queued"] += count
            if reason:
                reasons[f"{outcome}: {reason}"] = count
        return {"discovered": totals.total(), **{name: totals[name] for name in OUTCOMES}, "reasons": reasons}

    def document(self) -> list[dict[str, Any]]:
        """Return all rows as JSON-able objects, for the WARC file; `restore` is its inverse."""
        found = self.db.query("SELECT * FROM frontier WHERE crawl = ? ORDER BY url", [self.crawl])
        return [
            {k: json.loads(v) if k == "links" else v for k, v in row.items() if v is not None and k != "crawl"}
            for row in found
        ]

    def restore(self, document: Sequence[dict[str, Any]]) -> bool:
        """Write the rows of a crawl's summary; returns False if they name captures that are not there (yet)."""
        whole = True
        for row in document:
            capture = row.get("capture")
            if capture and not self.db.execute("SELECT 1 FROM captures WHERE id = ?", [capture]).fetchone():
                capture, whole = None, False
            said = {"crawl": self.crawl, "links": rows.to_json(row["links"]), "capture": capture}
            self.db.table("frontier").insert(row | said, replace=True)
        return whole


def is_known(db: Database, url: str, crawl: str) -> bool:
    """Tell whether a crawl other than `crawl` discovered a canonical URL on its site."""
    row = db.execute(f"SELECT 1 FROM frontier WHERE url = ? AND crawl != ? AND {_LIVE} LIMIT 1", [url, crawl])
    return row.fetchone() is not None


def last_visit(db: Database, url: str) -> Visit | None:
    """Return the last settled visit of a canonical URL in any crawl, or None if it was never fetched."""
    marks = ", ".join("?" * len(VISITED))
    row = db.execute(
        "SELECT crawls.started, outcome, frontier.reason, links FROM frontier JOIN crawls ON crawls.id = crawl"
        f" WHERE url = ? AND (outcome IN ({marks}) OR frontier.reason = ?) AND {_LIVE}"
        " ORDER BY crawls.started DESC LIMIT 1",
        [url, *VISITED, LOST],
    ).fetchone()
    return row and Visit(datetime.fromisoformat(row[0]), row[1], row[2], rows.links_of(row[3]))


def visited(db: Database, site: str, at_most: int) -> list[str]:
    """Return the URLs of a site that were fetched, or that a web archive had, in order."""
    marks = ", ".join("?" * len(VISITED))
    found = db.execute(
        "SELECT DISTINCT url FROM frontier JOIN crawls ON crawls.id = crawl"
        f" WHERE site = ? AND outcome IN ({marks}) ORDER BY url LIMIT ?",
        [site, *VISITED, at_most],
    )
    return [url for (url,) in found.fetchall()]


def unfinished(
    db: Database, site: str, crawl: str, *, without_page: bool = False
) -> list[tuple[str, tuple[Link, ...]]]:
    """Return the URLs that earlier crawls of the site left: failed, or not come to before they were stopped or killed.

    With them those of articles that miss a part. `without_page`: also those archived from the REST API alone.
    What counts is each URL's latest row, whichever crawl wrote it.
    """
    left = db.execute(
        "SELECT url, links FROM (SELECT url, links, outcome, reason,"
        " row_number() OVER (PARTITION BY url ORDER BY started DESC) AS nth"
        " FROM frontier JOIN (SELECT id, started FROM crawls WHERE site = ? AND id != ? ORDER BY started DESC LIMIT ?)"
        f" ON id = crawl WHERE {_LIVE}) AS f WHERE nth = 1 AND ("
        f" (outcome = 'skipped' AND reason IN {_LEFT})"
        " OR reason = 'part_missing' OR (? AND reason = 'rest') OR (outcome = 'failed' AND"
        " (SELECT count(*) FROM frontier WHERE url = f.url AND outcome = 'failed'"
        f" AND reason NOT IN {_NOT_ITS_FAULT}) < ?))",
        [site, crawl, _LOOK_BACK, without_page, _ATTEMPTS],
    )
    return [(url, rows.links_of(links)) for url, links in left.fetchall()]


def _rank(link: Link) -> tuple[int, str, str]:
    return (_WAYS.index(link.via) if link.via in _WAYS else len(_WAYS), link.found_on, link.url)
