"""Who may read an archive, what requests on record do not tell, and that no name leads out of the archive."""

from __future__ import annotations

import gzip
import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.verification import verify
from crawler.demo import serve
from crawler.download import name_of
from tests import small_archives as small
from tests.conftest import run_marbre, write_sites
from tests.damaging import change, files, third


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_archive_is_its_owners_and_a_crawl_tells_no_secrets(tmp_path: Path, newspaper: serve) -> None:
    archive = tmp_path / "some" / "archive"
    run_marbre("--sites", write_sites(tmp_path, newspaper.url), "crawl", "--archive", archive)
    run_marbre("backup", tmp_path / "copy", "--archive", archive)
    run_marbre("merge", archive, "--archive", tmp_path / "merged")
    for directory in (archive, tmp_path / "copy", tmp_path / "merged"):
        assert mode(directory) == 0o700, directory
    heads = [
        record.partition(b"\r\n\r\n")[2].lower()
        for path in files(archive)
        for record in gzip.decompress(path.read_bytes()).split(b"WARC/1.1\r\n")
        if b"WARC-Type: request" in record
    ]
    assert len(heads) > 50
    assert [head for head in heads if b"cookie" in head or b"authorization" in head] == []


def test_a_directory_that_is_there_keeps_its_readers(tmp_path: Path, newspaper: serve) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    archive.chmod(0o750)
    run_marbre("--sites", write_sites(tmp_path, newspaper.url), "crawl", "--limit", "1", "--archive", archive)
    assert mode(archive) == 0o750


@pytest.mark.parametrize("name", ["../out", "..", "a/b", "/etc/x", "a\\u0000b", ".hidden", "-x"])
def test_sites_are_not_called_like_ways_out(tmp_path: Path, name: str) -> None:
    sites = tmp_path / "sites.toml"
    sites.write_text(f'[sites."{name}"]\nurl = "http://127.0.0.1:9/"\nallow_loopback = true\n', encoding="utf-8")
    said = run_marbre("--sites", sites, "crawl", "--archive", tmp_path / "archive", code=2).stderr
    assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "archive") == ["sites.toml"]


@given(st.text(max_size=60))
@example("..")
@example("%2e%2e%2f%2e%2e%2fetc%2fpasswd")
@example("..%5c..%5cx")
@example("/../../x.warc.gz")
@example("\0")
def test_downloads_are_not_called_like_ways_out(rest: str) -> None:
    name = name_of(f"https://archive.example/{rest}")
    assert Path(name).name == name
    assert name not in {"", ".", ".."}
    assert not {"/", "\\", "\0"} & set(name)


def test_rows_that_lead_out_are_named_and_not_followed(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    small.crawl(archive)
    outside = tmp_path / "secret.warc.gz"
    outside.write_bytes(files(archive)[0].read_bytes())
    change(archive, "UPDATE captures SET filename = '../../secret.warc.gz' WHERE id = ?", third(archive).id)
    assert any("outside" in problem.what for problem in verify(archive))
    run_marbre("repair", "--archive", archive)
    assert list(verify(archive)) == []
    assert outside.exists()
