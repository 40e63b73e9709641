"""What is known of imports: how far each file was read and which captures it gave.

All of it is written into a WARC file of ours before it is written into rows, a batch at a time: a rebuild, and the run
after a kill, read it from there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from archive import __version__, events, profiles, rows
from archive.database import transaction
from archive.errors import DamagedRecord
from archive.extraction import EXTRACTOR
from archive.models import Capture
from archive.store import Store
from archive.urls import urlkey
from archive.warc import WarcWriter
from archive.warc.foreign import read_foreign

DOCUMENT = "urn:marbre:import:"
_MOST_DAMAGES = 200  # that are named one by one


class Counts(msgspec.Struct):
    """What became of a file's records: `records` = `imported` + all of `left_out` (reason: how many).

    `damaged` are not among them: they could not be read. `damages` are the first of them: (offset, what).
    """

    records: int = 0
    imported: int = 0
    left_out: dict[str, int] = {}
    damaged: int = 0
    damages: list[tuple[int, str]] = []

    def leave_out(self, reason: str) -> None:
        self.left_out[reason] = self.left_out.get(reason, 0) + 1

    def damage(self, offset: int, what: str) -> None:
        self.damaged += 1
        if len(self.damages) < _MOST_DAMAGES:
            self.damages.append((offset, what))


class Import(msgspec.Struct):
    """One import of one file: a row of the table. `filename` as in captures; `position` and `size` are bytes."""

    id: str
    source: str
    filename: str
    size: int
    started: datetime
    filters: dict[str, Any] = {}
    finished: datetime | None = None
    position: int = 0
    counts: Counts = msgspec.field(default_factory=Counts)

    def crawl(self, site: str) -> str:
        """Return the id of this import's crawl of one site: the same in every run over the same file."""
        return f"{site}-{self.id}"


def by_id(db: Database, identifier: str) -> Import | None:
    return _one(db, "SELECT * FROM imports WHERE id = ?", identifier)


def by_source(db: Database, source: str) -> Import | None:
    """Return the latest import of a path or URL, whatever was asked for."""
    return _one(db, "SELECT * FROM imports WHERE source = ? ORDER BY started DESC", source)


def commit(
    store: Store, writer: WarcWriter, run: Import, captures: Sequence[Capture] = (), sites: Mapping[str, str] = {}
) -> None:
    """Put captures, and how far the file has been read, on record and into rows; `sites` has the site of each crawl."""
    document = {
        "import": msgspec.to_builtins(run),
        "crawls": dict(sites),
        "versions": {"marbre": __version__},
        "captures": msgspec.to_builtins(list(captures)),
    }
    writer.write_metadata(document, DOCUMENT + run.id)
    restore(store, document)


def restore(store: Store, document: Mapping[str, Any]) -> None:
    """Write the rows of what `commit` put on record; rows of captures that are there already stay."""
    run = msgspec.convert(document["import"], Import)
    crawls = [
        {
            "id": crawl,
            "site": site,
            "started": rows.instant(run.started),
            # True until the end is reached, and not for recovery to see to: the next import of the file goes on.
            "reason": "interrupted",
            "versions": json.dumps(document["versions"]),
        }
        for crawl, site in document["crawls"].items()
    ]
    with transaction(store.db):
        store.db.table("crawls").insert_all(crawls, ignore=True)
    store.add_captures(captures_of(document))
    with transaction(store.db):
        store.db.table("imports").upsert(_row(run), pk="id")


def captures_of(document: Mapping[str, Any]) -> list[Capture]:
    """Return the captures that a document of an import holds."""
    return msgspec.convert(document["captures"], list[Capture])


def known(db: Database, identifiers: Sequence[str]) -> set[str]:
    """Return those of the ids that captures of this archive have."""
    found = db.execute(
        "SELECT id FROM captures WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(identifiers)]
    )
    return {identifier for (identifier,) in found}


def captured(db: Database, url: str, moment: datetime) -> Capture | None:
    """Return the capture with a body that was made of a URL in that second: revisits name theirs no closer."""
    found = db.query(
        "SELECT * FROM captures WHERE urlkey = ? AND substr(timestamp, 1, 19) = ? AND kind != 'revisit' ORDER BY id",
        [urlkey(url), rows.instant(moment)[:19]],
    )
    row = next(iter(found), None)
    return rows.capture_of(row) if row else None


def unread(db: Database, filename: str, offset: int, limit: int) -> list[tuple[str, str]]:
    """Return (capture id, site) of page captures of a file, from `offset` on, that this version has not read."""
    return list(
        db.execute(
            "SELECT captures.id, site FROM captures JOIN crawls ON crawls.id = crawl"
            " WHERE filename = :filename AND offset >= :offset AND role = 'page'"
            f" AND (status BETWEEN 200 AND 299 OR status IN {(304, *events.GONE)})"
            " AND NOT EXISTS"
            f" (SELECT 1 FROM extractions WHERE capture = captures.id AND extractor = {profiles.WANTED})"
            " ORDER BY offset LIMIT :limit",
            {"filename": filename, "offset": offset, "extractor": EXTRACTOR, "limit": limit},
        )
    )


def with_parts(db: Database, filename: str) -> list[tuple[str, str]]:
    """Return (capture id, site) of a file's page captures whose articles go on on further pages.

    Those may lie far behind in the file, and other pages between: when they were read, not all of it was there.
    """
    parts = db.query("SELECT * FROM captures WHERE filename = ? AND role = 'part' ORDER BY offset", [filename])
    pages = dict.fromkeys((link.found_on, part.crawl) for part in map(rows.capture_of, parts) for link in part.links)
    found: dict[str, str] = {}
    for url, crawl in pages:
        with suppress(ValueError):  # the word of whoever wrote the file
            found |= db.execute(_PAGES, [urlkey(url), url, crawl]).fetchall()
    return list(found.items())


_PAGES = """
    SELECT captures.id, site FROM captures JOIN crawls ON crawls.id = crawl
    WHERE urlkey = ? AND url = ? AND crawl = ? AND role = 'page' AND captures.id IN (SELECT capture FROM extractions)
    ORDER BY timestamp, captures.id"""


def outcomes(db: Database, run: Import) -> dict[str, Counter[str]]:
    """Return for each crawl of an import how many of its captures gave what.

    An article is new with its first capture in this archive, by date, changed with the first of another version.
    """
    found: dict[str, Counter[str]] = {}
    for crawl, outcome, count in db.execute(_OUTCOMES, [f"-{run.id}"]):
        found.setdefault(crawl, Counter())[outcome] += count
    return found


def problems(db: Database, warc: Path, filename: str) -> Iterator[tuple[int, str]]:
    """Read every record of a foreign file that a capture lies in; yield (offset, what) for each that is not as it was.

    A revisit's record must be there; its digest is that of the record it refers to.
    """
    for row in db.query("SELECT * FROM captures WHERE filename = ? ORDER BY offset, id", [filename]):
        try:
            digest = read_foreign(warc / filename, row["offset"])[3]
        except DamagedRecord as error:
            yield row["offset"], f"{row['id']}: {error}"
            continue
        if row["kind"] != "revisit" and digest != row["digest"]:
            yield row["offset"], f"{row['id']}: its payload digest is {digest}, not {row['digest']}"


_EARLIER = """EXISTS (
    SELECT 1 FROM extractions AS o WHERE o.article = e.article {}
    AND (o.timestamp, o.capture) < (e.timestamp, e.capture))"""
_OUTCOMES = f"""
    SELECT c.crawl, CASE
        WHEN e.capture IS NULL THEN 'skipped'
        WHEN e.outcome != 'article' THEN e.outcome
        WHEN {_EARLIER.format("AND o.digest = e.digest")} THEN 'unchanged'
        WHEN {_EARLIER.format("")} THEN 'changed'
        ELSE 'new' END, count(*)
    FROM captures AS c LEFT JOIN extractions AS e ON e.capture = c.id
    WHERE c.crawl IN (SELECT id FROM crawls WHERE id LIKE '%' || ?)
    GROUP BY 1, 2"""


def _row(run: Import) -> dict[str, Any]:
    row = {name: getattr(run, name) for name in run.__struct_fields__}
    return row | {
        "started": rows.instant(run.started),
        "finished": run.finished and rows.instant(run.finished),
        "filters": json.dumps(run.filters),
        "counts": msgspec.json.encode(run.counts).decode(),
    }


def _one(db: Database, sql: str, value: str) -> Import | None:
    row = next(iter(db.query(sql, [value])), None)
    if row is None:
        return None
    return msgspec.convert({**row, "filters": json.loads(row["filters"]), "counts": json.loads(row["counts"])}, Import)
