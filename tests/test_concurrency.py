"""Many at one archive: crawls, extractions, backups, readers, migrations; none harms or waits long for another."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from archive import Archive, database
from archive.database import FILE, LONG_LOG, in_use, log_size, open_for_reading, open_for_writing, transaction
from archive.errors import ArchiveError
from archive.verification import verify
from tests import clocked
from tests import small_archives as small
from tests.clocked import START
from tests.conftest import run_marbre
from tests.crowd import Crowd
from tests.kiosk import Kiosk
from tests.newsland import Newsland, Paper

PAPERS = tuple(Paper(name, 0, ways=("sitemap",), past=60) for name in ("aurore", "boussole"))


def test_everybody_at_once(tmp_path: Path) -> None:
    """Two crawls, a re-extraction, backups and Datasette's readers; benchmarks/together.py does the same for longer."""
    directory, target = tmp_path / "archive", tmp_path / "backup"
    with Newsland(PAPERS, START, 0) as land:
        sites = land.sites(tmp_path)
        run_marbre("--sites", sites, "crawl", "--limit", "10", "--archive", directory)
        with Crowd(directory, sites) as crowd:
            crowd.read(rate=20)
            crowd.crawl("aurore")
            crowd.crawl("boussole")
            crowd.extract()
            crowd.back_up(target)
            crowd.write()
            crowd.wait_for(lambda: crowd.ended["crawl"] == 2 and crowd.ended["backup"] and crowd.ended["extract"])
    assert crowd.faults == []
    assert set(crowd.answers) == {200}
    assert crowd.ended["crawl"] == 2
    assert crowd.ended["backup"]
    assert crowd.ended["extract"]
    assert crowd.waits
    with Archive(directory) as archive:
        assert len(list(archive.articles())) == sum(paper.past for paper in PAPERS)
    assert list(verify(directory)) == []
    assert log_size(directory) < LONG_LOG
    open_for_writing(directory).close()
    assert log_size(directory) == 0  # the last to close it has folded it into the file, if it may write
    run_marbre("backup", target, "--archive", directory)
    assert list(verify(target)) == []
    with closing(sqlite3.connect(target / FILE)) as copied:
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    small.crawl(tmp_path / "archive")
    return tmp_path / "archive"


def test_two_crawls_of_one_host_under_two_names(tmp_path: Path) -> None:
    """Every page is one article, whoever fetched it; what one crawl has settled, the other does not fetch again."""
    directory = tmp_path / "archive"
    with Kiosk() as kiosk:
        paths = [f"/ville/marche-{number}/" for number in range(30)]
        for number, path in enumerate(paths):
            kiosk.publish(path, f"Le marché, épisode {number}", text=f"Le point {number} de la séance. " * 9)
        sites = kiosk.sites(tmp_path)
        sites.write_text(sites.read_text() + sites.read_text().replace("[sites.kiosk]", "[sites.other]"))
        crawls = [
            Thread(target=clocked.run, args=(START, "crawl", name, "--archive", directory), kwargs={"sites": sites})
            for name in ("kiosk", "other")
        ]
        for crawl in crawls:
            crawl.start()
        for crawl in crawls:
            crawl.join()
        asked = [one.path for one in kiosk.asked(*paths)]
    assert sorted(asked) == sorted(paths)  # each page once, though both crawls knew all of them
    with Archive(directory) as opened:
        assert sorted(article.url for article in opened.articles()) == sorted(
            f"{kiosk.url[:-1]}{path}" for path in paths
        )
        assert {row["reason"] for row in opened.crawls()} == {"finished"}
        for row in opened.crawls():
            counts = row["counts"]
            outcomes = ("new", "changed", "unchanged", "skipped", "rejected", "failed")
            assert sum(counts[name] for name in outcomes) == counts["discovered"] == len(paths)
            assert counts["failed"] == 0
        assert len(small.tables(directory)["versions"]) == len(paths)
    assert list(verify(directory)) == []


def test_a_reader_that_does_not_end_makes_the_log_grow_and_is_told_of(
    archive: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    limit = 200_000
    monkeypatch.setattr(database, "LONG_LOG", limit)
    reader = open_for_reading(archive)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM captures").fetchone()
    writer = open_for_writing(archive)
    for _ in range(40):
        with transaction(writer):
            writer.execute("UPDATE articles SET markdown = markdown || hex(randomblob(1000))")
    database.close(writer, archive)
    assert log_size(archive) > limit
    assert "somebody has been reading for long" in caplog.text
    assert reader.execute("SELECT count(*) FROM captures").fetchone() == before
    reader.execute("COMMIT")  # it goes on to be connected, as Datasette does
    writer = open_for_writing(archive)
    for _ in range(2):
        with transaction(writer):
            writer.execute("UPDATE articles SET markdown = hex(randomblob(4))")
        writer.execute("PRAGMA wal_checkpoint(RESTART)")
    caplog.clear()
    database.close(writer, archive)
    assert log_size(archive) <= limit
    assert caplog.text == ""
    reader.close()
    assert list(verify(archive)) == []


def test_status_tells_of_a_long_log(archive: Path) -> None:
    reader = open_for_reading(archive)
    (archive / f"{FILE}-wal").touch()
    os.truncate(archive / f"{FILE}-wal", LONG_LOG + 1)  # SQLite takes zeros for the end of the log
    assert "has grown to 67 MB" in run_marbre("status", "--archive", archive).stderr
    reader.close()


def test_the_reading_room_sees_what_a_crawl_writes(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`datasette --immutable` would not: rows that are in the log only are not there for it. Ours never says that."""
    said: list[str] = []
    monkeypatch.setattr(os, "execv", lambda _, words: said.extend(words))
    from archive.serving import serve

    serve(archive, "127.0.0.1", 8001)
    assert said[1:5] == ["-m", "datasette", "serve", str(archive / FILE)]
    assert not {"-i", "--immutable"} & set(said)
    writer = open_for_writing(archive)
    with transaction(writer):
        writer.execute("UPDATE articles SET title = 'Neuf'")
    for way, seen in (("mode=ro", True), ("immutable=1", False)):
        reader = sqlite3.connect(f"{(archive / FILE).as_uri()}?{way}", uri=True)
        assert reader.execute("SELECT count(*) FROM articles WHERE title = 'Neuf'").fetchone() == (
            (small.ARTICLES,) if seen else (0,)
        )
        reader.close()
    writer.close()


def test_an_sqlite_that_can_do_harm_writes_alone(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database.is_sound()
    with in_use(archive), in_use(archive):
        pass
    monkeypatch.setattr("archive.database.sqlite3.sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr("archive.database.sqlite3.sqlite_version", "3.40.1")
    assert not database.is_sound()
    with in_use(archive), pytest.raises(ArchiveError, match=r"SQLite 3.40.1 can damage .*one of 3.51.3 or newer"):
        in_use(archive).__enter__()
    open_for_reading(archive).close()  # who reads does no harm
    small.crawl(archive, [small.answer(9)], name="gazette-2")
    with in_use(archive):
        pass


def _stress(directory: Path, name: str, until: float) -> None:
    """Write small transactions and fold the log into the file after each, as fast as it goes."""
    db = open_for_writing(directory)
    modes, written = ("PASSIVE", "RESTART", "TRUNCATE"), 0
    while time.time() < until:
        with transaction(db):
            db.execute("INSERT INTO crawls (id, site, started) VALUES (?, ?, '')", [f"{name}-{written}", name])
        db.execute(f"PRAGMA wal_checkpoint({modes[written % 3]})")
        written += 1
    db.close()
    (directory / name).write_text(str(written))


def test_two_that_write_and_checkpoint_at_once(archive: Path) -> None:
    """What damages a file with an SQLite older than 3.51.3, though rarely."""
    forked = multiprocessing.get_context("forkserver")
    until = time.time() + float(os.environ.get("MARBRE_STRESS", "3"))
    writers = [forked.Process(target=_stress, args=(archive, name, until)) for name in ("one", "other")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    db = open_for_reading(archive)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for name in ("one", "other"):
        kept = db.execute("SELECT count(*) FROM crawls WHERE site = ?", [name]).fetchone()[0]
        assert kept == int((archive / name).read_text()) > 10
    db.close()
