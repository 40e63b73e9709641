"""What the database says of itself: its pages, its references, what belongs together, its full-text indexes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlite_utils import Database

from archive.schema import migrations
from archive.search.folding import filterable, searchable

INDEXES = ("articles_fts", "search_fts")  # the full-text ones


class Fault(NamedTuple):
    """Something that is off in the database: in which table and row, and what, in a sentence.

    `mend` says what makes it anew: "index" (the full-text indexes), "read" (reading the capture `key` once more),
    "schema" (making the index, trigger or view `key`), "reference" (taking `key`, a table and its row, apart and
    reading what it was made of once more), or None if nothing in the database does.
    """

    where: str
    what: str
    mend: str | None = None
    key: str | None = None


def faults(db: Database) -> Iterator[Fault]:
    """Yield what is off; a connection for reading is enough. Rows are looked at one after another, never held."""
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield Fault("archive.db", line, "index" if "fts" in line.lower() else None)
    for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check"):
        what = f"points to a row of {parent} that is not there"
        yield Fault(f"archive.db, {table} row {rowid}", what, "reference", f"{table} {rowid}")
    for rule in _RULES:
        for row in db.query(rule.sql):
            where = f"archive.db, {rule.table} {row['id']}"
            yield Fault(where, rule.what.format(**row), rule.mend, row.get("capture"))
    wanted = fresh()
    yield from _schema(db, wanted)
    yield from _indexes(db, wanted)
    wanted.close()


def fresh() -> Database:
    """Return an empty database of this version's, in memory."""
    db = Database(memory=True)
    for function in (searchable, filterable):
        db.register_function(function, deterministic=True)
    migrations.apply(db)
    return db


class _Rule(NamedTuple):
    """SQL that finds rows (`id`, and the `capture` to be read again) that another row contradicts."""

    table: str
    what: str
    mend: str | None
    sql: str


_RULES = (
    _Rule(
        "captures",
        "it rests on {refers_to}, which is not in the archive",
        None,
        """
        SELECT id, refers_to FROM captures AS c WHERE refers_to IS NOT NULL AND NOT EXISTS (SELECT 1 FROM
        captures WHERE id = c.refers_to) AND refers_to NOT IN (SELECT id FROM forgotten_records)""",
    ),
    _Rule(
        "captures",
        "it is a revisit, and {refers_to} is no record with a body",
        None,
        """
        SELECT c.id, refers_to FROM captures AS c WHERE kind = 'revisit' AND (refers_to IS NULL OR EXISTS
        (SELECT 1 FROM captures AS o WHERE o.id = c.refers_to AND o.kind = 'revisit'))""",
    ),
    _Rule(
        "articles",
        "it says {said} versions, there are {held}",
        "read",
        """
        SELECT id, capture, versions AS said, (SELECT count(*) FROM versions WHERE article = a.id) AS held FROM
        articles AS a WHERE held != said""",
    ),
    _Rule(
        "articles",
        "the capture it names, {capture}, shows another article, or none",
        "read",
        """
        SELECT id, capture FROM articles AS a WHERE NOT EXISTS (SELECT 1 FROM extractions AS e WHERE e.capture =
        a.capture AND e.article = a.id)""",
    ),
    _Rule(
        "versions",
        "no reading of its capture {capture} gave this version",
        "read",
        """
        SELECT article AS id, digest, capture FROM versions AS v WHERE NOT EXISTS (SELECT 1 FROM extractions AS
        e WHERE e.capture = v.capture AND e.article = v.article AND e.digest = v.digest)""",
    ),
    _Rule(
        "extractions",
        "it gave a version of article {article} that has no row",
        "read",
        """
        SELECT capture AS id, capture, article FROM extractions AS e WHERE outcome = 'article' AND (article IS
        NULL OR NOT EXISTS (SELECT 1 FROM versions AS v WHERE v.article = e.article AND v.digest = e.digest))""",
    ),
    _Rule(
        "captures",
        "{url} was captured and never read; `marbre extract` reads it",
        "read",
        """
        SELECT c.id, c.id AS capture, c.url FROM captures AS c JOIN crawls ON crawls.id = c.crawl WHERE role =
        'page' AND status BETWEEN 200 AND 299 AND crawls.reason = 'finished' AND NOT EXISTS (SELECT 1 FROM
        extractions WHERE capture = c.id)""",
    ),
)


def _schema(db: Database, wanted: Database) -> Iterator[Fault]:
    """Name each table, index, view and trigger that this version makes and the database lacks."""
    names = "SELECT type, name FROM sqlite_master"
    held = set(db.execute(names))
    for kind, name in wanted.execute(f"{names} WHERE name NOT LIKE 'sqlite_%' ORDER BY name"):
        if (kind, name) not in held:
            yield Fault(f"archive.db, {kind} {name}", "it is missing", None if kind == "table" else "schema", name)


def _indexes(db: Database, wanted: Database) -> Iterator[Fault]:
    articles = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    for index in INDEXES:
        where = f"archive.db, {index}"
        rowid, *_ = words = indexed(wanted, index)
        held = db.execute(f"SELECT count(*) FROM {index}_docsize").fetchone()[0]
        if articles != held:
            yield Fault(where, f"the full-text index holds {held} of {articles} articles", "index")
            continue
        strange = f"SELECT count(*) FROM articles WHERE {rowid} NOT IN (SELECT id FROM {index}_docsize)"
        if count := db.execute(strange).fetchone()[0]:
            yield Fault(where, f"{count} articles are not in the full-text index, or under another day", "index")
            continue
        for article in _otherwise(db, wanted, index, words):
            yield Fault(where, f"it does not hold the words of article {article}", "index")


def indexed(wanted: Database, index: str) -> list[str]:
    """Return the SQL for an article's row number in an index and for its columns there, as the trigger has them."""
    sql = wanted.execute("SELECT sql FROM sqlite_master WHERE name = ?", [f"{index}_insert"]).fetchone()[0]
    values = sql.partition("VALUES (")[2].rpartition(");")[0].replace("new.", "")
    columns = wanted.execute(f"SELECT count(*) FROM pragma_table_info('{index}')").fetchone()[0]
    # What counts is where the columns begin: the first expression has commas of its own.
    rowid = values
    rest: list[str] = []
    for _ in range(columns):
        rowid, _, last = rowid.rpartition(", ")
        while last.count("(") < last.count(")"):
            rowid, _, more = rowid.rpartition(", ")
            last = f"{more}, {last}"
        rest.insert(0, last)
    return [rowid, *rest]


def _otherwise(db: Database, wanted: Database, index: str, words: list[str]) -> Iterator[str]:
    """Yield the articles of whose texts an index holds another number of words; a few hundred are read at a time."""
    sql = wanted.execute("SELECT sql FROM sqlite_master WHERE name = ?", [index]).fetchone()[0]
    sql = sql.partition("(")[2].replace('content="articles"', "content=''")
    db.execute(f"CREATE VIRTUAL TABLE temp.words USING fts5 ({sql}")
    names = ", ".join(name for (name,) in db.execute(f"SELECT name FROM pragma_table_info('{index}')"))
    last: int | None = -1
    while last is not None:
        db.execute("INSERT INTO temp.words (words) VALUES ('delete-all')")
        batch = "FROM articles WHERE docid > ? ORDER BY docid LIMIT 500"
        db.execute(f"INSERT INTO temp.words (rowid, {names}) SELECT {', '.join(words)} {batch}", [last])
        found = db.execute(
            "SELECT articles.id FROM temp.words_docsize AS here JOIN articles ON here.id = "
            + words[0]
            + f" JOIN {index}_docsize AS held ON held.id = here.id WHERE held.sz IS NOT here.sz"
        )
        yield from [article for (article,) in found]
        last = db.execute(f"SELECT max(docid) FROM (SELECT docid {batch})", [last]).fetchone()[0]
    db.execute("DROP TABLE temp.words")
