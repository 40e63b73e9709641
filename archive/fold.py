"""Folding extractions into articles and versions, so that the order they arrive in cannot matter.

An article is the set of extractions that share an address (`urls.address_key`) or a shortlink. Its id comes from the
earliest capture among them, its fields from the latest; a version lasts from the first to the last capture that shows
its digest. Both are recomputed from the set whenever an extraction joins or leaves it.
What is no change by the publisher although its words differ, archive/standing.py says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from archive import dedup, revisits, rows, standing, urls
from archive.dedup import Digests
from archive.models import Article, Capture
from archive.standing import NEWEST

_OLDEST = "ORDER BY timestamp, capture LIMIT 1"
_NEWEST_FIRST = NEWEST.removesuffix(" LIMIT 1")
_VERSION_FIELDS = ("title", "authors", "published", "modified", "text", "digest", "text_digest")
_FIRST_FETCH = f"UPDATE articles SET fetched = {revisits.FIRST_FETCH} WHERE id = ?"
_NAMES = (("authors", "author"), ("tags", "tag"))


class Place(NamedTuple):
    """Where an extraction stands: its article's id and the digest of the version it shows."""

    article: str
    digest: str


def join(db: Database, capture: Capture, site: str, article: Article, digests: Digests) -> tuple[Place, str]:
    """Put one capture's article into the archive; returns its place, and "new", "changed" or "unchanged"."""
    fields = rows.article_row(article) | {"site": site, "capture": capture.id}
    fields |= {"digest": digests.version, "text_digest": digests.text}
    known = _articles_of(db, article)
    place = Place(known[0] if known else urls.article_id(article.canonical_url), digests.version)
    for other in known[1:]:
        _merge(db, place.article, other)
    # What an API gave is JSON; other resource records in somebody else's file are pages as they saved them.
    api = capture.kind == "resource" and (capture.source is None or capture.mime == "application/json")
    seen = _is_seen(db, place, None if api else fields["modified"])
    db.execute(
        "UPDATE extractions SET article = ?, digest = ?, modified = ?, api = ?, walled = ? WHERE capture = ?",
        [*place, fields["modified"], api, article.free_access is False, capture.id],
    )
    digest = standing.find(db, place.article, place.digest, fields)
    place, seen = place._replace(digest=digest), seen or digest != place.digest
    if known:
        _update_article(db, place.article, fields)
    else:
        _insert_article(db, place.article, rows.instant(capture.timestamp), fields)
        db.execute(_FIRST_FETCH, [place.article])
    _write_version(db, place, fields)
    if known:
        place = place._replace(article=settle(db, place.article) or place.article)
    return place, "unchanged" if seen else "changed" if known else "new"


def leave(db: Database, capture: str) -> tuple[Place, str | None] | None:
    """Take one capture's extraction out of its article, before it is replaced.

    Returns where it stood, and the id that its article has without it; None if it stood nowhere.
    """
    row = db.execute("SELECT article, digest, api, walled FROM extractions WHERE capture = ?", [capture]).fetchone()
    db.execute("DELETE FROM extractions WHERE capture = ?", [capture])
    if row is None or row[0] is None:
        return None
    place = Place(*row[:2])
    if row[2] == 0:  # what a page stood for must be read again: it may have to stand for itself
        db.execute("UPDATE extractions SET extractor = '' WHERE article = ? AND digest = ? AND api = 2", place)
    if row[3] == 0:
        db.execute("UPDATE extractions SET extractor = '' WHERE article = ? AND digest = ? AND walled = 2", place)
    rest = _newest(db, "article = ? AND digest = ?", place)
    if rest is None:
        db.execute("DELETE FROM versions WHERE article = ? AND digest = ?", place)
    else:
        db.execute("UPDATE versions SET capture = ? WHERE article = ? AND digest = ?", [rest, *place])
    return place, settle(db, place.article)


def distrust(db: Database, place: Place) -> None:
    """Have the newest captures that remain at `place` read again: its rows hold what one said that has left."""
    for stale in (_newest(db, "article = ?", place[:1]), _newest(db, "article = ? AND digest = ?", place)):
        db.execute("UPDATE extractions SET extractor = '' WHERE capture = ?", [stale])


def separate(db: Database, article: str) -> str | None:
    """Take apart what nothing joins any more: captures without a way to the article's newest one are read again.

    Returns the article's id, which is another one if its earliest capture has left.

    Two addresses are one article for as long as some capture says so; a later extractor may not find what an earlier
    one took for the shortlink of both.
    """
    if not _is_torn(db, article):
        return article
    found = db.execute(
        f"SELECT capture, address, shortlink FROM extractions WHERE article = ? {_NEWEST_FIRST}", [article]
    ).fetchall()
    strangers = [(capture,) for capture in _unreached(found)]
    lost = "UPDATE extractions SET article = NULL, digest = NULL, extractor = '' WHERE capture = ?"
    db.conn.executemany(lost, strangers)
    # What stood for another may have gone, and rows may show what one said that has gone.
    db.execute("UPDATE extractions SET extractor = '' WHERE article = ? AND (api = 2 OR walled = 2)", [article])
    shown = db.execute("SELECT digest, capture FROM versions WHERE article = ?", [article]).fetchall()
    for digest, _ in ((digest, capture) for digest, capture in shown if (capture,) in strangers):
        if rest := _newest(db, "article = ? AND digest = ?", (article, digest)):
            db.execute("UPDATE versions SET capture = ? WHERE article = ? AND digest = ?", [rest, article, digest])
            db.execute("UPDATE extractions SET extractor = '' WHERE capture = ?", [rest])
        else:
            db.execute("DELETE FROM versions WHERE article = ? AND digest = ?", [article, digest])
    return settle(db, article)


def _is_torn(db: Database, article: str) -> bool:
    """Whether an article's captures could be those of two: their addresses differ."""
    row = db.execute("SELECT count(DISTINCT address) FROM extractions WHERE article = ?", [article]).fetchone()
    return bool(row[0] > 1)


def _unreached(found: list[tuple[str, str | None, str | None]]) -> list[str]:
    """Return the captures, given as (id, address, shortlink), that share nothing with the first, nor by others."""
    captures_of: dict[str | None, list[int]] = {}
    for number, (_, *names) in enumerate(found):
        for name in names:
            captures_of.setdefault(name, []).append(number)
    captures_of.pop(None, None)
    reached, ahead = {0}, [0]
    while ahead:
        near = {number for name in found[ahead.pop()][1:] for number in captures_of.get(name, ())}
        ahead += near - reached
        reached |= near
    return [capture for number, (capture, *_) in enumerate(found) if number not in reached]


def settle(db: Database, article: str) -> str | None:
    """Recompute what an article's and its versions' rows derive from its extractions; drop it if it has none.

    Returns the article's id, which is another one if its earliest capture is.
    """
    newest = _newest(db, "article = ?", [article])
    if newest is None:
        db.execute("DELETE FROM articles WHERE id = ?", [article])
        return None
    db.execute(
        "UPDATE versions SET (first_seen, last_seen) = (SELECT min(timestamp), max(timestamp) FROM extractions"
        " WHERE extractions.article = versions.article AND extractions.digest = versions.digest) WHERE article = ?",
        [article],
    )
    db.execute(
        "UPDATE articles SET capture = ?, (first_seen, last_seen, versions) = (SELECT min(timestamp), max(timestamp),"
        " count(DISTINCT digest) FROM extractions WHERE article = ?) WHERE id = ?",
        [newest, article, article],
    )
    db.execute(_FIRST_FETCH, [article])
    _compare_versions(db, article)
    oldest = db.execute(f"SELECT canonical_url FROM extractions WHERE article = ? {_OLDEST}", [article]).fetchone()
    rightful = urls.article_id(oldest[0])
    if rightful != article:
        db.execute("UPDATE articles SET id = ?, docid = ? WHERE id = ?", [rightful, urls.docid(rightful), article])
    return rightful


def _is_seen(db: Database, place: Place, modified: str | None) -> bool:
    """Whether a version is known already: by its digest, or, of a page, from the API at the same modification."""
    row = db.execute(
        "SELECT 1 FROM versions WHERE article = :article AND digest = :digest"
        " UNION SELECT 1 FROM extractions WHERE article = :article AND modified = :modified AND api = 1",
        {"article": place.article, "digest": place.digest, "modified": modified},
    )
    return row.fetchone() is not None


def _articles_of(db: Database, article: Article) -> list[str]:
    """Return the ids of the articles this one is part of, that of the earliest capture first."""
    found = db.execute(
        "SELECT article FROM extractions WHERE article IS NOT NULL AND (address = :address OR shortlink = :shortlink)"
        " GROUP BY article ORDER BY min(timestamp), article",
        {"address": urls.address_key(article.canonical_url), "shortlink": article.shortlink},
    )
    return [row[0] for row in found]


def _newest(db: Database, where: str, values: Any) -> str | None:
    row = db.execute(f"SELECT capture FROM extractions WHERE {where} {NEWEST}", list(values)).fetchone()
    return row[0] if row else None


def _insert_article(db: Database, article: str, moment: str, fields: dict[str, Any]) -> None:
    identity = {"docid": urls.docid(article), "id": article}
    db.table("articles").insert(fields | identity | {"versions": 1, "first_seen": moment, "last_seen": moment})
    _write_names(db, article, fields)


def _update_article(db: Database, article: str, fields: dict[str, Any]) -> None:
    """Write the fields of the newest capture; if another is that by now, as one stands for others, read it again."""
    newest = _newest(db, "article = ?", [article])
    if newest == fields["capture"]:
        db.table("articles").update(urls.docid(article), fields)
        _write_names(db, article, fields)
    else:
        db.execute(
            "UPDATE extractions SET extractor = '' WHERE capture = ?"
            " AND capture NOT IN (SELECT capture FROM articles WHERE id = ?)",
            [newest, article],
        )


def _write_names(db: Database, article: str, fields: dict[str, Any]) -> None:
    for table, noun in _NAMES:
        names = list(dict.fromkeys(rows.names_of(fields[table])))
        db.execute(f"DELETE FROM article_{table} WHERE article = ?", [article])
        for position, name in enumerate(names):
            db.execute(f"INSERT OR IGNORE INTO {table} (name) VALUES (?)", [name])
            db.execute(
                f"INSERT INTO article_{table} (article, {noun}, position) VALUES (?, ?, ?)", [article, name, position]
            )


def _write_version(db: Database, place: Place, fields: dict[str, Any]) -> None:
    if _newest(db, "article = ? AND digest = ?", place) == fields["capture"]:
        row = {name: fields[name] for name in (*_VERSION_FIELDS, "capture")}
        # settle() puts the right moments in where there is more than one capture.
        moment = db.execute("SELECT timestamp FROM extractions WHERE capture = ?", [fields["capture"]]).fetchone()[0]
        db.table("versions").upsert(
            row | {"article": place.article, "first_seen": moment, "last_seen": moment}, pk=("article", "digest")
        )


def _compare_versions(db: Database, article: str) -> None:
    """Note of each version which one it follows and what differs; those that follow the same one as ever stay."""
    follows = db.execute(
        "SELECT digest, before FROM (SELECT digest, previous, lag(digest) OVER (ORDER BY first_seen, digest) AS before"
        " FROM versions WHERE article = ?) WHERE previous IS NOT before",
        [article],
    )
    for digest, before in follows.fetchall():
        one, two = (_substance(db, article, which) for which in (before, digest))
        changed = [name for name in two if one[name] != two[name]] if before else []
        db.execute(
            "UPDATE versions SET previous = ?, changed = ? WHERE article = ? AND digest = ?",
            [before, rows.to_json(changed), article, digest],
        )


def _substance(db: Database, article: str, digest: str | None) -> dict[str, str]:
    row = db.execute(
        "SELECT title, text, authors, published FROM versions WHERE article = ? AND digest = ?", [article, digest]
    ).fetchone()
    if row is None:
        return {}
    published = datetime.fromisoformat(row[3]) if row[3] else None
    return dedup.substance(row[0], row[1], rows.names_of(row[2]), published)


def _merge(db: Database, into: str, other: str) -> None:
    """Make two articles one: a later capture has shown that they share an address."""
    both = {"into": into, "other": other}
    shared = db.execute(
        "SELECT digest FROM versions WHERE article = :into"
        " INTERSECT SELECT digest FROM versions WHERE article = :other",
        both,
    ).fetchall()
    for (digest,) in shared:
        newer = db.execute(
            f"SELECT article FROM extractions WHERE article IN (:into, :other) AND digest = :digest {NEWEST}",
            both | {"digest": digest},
        ).fetchone()[0]
        older = other if newer == into else into
        db.execute("DELETE FROM versions WHERE article = ? AND digest = ?", [older, digest])
    newest = db.execute(f"SELECT article FROM extractions WHERE article IN (:into, :other) {NEWEST}", both).fetchone()
    if newest[0] == other:
        fields = next(db.query("SELECT * FROM articles WHERE id = :other", both))
        db.table("articles").update(urls.docid(into), {k: v for k, v in fields.items() if k not in ("docid", "id")})
        _write_names(db, into, fields)
    for table in ("versions", "extractions"):
        db.execute(f"UPDATE {table} SET article = :into WHERE article = :other", both)
    db.execute("DELETE FROM articles WHERE id = :other", both)
