"""`marbre compact` frees what can be freed; `marbre verify --deep` sees what was changed behind its back."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from archive import Archive
from archive.database import FILE, in_use, transaction
from archive.errors import ArchiveError
from archive.exchange.compact import compact
from archive.exchange.fixity import deep
from archive.store import Store
from tests import small_archives as small
from tests.conftest import run_marbre


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled") / "archive"
    small.crawl(directory)
    return directory


@pytest.fixture
def archive(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "archive"))


def problems(directory: Path) -> list[tuple[str, str]]:
    with small.pool() as pool:
        return [(problem.where, problem.what) for problem in deep(directory, pool)]


def test_compact_frees_what_was_deleted(archive: Path) -> None:
    with Store(archive) as store:
        with transaction(store.db):
            store.db.execute("CREATE TABLE filler (text TEXT)")
            store.db.execute("INSERT INTO filler VALUES (?)", ["x" * 5_000_000])
        store.db.execute("DROP TABLE filler")
    before = small.tables(archive)
    records = {path: path.stat().st_ino for path in (archive / "warc").iterdir()}
    said = run_marbre("compact", "--archive", archive).stdout
    assert float(said.rpartition(", ")[2].split()[0]) > 4.9
    assert said.endswith(" MB freed\n")
    assert (archive / FILE).stat().st_size < 2_000_000
    assert small.tables(archive) == before
    assert {path: path.stat().st_ino for path in (archive / "warc").iterdir()} == records
    with Archive(archive) as opened:
        assert len(list(opened.search("marché"))) == small.ARTICLES
    run_marbre("verify", "--archive", archive)
    before_again, after, _ = compact(archive)
    assert after <= before_again


def test_nobody_may_write_meanwhile(archive: Path) -> None:
    with in_use(archive), pytest.raises(ArchiveError, match="is writing"):
        compact(archive)


def test_readers_may_read_meanwhile(archive: Path) -> None:
    with Archive(archive) as opened:
        articles = opened.articles()
        first = next(articles)
        assert compact(archive).held
        assert len([first, *articles]) == small.ARTICLES
    assert not compact(archive).held


def test_a_disk_without_room(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The one thing here that cannot be had for real.
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    before = (archive / FILE).read_bytes()
    with pytest.raises(ArchiveError, match="compacting needs"):
        compact(archive)
    assert (archive / FILE).read_bytes() == before


def test_an_archive_that_is_well(archive: Path) -> None:
    assert problems(archive) == []
    assert "everything is as it should be" in run_marbre("verify", "--deep", "--archive", archive).stderr


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE articles SET text = text || ' faux'", "its digest is"),
        ("UPDATE versions SET title = 'Un autre'", "its digest is"),
        ("UPDATE versions SET text_digest = 'x'", "its text_digest is x"),
        ("UPDATE articles SET versions = 7", "it says 7 versions, there are"),
        (
            "UPDATE extractions SET digest = 'x' WHERE article IS NOT NULL",
            "the row's digest is x, reading it again gives",
        ),
        ("UPDATE extractions SET outcome = 'rejected'", "the row says rejected, reading it again gives article"),
        ("UPDATE captures SET offset = offset + 1", "reading it again failed"),
        (
            "UPDATE articles SET capture = (SELECT id FROM captures WHERE role = 'source')",
            "the capture it names shows another article, or none",
        ),
    ],
)
def test_what_was_changed(sql: str, said: str, archive: Path) -> None:
    connection = sqlite3.connect(archive / FILE)
    with connection:
        for name, text in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall():
            assert text
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(sql)
    connection.close()
    assert any(said in what for _, what in problems(archive))
    done = run_marbre("verify", "--deep", "--archive", archive, code=1)
    assert said in done.stdout
    assert "problems found" in done.stderr


def test_what_another_extractor_read_is_no_problem(archive: Path) -> None:
    with Store(archive) as store, transaction(store.db):
        store.db.execute("UPDATE extractions SET extractor = 'of old', digest = 'x'")
        store.db.execute("UPDATE versions SET digest = 'x' || rowid")
        store.db.execute(
            "UPDATE extractions SET digest = (SELECT digest FROM versions WHERE versions.article = article)"
        )
    assert problems(archive) == []
