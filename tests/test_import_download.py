"""`marbre import URL`: fetched from a real server, which may break off, move, or be no public address."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from archive.database import open_for_reading
from crawler.download import DownloadFailed, download, name_of, partial_of
from crawler.import_progress import Progress, line
from tests.archives import dump
from tests.conftest import run_marbre
from tests.foreign_files import Warc

LOOPBACK = {"127.0.0.1"}
BODY = bytes(range(256)) * 2000


class Server(ThreadingHTTPServer):
    """Offers `body` at every path but /moved; `breaks` answers end too soon; `asked` holds (path, Range)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body = BODY
        self.etag = '"one"'
        self.breaks = 0
        self.asked: list[tuple[str, str | None]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append((self.path, wanted))
        if self.path in {"/moved", "/gone"}:
            self.send_response(302 if self.path == "/moved" else 410)
            self.send_header("Location", "/files/there.warc.gz")
            self.end_headers()
            return
        same = wanted and self.headers.get("If-Range") == server.etag
        begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and same else 0
        self.send_response(206 if same else 200)
        if same:
            self.send_header("Content-Range", f"bytes {begin}-{len(server.body) - 1}/{len(server.body)}")
        self.send_header("ETag", server.etag)
        self.send_header("Content-Length", str(len(server.body) - begin))
        self.end_headers()
        rest = server.body[begin:]
        server.breaks -= 1
        self.wfile.write(rest[: len(rest) // 2] if server.breaks >= 0 else rest)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield running
        running.shutdown()


def test_a_broken_connection_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.breaks = 2
    shown: list[tuple[int, int | None]] = []
    download(f"{server.url}/a", tmp_path / "a", "tests", lambda *said: shown.append(said), LOOPBACK)
    assert (tmp_path / "a").read_bytes() == BODY
    half = len(BODY) // 2
    assert [wanted for _, wanted in server.asked] == [None, f"bytes={half}-", f"bytes={half + half // 2}-"]
    assert shown[-1] == (len(BODY), len(BODY))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_another_file_by_now_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(BODY[:100])
    (tmp_path / "a.validator").write_text('"another"', encoding="utf-8")
    download(f"{server.url}/a", tmp_path / "a", "tests", loopback_hosts=LOOPBACK)
    assert (tmp_path / "a").read_bytes() == BODY


def test_a_redirect_is_followed(server: Server, tmp_path: Path) -> None:
    download(f"{server.url}/moved", tmp_path / "a", "tests", loopback_hosts=LOOPBACK)
    assert [path for path, _ in server.asked] == ["/moved", "/files/there.warc.gz"]
    assert (tmp_path / "a").read_bytes() == BODY


def test_only_public_addresses(server: Server, tmp_path: Path) -> None:
    fetch: Callable[[str], None] = partial(download, partial=tmp_path / "a", user_agent="tests")
    for url in (
        f"{server.url}/a",
        "http://127.1/a",
        "http://[::1]/a",
        "http://localhost/a",
        "http://169.254.169.254/a",
    ):
        with pytest.raises(DownloadFailed, match=r"public|port"):
            fetch(url)
    with pytest.raises(DownloadFailed, match="not an http"):
        fetch("file:///etc/passwd")
    assert server.asked == []


def test_an_error_is_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="HTTP status 410"):
        download(f"{server.url}/gone", tmp_path / "a", "tests", loopback_hosts=LOOPBACK)


def test_names_are_safe() -> None:
    assert name_of("https://example.org/a/b%20c/CC-NEWS-1.warc.gz?x=1") == "CC-NEWS-1.warc.gz"
    assert name_of("https://example.org/..") == "download"
    assert partial_of(Path("d"), "https://example.org/a b").name.endswith("-a_b.part")


def test_a_url_is_copied_and_imported_once(server: Server, tmp_path: Path) -> None:
    with Warc(tmp_path / "a.warc.gz") as out:
        out.response(1)
    server.body = out.path.read_bytes()
    sites = tmp_path / "sites.toml"
    sites.write_text(f'[sites.here]\nurl = "{server.url}/"\nallow_loopback = true\n', encoding="utf-8")
    address = f"{server.url}/dumps/a.warc.gz"
    run = partial(run_marbre, "--sites", sites, "import", address, "--archive", tmp_path / "archive")
    assert "1 new" in run().stdout
    (copy,) = (tmp_path / "archive" / "warc" / "imported").iterdir()
    assert copy.read_bytes() == server.body
    assert "already imported" in run().stdout
    assert len(server.asked) == 1
    (row,) = dump(open_for_reading(tmp_path / "archive"), ("captures",))["captures"]
    assert (row["source"], row["filename"]) == (address, f"imported/{copy.name}")
    run_marbre("verify", "--archive", tmp_path / "archive")


def test_progress_is_told_in_a_line_where_there_is_no_terminal() -> None:
    assert (
        line("a.warc.gz", 250_000_000, 1_000_000_000, 2_500_000) == "a.warc.gz: 25% of 1,000 MB, 2.50 MB/s, 5:00 to go"
    )
    assert line("a.warc.gz", 5_000_000, None, 0) == "a.warc.gz: 5 MB, 0.00 MB/s"


def test_only_what_is_left_of_a_file_counts(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(300, None)
    for size, begin in ((100, 100), (100, 50), (100, 0)):
        progress.of("a", size, begin)
    progress.last -= 61
    progress.of("b", 0)(0)
    assert "b: 100% of" in capsys.readouterr().err
