"""Records that are damaged or gone for good, and what was read of them while they could be read.

Both are put on record in a WARC file before they are rows, so that a rebuild, too, keeps every article.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlite_utils import Database

from archive import rows
from archive.database import transaction
from archive.models import Article, Capture
from archive.store import Reading, Store

DOCUMENT = "urn:marbre:damaged:"
REPAIRS = "-repair-"  # in the names of files that hold such documents
# Whether the record that a row of captures names is known to be damaged, as SQL.
KNOWN = "SELECT 1 FROM damages AS d WHERE d.filename = captures.filename AND d.offset = captures.offset"


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record at a place in a file, what is wrong with it, and the capture that it is or belongs to."""

    filename: str
    offset: int
    what: str
    capture: Capture | None = None

    @property
    def about(self) -> str:
        """What a document on it is about."""
        if self.capture is None:
            return f"{DOCUMENT}{self.filename}:{self.offset}"
        return DOCUMENT + self.capture.id.removeprefix("<urn:uuid:").removesuffix(">")


def is_known(db: Database, filename: str, offset: int) -> bool:
    """Tell whether it was found before that the record there is damaged or gone."""
    row = db.execute("SELECT 1 FROM damages WHERE filename = ? AND offset = ?", [filename, offset])
    return row.fetchone() is not None


def reading(db: Database, capture: Capture) -> Reading | None:
    """Return what was read of a capture while its record could be read; None if it gave no article."""
    row = db.execute("SELECT article FROM damages WHERE capture = ? AND article IS NOT NULL", [capture.id]).fetchone()
    found = rows.article_of(json.loads(row[0])) if row else _in_rows(db, capture)
    return Reading.of(found) if found else None


def _in_rows(db: Database, capture: Capture) -> Article | None:
    """Return the article that the rows made of a capture hold: all of it, or what its version keeps."""
    said = next(db.query("SELECT * FROM articles WHERE capture = ?", [capture.id]), None)
    if said is not None:
        return rows.article_of(said)
    said = next(db.query(_SHOWN, {"capture": capture.id}), None)
    if said is None:
        return None
    article = rows.article_of(said)
    article = replace(article, url=capture.url, canonical_url=said["address"] or article.canonical_url)
    return article if said["shown"] == said["digest"] else _as_it_was(db, article, said)


# The article that a capture shows and its version there: its own rows may be gone, of those that belong together.
_SHOWN = """
    SELECT a.*, e.address, e.shown FROM (
        SELECT article, digest AS shown, canonical_url AS address FROM extractions
        WHERE capture = :capture AND outcome = 'article'
        UNION ALL SELECT article, digest, NULL FROM versions WHERE capture = :capture) AS e
    JOIN articles AS a ON a.id = e.article LIMIT 1"""


def _as_it_was(db: Database, article: Article, said: Mapping[str, Any]) -> Article | None:
    sql = "SELECT title, authors, published, modified, text FROM versions WHERE article = ? AND digest = ?"
    version = next(db.query(sql, [said["id"], said["shown"]]), None)
    if version is None:
        return None
    published, modified = (
        version[name] and datetime.fromisoformat(version[name]) for name in ("published", "modified")
    )
    authors = tuple(rows.names_of(version["authors"]))
    article = replace(article, title=version["title"], text=version["text"], markdown=version["text"], authors=authors)
    return replace(article, published=published, modified=modified, images=(), image=None)


def document(db: Database, damage: Damaged, noticed: datetime) -> dict[str, Any]:
    """Return what is to be put on record of a damage, as JSON-able builtins; `restore` makes rows of it."""
    capture = damage.capture
    kept = reading(db, capture) if capture else None
    article = kept.result if kept else None
    crawl = next(db.query("SELECT * FROM crawls WHERE id = ?", [capture.crawl]), None) if capture else None
    return {
        "damage": {
            "filename": damage.filename,
            "offset": damage.offset,
            "what": damage.what,
            "noticed": rows.instant(noticed),
            "capture": capture.id if capture else None,
            "article": rows.article_row(article) if isinstance(article, Article) else None,
        },
        "capture": msgspec.to_builtins(capture) if capture else None,
        "crawl": crawl,
    }


def restore(store: Store, body: Mapping[str, Any]) -> None:
    """Write the rows of what is on record of a damage: a capture whose record is gone has no other record."""
    row = dict(body["damage"])
    row["article"] = row["article"] and json.dumps(row["article"], ensure_ascii=False)
    if body["crawl"]:
        with transaction(store.db):
            store.db.table("crawls").insert(body["crawl"], ignore=True)
    if body["capture"]:
        capture = msgspec.convert(body["capture"], Capture)
        store.add_captures([capture])
        evidence = {"id": capture.id, "role": capture.role, "links": rows.to_json(capture.links)}
        with transaction(store.db):  # its record may be whole, and what discovery knew of it lost
            store.db.execute(
                "UPDATE captures SET role = :role, links = :links WHERE id = :id AND links = '[]'", evidence
            )
    with transaction(store.db):
        store.db.table("damages").upsert(row, pk=("filename", "offset"))


def forget(db: Database, places: list[tuple[str, int]]) -> None:
    """Take back what was noted of records that can be read again."""
    with transaction(db):
        db.conn.executemany("DELETE FROM damages WHERE filename = ? AND offset = ?", places)
