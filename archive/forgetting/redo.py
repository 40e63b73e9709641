"""Carrying out a forgetting, so that a kill at any moment leaves it undone or to be finished, never half done.

All that is to change is written down first, in a journal beside the database; whoever finds one does what it says, from
the beginning: each step is the same however often it is taken. When all of it is done the journal goes.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from archive import __version__, events, forgotten, rows, warc
from archive.database import BUSY_TIMEOUT, FILE, transaction
from archive.duplicates import index
from archive.errors import DamagedRecord
from archive.forgetting.subjects import digest
from archive.store import Store
from archive.warc import blanking
from archive.warc.blanking import Span

JOURNAL = "forgetting.journal"
_COPIES = f"{FILE}.before-*"  # of the database, from before a rebuild or a migration: they hold all of it


class Part(msgspec.Struct, frozen=True):
    """An article that goes: what `forgotten.write` takes of it."""

    id: str
    site: str
    addresses: list[str]


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """All that one run of `marbre forget` does.

    `records`: ids of captures and whose each is. `spans`: (span, article) of the archive's own files. `members`: (file,
    offset, Base64) of records that say less than they did. `links`: what is left of captures' links. `moved`: documents
    (URI, body) that are put on record anew. `sites`: those of which all goes.
    """

    run: str
    at: datetime
    reason: str
    articles: list[Part]
    records: dict[str, str]
    spans: list[tuple[Span, str]] = []
    members: list[tuple[str, int, str]] = []
    links: list[tuple[str, list[Any]]] = []
    moved: list[tuple[str, dict[str, Any]]] = []
    sites: list[str] = []

    def document(self) -> dict[str, Any]:
        """What is put on record for good: digests and ids, and why."""
        return {
            "run": self.run,
            "at": rows.instant(self.at),
            "reason": self.reason,
            "articles": [msgspec.structs.asdict(article) for article in self.articles],
            "records": sorted(self.records),
        }


def write(directory: Path, journal: Journal) -> None:
    """Write a journal, on disk before it has its name: from here on the forgetting will be done."""
    partial = directory / f"{JOURNAL}.part"
    with partial.open("wb") as file:
        file.write(msgspec.json.encode(journal))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(directory / JOURNAL)
    _sync(directory)


def pending(directory: Path) -> Journal | None:
    """Return what a run that was killed has left to be done."""
    with suppress(FileNotFoundError):
        return msgspec.json.decode((directory / JOURNAL).read_bytes(), type=Journal)
    return None


def resume(store: Store) -> bool:
    """Do what a journal says, if there is one; returns whether there was."""
    journal = pending(store.directory)
    if journal is None:
        return False
    change_files(store.warc, journal)
    change_rows(store, journal)
    finish(store)
    return True


def change_files(folder: Path, journal: Journal) -> None:
    """Put the run on record in a WARC file of its own, and take out of the others what is to go."""
    _record(folder, journal)
    for filename, group in _by_file(journal.spans):
        path = folder / filename
        compressed = path.suffix == ".gz"
        warcinfo = _warcinfo(path) if compressed else None
        for span, article in group:
            said = {"run": journal.run, "article": article, "at": rows.instant(journal.at), "reason": journal.reason}
            about = forgotten.DOCUMENT + journal.run
            stone = blanking.tombstone(span, about, said, journal.at, warcinfo, compressed=compressed)
            blanking.put(path, span.offset, stone)
    for filename, offset, member in journal.members:
        blanking.put(folder / filename, offset, base64.b64decode(member))


def change_rows(store: Store, journal: Journal) -> None:
    """Take the rows out, and write down what is never to come back; all of it or nothing."""
    db = store.db
    db.execute("PRAGMA secure_delete = ON")
    db.execute("CREATE TEMP TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY) WITHOUT ROWID")
    db.execute("CREATE TEMP TABLE IF NOT EXISTS lost (id TEXT PRIMARY KEY) WITHOUT ROWID")
    named = list(_named(db, journal))
    with transaction(db):
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute("DELETE FROM temp.gone")
        db.execute("DELETE FROM temp.lost")
        db.conn.executemany("INSERT INTO temp.gone VALUES (?)", [(one,) for one in journal.records])
        db.conn.executemany("INSERT INTO temp.lost VALUES (?)", [(article.id,) for article in journal.articles])
        others = [article for (article,) in db.execute(_OTHERS).fetchall()]
        for sql in (*_deletions(db), *_LAST):
            db.execute(sql)
        db.conn.executemany("DELETE FROM frontier WHERE crawl = ? AND url = ?", named)
        for site in journal.sites:
            db.execute("DELETE FROM sources WHERE crawl IN (SELECT id FROM crawls WHERE site = ?)", [site])
        for capture, links in journal.links:
            db.execute("UPDATE captures SET links = ? WHERE id = ?", [rows.to_json(links), capture])
        events.follow(db, "", others)
        while index.follow(db):
            pass
        forgotten.write(db, journal.document())


def finish(store: Store) -> bool:
    """See to it that what is gone is not left in the file's gaps, its log or its copies; then the journal goes.

    Returns False if somebody is reading, so that the log could not be emptied: the next run tries that again.
    """
    db, directory = store.db, store.directory
    for name in _indexes(db):
        db.execute(f"INSERT INTO {name} ({name}) VALUES ('optimize')")
    db.execute("VACUUM")
    db.execute("PRAGMA busy_timeout = 2000")
    held = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000}")
    if held:
        return False
    conclude(directory)
    return True


def conclude(directory: Path) -> None:
    """Take out what is left beside the database that would keep what is forgotten: copies of it, the journal."""
    for path in copies(directory):
        path.unlink(missing_ok=True)
    (directory / JOURNAL).unlink(missing_ok=True)
    _sync(directory)


def copies(directory: Path) -> list[Path]:
    """Return the copies of an archive's database that lie beside it, and would keep what is forgotten."""
    return sorted(directory.glob(_COPIES))


def _record(folder: Path, journal: Journal) -> None:
    crawl = f"forget-{journal.run}"
    for path in folder.glob(f"*-{crawl}.warc.gz{warc.OPEN}"):
        warc.recover(path)  # what a run that was killed has left of it
    about = forgotten.DOCUMENT + journal.run
    for path in folder.glob(f"*-{crawl}.warc.gz"):
        if any(isinstance(entry, warc.Document) and entry.about == about for entry in warc.index(path)):
            return
    with warc.WarcWriter(folder, "marbre", crawl, {"forgotten": journal.run, "marbre": __version__}) as writer:
        for moved, body in journal.moved:
            writer.write_metadata(body, moved)
        writer.write_metadata(journal.document(), about)


def _by_file(spans: Sequence[tuple[Span, str]]) -> Iterator[tuple[str, list[tuple[Span, str]]]]:
    found: dict[str, list[tuple[Span, str]]] = {}
    for span, article in spans:
        found.setdefault(span.filename, []).append((span, article))
    yield from found.items()


def _warcinfo(path: Path) -> str | None:
    try:
        return blanking.warcinfo_of(path)
    except DamagedRecord:
        return None


def _named(db: Database, journal: Journal) -> Iterator[tuple[str, str]]:
    """The rows of the frontier, as (crawl, url), that tell of what is forgotten."""
    digests = {one for article in journal.articles for one in article.addresses}
    sites = {article.site for article in journal.articles} | set(journal.sites)
    sql = "SELECT crawl, url, site FROM frontier JOIN crawls ON crawls.id = crawl"
    sql += " WHERE site IN (SELECT value FROM json_each(?))"
    for crawl, url, site in db.execute(sql, [json.dumps(sorted(sites))]):
        if site in journal.sites or digest(url) in digests:
            yield crawl, url


def _deletions(db: Database) -> Iterator[str]:
    """Statements that delete, in whatever tables there are, the rows that name an article or a capture that goes."""
    for table in db.tables:
        columns = set() if table.virtual_table_using else {column.name for column in table.columns}
        if "article" in columns and not table.name.startswith("forgotten"):
            yield f"DELETE FROM {table.name} WHERE article IN (SELECT id FROM temp.lost)"
        if "capture" in columns and table.name not in _BY_ARTICLE:
            yield f"DELETE FROM {table.name} WHERE capture IN (SELECT id FROM temp.gone)"


def _indexes(db: Database) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%fts5%'")]


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


_OTHERS = """
    SELECT DISTINCT article FROM events WHERE capture IN (SELECT id FROM temp.gone)
    AND article NOT IN (SELECT id FROM temp.lost)"""
_LAST = (
    "DELETE FROM articles WHERE id IN (SELECT id FROM temp.lost)",
    "UPDATE frontier SET capture = NULL WHERE capture IN (SELECT id FROM temp.gone)",
    "DELETE FROM captures WHERE id IN (SELECT id FROM temp.gone)",
)
# By `capture` they are not to be deleted: an article stays whose capture goes by mistake, and SQLite says so.
_BY_ARTICLE = {"articles", "versions", "frontier"}
