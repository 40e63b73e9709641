"""An archive goes into a WACZ file and out of it again: the same articles, the same digests, the same evidence."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, warc
from archive.exchange import cdxj
from archive.import_evidence import EvidenceReader
from archive.import_filters import Filters
from archive.importing import count
from archive.warc import WarcWriter
from archive.warc.foreign import scan
from crawler.demo import serve
from tests import small_archives as small
from tests.conftest import REQUIRED, run_marbre, write_sites
from tests.foreign_files import Warc
from tests.test_replay import WAYBACK, _get, replay

WACZ = shutil.which("wacz")
# What may differ: where a record lies, and which crawl or import found it there.
PLACE = {"filename", "offset", "length", "crawl", "source"}
FETCHED = {"fetched"}  # by us, and not by who brought it


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("crawled") / "archive"
    small.crawl(directory)
    return directory


@pytest.fixture(scope="module")
def packed(crawled: Path) -> Path:
    return export(crawled, crawled.parent / "evidence.wacz")


def export(directory: Path, place: Path, *arguments: str) -> Path:
    run_marbre("export", *arguments, "-o", place, "--archive", directory)
    return place


def import_(path: Path, directory: Path) -> str:
    return run_marbre("import", path, "--archive", directory, "--site", "gazette").stdout


def articles(directory: Path) -> dict[str, Any]:
    with Archive(directory) as archive:
        return {each.canonical_url: each for each in archive.articles()}


def rows(directory: Path, table: str, without: set[str]) -> list[dict[str, Any]]:
    found = small.tables(directory, (table,))[table]
    return [{name: value for name, value in row.items() if name not in without} for row in found]


def evidence(directory: Path) -> list[dict[str, Any]]:
    """The captures of articles, sorted by id."""
    return sorted((row for row in rows(directory, "captures", PLACE) if row["role"] == "page"), key=str)


def assert_equal(one: Path, other: Path) -> None:
    assert articles(one) == articles(other)
    assert rows(one, "articles", FETCHED) == rows(other, "articles", FETCHED)
    assert rows(one, "versions", set()) == rows(other, "versions", set())
    assert evidence(one) == evidence(other)


def test_there_and_back(crawled: Path, packed: Path, tmp_path: Path) -> None:
    assert "7 imported" in import_(packed, tmp_path / "back")
    assert_equal(crawled, tmp_path / "back")
    assert "halle" in evidence(tmp_path / "back")[0]["links"]
    again = export(tmp_path / "back", tmp_path / "again.wacz")  # from the copy of a copy
    import_(again, tmp_path / "third")
    assert_equal(crawled, tmp_path / "third")
    for directory in (tmp_path / "back", tmp_path / "third"):
        assert "everything is as it should be" in run_marbre("verify", "--deep", "--archive", directory).stderr
    run_marbre("rebuild", "--archive", tmp_path / "back")
    assert_equal(crawled, tmp_path / "back")


def test_through_a_warc_file(crawled: Path, tmp_path: Path) -> None:
    import_(export(crawled, tmp_path / "evidence.warc.gz"), tmp_path / "back")
    assert_equal(crawled, tmp_path / "back")


def test_the_demo_newspaper_there_and_back(newspaper: serve, tmp_path: Path) -> None:
    sites = write_sites(tmp_path, newspaper.url)
    for _ in range(2):
        run_marbre("--sites", sites, "crawl", "--full", "--archive", tmp_path / "archive")
    import_(export(tmp_path / "archive", tmp_path / "x.wacz"), tmp_path / "back")
    ours, theirs = articles(tmp_path / "archive"), articles(tmp_path / "back")
    assert len(ours) > 50
    assert ours == theirs
    for table in ("articles", "versions"):
        assert rows(tmp_path / "archive", table, FETCHED) == rows(tmp_path / "back", table, FETCHED)


def test_a_part_is_imported_into_an_archive_that_has_it(crawled: Path, packed: Path, tmp_path: Path) -> None:
    shutil.copytree(crawled, tmp_path / "archive")
    said = import_(packed, tmp_path / "archive")
    assert "already in the archive" in said
    assert_equal(crawled, tmp_path / "archive")


def test_a_post_of_a_rest_api(tmp_path: Path) -> None:
    """What the API gave of a post is JSON, and a page all the same."""
    text = "".join(f"<p>{sentence}</p>" for sentence in small.SENTENCES)
    post = {"id": 7, "link": small.url(7), "title": {"rendered": "Le marché"}, "content": {"rendered": text}}
    with WarcWriter(tmp_path / "archive" / "warc", "marbre", "gazette-1", {"site": "gazette"}) as writer:
        kind = (("Content-Type", "application/json"),)
        asked = replace(small.answer(8, 0, json.dumps([post]).encode()), headers=kind, role="source", links=())
        answer = writer.write(asked)
        resource = replace(small.answer(7, 2, json.dumps(post).encode()), headers=kind)
        writer.write_resource(resource, answer.id)
    run_marbre("rebuild", "--archive", tmp_path / "archive")
    run_marbre("extract", "--archive", tmp_path / "archive")
    assert list(articles(tmp_path / "archive")) == [small.url(7)]
    path = export(tmp_path / "archive", tmp_path / "x.wacz")
    counted = count(path, Filters())
    assert counted.imported == 1  # the answer it was made of is no page
    assert "1 imported" in import_(path, tmp_path / "back")
    assert articles(tmp_path / "back") == articles(tmp_path / "archive")


@pytest.mark.skipif(WACZ is None and not REQUIRED, reason="wacz is not on the PATH (it has a venv of its own)")
def test_the_wacz_package_finds_it_valid(crawled: Path, packed: Path, tmp_path: Path) -> None:
    assert WACZ is not None
    few = export(crawled, tmp_path / "few.wacz", '"point 2"')
    none = export(crawled, tmp_path / "none.wacz", "zzz")
    for path in (packed, few, none):
        done = subprocess.run([WACZ, "validate", "-f", path], capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Validation succeeded" in done.stdout


def test_what_is_in_the_package(crawled: Path, packed: Path) -> None:
    with zipfile.ZipFile(packed) as members:
        assert members.testzip() is None
        assert members.getinfo("archive/data.warc.gz").compress_type == zipfile.ZIP_STORED
        package = json.loads(members.read("datapackage.json"))
        for resource in package["resources"]:
            data = members.read(resource["path"])
            assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
            assert resource["bytes"] == len(data)
        pages = [json.loads(line) for line in members.read("pages/pages.jsonl").splitlines()][1:]
        index = gzip.decompress(members.read("indexes/index.cdx.gz")).splitlines()
        warc_file = members.read("archive/data.warc.gz")
    assert len(pages) == small.VERSIONS
    assert index == sorted(index)
    assert len(index) == 7
    stamps = {(json.loads(line.split(b" ", 2)[2])["url"], line.split(b" ")[1].decode()) for line in index}
    for page in pages:
        assert (page["url"], page["ts"].translate({ord(c): None for c in "-:T"})[:14]) in stamps
    for line in index:
        said = json.loads(line.split(b" ", 2)[2])
        part = warc_file[int(said["offset"]) :][: int(said["length"])]
        assert f"WARC-Target-URI: {said['url']}".encode() in gzip.decompress(part)
    assert crawled.exists()


def replays(port: int) -> None:
    for exchange in small.CRAWL[:-1]:
        moment = f"{exchange.captured_at:%Y%m%d%H%M%S}"
        assert _get(port, f"/gazette/{moment}id_/{exchange.url}") == (200, exchange.body)


@pytest.mark.skipif(WAYBACK is None and not REQUIRED, reason="pywb is not on the PATH")
def test_pywb_replays_an_exported_warc_file(crawled: Path, tmp_path: Path) -> None:
    path = export(crawled, tmp_path / "evidence.warc.gz")
    with replay(tmp_path, path) as port:
        replays(port)


@pytest.mark.skipif(WAYBACK is None and not REQUIRED, reason="pywb is not on the PATH")
def test_pywb_replays_a_wacz_file_by_its_index(packed: Path, tmp_path: Path) -> None:
    assert WAYBACK is not None
    other = small.crawl(tmp_path / "other", [small.answer(9)])
    with replay(tmp_path, other) as port:
        manager = Path(WAYBACK).with_name("wb-manager")
        subprocess.run(
            [manager, "add", "--unpack-wacz", "gazette", str(packed)], cwd=tmp_path, check=True, capture_output=True
        )
        replays(port)


@pytest.mark.skipif(WAYBACK is None and not REQUIRED, reason="pywb is not on the PATH")
def test_pywb_replays_an_archive_by_our_index(crawled: Path, tmp_path: Path) -> None:
    with replay(tmp_path, next((crawled / "warc").glob("*.warc.gz"))) as port:
        (theirs,) = (tmp_path / "collections").glob("gazette/indexes/*.cdxj")
        export(crawled, theirs, "--format", "cdxj")
        replays(port)


# As two other programs, pywb and surt, write them.
@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.Example.org/A/b?Z=1&a=2", "org,example)/a/b?a=2&z=1"),
        ("https://example.org:8443/x/", "org,example:8443)/x"),
        ("http://127.0.0.1:42925/q/", "1,0,0,127:42925)/q"),
        ("https://www2.example.org/é à?utm_source=x", "org,example)/%c3%a9%20%c3%a0?utm_source=x"),
        ("https://example.org", "org,example)/"),
        ("https://münchen.de/a//b", "de,xn--mnchen-3ya)/a/b"),
        ("https://example.org/a?", "org,example)/a"),
        ("https://example.org/i.html?PHPSESSID=0123456789abcdef0123456789abcdef", "org,example)/i.html"),
        ("https://example.org/%2541", "org,example)/a"),
        ("https://m.example.org/a/../b/", "org,example,m)/b"),
        ("https://example.org/?a", "org,example)/?a"),
        ("https://example.org/a?b=c&B=a&a", "org,example)/a?a&b=a&b=c"),
    ],
)
def test_keys(url: str, key: str) -> None:
    assert cdxj.key(url) == key


def records(path: Path) -> Iterator[Any]:
    reader = EvidenceReader(Filters())
    for record in scan(path, keep=reader.wants):
        assert not isinstance(record, warc.Damage)
        if reader.wants(record):
            reader.note(record)
        yield record, reader
        reader.passed(record)


def test_evidence_is_that_of_the_answer_it_names(crawled: Path) -> None:
    path = next((crawled / "warc").glob("*.warc.gz"))
    awaited = []
    for record, reader in records(path):
        if record.type in ("response", "revisit"):
            wanted = next(each for each in warc.index(path) if getattr(each, "id", "") == record.id)
            assert (reader.of(record).role, reader.of(record).links) == (wanted.role, wanted.links)  # type: ignore[union-attr]
        awaited.append((record.type, reader.awaits))
    assert ("request", True) in awaited
    assert awaited[-1] == ("metadata", False)  # the crawl's summary is evidence of nothing


@pytest.mark.parametrize(
    "said",
    [
        b"{}",
        b"[1, 2]",
        b"not json",
        b'{"role": "emperor"}',
        b'{"role": "robots", "links": [{"url": 1}]}',
        b'{"role": "robots", "links": [{"url": "u", "via": "v", "found_on": "f", "published": "2026-01-01T00:00:00"}]}',
        b'{"role": "robots", "links": [' + b",".join([b'{"url": "u", "via": "v", "found_on": "f"}'] * 17) + b"]}",
    ],
)
def test_what_strangers_say_is_no_evidence(said: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    with Warc(path) as out:
        identifier = "<urn:uuid:00000000-0000-4000-8000-000000000001>"
        given = {"WARC-Refers-To": identifier}
        out._write(
            out.writer.create_warc_record(
                "", "metadata", io.BytesIO(said), warc_content_type="application/json", warc_headers_dict=given
            )
        )
        out.response(1, warc={"WARC-Record-ID": identifier})
    for record, reader in records(path):
        assert reader.of(record).role == "page"
        assert reader.of(record).links == ()


def test_a_dry_run_counts_the_same(packed: Path) -> None:
    counted = count(packed, Filters())
    assert (counted.imported, counted.records) == (7, counted.imported + sum(counted.left_out.values()))
