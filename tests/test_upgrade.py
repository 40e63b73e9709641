"""A newer Marbre opens every older archive, whole or not at all; an older Marbre leaves a newer archive alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from archive import Archive, database
from archive.database import FILE, open_for_reading, open_for_writing, transaction
from archive.difference import Comparison
from archive.errors import NotAnArchive
from archive.schema import ABOUT, migrations
from archive.store import Store
from archive.verification import verify
from tests import clocked, older, processes
from tests import small_archives as small
from tests.clocked import START
from tests.conftest import run_marbre
from tests.kiosk import Kiosk
from tests.older import MIGRATIONS

# Each released migration's schema, by a digest of all that the database then holds: editing one would leave archives
# that were made with the old one different from those made with the new. A migration that is not released may be added.
RELEASED = {
    "m001_crawls": "f0bc34464500edae",
    "m002_captures": "00e24c57e214ed97",
    "m003_frontier": "8361e4e03943df62",
    "m004_articles": "7a80f93d999bb8c0",
    "m005_extractions": "fb1065996b482418",
    "m006_versions": "1303defaa2744e3b",
    "m007_people_and_tags": "2a203ba6dbf6d333",
    "m008_exact_duplicates": "1435fbe93e0a2fac",
    "m009_sources": "0fb0db9389ee99c5",
    "m010_imports": "0cba17b9871cf8c3",
    "m011_profiles": "310d631defc293bb",
    "m012_parts": "c6a93714ba9ec3b6",
    "m013_duplicates": "538e2fd2d23ac2a6",
    "m014_search": "59150556bab6f7a9",
    "m015_addresses": "ebf9e55d77644426",
    "m016_events": "e1e3935b1df4cff9",
    "m017_revisits": "c8f48f877e53a146",
    "m018_hosts": "1b113c8064479bdd",
    "m019_rights": "6f8fa34edea7e136",
    "m020_forgotten": "bb8555338da2cb53",
    "m021_runs": "36b3d3237eeede96",
    "m022_health": "ca445b6f0fdbfccc",
    "m023_damages": "148c9334bb018ea8",
}
FIRST = MIGRATIONS.index("m008_exact_duplicates") + 1  # the first schema that an archive was made with


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled") / "archive"
    small.crawl(directory)
    return directory


@pytest.fixture
def archive(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "archive"))


@pytest.mark.parametrize("number", range(2, FIRST))
def test_a_schema_in_the_making_opens_and_is_whole(number: int, archive: Path) -> None:
    older.make(archive, number)
    open_for_writing(archive).close()
    assert older.applied(archive / FILE) == MIGRATIONS
    assert [problem for problem in verify(archive) if not problem.where.startswith("archive.db")] == []
    run_marbre("rebuild", "--archive", archive)  # some of these schemas had no table of what was read
    assert list(verify(archive)) == []


@pytest.mark.parametrize("number", range(FIRST, len(MIGRATIONS)))
def test_an_archive_of_every_older_schema_is_as_if_made_today(number: int, archive: Path, filled: Path) -> None:
    """Opened, migrated and verified; once its pages are read again, no row differs."""
    older.make(archive, number)
    assert older.applied(archive / FILE) == MIGRATIONS[:number]
    open_for_writing(archive).close()
    assert older.applied(archive / FILE) == MIGRATIONS
    assert older.schema(archive / FILE) == older.schema(filled / FILE)
    assert list(verify(archive)) == []
    run_marbre("extract", "--all", "--archive", archive)
    assert small.tables(archive) == small.tables(filled)
    with Archive(archive) as opened:
        assert len(list(opened.search("marché"))) == small.ARTICLES


def test_released_migrations_are_never_edited(tmp_path: Path) -> None:
    made = {}
    for number in range(1, len(RELEASED) + 1):
        older.empty(tmp_path / f"{number}.db", number).close()
        held = repr(sorted(older.schema(tmp_path / f"{number}.db").items()))
        made[MIGRATIONS[number - 1]] = hashlib.sha256(held.encode()).hexdigest()[:16]
    assert made == RELEASED


KILLED = {
    "while it is copied": (database, "copy", "before"),
    "when it is copied": (database, "copy", "after"),
    "before the transaction": (database, "_begin", "before"),
    **{f"in {name}": (name, "", "in") for name in MIGRATIONS[FIRST:]},
    "after the transaction": (migrations, "apply", "after"),
}


def _open_and_die(directory: Path, point: str) -> None:
    """Open an archive and be killed, as kill -9 does, at one point of its migration."""

    def dying(function: Callable[..., Any], when: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if when != "before":
                function(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        return call

    owner, name, when = KILLED[point]
    if when == "in":
        step = next(step for step in migrations._migrations if step.name == owner)
        step.fn = dying(step.fn, when)
    else:
        setattr(owner, name, dying(getattr(owner, name), when))
    open_for_writing(directory)


@pytest.mark.parametrize("point", KILLED)
def test_a_migration_is_done_or_not_whenever_it_is_killed(point: str, archive: Path, filled: Path) -> None:
    older.make(archive, FIRST)
    before = older.schema(archive / FILE, words=True)
    assert processes.run(_open_and_die, archive, point).returncode == -signal.SIGKILL
    assert older.applied(archive / FILE) == MIGRATIONS[:FIRST]
    assert older.schema(archive / FILE, words=True) == before
    open_for_reading(archive).close()
    assert older.applied(archive / FILE) == MIGRATIONS
    assert older.schema(archive / FILE, words=True) == older.schema(filled / FILE, words=True)
    assert list(verify(archive)) == []
    assert older.applied(archive / f"{FILE}.before-009") == MIGRATIONS[:FIRST]


def test_a_migration_that_fails_changes_nothing(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older.make(archive, FIRST)
    before = older.schema(archive / FILE, words=True)

    def full(_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(migrations._migrations[-1], "fn", full)
    with pytest.raises(sqlite3.OperationalError, match="is full"):
        open_for_writing(archive)
    assert older.schema(archive / FILE, words=True) == before
    monkeypatch.undo()
    open_for_writing(archive).close()
    assert list(verify(archive)) == []


def test_a_reader_goes_on_while_another_process_migrates(archive: Path) -> None:
    older.make(archive, FIRST)
    reader = sqlite3.connect(f"{(archive / FILE).as_uri()}?mode=ro", uri=True)
    titles = reader.execute("SELECT title FROM articles ORDER BY id")
    first = next(titles)
    run_marbre("status", "--archive", archive)
    assert older.applied(archive / FILE) == MIGRATIONS
    assert len([first, *titles]) == small.ARTICLES
    assert reader.execute("SELECT count(*) FROM articles").fetchone() == (small.ARTICLES,)
    reader.close()


def test_what_a_newer_marbre_wrote_is_left_alone_and_can_be_read(archive: Path) -> None:
    """Every command refuses (tests/test_backup.py asks each); the file is SQLite's, and any of its tools reads it."""
    with sqlite3.connect(archive / FILE) as newer:
        newer.execute("CREATE TABLE moons (name TEXT)")
        newer.execute(
            "INSERT INTO _sqlite_migrations VALUES ((SELECT max(id) + 1 FROM _sqlite_migrations), 'marbre', 'm999', '')"
        )
    newer.close()
    before = (archive / FILE).read_bytes()
    for way in (open_for_writing, open_for_reading, Archive):
        with pytest.raises(NotAnArchive, match=r"newer Marbre \(it knows m999\); upgrade to open it"):
            way(archive)
    assert (archive / FILE).read_bytes() == before
    reader = sqlite3.connect(f"{(archive / FILE).as_uri()}?mode=ro", uri=True)
    assert reader.execute("SELECT count(*) FROM articles").fetchone() == (small.ARTICLES,)
    for table in ABOUT:
        reader.execute(f"SELECT * FROM {table}").fetchone()
    reader.close()


def test_going_back_to_an_older_marbre(archive: Path, filled: Path) -> None:
    """What docs/upgrading.md says: put the copy back, or have the older version make its database of the WARC files."""
    with sqlite3.connect(archive / FILE) as newer:
        newer.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('marbre', 'm999', '')")
    newer.close()
    assert "newer Marbre" in run_marbre("rebuild", "--archive", archive, code=None).stderr
    (archive / FILE).rename(archive / "archive.db.newer")
    run_marbre("rebuild", "--archive", archive)
    assert small.tables(archive) == small.tables(filled)


def test_a_crawl_killed_under_the_schema_before_is_taken_up(tmp_path: Path) -> None:
    directory = tmp_path / "archive"
    with Kiosk() as kiosk:
        for number in range(8):
            kiosk.publish(f"/ville/marche-{number}/", f"Le marché, épisode {number}")
        sites = kiosk.sites(tmp_path)
        clocked.run(START, "crawl", "--archive", directory, sites=sites, killed=("after its row", "6"))
        older.make(directory, MIGRATIONS.index("m017_revisits") + 1)
        held = {urlsplit(str(row["url"])).path for row in small.tables(directory)["captures"]}
        clocked.run(START, "crawl", "--archive", directory, sites=sites)
        pages = [asked.path for asked in kiosk.asked()]
    with Archive(directory) as archive:
        assert len(list(archive.articles())) == 8
        assert {row["reason"] for row in archive.crawls()} == {"interrupted", "finished"}
    asked = Counter(pages)
    assert len(asked) == 8
    assert max(asked.values()) <= 2  # once more what was in flight when it was killed, and nothing that was archived
    assert [path for path in asked if asked[path] > 1 and path in held] == []
    assert list(verify(directory)) == []


def test_what_another_extractor_reads_otherwise_is_reported(archive: Path, filled: Path) -> None:
    with Store(archive) as store, transaction(store.db):
        ids = [row["id"] for row in store.db.query("SELECT id FROM articles ORDER BY id")]
        store.db.execute("UPDATE extractions SET extractor = 'of old'")
        store.db.execute("UPDATE articles SET authors = '[]', language = 'en' WHERE id = ?", ids[:1])
        store.db.execute("UPDATE articles SET authors = '[]', provenance = '{}' WHERE id = ?", ids[1:2])
        store.db.execute("UPDATE articles SET provenance = '{}' WHERE id = ?", ids[2:3])
    said = run_marbre("extract", "--report", "--archive", archive).stdout.splitlines()
    assert said[1] == f"{small.ARTICLES} articles before: 0 added, 0 removed, 2 changed"
    assert [line.split() for line in said[2:]] == [
        ["2", "authors,", "for", "example", ids[0]],
        ["1", "language,", "for", "example", ids[0]],
    ]
    assert small.tables(archive) == small.tables(filled)
    again = run_marbre("extract", "--all", "--report", "--archive", archive).stdout
    assert f"{small.ARTICLES} articles before: 0 added, 0 removed, 0 changed" in again


def test_articles_that_come_and_go_are_counted(archive: Path) -> None:
    with Comparison(archive) as compared, Store(archive) as store:
        small.crawl(archive, [small.answer(12)], name="gazette-2")
        with transaction(store.db):
            store.db.execute("PRAGMA defer_foreign_keys = ON")
            gone = store.db.execute("SELECT id FROM articles LIMIT 1").fetchone()
            store.db.execute("UPDATE extractions SET article = NULL WHERE article = ?", gone)
            store.db.execute("DELETE FROM articles WHERE id = ?", gone)
        found = compared.difference()
    assert (found.before, found.added, found.removed, found.changed) == (small.ARTICLES, 1, 1, 0)
