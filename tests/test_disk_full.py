"""No room left on the disk, at each thing that writes: said in a sentence, nothing torn, and the next run completes."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive import Archive, room, warc
from archive.database import FILE, DatabaseError, open_for_writing, transaction
from archive.exits import Exit
from archive.store import Store
from archive.verification import verify
from tests import small_archives
from tests.archives import START
from tests.conftest import run_marbre
from tests.disks import Disk, small_disk
from tests.kiosk import Kiosk

PAGES = 16
WORDS = ("halle", "marché", "conseil", "mairie", "quai", "pont", "place", "tram", "école", "budget", "voix", "séance")


@pytest.fixture(scope="module")
def kiosk() -> Iterator[Kiosk]:
    pick = random.Random(7)
    with Kiosk() as kiosk:
        for number in range(PAGES):
            words = (f"{pick.choice(WORDS)}{pick.randrange(10_000)}" for _ in range(2500))
            kiosk.publish(f"/ville/texte-{number}/", f"Numéro {number}", text=" ".join(words))
        yield kiosk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", megabytes=16) as disk:
        yield disk


@pytest.fixture
def crawl(kiosk: Kiosk, tmp_path: Path) -> tuple[Any, ...]:
    """The command, without its archive; the limit that would end it before the disk is full is off."""
    sites = kiosk.sites(tmp_path)
    sites.write_text(sites.read_text() + '\n[limits]\nfree_disk = "0"\n')
    return ("--sites", sites, "crawl", "--workers", "1", "--archive")


def full(*words: Any) -> str:
    """Run a command for which there is no room; returns what it said, a sentence with the file or folder in it."""
    done = run_marbre(*words, code=Exit.DISK_FULL)
    said = [line for line in done.stderr.splitlines() if "free some space" in line]
    assert said, f"{done.stdout}\n{done.stderr}"
    assert "Error" not in done.stderr, done.stderr
    return said[0]


def whole(directory: Path) -> list[tuple[str, str]]:
    """Expect an archive in which nothing is torn and nothing doubled; returns its articles."""
    assert [problem for problem in verify(directory) if "being written" not in problem.what] == []
    with Archive(directory) as archive:
        assert archive.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        addresses = [article.canonical_url for article in archive.articles()]
        assert len(set(addresses)) == len(addresses)
        return sorted((article.canonical_url, article.text) for article in archive.articles())


def taken_up(crawl: tuple[Any, ...], directory: Path) -> None:
    run_marbre(*crawl, directory)
    assert len(whole(directory)) == PAGES
    assert warc.open_files(directory / "warc") == []


@pytest.mark.parametrize("leaving", [0, 350_000, 700_000, 1_200_000])
def test_a_crawl(crawl: tuple[Any, ...], disk: Disk, leaving: int) -> None:
    directory = disk.place / "archive"
    if leaving < 600_000:
        run_marbre(*crawl, directory, "--limit", "2")  # an empty database alone has more
    disk.fill(leaving)
    assert str(directory) in full(*crawl, directory)
    for path in directory.glob("warc/*.warc.gz"):
        assert list(warc.verify(path)) == []
    disk.clear()
    taken_up(crawl, directory)


def test_the_disk_of_the_warc_files_alone(crawl: tuple[Any, ...], disk: Disk, tmp_path: Path) -> None:
    directory = tmp_path / "archive"
    directory.mkdir()
    (directory / "warc").symlink_to(disk.place, target_is_directory=True)
    disk.fill(leaving=60_000)
    assert ".warc.gz" in full(*crawl, directory)
    with Archive(directory) as archive:
        crawls = archive.crawls()
        assert [(row["reason"], row["counts"]["failed"]) for row in crawls if row["reason"]] in ([], [("disk_full", 0)])
    disk.clear()
    taken_up(crawl, directory)


def test_a_transaction_without_room_leaves_nothing(tmp_path: Path) -> None:
    db = open_for_writing(tmp_path)
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseError) as raised:
        begin_and_discover(db, urls=1000)
    assert room.is_full(raised.value)
    assert not db.conn.in_transaction
    assert db.execute("SELECT count(*) FROM crawls").fetchone() == (0,)
    db.execute(f"PRAGMA max_page_count = {pages + 1000}")
    with Store(tmp_path) as store:
        store.begin_crawl("a", "kiosk", START, {})
    assert db.execute("SELECT count(*) FROM crawls").fetchone() == (1,)


def begin_and_discover(db: Database, urls: int) -> None:
    with transaction(db):
        db.execute("INSERT INTO crawls (id, site, started, versions) VALUES ('a', 'kiosk', '2026-03-01', '{}')")
        for number in range(urls):
            db.execute("INSERT INTO frontier (crawl, url, links) VALUES ('a', ?, '[]')", [f"{number}" * 100])


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of some 2 MB."""
    pick, directory = random.Random(8), tmp_path_factory.mktemp("held") / "archive"
    texts = [" ".join(f"{pick.choice(WORDS)}{pick.randrange(10_000)}" for _ in range(2500)) for _ in range(PAGES)]
    small_archives.crawl(
        directory, (small_archives.answer(n, body=small_archives.page(n, extra=text)) for n, text in enumerate(texts))
    )
    return directory


def on(disk: Disk, held: Path) -> Path:
    return Path(shutil.copytree(held, disk.place / "archive"))


@pytest.mark.parametrize(
    ("command", "leaving"), [(("extract", "--all", "--workers", "1"), 50_000), (("rebuild", "--workers", "1"), 900_000)]
)
def test_reading_pages_again(command: tuple[str, ...], leaving: int, held: Path, disk: Disk) -> None:
    directory = on(disk, held)
    disk.fill(leaving)
    assert str(directory) in full(*command, "--archive", directory)
    disk.clear()
    assert whole(directory) == whole(held), "nothing was lost meanwhile"
    run_marbre(*command, "--archive", directory)
    assert whole(directory) == whole(held)
    assert not (directory / "rebuild").exists()


@pytest.mark.parametrize("leaving", [200_000, 2_200_000], ids=["its database", "its WARC files"])
def test_a_backup(held: Path, disk: Disk, leaving: int) -> None:
    size = (held / FILE).stat().st_size
    disk.fill(size + 20_000 if leaving > size else leaving)
    target = disk.place / "backup"
    assert str(target) in full("backup", target, "--archive", held)
    assert list(target.rglob("*.part")) == [], "what cannot be finished takes no room"
    disk.clear()
    run_marbre("backup", target, "--archive", held)
    assert whole(target) == whole(held)


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "markdown", "atom", "warc", "wacz"])
def test_an_export(held: Path, disk: Disk, form: str) -> None:
    disk.fill(leaving=20_000)
    place = disk.place / f"out.{form}"
    assert str(place) in full("export", "--format", form, "-o", place, "--archive", held)
    assert [path.name for path in disk.place.iterdir()] == ["ballast"]
    disk.clear()
    run_marbre("export", "--format", form, "-o", place, "--archive", held)


def test_a_merge_and_an_import_with_its_copy(held: Path, disk: Disk) -> None:
    directory = disk.place / "archive"
    evidence = next((held / "warc").iterdir())
    for command in (("merge", held, "--workers", "1"), ("import", evidence, "--copy", "--site", "gazette")):
        shutil.rmtree(directory, ignore_errors=True)
        small_archives.crawl(directory, small_archives.CRAWL[:1], name="first-1")
        disk.fill(leaving=100_000)
        assert str(directory) in full(*command, "--archive", directory)
        assert list(directory.rglob("*.part")) == []
        disk.clear()
        run_marbre(*command, "--archive", directory)
        assert len(whole(directory)) == PAGES


def test_what_a_killed_crawl_left_waits_for_room(crawl: tuple[Any, ...], disk: Disk) -> None:
    directory = disk.place / "archive"
    killed = run_marbre("before its article is saved", "4", *crawl, directory, code=None, module=("tests.crashing",))
    assert killed.returncode == -9
    disk.fill(leaving=4096)
    assert str(directory) in full(*crawl, directory)
    disk.clear()
    taken_up(crawl, directory)


def test_standard_output(held: Path, disk: Disk) -> None:
    disk.fill(leaving=4096)
    command = f"{sys.executable} -m crawler export --format jsonl --archive {held} > {disk.place / 'out'}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, "standard output" in done.stderr) == (Exit.DISK_FULL, True), done.stderr


def test_an_archive_is_read_on_a_full_disk(held: Path, disk: Disk) -> None:
    directory = on(disk, held)
    disk.fill(leaving=0)
    for command in (("search", "conseil"), ("status",), ("verify",)):
        done = run_marbre(*command, "--archive", directory, code=None)
        assert done.returncode in (0, Exit.DISK_FULL), done.stderr
        assert "Traceback" not in done.stderr
