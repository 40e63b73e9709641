"""Which articles are exported, and what of them: rows of the database as plain values, one at a time."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from archive import rows
from archive.models import Article
from archive.rights.ledger import CONDITION
from archive.search.compiling import compiled
from archive.search.finding import DATED
from archive.search.hits import sites
from archive.search.syntax import parse

# A row as plain values: text, numbers, true and false, lists and objects of them; what is missing is None.
Document = dict[str, Any]

_KINDS = {
    **dict.fromkeys(("authors", "tags", "changed"), "names"),
    **dict.fromkeys(("parts", "versions", "version"), "number"),
    **dict.fromkeys(("published", "modified", "first_seen", "last_seen"), "moment"),
    "images": "images",
    "provenance": "mapping",
    "free_access": "flag",
}
_FIELDS = tuple(field.name for field in dataclasses.fields(Article))
_HISTORY = ("first_seen", "last_seen", "digest", "text_digest", "capture")
_OF_VERSION = ("title", "authors", "published", "modified", "text", *_HISTORY, "previous", "changed")


def _kinds(*names: str) -> dict[str, str]:
    return {name: _KINDS.get(name, "text") for name in names}


# Column -> what it holds: text, number, flag, moment (ISO 8601), names, images or mapping.
ARTICLE = _kinds("id", "site", *_FIELDS, "versions", *_HISTORY)
# Of one version there is what the publisher changes; the rest is known of the article as it stands now only.
VERSION = _kinds("id", "site", "url", "canonical_url", "language", "version", "versions", *_OF_VERSION)

# An article without a publishing date goes by when it was first captured. julianday knows offsets; text order does not.
_DATED = "julianday(coalesce(articles.published, articles.first_seen))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is asked for; nothing means everything. `since` and `until` are aware, `until` excluded.

    They go by publishing date. `every_version` gives a row to each version, not one to each article. `limit` counts
    articles, the newest, or with `newest_first` unset the oldest. `unreserved` leaves out those whose publisher
    reserves text and data mining: `archive.rights.ledger.Ledger.leave_out` must have been called.
    """

    query: str = ""
    site: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    every_version: bool = False
    limit: int | None = None
    newest_first: bool = False
    unreserved: bool = False

    def chosen(self, db: Database, columns: str) -> tuple[str, dict[str, Any]]:
        """Return a SELECT of columns of `articles` for the articles chosen, in order, and its values.

        The order is that of an index, so that nothing is sorted. Raises InvalidQuery as a search does.
        """
        given = {
            "articles.site = :site": self.site,
            f"{_DATED} >= julianday(:since)": self.since and rows.instant(self.since),
            f"{_DATED} < julianday(:until)": self.until and rows.instant(self.until),
        }
        values: dict[str, Any] = dict(zip(("site", "since", "until"), given.values(), strict=True))
        where = [condition for condition, value in given.items() if value]
        if self.unreserved:
            where.append(CONDITION)
        if self.query:
            found, matched = _matching(db, self.query)
            where.append(found)
            values |= matched
        # What a search finds would be sorted otherwise, texts and all, in memory.
        index = f"INDEXED BY {'articles_site' if self.site else 'articles_published'}"
        order = "published DESC, docid DESC" if self.newest_first else "published, docid"
        sql = (
            f"SELECT {columns} FROM articles {index} {'WHERE' if where else ''} {' AND '.join(where)} ORDER BY {order}"
        )
        return f"{sql} LIMIT :limit", values | {"limit": -1 if self.limit is None else self.limit}


def _matching(db: Database, query: str) -> tuple[str, dict[str, Any]]:
    """Return the condition on `articles` that a search (docs/search.md) stands for, and its values."""
    plan = compiled(parse(query), sites(db))
    values = {"low": plan.low, "high": plan.high, "match": plan.everything, "excluded": plan.excluded}
    words = "SELECT rowid FROM search_fts WHERE search_fts MATCH"
    if plan.everything:
        return f"{DATED} IN ({words} :match AND rowid BETWEEN :low AND :high)", values
    dated = f"{DATED} BETWEEN :low AND :high"
    return f"{dated} AND {DATED} NOT IN ({words} :excluded)" if plan.excluded else dated, values


def columns_of(selection: Selection) -> dict[str, str]:
    return VERSION if selection.every_version else ARTICLE


def count(db: Database, selection: Selection) -> int:
    """Return how many articles are chosen."""
    sql, values = selection.chosen(db, "docid")
    return int(db.execute(f"SELECT count(*) FROM ({sql})", values).fetchone()[0])


def documents(db: Database, selection: Selection) -> Iterator[Document]:
    """Yield what is chosen with the columns of `columns_of`; versions of an article follow each other, oldest first."""
    sql, values = selection.chosen(db, ", ".join(f"articles.{name}" for name in ARTICLE))
    for row in db.query(sql, values):
        if selection.every_version:
            yield from _versions(db, row)
        else:
            yield _plain(row, ARTICLE)


def articles(db: Database, selection: Selection) -> Iterator[Article]:
    sql, values = selection.chosen(db, ", ".join(f"articles.{name}" for name in _FIELDS))
    return map(rows.article_of, db.query(sql, values))


def _versions(db: Database, article: Document) -> Iterator[Document]:
    found = db.query(
        f"SELECT {', '.join(_OF_VERSION)} FROM versions WHERE article = ? ORDER BY first_seen, digest", [article["id"]]
    )
    for number, version in enumerate(found, 1):
        yield _plain({**article, **version, "version": number}, VERSION)


def _plain(row: Document, columns: dict[str, str]) -> Document:
    return {name: _value(row[name], kind) for name, kind in columns.items()}


def _value(value: Any, kind: str) -> Any:
    if kind in ("names", "images", "mapping"):
        return json.loads(value)
    return bool(value) if kind == "flag" and value is not None else value
