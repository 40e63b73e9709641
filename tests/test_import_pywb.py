"""What another program, pywb, has recorded from a server can be imported."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REQUIRED, run_marbre
from tests.foreign_files import chunked, page, zipped

WAYBACK = shutil.which("wayback")
CONFIG = "collections:\n    live: $live\nrecorder: live\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in (("Type", "text/html; charset=utf-8"), ("Encoding", "gzip")):
            self.send_header(f"Content-{name}", value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(chunked(zipped(page(int(self.path.rpartition("/")[2])))))

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.skipif(
    WAYBACK is None and not REQUIRED, reason="pywb is not on the PATH (its brotlipy and our brotli exclude each other)"
)
def test_what_pywb_recorded(tmp_path: Path) -> None:
    record(tmp_path)
    done = run_marbre("import", tmp_path / "collections", "--archive", tmp_path / "archive")
    assert "3 new, 0 changed, 0 unchanged, 0 rejected, 0 failed" in done.stdout
    run_marbre("verify", "--archive", tmp_path / "archive")


def record(directory: Path) -> None:
    """Let pywb record three pages: it fetches what is asked for, and keeps it."""
    assert WAYBACK is not None
    manager = Path(WAYBACK).with_name("wb-manager")
    subprocess.run([manager, "init", "gazette"], cwd=directory, check=True, capture_output=True)
    (directory / "config.yaml").write_text(CONFIG, encoding="utf-8")
    port = free_port()
    command = [WAYBACK, "--bind", "127.0.0.1", "--port", str(port), "--directory", str(directory)]
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server,
        (directory / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=directory) as pywb,
    ):
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            while not answers(port):
                assert pywb.poll() is None, (directory / "log").read_text()
                time.sleep(0.1)  # pytest's own time limit ends this
            for number in (1, 2, 3):
                page_url = f"http://127.0.0.1:{server.server_port}/article/{number}"
                visit(port, f"/gazette/record/id_/{page_url}")
            while len(list(directory.glob("collections/gazette/archive/*.warc.gz"))) < 1:
                time.sleep(0.1)
            time.sleep(1)  # it writes when it has answered
        finally:
            pywb.terminate()
            server.shutdown()


def visit(port: int, target: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", target)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()
    connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
