"""`marbre import` as a person runs it, over files that other programs wrote."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.database import open_for_reading
from archive.models import Article
from archive.query import Archive
from tests.archives import TABLES, dump
from tests.conftest import run_marbre
from tests.foreign_files import Warc, by_wget, chunked, many, page, url, wacz, zipped

Run = Callable[..., str]
READ = ("captures", "articles", "versions", "extractions")
PAGES = 2500


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs `marbre import` (or another command) on this test's archive; gives what it says."""

    def marbre(*arguments: str | Path, command: str = "import", code: int = 0) -> str:
        sites = ("--sites", tmp_path / "sites.toml")
        done = run_marbre(*sites, command, *arguments, "--archive", tmp_path / "archive", code=code)
        return done.stdout + done.stderr

    return marbre


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5,000 records that wget wrote."""
    return by_wget(tmp_path_factory.mktemp("wget"), PAGES)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, crawled: Path) -> Path:
    """The archive that one undisturbed import of them makes."""
    directory = tmp_path_factory.mktemp("clean") / "archive"
    done = run_marbre("import", crawled, "--archive", directory)
    assert f"records = {PAGES:,} imported" in done.stdout
    assert f"{PAGES // 25} new, 0 changed, 0 unchanged" in done.stdout
    return directory


def rows(directory: Path, tables: tuple[str, ...] = READ) -> dict[str, list[dict[str, Any]]]:
    db = open_for_reading(directory)
    try:
        return dump(db, tables)
    finally:
        db.close()


def articles(directory: Path) -> list[Article]:
    with Archive(directory) as archive:
        return sorted(archive.articles(), key=lambda article: article.url)


def test_an_import_killed_twice_ends_as_an_undisturbed_one(tmp_path: Path, crawled: Path, clean: Path) -> None:
    directory = tmp_path / "archive"
    for point, survived in (("while it is read", 300), ("between record and row", 5)):
        module = ("tests.crashing", point, str(survived))
        killed = run_marbre("import", crawled, "--archive", directory, code=None, module=module)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert 0 < len(rows(directory)["captures"]) < PAGES
    assert f"records = {PAGES:,} imported" in run_marbre("import", crawled, "--archive", directory).stdout
    assert rows(directory) == rows(clean)
    assert rows(directory, ("imports",))["imports"][0]["position"] == crawled.stat().st_size


def test_a_rebuild_gives_the_same_rows_and_verify_finds_nothing(tmp_path: Path, clean: Path) -> None:
    directory = tmp_path / "archive"
    shutil.copytree(clean, directory)
    tables = (*TABLES, "imports")
    before = rows(directory, tables)
    run_marbre("rebuild", "--archive", directory)
    assert rows(directory, tables) == before
    assert "everything is as it should be" in run_marbre("verify", "--archive", directory).stderr


def test_a_file_is_imported_once(crawled: Path, clean: Path) -> None:
    before = rows(clean, ("imports", "crawls", *READ))
    assert "already imported" in run_marbre("import", crawled, "--archive", clean).stdout
    assert rows(clean, ("imports", "crawls", *READ)) == before


def test_memory_stays_flat_as_the_file_grows(tmp_path: Path) -> None:
    script = (
        "import atexit, sys; from crawler.cli import main;"
        "atexit.register(lambda: print(*(line for line in open('/proc/self/status') if 'VmHWM' in line)));"
        "main(sys.argv[1:])"
    )
    peaks = []
    for count in (400, 1600):
        path = many(tmp_path / f"{count}.warc.gz", count, 60_000)
        command = [sys.executable, "-c", script, "import", str(path), "--archive", str(tmp_path / f"archive-{count}")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
        assert f"= {count:,} imported" in done.stdout
        peaks.append(int(done.stdout.split("VmHWM:")[1].split()[0]))  # KiB
    small, large = peaks
    assert large < small * 1.15 + 4096, peaks


def test_what_pywb_records(tmp_path: Path, run: Run) -> None:
    """Bodies still compressed, chunked or said to be so, and revisits that name the original by address and date."""
    with Warc(tmp_path / "rec.warc.gz", warc_version="1.0") as out:
        as_pywb = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
        out.response(1, zipped(page(1)), *as_pywb)  # pywb undoes the chunks and leaves the header
        first = out.response(2, chunked(zipped(page(2))), *as_pywb)
        out.response(3, chunked(page(3)), ("Transfer-Encoding", "chunked"))
        out.revisit(2, first, later="2026-03-02T10:00:00Z")
        out.revisit(2, first, later="2026-03-03T10:00:00Z", status="304 Not Modified")
    told = run(out.path)
    assert "3 new, 0 changed, 2 unchanged, 0 rejected, 0 failed" in told
    found = articles(tmp_path / "archive")
    assert [article.title for article in found] == [f"Le marché, épisode {number}" for number in (1, 2, 3)]
    captures = rows(tmp_path / "archive")["captures"]
    assert sorted((row["kind"], row["status"]) for row in captures if row["url"] == url(2)) == [
        ("response", 200),
        ("revisit", 200),
        ("revisit", 304),
    ]
    assert "everything is as it should be" in run(command="verify")


def test_a_revisit_needs_its_original(tmp_path: Path, run: Run) -> None:
    with Warc(tmp_path / "one.warc.gz") as one:
        original = one.response(1)
    with Warc(tmp_path / "two.warc.gz") as two:
        two.revisit(1, original, later="2026-03-02T10:00:00Z")
    assert "1  a revisit of what is not in the archive" in run(two.path)
    run(one.path)
    assert "1 imported" in run(two.path, "--again")
    assert len(rows(tmp_path / "archive")["captures"]) == 2


def test_a_wacz_is_read_in_place(tmp_path: Path, run: Run) -> None:
    with Warc(tmp_path / "data.warc.gz") as out:
        out.response(1)
        out.response(2)
        out.resource(f"urn:text:{url(2)}", b"Le march", "text/plain")
        out.resource(url(9), page(9), "text/html; charset=utf-8")
    packed = wacz(tmp_path / "crawl.wacz", out.path)
    out.path.unlink()
    assert "3 new" in run(packed)
    assert {row["filename"] for row in rows(tmp_path / "archive")["captures"]} == {str(packed)}
    assert "everything is as it should be" in run(command="verify")
    assert len(articles(tmp_path / "archive")) == 3


def test_a_copy_makes_the_archive_self_contained(tmp_path: Path, run: Run) -> None:
    with Warc(tmp_path / "data.warc.gz") as out:
        out.response(1)
    run(out.path, "--copy")
    out.path.unlink()
    (row,) = rows(tmp_path / "archive")["captures"]
    assert row["filename"].startswith("imported/")
    assert row["source"] == str(out.path)
    before = rows(tmp_path / "archive", (*TABLES, "imports"))
    run(command="rebuild")
    assert rows(tmp_path / "archive", (*TABLES, "imports")) == before
    assert "everything is as it should be" in run(command="verify")


def test_a_damaged_record_costs_itself_and_is_named(tmp_path: Path, run: Run) -> None:
    with Warc(tmp_path / "data.warc.gz") as out:
        for number in range(1, 6):
            out.response(number)
    damage(out.path, out.offsets[3] + 100)
    told = run(out.path, code=1)
    assert "5 records = 4 imported + 1 left out" in told  # the warcinfo record is left out
    assert f"{out.path}:{out.offsets[3]}: its gzip member is damaged" in told
    assert [article.url for article in articles(tmp_path / "archive")] == [url(number) for number in (1, 2, 4, 5)]
    assert "already imported" in run(out.path, code=1)


def test_a_file_changed_after_the_import_is_found_out(tmp_path: Path, run: Run) -> None:
    with Warc(tmp_path / "data.warc.gz") as out:
        out.response(1)
    run(out.path)
    damage(out.path, out.offsets[1] + 100)
    assert f"{out.path}:{out.offsets[1]}: " in run(command="verify", code=1)
    out.path.unlink()
    assert "the file is missing" in run(command="verify", code=1)


@pytest.mark.parametrize(
    ("arguments", "kept", "reason"),
    [
        (("--host", "gazette.example"), [1, 2, 3], ""),
        (("--host", "*.example.org"), [], "3  host"),
        (("--since", "2026-03-02"), [3], "2  date"),
        (("--until", "2026-03-01"), [1, 2], "1  date"),
        (("--language", "fr"), [1, 3], "1  language"),
        (("--language", "en"), [2], "2  language"),
        (("--status", "404"), [], "3  status"),
        (("--type", "application/*"), [], "3  media type"),
    ],
)
def test_filters_say_what_they_left_out(
    tmp_path: Path, run: Run, arguments: tuple[str, ...], kept: list[int], reason: str
) -> None:
    with Warc(tmp_path / "data.warc.gz") as out:
        out.response(1)
        out.response(2, page(2).replace(b'lang="fr"', b'lang="en-GB"'))
        out.response(3, warc={"WARC-Date": "2026-03-02T00:00:00Z"})
    counted = run(out.path, "--dry-run", *arguments)
    assert f"{len(kept)} would be imported" in counted
    assert not (tmp_path / "archive").exists()
    told = run(out.path, *arguments)
    assert reason in counted
    assert reason in told
    assert sorted(row["url"] for row in rows(tmp_path / "archive")["captures"]) == [url(number) for number in kept]


def test_a_site_is_named_by_the_list_of_sites_or_its_domain_or_the_command(tmp_path: Path, run: Run) -> None:
    (tmp_path / "sites.toml").write_text('[sites.gazette]\nurl = "https://www.gazette.example/"\n', encoding="utf-8")
    with Warc(tmp_path / "a.warc.gz") as out:
        out.response(1)
        out.response(2, url="https://news.other.example/a/2")
    with Warc(tmp_path / "b.warc.gz") as named:
        named.response(3)
    run(tmp_path / "a.warc.gz")
    run(tmp_path / "b.warc.gz", "--site", "journal")
    crawls = rows(tmp_path / "archive", ("crawls",))["crawls"]
    assert sorted(row["site"] for row in crawls) == ["gazette", "journal", "other.example"]
    assert {row["reason"] for row in crawls} == {"finished"}
    assert [json.loads(row["counts"])["new"] for row in crawls] == [1, 1, 1]


def test_one_bad_file_of_a_folder_does_not_stop_the_others(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.warc.gz").write_bytes(b"not a WARC file")
    (folder / "b.warc").write_bytes(b"")
    with Warc(folder / "c.warc.gz") as out:
        out.response(1)
    (folder / "notes.txt").write_text("not looked at", encoding="utf-8")
    told = run(folder, code=1)
    assert "a.warc.gz: not a WARC file" in told
    assert "b.warc: it is empty" in told
    assert "1 new" in told


def test_mistakes_are_told_in_a_sentence(tmp_path: Path, run: Run) -> None:
    assert "no such file" in run(tmp_path / "nothing.warc.gz", code=2)
    assert "no HTTP status" in run(tmp_path, "--status", "ok", code=2)
    with Warc(tmp_path / "a.warc.gz") as out:
        out.response(1)
    run(out.path, "--copy")
    (copy,) = (tmp_path / "archive" / "warc" / "imported").iterdir()
    assert "in this archive already" in run(copy, code=1)


def damage(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\0\0\0\0")
    os.utime(path, (0, 0))
