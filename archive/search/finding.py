"""Which articles a plan finds, in order, at a cost that hardly grows with the archive.

FTS5's bm25() weighs every match, at about a microsecond each, and counts each word through the whole index, before it
can give the first result: for a common word that grows as the archive does. So up to MANY matches are ranked by bm25,
the title weighted; of more than that, where no formula can tell which ten are meant, those with the words in their
title come first, the newest before the older. Row numbers begin with the day (schema.py, m014): the index itself is in
that order.

Short words are mostly the common ones (le, de, the): they are counted first, which costs little. Others are ranked at
once, and it is found on the way if they are too many; then only the counting of the word through the index is lost.

Limits are written out and not bound: SQLite plans a statement anew when a value is bound to its LIMIT, which costs a
third of what finding a rare word does.

Filters are words of the index, too. They stand apart from the words that are ranked: bm25() would count them as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from sqlite_utils import Database

from archive.search.compiling import DAY_SHIFT, LAST, Plan, both, without

MANY = 5_000  # matches that are ranked by bm25; it weighs about a million a second
_WEIGHTS = "8.0, 3.0, 1.0, 0.0"  # title, description, text; filters are no matter of rank
_FIRST = 50  # results that are had at once
_PAGE = 500  # row numbers fetched at once; no read transaction is held open between pages
# The row number of an article in the index, to the letter as in the index `articles_dated` of schema.py, m014.
_DAY = "CAST(coalesce(julianday(published), julianday(first_seen), 0) - 2305447.5 AS INTEGER)"
DATED = f"((max(0, min(262143, {_DAY})) << 45) | (docid & 35184372088831))"
_ONE_DAY = 20_000  # of a day with more matches, so many at a time are put in order


def found(db: Database, plan: Plan, sort: str = "rank") -> Iterator[int]:
    """Yield the row numbers of what a plan finds: by rank, or the newest first (`sort` "date")."""
    if sort == "date" or not plan.words:
        return _newest(db, plan, plan.everything)
    return _best(db, plan)


def condition(plan: Plan) -> tuple[str, dict[str, Any]]:
    """Return a plan as a condition on rows of `articles`, and its values: match, low, high, excluded."""
    sql, values = _matching(plan, plan.everything, plan.high)
    return f"{DATED} IN ({sql})", values


def count(db: Database, plan: Plan, most: int) -> int:
    """Return how many articles a plan finds, `most` at most."""
    return _count(db, plan, plan.everything, most)


def _count(db: Database, plan: Plan, match: str, most: int) -> int:
    sql, values = _matching(plan, match, plan.high)
    return int(db.execute(f"SELECT count(*) FROM ({sql} LIMIT {most})", values).fetchone()[0])


def _best(db: Database, plan: Plan) -> Iterator[int]:
    many = plan.short and _count(db, plan, plan.words, MANY + 1) > MANY
    if many and count(db, plan, MANY + 1) > MANY:
        return _tiers(db, plan)
    sql, values = _matching(plan, plan.words, plan.high)
    if plan.condition and not many:
        sql += f" AND EXISTS (SELECT 1 FROM articles WHERE {DATED} = +search_fts.rowid AND {plan.condition})"
        values |= plan.values
    elif plan.everything != plan.words:
        # The unary plus has SQLite look each match up among the filtered, not ask FTS5 for each of these.
        filtered, also = _matching(plan, plan.everything, plan.high, "everything")
        sql, values = f"{sql} AND +rowid IN ({filtered})", values | also
    weighed = sql.replace("SELECT rowid", f"SELECT rowid, bm25(search_fts, {_WEIGHTS})", 1)
    ranked = _RANKED.format(weighed)
    first = db.execute(f"{ranked} LIMIT {_FIRST}", values).fetchall()
    if first and first[0][0] > MANY:
        return _tiers(db, plan)
    return _ranked(db, ranked, values, [number for _, number in first])


# To have all of them put in order, and fetched, costs as much again as to weigh them; few people look further.
_RANKED = f"""
    WITH matched (number, score) AS MATERIALIZED ({{}} ORDER BY rowid DESC LIMIT {MANY + 1})
    SELECT (SELECT count(*) FROM matched), number FROM matched ORDER BY score, number DESC"""


def _ranked(db: Database, sql: str, values: dict[str, Any], first: list[int]) -> Iterator[int]:
    yield from first
    if len(first) == _FIRST:
        seen = set(first)
        for _, number in db.execute(sql, values).fetchall():
            if number not in seen:
                yield number


def _tiers(db: Database, plan: Plan) -> Iterator[int]:
    """Yield those with the words in the title, then the others."""
    titled = both(plan.titled, plan.filters)
    yield from _newest(db, plan, without(titled, plan.excluded))
    others = f"({plan.excluded}) OR ({plan.titled})" if plan.excluded else plan.titled
    yield from _newest(db, plan, without(both(plan.words, plan.filters), others))


def _newest(db: Database, plan: Plan, match: str) -> Iterator[int]:
    """Yield what matches, the newest first: by day in the index's own order, within a day by the moment."""
    for _, day in groupby(_pages(db, plan, match), key=lambda row: row >> DAY_SHIFT):
        while chunk := list(islice(day, _ONE_DAY)):
            yield from _by_moment(db, chunk)


def _by_moment(db: Database, matches: list[int]) -> list[int]:
    if len(matches) == 1:
        return matches
    sql = (
        f"SELECT {DATED} AS dated FROM articles WHERE {DATED} IN (SELECT value FROM json_each(?))"
        " ORDER BY julianday(coalesce(published, first_seen)) DESC, dated DESC"
    )
    return [row[0] for row in db.execute(sql, [str(matches)])]


def _pages(db: Database, plan: Plan, match: str) -> Iterator[int]:
    high = plan.high
    while True:
        page = _page(db, plan, match, high, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        high = page[-1] - 1


def _page(db: Database, plan: Plan, match: str, high: int, size: int) -> list[int]:
    """Return the next row numbers of what matches, from `high` downwards."""
    sql, values = _matching(plan, match, high)
    return [row[0] for row in db.execute(f"{sql} ORDER BY rowid DESC LIMIT {size}", values)]


def _matching(plan: Plan, match: str, high: int, name: str = "match") -> tuple[str, dict[str, Any]]:
    """Return a SELECT of the row numbers of what matches, `rowid`, and its values; `name` is that of the expression."""
    values: dict[str, Any] = {name: match, "low": plan.low, "high": high}
    if match:
        within = " AND rowid BETWEEN :low AND :high" if (plan.low, high) != (0, LAST) else ""
        return f"SELECT rowid FROM search_fts WHERE search_fts MATCH :{name}{within}", values
    sql = f"SELECT {DATED} AS rowid FROM articles WHERE {DATED} BETWEEN :low AND :high"
    if plan.excluded:
        sql += f" AND {DATED} NOT IN (SELECT rowid FROM search_fts WHERE search_fts MATCH :excluded)"
    return sql, values | {"excluded": plan.excluded}
