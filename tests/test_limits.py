"""`[limits]`: a crawl ends itself before the disk is full or the archive too large, and the next one goes on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Archive
from archive.exits import Exit
from archive.verification import verify
from crawler.errors import SitesError
from crawler.limits import LimitReached, Limits, parse, shown, size_of
from crawler.sites import load_sites
from tests.conftest import run_marbre
from tests.disks import small_disk
from tests.kiosk import Answer, Kiosk

PAGES = 24


@pytest.fixture(scope="module")
def kiosk() -> Iterator[Kiosk]:
    pick = random.Random(9)
    with Kiosk() as kiosk:
        for number in range(PAGES):
            text = " ".join(f"mot{pick.randrange(10**9)}" for _ in range(2000))
            kiosk.publish(f"/ville/texte-{number}/", f"Numéro {number}", text=text)
        yield kiosk


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("2 GiB", 2 << 30),
        ("500 MB", 500_000_000),
        ("1.5kib", 1536),
        ("0", 0),
        (4096, 4096),
        ("12 b", 12),
        ("1 TB", 10**12),
    ],
)
def test_sizes(said: object, size: int) -> None:
    assert parse({"free_disk": said, "archive_size": said}) == Limits(size, size)


@pytest.mark.parametrize("said", ["much", "-1", "2 GiB more", "2 %", -1, True, 1.5, [], "1e9", "٣ GB" * 20, 1 << 70])
def test_what_is_no_size(said: object) -> None:
    with pytest.raises(ValueError, match=r'^limits\.free_disk: expected a size such as "500 MB" or "2 GiB", got '):
        parse({"free_disk": said})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[limits]\nfree_disc = "1 GB"', 'limits: unknown key "free_disc"; there are free_disk, archive_size'),
        ("limits = 3", "limits: expected a table, such as"),
        ('[limits]\narchive_size = "big"', "limits.archive_size: expected a size"),
        ("[limit]", 'unknown key "limit"; did you mean "limits"?'),
    ],
)
def test_a_mistake_in_the_table_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(text)
    with pytest.raises(SitesError) as raised:
        load_sites(path)
    assert str(raised.value).startswith(f"{path}: {sentence}")


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (5 << 30, "5.0 GiB"), (3 << 40, "3.0 TiB")],
)
def test_sizes_for_a_person(size: int, text: str) -> None:
    assert shown(size) == text


def test_the_reserve_of_a_small_disk_is_small(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=10) as disk:
        Limits().check(disk.place)
        disk.fill(leaving=100_000)  # 1 % of it
        with pytest.raises(LimitReached, match=r"are left on the disk, and limits\.free_disk keeps 204\.8 KiB"):
            Limits().check(disk.place)
        Limits(free_disk=0).check(disk.place)


def crawl(kiosk: Kiosk, tmp_path: Path, directory: Path, code: int, *limits: str) -> str:
    sites = kiosk.sites(tmp_path)
    text = sites.read_text().replace("delay = 0", "delay = 0.05")  # without one, all pages would be under way at once
    sites.write_text("\n".join((text, "[limits]", *limits, "")))
    done = run_marbre("--sites", sites, "crawl", "--workers", "1", "--archive", directory, code=code)
    return done.stdout + done.stderr


def stopped_early(directory: Path, reason: str) -> None:
    """Expect a crawl that was ended in order: what it has is whole, and what it has not is left for the next one."""
    assert list(verify(directory)) == []
    with Archive(directory) as archive:
        row = max(archive.crawls(), key=lambda row: str(row["started"]))
        assert row["reason"] == reason
        assert row["counts"]["new"] > 0, row
        assert row["counts"]["reasons"]["skipped: stopped"] > 0, row
        assert row["counts"]["failed"] == 0, row


def completed(directory: Path) -> None:
    with Archive(directory) as archive:
        assert sum(1 for _ in archive.articles()) == PAGES
        pages = "SELECT count(*), count(DISTINCT url) FROM captures WHERE role = 'page'"
        assert archive.db.execute(pages).fetchone() == (PAGES, PAGES), "no page was fetched twice"


def test_an_archive_that_is_large_enough(kiosk: Kiosk, tmp_path: Path) -> None:
    directory = tmp_path / "archive"
    said = crawl(kiosk, tmp_path, directory, Exit.SIZE, 'archive_size = "1 MiB"')
    assert "and limits.archive_size is 1.0 MiB" in said
    stopped_early(directory, "size")
    requests = len(kiosk.requests)
    crawl(kiosk, tmp_path, directory, Exit.SIZE, 'archive_size = "100 KiB"')
    assert len(kiosk.requests) == requests, "a crawl for which there is no room does not begin"
    with Archive(directory) as archive:
        assert len(list(archive.crawls())) == 1
    crawl(kiosk, tmp_path, directory, Exit.OK, 'archive_size = "1 GiB"')
    completed(directory)
    assert size_of(directory) > 1 << 20


def test_a_disk_is_never_filled(kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = kiosk.answer
    with small_disk(tmp_path / "disk", megabytes=32) as disk:

        def filling(path: str) -> Answer:
            if len(kiosk.asked()) >= asked + 8 and not disk.filled:
                disk.fill(leaving=9_000_000)  # as another program may, in the middle of a crawl
            return answer(path)

        asked, directory = len(kiosk.asked()), disk.place / "archive"
        monkeypatch.setattr(kiosk, "answer", filling)
        said = crawl(kiosk, tmp_path, directory, Exit.DISK, 'free_disk = "10 MB"')
        assert "and limits.free_disk keeps 9.5 MiB; free some space" in said
        stopped_early(directory, "disk")
        disk.clear()
        monkeypatch.undo()
        crawl(kiosk, tmp_path, directory, Exit.OK)
        completed(directory)


def test_the_disk_of_the_warc_files_counts_too(kiosk: Kiosk, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        directory = tmp_path / "archive"
        directory.mkdir()
        (directory / "warc").symlink_to(disk.place, target_is_directory=True)
        disk.fill(leaving=40_000)
        assert f"{directory}/warc: " in crawl(kiosk, tmp_path, directory, Exit.DISK)
