"""Searching an archive: from what a person types to results, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlite_utils import Database

from archive.errors import InvalidQuery
from archive.search import finding, snippets
from archive.search.compiling import Plan, compiled
from archive.search.finding import DATED
from archive.search.syntax import Query, Term, parse, terms

SORTS = ("rank", "date")
_COLUMNS = "id, site, title, published, canonical_url, authors, language, description, substr(text, 1, 200000) AS text"


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; in `snippet` and `title` what was found stands between START and END.

    Nothing in them can move a terminal's cursor or change its colours. `published` is aware, as the publisher wrote it.
    """

    id: str
    site: str
    title: str
    published: datetime | None
    canonical_url: str
    snippet: str
    authors: tuple[str, ...] = ()
    language: str | None = None


def search(
    db: Database, text: str, *, site: str | None = None, sort: str = "rank", limit: int | None = None
) -> Iterator[Hit]:
    """Return an iterator of what `text` finds (docs/search.md), the best first, or the newest (`sort` "date").

    The query is checked at once, articles are read as they are asked for. Raises InvalidQuery for what nobody can
    answer: nothing to search for, a day that is none, a site the archive does not hold.
    """
    if sort not in SORTS:
        raise InvalidQuery(f"sort {sort!r}: results are sorted by {' or '.join(SORTS)}")
    query = of_site(parse(text), site)
    plan = planned(db, query)
    return _hits(db, islice(finding.found(db, plan, sort), limit), list(terms(query)))


def condition(db: Database, text: str) -> tuple[str, dict[str, Any]]:
    """Return what `text` finds as an SQL condition on rows of `articles`, for an order of one's own, and its values.

    Their names are match, low, high and excluded. Raises InvalidQuery as `search` does.
    """
    return finding.condition(planned(db, parse(text)))


def planned(db: Database, query: Query) -> Plan:
    terms_of = (*query.excluded, *(term for group in query.groups for term in group))
    return compiled(query, _named(db, [term for term in terms_of if term.field == "site"]))


def _named(db: Database, wanted: list[Term]) -> list[str]:
    """Return the sites that terms name; all there are if one is not a name as it stands: a beginning, or a mistake."""
    held = "SELECT 1 FROM articles WHERE site = ? LIMIT 1"
    exact = [term.text for term in wanted if not term.begins and db.execute(held, [term.text]).fetchone()]
    return exact if len(exact) == len(wanted) else sites(db)


def of_site(query: Query, site: str | None) -> Query:
    """Return the query for one site only, as site: would."""
    if site is None:
        return query
    return Query((*query.groups, (Term(site, site, field="site"),)), query.excluded, query.after, query.before)


def sites(db: Database) -> list[str]:
    """Return the names of the sites that have articles; one step in an index each, not one for every article."""
    return [
        name
        for (name,) in db.execute("""
        WITH RECURSIVE known (site) AS (
            SELECT min(site) FROM articles
            UNION ALL SELECT (SELECT min(site) FROM articles WHERE site > known.site) FROM known WHERE site IS NOT NULL
        ) SELECT site FROM known WHERE site IS NOT NULL""")
    ]


def _hits(db: Database, found: Iterator[int], wanted: list[Term]) -> Iterator[Hit]:
    everywhere = snippets.pattern(term for term in wanted if term.field is None)
    in_title = snippets.pattern(wanted)
    for number in found:
        for row in db.query(f"SELECT {_COLUMNS} FROM articles WHERE {DATED} = ?", [number]):
            text = snippets.snippet(row.pop("text"), everywhere)
            summary = snippets.snippet(row.pop("description") or "", everywhere)
            row["title"] = snippets.marked(row["title"] or "", in_title)
            row["canonical_url"] = snippets.clean(row["canonical_url"])
            row["language"] = snippets.clean(row["language"]) if row["language"] else None
            row["published"] = _moment(row["published"])
            row["authors"] = tuple(snippets.clean(str(name)) for name in json.loads(row["authors"]))
            yield Hit(**row, snippet=summary if snippets.START in summary and snippets.START not in text else text)


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
