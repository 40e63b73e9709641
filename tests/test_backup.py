"""Backups are whole whenever they are made; older databases are copied before they change, newer ones left alone."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import Archive
from archive.database import FILE, open_as_it_is, open_for_reading, open_for_writing
from archive.errors import ArchiveError, NotAnArchive
from archive.exchange.backup import backup
from archive.exits import Exit
from archive.models import Exchange
from archive.schema import migrations
from archive.search.folding import filterable, searchable
from archive.store import Store
from archive.verification import verify
from archive.warc import WarcWriter, open_files
from crawler.demo import serve
from tests import small_archives as small
from tests.archives import START, article, capture
from tests.conftest import run_marbre, write_sites

MIGRATIONS = [migration.name for migration in migrations._migrations]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    small.crawl(tmp_path / "archive")
    return tmp_path / "archive"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def files(directory: Path) -> dict[str, bytes]:
    folder = directory / "warc"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_is_an_archive_of_its_own(archive: Path, target: Path) -> None:
    said = run_marbre("backup", target, "--archive", archive).stdout
    assert said.startswith(f"{target}: 1 files copied")
    assert "0 were there" in said
    assert sorted(path.name for path in target.iterdir() if path.suffix != ".lock") == [FILE, "warc"]
    assert small.tables(target) == small.tables(archive)
    assert files(target) == files(archive)
    for command in (["verify", "--deep"], ["search", "marché"], ["extract"], ["rebuild"]):
        run_marbre(*command, "--archive", target)
    assert small.tables(target) == small.tables(archive)


def test_the_next_one_copies_what_is_new(archive: Path, target: Path) -> None:
    backup(archive, target)
    later = [small.answer(number, 100) for number in (8, 9)]
    small.crawl(archive, later, name="gazette-2")
    result = backup(archive, target)
    assert (result.copied, result.kept) == (1, 1)
    assert small.tables(target) == small.tables(archive)
    result = backup(archive, target)
    assert (result.copied, result.kept) == (0, 2)


def test_while_a_crawl_writes(tmp_path: Path, newspaper: serve) -> None:
    sites, archive, target = write_sites(tmp_path, newspaper.url), tmp_path / "archive", tmp_path / "backup"
    small.crawl(archive)
    # Slow enough for several backups, however busy the machine is.
    sites.write_text(sites.read_text(encoding="utf-8").replace("delay = 0", "delay = 0.05"), encoding="utf-8")
    command = [sys.executable, "-m", "crawler", "--sites", str(sites), "crawl", "--archive", str(archive)]
    held: list[int] = []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as crawling:
        while crawling.poll() is None:
            writing = bool(open_files(archive / "warc"))
            backup(archive, target)
            assert open_files(target / "warc") == []
            assert list(verify(target)) == []
            if writing:
                shutil.copytree(target, tmp_path / f"copy-{len(held)}")
                held.append(len(small.tables(target)["captures"]))
    assert crawling.returncode == 0
    assert held == sorted(held)
    assert any(count > len(small.CRAWL) for count in held), "no backup was made in the midst of the crawl"
    backup(archive, target)
    assert small.tables(target) == small.tables(archive)
    for number in range(0, len(held), max(1, len(held) // 3)):  # each of them is an archive to go on with
        run_marbre("extract", "--archive", tmp_path / f"copy-{number}")
        assert list(verify(tmp_path / f"copy-{number}")) == []


def test_the_open_file_up_to_its_last_whole_record(archive: Path, target: Path) -> None:
    with WarcWriter(archive / "warc", "marbre", "gazette-2", {"site": "gazette"}) as writer:
        written = writer.write(small.answer(8))
        (path,) = open_files(archive / "warc")
        with path.open("ab") as half:
            half.write(b"\x1f\x8b\x08half of a record")
        backup(archive, target)
        copied = target / "warc" / written.filename
        assert copied.stat().st_size == written.offset + written.length
    # Its row had not been written yet: the backup has made it of the record.
    assert written.id in {row["id"] for row in small.tables(target)["captures"]}
    assert list(verify(target)) == []


def test_links(archive: Path, target: Path) -> None:
    run_marbre("backup", target, "--link", "--archive", archive)
    (name,) = files(archive)
    assert (target / "warc" / name).samefile(archive / "warc" / name)
    small.crawl(target, [small.answer(9)], name="gazette-2")  # what happens to the copy does not to the archive
    assert list(files(archive)) == [name]
    assert list(verify(archive)) == []


@pytest.mark.parametrize(
    ("when", "module", "name", "number"),
    [
        ("before", "archive.exchange.backup", "copy_database", 1),
        ("after", "archive.exchange.backup", "copy_database", 1),
        ("before", "archive.exchange.files", "copy", 2),
        ("before", "archive.exchange.files", "_copy_bytes", 2),
        ("after", "archive.exchange.files", "_copy_bytes", 2),
        ("before", "archive.exchange.backup", "_swap", 1),
        ("after", "archive.exchange.backup", "_swap", 1),
        ("after", "archive.exchange.backup", "_add_rows", 1),
    ],
)
@pytest.mark.parametrize("earlier", [False, True])
def test_killed_and_done_again(
    when: str, module: str, name: str, number: int, archive: Path, target: Path, *, earlier: bool
) -> None:
    if earlier:
        backup(archive, target)
    for more in (2, 3):
        small.crawl(archive, [small.answer(more, 200)], name=f"gazette-{more}")
    command = ("tests.killed", when, module, name, str(number))
    killed = run_marbre("backup", target, "--archive", archive, module=command, code=None)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    if earlier:
        assert [each for each in verify(target) if "no row" not in each.what] == []
    run_marbre("backup", target, "--archive", archive)
    assert small.tables(target) == small.tables(archive)
    assert files(target) == files(archive)


def test_a_damaged_copy_of_the_database_is_replaced(archive: Path, target: Path) -> None:
    backup(archive, target)
    (target / FILE).write_bytes(b"no database at all")
    (target / f"{FILE}-wal").write_bytes(b"nor a log")
    backup(archive, target)
    assert small.tables(target) == small.tables(archive)


def test_places_that_are_none(archive: Path, tmp_path: Path) -> None:
    small.crawl(tmp_path / "other", [small.answer(9)], name="gazette-9")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    for place, said in {
        archive / "backup": "outside the archive",
        tmp_path: "outside the archive",
        archive: "outside the archive",
        tmp_path / "other": "not a backup of",
        tmp_path / "full": "neither empty nor a backup",
    }.items():
        with pytest.raises(ArchiveError, match=said):
            backup(archive, place)
    assert not (archive / "backup").exists()
    assert list((tmp_path / "full").iterdir()) == [tmp_path / "full" / "letter.txt"]


def test_what_lies_elsewhere_is_named(archive: Path, tmp_path: Path, target: Path) -> None:
    run_marbre("export", "-o", tmp_path / "x.wacz", "--archive", archive)
    run_marbre("import", tmp_path / "x.wacz", "--archive", tmp_path / "other")
    done = run_marbre("backup", target, "--archive", tmp_path / "other")
    assert f"lies outside the archive: {tmp_path / 'x.wacz'}" in done.stderr
    run_marbre("import", tmp_path / "x.wacz", "--copy", "--archive", tmp_path / "third")
    done = run_marbre("backup", tmp_path / "backup-3", "--archive", tmp_path / "third")
    assert "outside" not in done.stderr
    assert files(tmp_path / "backup-3") == files(tmp_path / "third")
    (tmp_path / "x.wacz").unlink()
    assert list(verify(tmp_path / "backup-3")) == []


def old(directory: Path, number: int) -> None:
    """Make an archive as Marbre did when it knew `number` migrations, with one crawl."""
    directory.mkdir()
    (directory / "warc").mkdir()
    connection = sqlite3.connect(directory / FILE)
    db = Database(connection)
    for function in (searchable, filterable):
        db.register_function(function, deterministic=True)
    migrations.apply(db, stop_before=MIGRATIONS[number])
    db.execute("INSERT INTO crawls (id, site, started) VALUES ('gazette-1', 'gazette', '2026-03-01')")
    connection.commit()
    db.close()


@pytest.mark.parametrize("number", range(1, len(MIGRATIONS)))
@pytest.mark.parametrize("way", [open_for_reading, open_for_writing])
def test_an_older_database_is_copied_then_migrated(number: int, way: object, tmp_path: Path) -> None:
    directory = tmp_path / "archive"
    old(directory, number)
    assert callable(way)
    db = way(directory)
    assert [row.name for row in migrations.applied(db)] == MIGRATIONS
    assert db.execute("SELECT site FROM crawls").fetchall() == [("gazette",)]
    db.close()
    kept = directory / f"{FILE}.before-{MIGRATIONS[number][1:4]}"
    with sqlite3.connect(kept) as copied:
        names = [name for (name,) in copied.execute("SELECT name FROM _sqlite_migrations ORDER BY name")]
        assert names == sorted(MIGRATIONS[:number])
        assert copied.execute("SELECT site FROM crawls").fetchall() == [("gazette",)]
    copied.close()
    way(directory).close()
    assert len(list(directory.glob(f"{FILE}.before-*"))) == 1


def test_a_migration_that_is_killed_begins_again(tmp_path: Path) -> None:
    old(tmp_path / "archive", 3)
    script = (
        "import os, signal\nfrom pathlib import Path\nimport archive.database as d\n"
        f"from archive.schema import migrations as m\nm._migrations[{len(MIGRATIONS) - 1}].fn = "
        "lambda db: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"d.open_for_writing(Path({str(tmp_path / 'archive')!r}))"
    )
    killed = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    db = open_for_writing(tmp_path / "archive")
    assert [row.name for row in migrations.applied(db)] == MIGRATIONS
    db.close()


def test_ten_at_once_migrate_once(tmp_path: Path) -> None:
    old(tmp_path / "archive", 2)
    script = (
        "import sys\nfrom pathlib import Path\nfrom archive.database import open_for_reading as o\no(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-W", "error::UserWarning", "-c", script, str(tmp_path / "archive")]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(5)]
    assert [(each.communicate(timeout=60)[1], each.returncode) for each in running] == [(b"", 0)] * 5
    assert len(list((tmp_path / "archive").glob(f"{FILE}.before-*"))) == 1


def test_a_newer_database_is_refused(archive: Path, target: Path) -> None:
    with sqlite3.connect(archive / FILE) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('marbre', 'm999_moon', '')"
        )
    connection.close()
    before = (archive / FILE).read_bytes()
    for command in (["search", "x"], ["export"], ["backup", target], ["compact"], ["extract"], ["status"], ["verify"]):
        done = run_marbre(*command, "--archive", archive, code=Exit.FATAL)
        assert done.stderr == (
            f"marbre: {archive / FILE}: written by a newer Marbre (it knows m999_moon); upgrade to open it\n"
        )
    done = run_marbre("merge", archive, "--archive", target, code=Exit.FATAL)
    assert "newer Marbre" in done.stderr
    assert not target.exists()
    with pytest.raises(NotAnArchive):
        Store(archive)
    assert (archive / FILE).read_bytes() == before


def test_an_older_archive_is_backed_up_as_it_is(tmp_path: Path, target: Path) -> None:
    old(tmp_path / "archive", 3)
    with WarcWriter(tmp_path / "archive" / "warc", "marbre", "gazette-1", {"site": "gazette"}) as writer:
        writer.write(Exchange(url=small.url(1), status=200, headers=(), body=b"", captured_at=START))
    before = (tmp_path / "archive" / FILE).read_bytes()
    backup(tmp_path / "archive", target)
    assert (tmp_path / "archive" / FILE).read_bytes() == before
    assert len(small.tables(target)["captures"]) == 1
    db = open_as_it_is(tmp_path / "archive")
    assert len(list(migrations.applied(db))) == 3
    db.close()


def test_a_backup_sees_one_moment(archive: Path, target: Path) -> None:
    """A crawl that begins while files are copied is in the backup or is not, never half of it."""
    begun: list[str] = []

    def meanwhile(_: str) -> None:
        if not begun:
            begun.append("gazette-2")
            with Store(archive) as store:
                store.begin_crawl("gazette-2", "gazette", START + timedelta(days=1), {})
                store.add_captures([capture(99, article().url, crawl="gazette-2", filename="marbre-later.warc.gz")])

    backup(archive, target, progress=meanwhile)
    assert begun
    assert list(verify(target)) == []
    with Archive(target) as opened:
        assert len(list(opened.articles())) == small.ARTICLES
