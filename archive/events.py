"""What happened to articles after they were published: removed, redirected, put behind a wall, brought back.

An article's events are a function of what reading its captures gave: of those that show it, and of those that asked for
one of its addresses and got something else. Its state is followed from capture to capture, and where it changes there
is an event, with the capture that shows it; one that shows what is known makes none. What a fault of the server's or
ours may explain (an error 500, a block page, a page to confirm consent, a reading that failed) changes no state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from archive import rows
from archive.reading import barriers, shapes

PRESENT, WALLED = "present", "walled"
KINDS = ("removed", "redirected", "moved", "soft_404", WALLED, "returned")
GONE = (404, 410, 451)  # RFC 9110, 15.5.5 and 15.5.11; RFC 7725: unavailable for legal reasons
# What a page that is no article says of the one it stands for, by the reason to reject it.
_STATED = {f"http_{status}": "removed" for status in GONE} | {
    "not_found": "soft_404", "password_protected": WALLED, barriers.PAYWALL: WALLED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One event: it happened between the visit before `timestamp` (aware) and then; `capture` shows it.

    `kind` is one of KINDS; `url` is what answered; `title` and `canonical_url` are the article's, which stays.
    """

    article: str
    site: str
    kind: str
    timestamp: datetime
    title: str | None
    canonical_url: str
    url: str
    detail: str
    capture: str


class _State(NamedTuple):
    kind: str
    detail: str


def follow(db: Database, asked: str, articles: Iterable[str | None]) -> None:
    """Bring up to date the events of these articles, and of those known by the address that was asked for.

    To be called in the transaction that wrote what reading a capture gave.
    """
    known = db.execute(
        "SELECT article FROM extractions WHERE article IS NOT NULL AND (address = :asked OR answered = :asked)"
        " GROUP BY article",
        {"asked": asked},
    )
    for article in {*articles, *(row[0] for row in known.fetchall())} - {None}:
        db.execute("DELETE FROM events WHERE article = ?", [article])
        db.conn.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", list(_events(db, str(article))))


def recorded(
    db: Database,
    *,
    site: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    article: str | None = None,
) -> Iterator[Event]:
    """Yield events, the newest first: all, or those of one site, kind or article (its id), seen since a moment."""
    values = {"site": site, "kind": kind, "since": since and rows.instant(since), "article": article}
    wanted = {name: f"{name} = :{name}" for name in ("site", "kind", "article")} | {"since": "timestamp >= :since"}
    where = [condition for name, condition in wanted.items() if values[name]]
    for row in db.query(
        "SELECT article, site, kind, timestamp, title, canonical_url, events.url, detail, events.capture FROM events"
        f" JOIN articles ON articles.id = article WHERE {' AND '.join(where) or 'TRUE'}"
        " ORDER BY timestamp DESC, article",
        values,
    ):
        yield Event(**row | {"timestamp": datetime.fromisoformat(row["timestamp"])})


def _events(db: Database, article: str) -> Iterator[tuple[str, str, str, str, str, str]]:
    """The rows of an article's events."""
    before: str | None = None
    for row in _captures(db, article):
        state = _state(row, article, before)
        if state is None or state.kind == before:
            continue
        if before is not None:
            kind = "returned" if state.kind == PRESENT else state.kind
            yield article, row["timestamp"], kind, row["url"], state.detail, row["capture"]
        # What is not there before it was ever seen has not gone.
        if before is not None or state.kind in (PRESENT, WALLED):
            before = state.kind


def _captures(db: Database, article: str) -> list[dict[str, Any]]:
    """The readings of captures that show an article, or asked for one of its addresses; oldest first."""
    return list(
        db.query(
            """
            WITH keys AS (
                SELECT address AS key FROM extractions WHERE article = :article
                UNION SELECT answered FROM extractions WHERE article = :article)
            SELECT e.capture, e.timestamp, e.outcome, e.reason, e.detail, e.article, e.canonical_url, e.asked,
                e.answered, e.walled, e.api, c.url
            FROM extractions AS e JOIN captures AS c ON c.id = e.capture
            WHERE e.article = :article OR (e.asked IN keys AND e.outcome != 'failed')
            ORDER BY e.timestamp, e.capture""",
            {"article": article},
        )
    )


def _state(row: dict[str, Any], article: str, before: str | None) -> _State | None:
    """What one capture shows of an article; None if it tells nothing."""
    if row["outcome"] == "article":
        return _shown(row, article, before)
    reason = row["reason"] or ""
    if kind := _STATED.get(reason):
        return _State(kind, row["detail"])
    if reason in barriers.UNANSWERED:
        return None
    if row["asked"] != row["answered"]:
        home = shapes.is_home(row["url"])
        to = "the home page" if home else "a list of articles"
        return _State("redirected", f"to {to}, {row['url']}") if home or reason == "listing" else None
    return _State("soft_404", f"a list of articles is shown instead: {row['detail']}") if reason == "listing" else None


def _shown(row: dict[str, Any], article: str, before: str | None) -> _State | None:
    if row["article"] != article:
        return _State("moved", f"another article answers: {row['canonical_url']}")
    if row["api"] and before is not None:
        return None  # what an API gives says nothing of what readers are shown
    if row["walled"]:
        return _State(WALLED, "it is not to be read freely any more")
    return _State(PRESENT, "it is to be read again" if before != WALLED else "it is to be read freely again")
