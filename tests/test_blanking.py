"""Records taken out of WARC files in place: what is left can be read by everybody, where it was."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive import warc
from archive.models import Capture
from archive.warc import blanking
from archive.warc.blanking import DoesNotFit, Span
from archive.warc.scan import scan
from tests.warc_files import START, captures, exchange, only, writer

ABOUT = "urn:marbre:forgotten:0123456789abcdef"
SAID = {"article": "0123456789abcdef", "at": "2026-03-01T10:20:30.123456Z", "reason": "asked for by a court"}


def three(directory: Path, body: bytes) -> list[Capture]:
    with writer(directory) as out:
        made = [
            out.write(exchange(content, url=f"https://gazette.example/{number}/"))
            for number, content in enumerate((b"<p>Un", body, b"<p>Trois"))
        ]
        out.write_metadata({"counts": {"new": 3}}, "urn:marbre:crawl:gazette-1")
    return made


def take_out(directory: Path, first: Capture, gone: Capture) -> Span:
    path = only(directory)
    begin = first.offset + first.length
    span = Span(path.name, begin, gone.offset + gone.length - begin)
    blanking.put(path, begin, blanking.tombstone(span, ABOUT, SAID, START, blanking.warcinfo_of(path)))
    return span


@pytest.mark.parametrize("size", [0, 5_000, 3_000_000])
def test_a_record_is_taken_out_and_no_other_moves(tmp_path: Path, size: int) -> None:
    first, gone, last = three(tmp_path, b"<p>SECRET " + random.Random(size).randbytes(size))
    path = only(tmp_path)
    before = path.read_bytes()
    span = take_out(tmp_path, first, gone)
    after = path.read_bytes()
    assert len(after) == len(before)
    end = span.offset + span.length
    assert (after[: span.offset], after[end:]) == (before[: span.offset], before[end:])
    assert captures(path) == [first, last]
    assert list(warc.verify(path)) == []
    (said, *_) = [each for each in warc.index(path) if isinstance(each, warc.Document)]
    assert (said.about, said.body) == (ABOUT, SAID)
    text = gzip.decompress(after)
    assert b"SECRET" not in text + after
    assert gone.id.encode() not in text


def test_other_programs_read_past_it(tmp_path: Path) -> None:
    first, gone, _ = three(tmp_path, random.Random(1).randbytes(300_000))
    path = only(tmp_path)
    take_out(tmp_path, first, gone)
    with path.open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file, check_digests="raise")]
    assert kinds == [
        *("warcinfo", "metadata", "request", "response", "metadata", "metadata", "request", "response", "metadata")
    ]
    subprocess.run(["gzip", "-t", path], check=True)
    subprocess.run([Path(sys.executable).with_name("warcio"), "check", path], check=True)


def test_the_same_place_gets_the_same_tombstone(tmp_path: Path) -> None:
    first, gone, _ = three(tmp_path, b"<p>SECRET")
    span = take_out(tmp_path, first, gone)
    once = only(tmp_path).read_bytes()
    moved = blanking.tombstone(span, ABOUT, SAID, START + timedelta(0), blanking.warcinfo_of(only(tmp_path)))
    blanking.put(only(tmp_path), span.offset, moved)
    assert only(tmp_path).read_bytes() == once


def test_a_long_reason_is_cut_to_the_room_there_is() -> None:
    span = Span("a.warc.gz", 0, 600)
    said = SAID | {"reason": "".join(random.Random(2).choices("abcdefghijklmnopqrstuvwxyz ", k=4_000))}
    member = blanking.tombstone(span, ABOUT, said, START, "<urn:uuid:1>")
    assert len(member) == span.length
    (_, _, block) = gzip.decompress(member).partition(b"\r\n\r\n")
    assert json.loads(block)["article"] == SAID["article"]


def test_what_is_too_short_in_a_file_of_others_is_left_empty() -> None:
    for size, begin in ((317, b"WARC/1.1"), (190, b"WARC/1.1"), (60, b"")):
        for compressed in (True, False)[: 2 if size > 200 else 1]:
            place = Span("a", 0, size)
            data = blanking.tombstone(place, ABOUT, SAID, START, None, compressed=compressed)
            assert len(data) == size
            assert (gzip.decompress(data) if compressed else data).startswith(begin)
    with pytest.raises(DoesNotFit):
        blanking.tombstone(Span("a.warc.gz", 0, 20), ABOUT, SAID, START, None)


def test_behind_damage_the_pass_goes_on_at_a_tombstone_with_a_long_comment(tmp_path: Path) -> None:
    first, gone, last = three(tmp_path, random.Random(3).randbytes(200_000))
    span = take_out(tmp_path, first, gone)
    path = only(tmp_path)
    with path.open("rb+") as file:
        file.seek(first.offset + 20)
        file.write(b"\0" * 30)
    found = [each for each in scan(path) if not isinstance(each, warc.Damage)]
    assert span.offset in [record.offset for record in found]
    assert captures(path) == [last]


def test_a_document_says_less_in_the_same_room(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        rows = [{"url": f"https://gazette.example/{number}/", "title": f"Titre {number}"} for number in range(50)]
        out.write_metadata({"frontier": rows}, "urn:marbre:crawl:gazette-1")
    path = only(tmp_path)
    *_, record = [each for each in scan(path) if not isinstance(each, warc.Damage)]
    size = path.stat().st_size
    blanking.put(path, record.offset, blanking.with_document(record, {"frontier": rows[:-1]}))
    assert path.stat().st_size == size
    assert list(warc.verify(path)) == []
    (document,) = [each for each in warc.index(path) if isinstance(each, warc.Document)]
    assert document.body == {"frontier": rows[:-1]}


def test_two_files_differ_only_in_what_was_taken_out(tmp_path: Path) -> None:
    first, gone, _ = three(tmp_path / "one", b"<p>SECRET")
    (tmp_path / "two").mkdir()
    theirs = tmp_path / "two" / "copy.warc.gz"
    theirs.write_bytes(only(tmp_path / "one").read_bytes())
    take_out(tmp_path / "one", first, gone)
    ours = only(tmp_path / "one")
    assert blanking.differs_only_in_blanks(ours, theirs)
    assert blanking.differs_only_in_blanks(theirs, ours)
    blanking.put(theirs, first.offset, bytes(9))
    assert not blanking.differs_only_in_blanks(ours, theirs)
