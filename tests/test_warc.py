"""WARC files: what is read is what was written, and other programs can read it too."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import warc
from archive.errors import DamagedRecord
from archive.models import Capture, Exchange, Link
from tests.warc_files import HTML, INFO, START, URL, captures, exchange, only, only_open, writer

TOKEN = st.text("!#$%&'*+-.^_`|~0123456789abcXYZ", min_size=1)  # RFC 9110, 5.6.2
VALUE = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n\0"))
HEADERS = st.lists(st.tuples(TOKEN | st.sampled_from(["Set-Cookie", "Transfer-Encoding", "X"]), VALUE)).map(tuple)
ZONES = st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.builds(
    lambda seconds, zone: (START + timedelta(seconds=seconds)).astimezone(zone), st.floats(-1e9, 1e9), ZONES
)
TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]))
LINKS = st.lists(
    st.builds(
        Link,
        url=st.text("abc/é"),
        via=st.sampled_from(["feed", "sitemap"]),
        found_on=st.just("https://gazette.example/feed/"),
        title=TEXT,
        published=st.none() | MOMENTS,
        tags=st.lists(st.text("éa,")).map(tuple),
    ),
    max_size=2,
).map(tuple)
EXCHANGES = st.builds(
    exchange,
    body=st.binary(),
    status=st.integers(100, 999),
    headers=HEADERS,
    captured_at=MOMENTS,
    protocol=st.sampled_from(["HTTP/1.0", "HTTP/1.1", "HTTP/2"]),
    ip_address=st.sampled_from([None, "192.0.2.1", "2001:db8::1"]),
    role=st.sampled_from(["page", "source", "robots"]),
    links=LINKS,
)


@given(st.lists(EXCHANGES, max_size=4))
def test_what_is_read_is_what_was_written(exchanges: list[Exchange]) -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        with writer(directory) as out:
            written = [out.write(each) for each in exchanges]
        path = only(directory)
        assert captures(path) == written
        assert list(warc.verify(path)) == []
        for each, capture in zip(exchanges, written, strict=True):
            read = warc.read_exchange(path, capture.offset)
            assert read == replace(each, role="page", links=())
            assert read.captured_at.utcoffset() == timedelta(0)


@given(st.binary(), HEADERS)
def test_a_page_comes_back_as_it_was_received(body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    headers = tuple(pair for pair in headers if pair[0].lower() != "content-encoding")
    with TemporaryDirectory() as name, writer(Path(name)) as out:
        first = out.write(exchange(body, headers=headers))
        again = out.write(exchange(body, captured_at=START + timedelta(days=1)), first)
        unchanged = out.write(exchange(b"", status=304, captured_at=START + timedelta(days=2)), first)
        page = warc.read_page(Path(name), first)
        assert (page.url, page.status, page.headers, page.body) == (URL, 200, headers, body)
        for revisit in (again, unchanged):
            assert warc.read_page(Path(name), revisit, first) == replace(page, captured_at=revisit.timestamp)


def test_what_a_capture_says(tmp_path: Path) -> None:
    link = Link("https://gazette.example/a", "feed", "https://gazette.example/feed", title="Élysée", published=START)
    with writer(tmp_path) as out:
        assert only_open(tmp_path).name.endswith("-00000-gazette-1.warc.gz.open")
        capture = out.write(exchange(role="page", links=(link,), ip_address="192.0.2.1"))
    path = only(tmp_path)
    assert path.stat().st_size == capture.offset + capture.length
    assert replace(capture, id="", offset=0, length=0) == Capture(
        id="",
        urlkey="example,gazette)/une/titre/?b=2",
        timestamp=START,
        url=URL,
        status=200,
        mime="text/html",
        digest=warc.payload_digest(b"<p>Bonjour"),
        kind="response",
        refers_to=None,
        filename=path.name,
        offset=0,
        length=0,
        crawl="gazette-1",
        role="page",
        links=(link,),
    )
    assert capture.id.startswith("<urn:uuid:")
    assert capture.digest.startswith("sha256:")


def test_the_records_of_a_file(tmp_path: Path) -> None:
    request_headers = (("Accept", "*/*"), ("Cookie", "secret"), ("authorization", "secret"), ("User-Agent", "Marbre"))
    with writer(tmp_path) as out:
        out.write(exchange(request_headers=request_headers, links=(Link("https://a/", "feed", "https://b/"),)))
        out.write_metadata({"counts": {"archived": 1}}, "urn:marbre:crawl:gazette-1")
    text = gzip.decompress(only(tmp_path).read_bytes()).decode()
    assert [line for line in text.splitlines() if line.startswith("WARC-Type")] == [
        f"WARC-Type: {kind}" for kind in ("warcinfo", "metadata", "request", "response", "metadata")
    ]
    assert (
        "GET /une/titre/?b=2 HTTP/1.1\r\nHost: www.gazette.example\r\nAccept: */*\r\nUser-Agent: Marbre\r\n\r\n" in text
    )
    assert "secret" not in text
    assert '{"role": "page", "links": [{"url": "https://a/", "via": "feed", "found_on": "https://b/"}]}' in text
    assert "WARC-Date: 2026-03-01T10:20:30.123456Z\r\n" in text
    info, document = [each for each in warc.index(only(tmp_path)) if not isinstance(each, Capture)]
    assert isinstance(info, warc.CrawlInfo)
    assert (info.crawl, info.timestamp) == ("gazette-1", out.started)
    assert {name: info.fields[name] for name in INFO} == INFO
    assert document == warc.Document("urn:marbre:crawl:gazette-1", {"counts": {"archived": 1}})


def test_line_breaks_in_a_header_value_become_spaces(tmp_path: Path) -> None:
    # RFC 9110, 5.5; a value that began a new line would forge a header, or the end of the head.
    with writer(tmp_path) as out:
        capture = out.write(exchange(headers=(("X", "a\r\nSet-Cookie: b\r\n\r\n<html>"),)))
    assert warc.read_page(tmp_path, capture).headers == (("X", "a  Set-Cookie: b    <html>"),)


@pytest.mark.parametrize(
    "url", ["https://gazette.example/a\r\nWARC-Type: x", "https://gazette.example/a b", "ftp://a/", ""]
)
def test_addresses_that_warc_headers_cannot_hold_are_refused(tmp_path: Path, url: str) -> None:
    with writer(tmp_path) as out, pytest.raises(ValueError):  # noqa: PT011
        out.write(exchange(url=url))
    assert list(warc.verify(only(tmp_path))) == []


def test_content_coding_is_kept_in_the_file_and_undone_in_the_page(tmp_path: Path) -> None:
    coded = gzip.compress(b"<p>Bonjour")
    with writer(tmp_path) as out:
        capture = out.write(exchange(coded, headers=(("content-encoding", "gzip"),)))
        torn = out.write(exchange(coded[:-3], headers=(("Content-Encoding", "gzip"),)))
    assert warc.read_exchange(only(tmp_path), capture.offset).body == coded
    assert warc.read_page(tmp_path, capture).body == b"<p>Bonjour"
    with pytest.raises(DamagedRecord, match=f"{torn.filename}, offset {torn.offset}, record {torn.id}: .*gzip"):
        warc.read_page(tmp_path, torn)


def test_a_revisit_refers_to_the_record_with_the_body(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        first = out.write(exchange())
        same = out.write(exchange(), first)
        unchanged = out.write(exchange(b"", status=304, headers=()), first)
        with pytest.raises(ValueError, match="revisit itself"):
            out.write(exchange(), same)
    assert [(each.kind, each.refers_to, each.digest, each.status) for each in (same, unchanged)] == [
        ("revisit", first.id, first.digest, 200),
        ("revisit", first.id, first.digest, 304),
    ]
    text = gzip.decompress(only(tmp_path).read_bytes()).decode()
    assert "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n" in text
    assert "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n" in text
    assert text.count("WARC-Refers-To-Date: 2026-03-01T10:20:30.123456Z\r\n") == 2
    assert text.count(f"WARC-Refers-To-Target-URI: {URL}\r\n") == 2
    for original in (None, same):
        with pytest.raises(DamagedRecord, match="not in the archive"):
            warc.read_page(tmp_path, unchanged, original)


def test_a_new_file_when_one_is_full(tmp_path: Path) -> None:
    with writer(tmp_path, max_bytes=3000) as out:
        written = [out.write(exchange(random.Random(number).randbytes(600))) for number in range(5)]
        assert len(warc.open_files(tmp_path)) == 1
    files = sorted(tmp_path.iterdir())
    assert [path.name.split("-")[2] for path in files] == ["00000", "00001", "00002"]
    assert [capture for path in files for capture in captures(path)] == written
    for path in files:
        assert isinstance(next(warc.index(path)), warc.CrawlInfo)
        assert list(warc.verify(path)) == []
    assert all(warc.read_page(tmp_path, capture).body for capture in written)


def test_two_writers_of_one_crawl_never_share_a_file(tmp_path: Path) -> None:
    with writer(tmp_path) as one, writer(tmp_path) as other:
        one.write(exchange())
        other.write(exchange())
    with writer(tmp_path):
        pass
    assert len(list(tmp_path.glob("*.warc.gz"))) == 3


def test_a_page_can_be_read_while_its_file_is_written(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        capture = out.write(exchange())
        assert warc.read_page(tmp_path, capture).body == b"<p>Bonjour"
        assert captures(only_open(tmp_path)) == [capture]


def test_memory_does_not_grow_with_the_body(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        out.write(exchange(bytes(64 << 20)))
    program = (
        "import resource, sys; from pathlib import Path; from archive import warc\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "path = Path(sys.argv[1]); list(warc.index(path)); assert not list(warc.verify(path))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(only(tmp_path))], capture_output=True, text=True, check=True
    )
    kilobytes = int(done.stdout) // (1024 if sys.platform == "darwin" else 1)
    assert kilobytes < 20_000


ODD = (
    *HTML,
    ("Set-Cookie", "a=1"),
    ("Set-Cookie", "b=é; path=/"),
    ("X-Odd", "  \xff\xfe; name=\xe9\t"),
    ("Link", ""),
)


def test_warcio_check_passes(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        first = out.write(exchange(headers=ODD, ip_address="2001:db8::1"))
        out.write(exchange(headers=ODD), first)
        out.write(exchange(b"5\r\nabcde\r\n0\r\n\r\n", headers=(("Transfer-Encoding", "chunked"),)))
        out.write(exchange(b"", status=404, protocol="HTTP/2", headers=()))
        out.write_metadata({"é": 1}, "urn:marbre:crawl:gazette-1")
    command = [sys.executable, "-m", "warcio.cli", "check", "-v", str(only(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("digest pass") == 13
    assert subprocess.run(["gzip", "-t", str(only(tmp_path))], check=False).returncode == 0
    assert warc.read_page(tmp_path, first).headers == ODD
