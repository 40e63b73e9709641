"""Archives as an earlier Marbre left them: the same WARC files, and a database that knows fewer migrations."""

from __future__ import annotations

import sqlite3 as standard
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # the module it chose

from archive.database import FILE
from archive.schema import migrations
from archive.search.folding import filterable, searchable

MIGRATIONS = [migration.name for migration in migrations._migrations]
_DATA = "SELECT name FROM sqlite_master WHERE type = 'table' AND instr(name, '_fts') = 0 AND name NOT GLOB '_*'"


def empty(path: Path, number: int) -> Database:
    """Make a database by the first `number` migrations alone; returned open, outside a transaction."""
    db = Database(sqlite3.connect(path, isolation_level=None))
    for function in (searchable, filterable):
        db.register_function(function, deterministic=True)
    if number < len(MIGRATIONS):
        migrations.apply(db, stop_before=MIGRATIONS[number])
    else:
        migrations.apply(db)
    return db


def make(directory: Path, number: int) -> None:
    """Turn an archive's database into one of `number` migrations: every row and column that there was then is kept."""
    path = directory / FILE
    with standard.connect(path) as log:
        log.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log.close()
    older = directory / "older.db"
    db = empty(older, number)
    db.execute("ATTACH ? AS newer", [str(path)])
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("BEGIN")
    for (table,) in db.execute(_DATA).fetchall():
        db.execute(f"DELETE FROM main.{table}")
        held = [{row[1] for row in db.execute(f"PRAGMA {name}.table_info({table})")} for name in ("main", "newer")]
        columns = ", ".join(sorted(held[0] & held[1]))
        db.execute(f"INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
    db.execute("COMMIT")
    db.execute("DETACH newer")
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    older.replace(path)


def applied(path: Path) -> list[str]:
    """Return which migrations a database file says it has, asked without our code."""
    db = standard.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    names = [name for (name,) in db.execute("SELECT name FROM _sqlite_migrations ORDER BY rowid")]
    db.close()
    return names


def schema(path: Path, *, words: bool = False) -> dict[tuple[str, str], str]:
    """Return all that a database is made of, with its SQL; full-text tables, which SQLite makes, only if `words`."""
    db = standard.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    held = db.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name").fetchall()
    db.close()
    return {(kind, name): sql for kind, name, sql in held if words or kind != "table" or "_fts" not in name}
