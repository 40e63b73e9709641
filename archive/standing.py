"""Which captures stand for others: those whose words differ though the publisher changed nothing.

What a REST API gives of a post and what its page shows may differ by what the theme adds. Where both name the same
moment of modification the page stands for both (`extractions.api` is 2), and its digest is their version's. Where a
page shows the beginning of a text that was to be read whole before, the whole one stands for it (`walled` is 2).
"""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from archive import dedup

# What others stand for never has the last word.
NEWEST = "ORDER BY api = 2 OR walled = 2, timestamp DESC, capture DESC LIMIT 1"


def find(db: Database, article: str, digest: str, fields: dict[str, Any]) -> str:
    """Return the digest of the version that a capture shows, which is `digest` unless another stands for it.

    `fields` are the columns of the article as that capture shows it. What it stands for itself is settled by the
    way. Versions that nothing shows any more are dropped.
    """
    place = {"article": article, "digest": digest}
    return _let_pages_stand(db, article, fields["capture"]) or _let_wholes_stand(db, place, fields) or digest


def _let_pages_stand(db: Database, article: str, capture: str) -> str | None:
    """Have pages stand for what the API gave of the same modification; drop versions that nothing shows any more.

    Returns the digest of the page that stands for `capture`, None if none does.
    """
    page = (
        "SELECT digest FROM extractions AS page WHERE page.article = post.article AND page.modified = post.modified"
        f" AND page.api = 0 {NEWEST}"
    )
    db.execute(
        f"UPDATE extractions AS post SET api = 2, digest = ({page}) WHERE article = ? AND api > 0 AND EXISTS ({page})",
        [article],
    )
    _drop_unseen(db, article)
    row = db.execute("SELECT digest FROM extractions WHERE capture = ? AND api = 2", [capture]).fetchone()
    return row[0] if row else None


def _let_wholes_stand(db: Database, place: dict[str, str], fields: dict[str, Any]) -> str | None:
    """Have whole texts stand for what a wall left of them; drop versions that nothing shows any more.

    Returns the digest of the version that stands for the capture of `fields`, None if none does. The whole one that
    was there before stands, or else the next: an older one that comes later has those behind it read again.
    """
    capture, moment, walled = db.execute(
        "SELECT capture, timestamp, walled FROM extractions WHERE capture = ?", [fields["capture"]]
    ).fetchone()
    if walled:
        standing = _whole_of(db, place["article"], fields["text"], moment)
        if standing:
            db.execute("UPDATE extractions SET digest = ?, walled = 2 WHERE capture = ?", [standing, capture])
            _drop_unseen(db, place["article"])
        return standing
    for digest, text in db.execute(
        "SELECT digest, text FROM versions WHERE article = :article AND digest != :digest AND NOT EXISTS (SELECT 1 FROM"
        " extractions AS e WHERE e.article = :article AND e.digest = versions.digest AND walled = 0)",
        place,
    ).fetchall():
        if dedup.is_cut(text, fields["text"]):
            values = {"whole": place["digest"], "article": place["article"], "cut": digest}
            db.execute(
                "UPDATE extractions SET digest = :whole, walled = 2 WHERE article = :article AND digest = :cut", values
            )
    # Out of order: this one may be nearer to what another stands for.
    db.execute(
        "UPDATE extractions SET extractor = '' WHERE article = :article AND walled = 2 AND digest != :digest AND"
        " (timestamp > :moment OR NOT EXISTS (SELECT 1 FROM extractions AS whole WHERE whole.article = :article"
        " AND whole.digest = extractions.digest AND whole.walled = 0 AND whole.timestamp < :moment))",
        place | {"moment": moment},
    )
    _drop_unseen(db, place["article"])
    return None


def _whole_of(db: Database, article: str, text: str, moment: str) -> str | None:
    """The digest of the version that was to be read whole last before a moment, or first after it."""
    wholes = db.execute(
        "SELECT versions.digest, text FROM versions JOIN extractions AS e ON e.article = versions.article"
        " AND e.digest = versions.digest AND walled = 0 WHERE versions.article = :article"
        " ORDER BY e.timestamp > :moment, CASE WHEN e.timestamp > :moment THEN e.timestamp END, e.timestamp DESC",
        {"article": article, "moment": moment},
    )
    return next((digest for digest, whole in wholes if dedup.is_cut(text, whole)), None)


def _drop_unseen(db: Database, article: str) -> None:
    """Drop the versions of an article that no capture shows any more."""
    db.execute(
        "DELETE FROM versions WHERE article = :article AND NOT EXISTS"
        " (SELECT 1 FROM extractions WHERE article = :article AND digest = versions.digest)",
        {"article": article},
    )
