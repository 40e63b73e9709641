"""Records as others write them: what is put up with, what is damage, and what is said of it."""

from __future__ import annotations

import gzip
import random
import zipfile
import zlib
from pathlib import Path

import pytest

from archive.errors import DamagedRecord
from archive.warc import Damage, payload_digest
from archive.warc.foreign import read_foreign, scan
from archive.warc.foreign_records import ForeignRecord, moment_of
from archive.warc.regions import Unreadable
from tests.foreign_files import Warc, chunked, page, url, wacz, zipped

HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def record(block: bytes, *, version: str = "WARC/1.0", kind: str = "response", **headers: str) -> bytes:
    """Return one record as bytes; header names are given with underscores."""
    fields = {"WARC-Type": kind, "WARC-Target-URI": url(1), "WARC-Date": "2026-03-01T10:00:00Z"}
    fields |= {"Content-Length": str(len(block))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [version, *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + block + b"\r\n\r\n"


def file_of(directory: Path, *parts: bytes) -> Path:
    path = directory / "foreign.warc"
    path.write_bytes(b"".join(parts))
    return path


def everything(path: Path, offset: int = 0) -> tuple[list[ForeignRecord], list[Damage]]:
    found = list(scan(path, offset, lambda _: True))
    records = [each for each in found if isinstance(each, ForeignRecord)]
    return records, [each for each in found if isinstance(each, Damage)]


@pytest.mark.parametrize("version", ["WARC/0.17", "WARC/0.18", "WARC/1.0", "WARC/1.1"])
@pytest.mark.parametrize("pack", [bytes, zipped])
def test_every_version_compressed_or_not(tmp_path: Path, version: str, pack: type[bytes]) -> None:
    parts = [pack(record(HTTP + b"<p>%d" % number, version=version)) for number in range(3)]
    path = file_of(tmp_path, *parts)
    records, damages = everything(path)
    assert damages == []
    assert [each.offset for each in records] == [0, len(parts[0]), len(parts[0] + parts[1])]
    assert [each.length for each in records] == [len(part) for part in parts]
    for number, each in enumerate(records):
        assert read_foreign(path, each.offset)[2] == b"<p>%d" % number
        assert everything(path, each.offset)[0][0].payload == each.payload


def test_a_record_is_read_back_with_all_its_codings_undone(tmp_path: Path) -> None:
    with Warc(tmp_path / "a.warc.gz") as out:
        codings = (("content-encoding", "gzip"), ("Transfer-Encoding", "chunked"))
        out.response(1, chunked(zipped(page(1)), 7), *codings)
    status, headers, body, digest = read_foreign(out.path, out.offsets[1])
    assert (status, body, digest) == (200, page(1), payload_digest(zipped(page(1))))
    assert headers[0] == ("Content-Type", "text/html")


@pytest.mark.parametrize(
    ("body", "undone"),
    [
        (b"5\r\nBonjo\r\n2;a=b\r\nur\r\n0\r\n\r\n", b"Bonjour"),
        (b"5\nBonjo\n0\n\n", b"Bonjo"),
        (b"0\r\n\r\n", b""),
        (b"<p>never was chunked", b"<p>never was chunked"),
        (b"5\r\nBonjo\r\n100\r\nur, but tor", b"Bonjour, but tor"),
        (b"5\r\nBonjo\r\nnonsense\r\n", b"Bonjo"),
        (b"-5\r\nBonjo", b"-5\r\nBonjo"),
        (b"", b""),
    ],
)
def test_chunks_are_undone_as_far_as_they_go(tmp_path: Path, body: bytes, undone: bytes) -> None:
    head = HTTP.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: Chunked\r\n\r\n")
    assert read_foreign(file_of(tmp_path, record(head + body)), 0)[2] == undone


def test_heads_as_they_come(tmp_path: Path) -> None:
    head = b"HTTP/1.0 200\nContent-Type: text/html;\n\tcharset=utf-8\nno colon here\nX: \xe9\n\n"
    path = file_of(tmp_path, record(head + b"<p>", WARC_Target_URI=f"<{url(1)}>"))
    assert read_foreign(path, 0)[:3] == (200, (("Content-Type", "text/html; charset=utf-8"), ("X", "é")), b"<p>")
    assert everything(path)[0][0].url == url(1)


def test_a_record_without_an_id_has_always_the_same(tmp_path: Path) -> None:
    path = file_of(tmp_path, record(HTTP + b"<p>"), record(HTTP + b"<p>"))
    first, second = (each.identifier for each in everything(path)[0])
    assert [each.identifier for each in everything(path)[0]] == [first, second]
    assert first != second
    assert first.startswith("<urn:uuid:")


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("2026-03-01T10:20:30Z", "2026-03-01T10:20:30+00:00"),
        ("2026-03-01T10:20:30.123456789Z", "2026-03-01T10:20:30.123456+00:00"),
        ("2026-03-01T11:20:30+01:00", "2026-03-01T10:20:30+00:00"),
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("0001-01-01T00:00:00+05:00", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_dates(stated: str | None, moment: str | None) -> None:
    found = moment_of(stated)
    assert (found and found.isoformat()) == moment


@pytest.mark.parametrize("name", ["WARC_Block_Digest", "WARC_Payload_Digest"])
@pytest.mark.parametrize(
    "wrong", ["sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "sha256:" + "0" * 64, payload_digest(b"another")]
)
def test_a_digest_that_does_not_match_is_damage(tmp_path: Path, name: str, wrong: str) -> None:
    parts = [record(HTTP + b"<p>1", **{name: wrong}), record(HTTP + b"<p>2")]
    records, damages = everything(file_of(tmp_path, *parts))
    assert [each.payload for each in records] == [b"<p>2"]
    assert damages[0].offset == 0
    assert wrong in damages[0].what
    with pytest.raises(DamagedRecord, match="which is not what it holds"):
        read_foreign(tmp_path / "foreign.warc", 0)


@pytest.mark.parametrize("odd", ["crc32:1234", "sha1:not-base-32!", "sha1", "", "sha1:AAAA"])
def test_a_digest_that_cannot_be_understood_is_none(tmp_path: Path, odd: str) -> None:
    records, _ = everything(file_of(tmp_path, record(HTTP + b"<p>", WARC_Payload_Digest=odd)))
    assert len(records) == 1


def test_a_payload_digest_of_the_decoded_body_will_do(tmp_path: Path) -> None:
    head = HTTP.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    stated = payload_digest(b"<p>plain")
    assert everything(file_of(tmp_path, record(head + zipped(b"<p>plain"), WARC_Payload_Digest=stated)))[1] == []


@pytest.mark.parametrize("pack", [bytes, zipped])
@pytest.mark.parametrize(
    "broken",
    [
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -1\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9999999\r\n\r\nshort",
        record(HTTP, Content_Length="9"),
        record(HTTP, WARC_Type=""),
        b"neither this nor that",
        b"WARC/1.0\r\n" + b"x" * 300_000,
    ],
)
def test_broken_records_are_passed_over(tmp_path: Path, pack: type[bytes], broken: bytes) -> None:
    good = pack(record(HTTP + b"<p>"))
    path = file_of(tmp_path, good, pack(broken), good)
    records, damages = everything(path)
    assert [each.payload for each in records] == [b"<p>", b"<p>"]
    assert [each.offset for each in damages] == [len(good)]
    with pytest.raises(DamagedRecord):
        read_foreign(path, len(good))


@pytest.mark.parametrize("pack", [bytes, zipped])
def test_a_torn_end_is_named(tmp_path: Path, pack: type[bytes]) -> None:
    good = pack(record(HTTP + random.Random(1).randbytes(500)))
    records, damages = everything(file_of(tmp_path, good, good[: len(good) - 200]))
    assert len(records) == 1
    assert [each.offset for each in damages] == [len(good)]


def test_a_record_inside_a_damaged_page_is_not_taken_for_one_of_the_file(tmp_path: Path) -> None:
    ours = {"WARC_Warcinfo_ID": "<urn:uuid:1>"}
    forged = zipped(record(HTTP + b"<p>forged", WARC_Target_URI="https://other.example/"))
    noise = random.Random(1).randbytes(40_000)  # cannot be compressed, so that the forged record stands as it is
    carrier = bytearray(zipped(record(HTTP + noise + forged + noise, **ours)))
    assert forged in carrier
    carrier[5000] ^= 0xFF
    good = zipped(record(HTTP + b"<p>", **ours))
    records, damages = everything(file_of(tmp_path, good, bytes(carrier), good))
    assert [each.payload for each in records] == [b"<p>", b"<p>"]
    assert len(damages) == 1


def test_files_that_cannot_be_imported_say_what_to_do(tmp_path: Path) -> None:
    two = record(HTTP + b"<p>1") + record(HTTP + b"<p>2")
    with Warc(tmp_path / "a.warc.gz") as out:
        out.response(1)
    cases = {
        zipped(two): "gunzip --keep",
        b"\x28\xb5\x2f\xfd....": "zstd --decompress",
        b"filedesc://a.arc 0.0.0.0": "warcio recompress",
        b"<!doctype html>": "not a WARC file",
        b"PK\x03\x04 and no more": "not a WACZ file",
        b"": "it is empty",
        wacz(tmp_path / "a.wacz", out.path, zipfile.ZIP_DEFLATED).read_bytes(): "unzip",
    }
    for content, advice in cases.items():
        with pytest.raises(Unreadable, match=advice):
            everything(file_of(tmp_path, content))


def test_a_wacz_of_several_files_is_read_from_any_record_on(tmp_path: Path) -> None:
    parts = [zipped(record(HTTP + b"<p>%d" % number)) for number in range(4)]
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("archive/a.warc.gz", b"".join(parts[:2]))
        out.writestr("indexes/index.cdx", b"WARC/ is not a record here")
        out.writestr("archive/b.warc.gz", b"".join(parts[2:]))
    records, damages = everything(path)
    assert [each.payload for each in records] == [b"<p>0", b"<p>1", b"<p>2", b"<p>3"]
    assert damages == []
    for number, each in enumerate(records):
        assert [later.payload for later in everything(path, each.offset)[0]] == [
            b"<p>%d" % left for left in range(number, 4)
        ]


def test_padding_and_empty_members_are_nothing(tmp_path: Path) -> None:
    good = record(HTTP + b"<p>")
    empty = gzip.compress(b"", mtime=0)
    assert everything(file_of(tmp_path, zipped(good), empty, zipped(good), empty, b"\0\0"))[1] == []
    assert len(everything(file_of(tmp_path, good, b"\r\n\n", good, b"\n\n"))[0]) == 2


def test_a_member_with_a_wrong_checksum_is_damaged(tmp_path: Path) -> None:
    member = bytearray(zipped(record(HTTP + b"<p>")))
    member[-8:-4] = zlib.crc32(b"another").to_bytes(4, "little")
    _, damages = everything(file_of(tmp_path, bytes(member)))
    assert "gzip" in damages[0].what


def test_a_revisit_need_not_repeat_the_head(tmp_path: Path) -> None:
    assert read_foreign(file_of(tmp_path, record(b"", kind="revisit")), 0)[:3] == (0, (), b"")
    with pytest.raises(DamagedRecord, match="status line"):
        read_foreign(file_of(tmp_path, record(b"", kind="response")), 0)
