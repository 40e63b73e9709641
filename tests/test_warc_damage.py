"""What a kill, a full disk or a bad one does to WARC files costs the records that were hit and no others."""

from __future__ import annotations

import fcntl
import gzip
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import warc
from archive.errors import DamagedRecord
from archive.models import Capture, Link
from tests.warc_files import captures, exchange, only, only_open, writer


def _flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"offset": 0}, "another record"),
        ({"offset": 7}, "gzip member is damaged"),
        ({"offset": 10**9}, "torn"),
        ({"id": "<urn:uuid:0>"}, "another record"),
        ({"digest": "sha256:A"}, "payload digest"),
        ({"filename": "nowhere.warc.gz"}, "missing"),
    ],
)
def test_a_record_that_is_not_the_captures_is_damaged(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    with writer(tmp_path) as out:
        capture = replace(out.write(exchange()), **change)
    with pytest.raises(DamagedRecord, match=what) as caught:
        warc.read_page(tmp_path, capture)
    assert f"{capture.filename}, offset {capture.offset}, record {capture.id}" in str(caught.value)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Capture]]:
    """A file of three captures that compress badly, and its captures."""
    directory = tmp_path_factory.mktemp("three")
    with writer(directory) as out:
        bodies = [random.Random(number).randbytes(300) + b"a" * 300 for number in range(3)]
        written = [out.write(exchange(body, links=(Link("https://a/", "feed", "https://b/"),))) for body in bodies]
    return only(directory), written


@given(position=st.floats(0, 1, exclude_max=True))
def test_any_flipped_byte_is_found(three: tuple[Path, list[Capture]], position: float) -> None:
    whole, written = three
    with TemporaryDirectory() as name:
        path = Path(name) / whole.name
        shutil.copy(whole, path)
        offset = int(position * whole.stat().st_size)
        _flip(path, offset)
        if offset_matters(whole, offset):
            assert list(warc.verify(path)) != []
        found = captures(path)
        # Evidence may be what was hit, or a record; never more than one capture of the three.
        assert len([capture for capture in written if capture in found]) >= 2


def offset_matters(path: Path, offset: int) -> bool:
    """Whether a byte is more than the gzip header's time, flags for speed, or system: those say nothing."""
    starts = [0]
    data = path.read_bytes()
    while (start := data.find(b"\x1f\x8b\x08\0", starts[-1] + 1)) >= 0:
        starts.append(start)
    return not any(4 <= offset - start < 10 for start in starts)


def test_verify_goes_on_behind_a_damaged_record(three: tuple[Path, list[Capture]], tmp_path: Path) -> None:
    whole, written = three
    path = tmp_path / whole.name
    shutil.copy(whole, path)
    _flip(path, written[1].offset + 200)
    (damage,) = warc.verify(path)
    assert (damage.file, damage.offset) == (path, written[1].offset)
    assert captures(path) == [written[0], written[2]]
    assert warc.read_page(tmp_path, written[2]).body


def test_a_lost_first_record_loses_no_capture(three: tuple[Path, list[Capture]], tmp_path: Path) -> None:
    whole, written = three
    path = tmp_path / whole.name
    shutil.copy(whole, path)
    _flip(path, 20)
    assert captures(path) == written


NOISE = random.Random(1).randbytes(80_000)  # gzip stores it, and whatever lies in it, as it is


def test_a_warc_file_inside_a_page_is_never_taken_for_records(tmp_path: Path) -> None:
    with writer(tmp_path / "theirs") as out:
        out.write(exchange(b"forged", url="https://gazette.example/forged"))
    forged = b"".join([NOISE[:40_000], only(tmp_path / "theirs").read_bytes(), NOISE[40_000:]])
    with writer(tmp_path / "ours") as out:
        first, hit, last = (out.write(exchange(body)) for body in (b"a", forged, b"b"))
    path = only(tmp_path / "ours")
    assert only(tmp_path / "theirs").read_bytes() in path.read_bytes()
    _flip(path, hit.offset + 400)
    assert captures(path) == [first, last]
    torn = path.with_name(path.name + ".open")
    torn.write_bytes(path.read_bytes()[: hit.offset + hit.length - 5])
    warc.recover(torn)
    assert captures(path) == [first]


@pytest.mark.parametrize("name", ["WARC-Block-Digest", "WARC-Payload-Digest"])
def test_a_digest_that_is_missing_or_differs_is_a_damage(tmp_path: Path, name: str) -> None:
    with writer(tmp_path) as out:
        capture = out.write(exchange())
    path = only(tmp_path)
    start = path.read_bytes()[: capture.offset]
    record = gzip.decompress(path.read_bytes()[capture.offset :])
    for changed, what in (
        (record.replace(name.encode(), b"X-Digest"), "has no"),
        (record.replace(b"Bonjour", b"Bonsoir"), "holds"),
    ):
        path.write_bytes(start + gzip.compress(changed))
        damages = list(warc.verify(path))
        assert any(name in damage.what and what in damage.what for damage in damages)
        assert {damage.record for damage in damages} == {capture.id}
        with pytest.raises(DamagedRecord, match="Digest"):
            warc.read_page(tmp_path, capture)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\0" * 100,
        b"<html>",
        b"\x1f\x8b\x08",
        gzip.compress(b"WARC/1.1\r\n\r\n", mtime=0),
        gzip.compress(b"", mtime=0),
    ],
)
def test_files_that_hold_no_records(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "a-20260101000000-00000-b.warc.gz"
    path.write_bytes(junk)
    assert len(list(warc.verify(path))) == 1
    assert list(warc.index(path)) == []
    torn = tmp_path / "c-20260101000000-00000-d.warc.gz.open"
    torn.write_bytes(junk)
    closed, cut = warc.recover(torn)
    assert cut == len(junk)
    assert not torn.exists()
    assert not closed.exists()


@given(position=st.floats(0, 1))
@settings(max_examples=200)
def test_a_kill_costs_the_record_being_written_only(three: tuple[Path, list[Capture]], position: float) -> None:
    whole, written = three
    end = int(position * whole.stat().st_size)
    with TemporaryDirectory() as name:
        torn = Path(name) / f"{whole.name}.open"
        torn.write_bytes(whole.read_bytes()[:end])
        path, cut = warc.recover(torn)
        assert warc.open_files(Path(name)) == []
        assert path.name == whole.name
        if not path.exists():
            assert cut == end
            return
        assert path.stat().st_size == end - cut
        assert list(warc.verify(path)) == []
        assert captures(path) == [capture for capture in written if capture.offset + capture.length <= end]


def test_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        with pytest.raises(BlockingIOError):
            warc.recover(only_open(tmp_path))
        capture = out.write(exchange())
    assert captures(only(tmp_path)) == [capture]


KILLED = """
import os, sys
from pathlib import Path
from tests.warc_files import exchange, writer
out = writer(Path(sys.argv[1]))
out.write(exchange(b"kept"))
os.write(out._file.fileno(), b"\\x1f\\x8b\\x08torn")
print("written", flush=True)
sys.stdin.read()
"""


def test_a_killed_writer_leaves_whole_captures(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"written\n"
        with pytest.raises(BlockingIOError):
            warc.recover(only_open(tmp_path))
        child.send_signal(signal.SIGKILL)
    path, cut = warc.recover(only_open(tmp_path))
    assert cut == len(b"\x1f\x8b\x08torn")
    (capture,) = captures(path)
    assert warc.read_page(tmp_path, capture).body == b"kept"


FULL = """
import random, resource, sys
from pathlib import Path
from tests.warc_files import exchange, writer

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

with writer(Path(sys.argv[1]), max_bytes=int(sys.argv[2])) as out:
    out.write(exchange(b"first"))
    limit(int(sys.argv[3]))
    try:
        out.write(exchange(random.Random(1).randbytes(50_000)))
    except OSError as error:
        print(type(error).__name__)
    limit(resource.RLIM_INFINITY)
    out.write(exchange(b"second"))
"""


@pytest.mark.parametrize(("max_bytes", "limit"), [(1 << 30, 20_000), (1, 200)], ids=["same file", "new file"])
def test_a_full_disk_leaves_no_torn_record(tmp_path: Path, max_bytes: int, limit: int) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path), str(max_bytes), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("OSError\n", 0), done.stderr
    assert warc.open_files(tmp_path) == []
    paths = sorted(tmp_path.iterdir())
    assert [damage for path in paths for damage in warc.verify(path)] == []
    bodies = [warc.read_page(tmp_path, capture).body for path in paths for capture in captures(path)]
    assert bodies == [b"first", b"second"]


def test_a_file_that_recovery_removes_at_birth_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Between creating and locking, another process may take the empty file for what a killed crawl left.
    lock = fcntl.flock
    begun: list[Path] = []

    def late(file: Any, operation: int) -> None:
        if not begun:
            begun.append(only_open(tmp_path))
            monkeypatch.setattr(fcntl, "flock", lock)
            warc.recover(begun[0])
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with writer(tmp_path) as out:
        capture = out.write(exchange())
    assert captures(only(tmp_path)) == [capture]
