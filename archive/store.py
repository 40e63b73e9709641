"""Store: the only writer of an archive's rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from archive import dedup, events, fold, profiles, rows, urls
from archive.database import close, open_for_writing, transaction
from archive.duplicates import index
from archive.frontier import Frontier
from archive.health.measures import measures
from archive.models import Article, Capture, Failure, Rejection
from archive.rights.claims import Claim

# Rows made by reading captures: cleared and made again by a re-extraction of everything.
DERIVED = (
    *("events", "article_authors", "article_tags", "authors", "tags", "versions", "extractions", "articles"),
    *("duplicate_texts", "duplicate_bands", "duplicate_pairs", "duplicate_queue"),  # after articles: its triggers queue
)
# Rows that no WARC file holds: `rebuild` carries them over from the old database, if it can be read.
OPERATIONAL: tuple[str, ...] = ("alarms", "hosts", "site_days")
# Of other answers those are read that say for good that nothing is there: an article's end is part of its story.
_READABLE = f"role = 'page' AND (status BETWEEN 200 AND 299 OR status IN {(304, *events.GONE)})"


class Reading(NamedTuple):
    """What reading one capture gave, and an article's digests: they cost enough to be made in the worker."""

    result: Article | Rejection | Failure
    digests: dedup.Digests | None = None
    template: str | None = None  # the page's fingerprint
    rights: tuple[Claim, ...] = ()  # what the page says about its use

    @classmethod
    def of(cls, result: Article | Rejection | Failure) -> Self:
        if not isinstance(result, Article):
            return cls(result)
        return cls(result, dedup.digests(result.title, result.text, result.authors, result.published))


class Store:
    """An archive directory opened for writing: `archive.db` and `warc/`. Make one per process."""

    def __init__(self, directory: Path, *, warc: Path | None = None) -> None:
        self.directory = directory
        self.warc = warc or directory / "warc"
        self.db = open_for_writing(directory)
        self.warc.mkdir(exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        close(self.db, self.directory)

    def begin_crawl(self, crawl: str, site: str, started: datetime, versions: Mapping[str, str]) -> Frontier:
        """Make the row of a new crawl; returns its frontier. Beginning one that exists changes nothing."""
        row = {"id": crawl, "site": site, "started": rows.instant(started), "versions": json.dumps(dict(versions))}
        with transaction(self.db):
            self.db.table("crawls").insert(row, ignore=True)
        return Frontier(self.db, crawl)

    def note_due(self, crawl: str, due: int) -> None:
        """Keep how many URLs a crawl is about to fetch, so that it is known of one that is killed, too."""
        with transaction(self.db):
            self.db.table("crawls").update(crawl, {"counts": json.dumps({"due": due})})

    def end_crawl(self, crawl: str, ended: datetime | None, reason: str, counts: Mapping[str, Any]) -> None:
        with transaction(self.db):
            self.db.table("crawls").update(
                crawl, {"ended": ended and rows.instant(ended), "reason": reason, "counts": json.dumps(dict(counts))}
            )

    def crawl_document(
        self, crawl: str, ended: datetime | None, reason: str, counts: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return a crawl's row, as `end_crawl` will write it, and its frontier: the run history in a WARC file.

        It goes into the file before the row is written, so that a crawl whose row has ended is always on record.
        """
        row = dict(self.db.table("crawls").get(crawl))
        row |= {"ended": ended and rows.instant(ended), "reason": reason, "counts": dict(counts)}
        return {
            "crawl": row | {"versions": json.loads(row["versions"])},
            "frontier": Frontier(self.db, crawl).document(),
            "sources": list(self.db.query("SELECT * FROM sources WHERE crawl = ? ORDER BY url", [crawl])),
        }

    def restore_crawl(self, document: Mapping[str, Any]) -> bool:
        """Write the rows of what `crawl_document` gave; returns False if it names captures that are not there (yet)."""
        row = dict(document["crawl"])
        row |= {name: json.dumps(row[name]) for name in ("counts", "versions")}
        with transaction(self.db):
            self.db.table("crawls").upsert(row, pk="id")
            self.db.table("sources").upsert_all(document.get("sources", ()), pk=("crawl", "url"))
            return Frontier(self.db, row["id"]).restore(document["frontier"])

    def note_source(self, crawl: str, source: Mapping[str, Any]) -> None:
        """Write what one place that was asked for links answered: the columns of `sources` but crawl."""
        with transaction(self.db):
            self.db.table("sources").upsert({"crawl": crawl, **source}, pk=("crawl", "url"))

    def unended(self) -> list[tuple[str, str]]:
        """Return (id, site) of crawls that have begun and not ended: running now, or killed."""
        return list(self.db.execute("SELECT id, site FROM crawls WHERE reason IS NULL ORDER BY started"))

    def add_captures(self, captures: Sequence[Capture]) -> int:
        """Add the rows of captures; those already there stay. Returns how many were added."""
        before = self.db.conn.total_changes
        with transaction(self.db):
            for capture in captures:
                row = rows.capture_row(capture)
                marks = ", ".join(f":{name}" for name in row)
                self.db.execute(f"INSERT OR IGNORE INTO captures ({', '.join(row)}) VALUES ({marks})", row)
        return self.db.conn.total_changes - before

    def pending(
        self, extractor: str | None, *, site: str | None = None, crawl: str | None = None, since: datetime | None = None
    ) -> list[tuple[str, str]]:
        """Return (capture id, site) of page captures that `extractor` has not read, oldest first; all if it is None.

        What was read with another profile of the site than the one in use counts as not read.
        """
        where = [_READABLE]
        if extractor is not None:
            where.append(
                f"NOT EXISTS (SELECT 1 FROM extractions WHERE capture = captures.id AND extractor = {profiles.WANTED})"
            )
        values: dict[str, Any] = {"extractor": extractor, "site": site, "crawl": crawl}
        values["since"] = since and rows.instant(since)
        wanted = {"site": "site = :site", "crawl": "crawl = :crawl", "since": "timestamp >= :since"}
        where += [condition for name, condition in wanted.items() if values[name]]
        return list(
            self.db.execute(
                "SELECT captures.id, site FROM captures JOIN crawls ON crawls.id = captures.crawl"
                f" WHERE {' AND '.join(where)} ORDER BY timestamp, captures.id",
                values,
            )
        )

    def stale(self) -> list[tuple[str, str]]:
        """Return (capture id, site) of captures that must be read again because one that stood for them has left."""
        return list(
            self.db.execute(
                "SELECT capture, site FROM extractions JOIN captures ON captures.id = capture"
                " JOIN crawls ON crawls.id = crawl WHERE extractor = '' ORDER BY extractions.timestamp, capture"
            )
        )

    def save(self, capture: Capture, site: str, extractor: str, reading: Reading) -> str:
        """Write what reading a capture gave; returns "new", "changed", "unchanged", "rejected" or "failed".

        The result of an earlier reading of the same capture is replaced.
        """
        result = reading.result
        row = {
            "capture": capture.id,
            "timestamp": rows.instant(capture.timestamp),
            "extractor": extractor,
            "outcome": _OUTCOMES[type(result)],
            "asked": urls.address_key(capture.links[0].url if capture.links else capture.url),
            "answered": urls.address_key(capture.url),
            "rights": json.dumps(reading.rights, ensure_ascii=False),
        }
        with transaction(self.db):
            left = fold.leave(self.db, capture.id)
            place, outcome = None, row["outcome"]
            if isinstance(result, Article) and reading.digests:
                keys = {"canonical_url": result.canonical_url, "shortlink": result.shortlink}
                keys |= {"address": urls.address_key(result.canonical_url), "template": reading.template}
                self._insert_extraction({**row, **keys, **measures(result)})
                place, outcome = fold.join(self.db, capture, site, result, reading.digests)
            elif not isinstance(result, Article):
                because = {"reason": result.reason, "detail": result.detail or None, "template": reading.template}
                self._insert_extraction(row | because)
            if left is not None and left[0] != place and left[1] is not None:
                fold.distrust(self.db, left[0]._replace(article=left[1]))
            touched = dict.fromkeys([place and place.article, left and left[1]])
            if left is not None:
                touched = dict.fromkeys(article and fold.separate(self.db, article) for article in touched)
            events.follow(self.db, row["asked"], list(touched))
            index.follow(self.db)
        return outcome

    def _insert_extraction(self, row: Mapping[str, Any]) -> None:
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        self.db.execute(f"INSERT INTO extractions ({names}) VALUES ({marks})", dict(row))

    def clear_derived(self) -> None:
        """Drop every row that was made by reading captures; the captures stay, and become pending."""
        with transaction(self.db):
            for table in DERIVED:
                self.db.execute(f"DELETE FROM {table}")


_OUTCOMES: dict[type[Article | Rejection | Failure], str] = {
    Article: "article",
    Rejection: "rejected",
    Failure: "failed",
}
