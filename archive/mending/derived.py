"""Rows that were made by reading captures, and the full-text indexes, made anew where they contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from archive import captures, database_checks
from archive.database import DatabaseError, transaction
from archive.database_checks import Fault
from archive.ingest import Ingest
from archive.mending.work import Step, Work

_ROUNDS = 2  # what was hidden by something else comes to light in the second
_OF_ARTICLES = ("versions", "events", "article_authors", "article_tags")


def mend_derived(work: Work, ingest: Ingest | None) -> Iterator[Step]:
    """Read captures once more whose rows are off, and make missing indexes; what stays off is left."""
    first = left = list(database_checks.faults(work.db))
    for _ in range(_ROUNDS if ingest else 0):
        if not work.unread and not any(fault.mend for fault in left):
            break
        assert ingest is not None
        _mend(work, ingest, left)
        left = list(database_checks.faults(work.db))
    remaining = {(fault.where, fault.what) for fault in left} if ingest else set()
    for fault in first:
        mended = fault.mend is not None and (fault.where, fault.what) not in remaining
        done = "made anew" if mended else None
        yield Step(fault.where, fault.what, done, None if mended else _advice(fault))
    for fault in left:
        if (fault.where, fault.what) not in {(each.where, each.what) for each in first}:
            yield Step(fault.where, fault.what, None, "`marbre rebuild` makes the database from the WARC files")


def _advice(fault: Fault) -> str | None:
    if fault.what.startswith("it rests on"):
        return "its body is lost, unless another archive has it: `marbre merge` brings it back"
    return "`marbre rebuild` makes the database from the WARC files"


def _mend(work: Work, ingest: Ingest, faults: list[Fault]) -> None:
    for fault in faults:
        if fault.mend == "schema" and fault.key:
            _make(work, fault.key)
    again = work.unread | {fault.key for fault in faults if fault.mend == "read" and fault.key}
    work.unread = set()
    for fault in faults:
        if fault.mend == "reference" and fault.key:
            again |= _taken_apart(work, *fault.key.split())
    _read(work, ingest, _apart(work, again))
    if any(fault.mend in {"index", "schema"} for fault in faults):
        _index(work)


def _read(work: Work, ingest: Ingest, identifiers: set[str]) -> None:
    """Read captures in the order of their times, and whatever that makes stale."""
    # Two readings of one capture at once would both find its row gone.
    pending = [each for each in ingest.store.pending(None) if each[0] in identifiers] if identifiers else []
    ingest.run(pending, work.progress)
    while stale := ingest.store.stale():
        ingest.run(stale, work.progress)


def _taken_apart(work: Work, table: str, rowid: str) -> set[str]:
    """Take away a row that points nowhere, if it can be made again; returns the captures that it was made of."""
    if table == "frontier":
        with transaction(work.db):
            work.db.execute("UPDATE frontier SET capture = NULL WHERE rowid = ?", [rowid])
        return set()
    if table == "extractions":
        found = work.db.execute("SELECT capture FROM extractions WHERE rowid = ?", [rowid]).fetchall()
    elif table == "articles":
        found = work.db.execute(
            "SELECT e.capture FROM extractions AS e JOIN articles AS a ON a.id = article WHERE a.rowid = ?", [rowid]
        ).fetchall()
    elif table in _OF_ARTICLES:
        sql = f"SELECT capture FROM extractions WHERE article = (SELECT article FROM {table} WHERE rowid = ?)"
        found = work.db.execute(sql, [rowid]).fetchall()
        with transaction(work.db):
            work.db.execute(f"DELETE FROM {table} WHERE rowid = ?", [rowid])
    else:
        return set()
    return _apart(work, {capture for (capture,) in found})


def _apart(work: Work, identifiers: set[str]) -> set[str]:
    """Take away all rows made of these captures and of the others of their articles; returns all these captures."""
    whole: set[str] = set()
    with transaction(work.db):
        work.db.execute("PRAGMA defer_foreign_keys = ON")
        for identifier in identifiers:
            sql = "SELECT article FROM extractions WHERE capture = ?1 UNION SELECT id FROM articles WHERE capture = ?1"
            articles = [article for (article,) in work.db.execute(sql, [identifier]).fetchall() if article]
            sql = "SELECT article FROM versions WHERE capture = ?"
            articles += [article for (article,) in work.db.execute(sql, [identifier]).fetchall()]
            whole.add(identifier)
            for article in set(articles):
                whole |= _without(work, article)
            work.db.execute("DELETE FROM extractions WHERE capture = ?", [identifier])
    return {identifier for identifier in whole if captures.by_id(work.db, identifier)}


def _without(work: Work, article: str) -> set[str]:
    found = work.db.execute("SELECT capture FROM extractions WHERE article = ?", [article]).fetchall()
    work.db.execute("DELETE FROM extractions WHERE article = ?", [article])
    for table in _OF_ARTICLES:
        work.db.execute(f"DELETE FROM {table} WHERE article = ?", [article])
    work.db.execute("DELETE FROM articles WHERE id = ?", [article])
    return {capture for (capture,) in found}


def _make(work: Work, name: str) -> None:
    wanted = database_checks.fresh()
    sql = wanted.execute("SELECT sql FROM sqlite_master WHERE name = ?", [name]).fetchone()[0]
    wanted.close()
    with transaction(work.db):
        work.db.execute(sql)


def _index(work: Work) -> None:
    """Make both full-text indexes anew from the articles."""
    wanted = database_checks.fresh()
    try:
        with transaction(work.db):
            work.db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
            names = ", ".join(name for (name,) in work.db.execute("SELECT name FROM pragma_table_info('search_fts')"))
            rowid, *words = database_checks.indexed(wanted, "search_fts")
            work.db.execute("INSERT INTO search_fts (search_fts) VALUES ('delete-all')")
            work.db.execute(
                f"INSERT INTO search_fts (rowid, {names}) SELECT {rowid}, {', '.join(words)} FROM articles ORDER BY 1"
            )
    except DatabaseError:
        return  # its pages themselves are damaged: what is left says so
    finally:
        wanted.close()
