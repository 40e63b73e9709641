"""Another program, pywb, replays archived pages from our WARC files byte for byte."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from archive.models import Link
from tests.conftest import REQUIRED
from tests.warc_files import HTML, START, URL, exchange, only, writer

WAYBACK = shutil.which("wayback")


@contextmanager
def replay(directory: Path, path: Path) -> Iterator[int]:
    """Serve a WARC file with pywb as the collection "gazette"; gives the port."""
    assert WAYBACK is not None
    for command in (["init", "gazette"], ["add", "gazette", str(path)]):
        subprocess.run(
            [Path(WAYBACK).with_name("wb-manager"), *command], cwd=directory, check=True, capture_output=True
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [WAYBACK, "--bind", "127.0.0.1", "--port", str(port), "--directory", str(directory)]
    with (directory / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            while not _answers(port):
                assert server.poll() is None, (directory / "log").read_text()
                time.sleep(0.1)  # pytest's own time limit ends this
            yield port
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _get(port: int, target: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", target)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


@pytest.mark.skipif(
    WAYBACK is None and not REQUIRED, reason="pywb is not on the PATH (its brotlipy and our brotli exclude each other)"
)
def test_pywb_replays_our_files(tmp_path: Path) -> None:
    page = b"<!doctype html><title>Une</title><p>Bonjour \xc3\xa9t\xc3\xa9"
    later = START + timedelta(days=1)
    headers = (*HTML, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    with writer(tmp_path) as out:
        first = out.write(exchange(page, headers=headers, links=(Link(URL, "feed", "https://gazette.example/feed"),)))
        out.write(exchange(page, captured_at=later), first)
        out.write(exchange(b"", status=304, captured_at=later + timedelta(days=1)), first)
        out.write_metadata({"counts": {}}, "urn:marbre:crawl:gazette-1")
    with replay(tmp_path, only(tmp_path)) as port:
        for days, expected in enumerate([(200, page), (200, page), (304, b"")]):
            moment = START + timedelta(days=days)
            assert _get(port, f"/gazette/{moment:%Y%m%d%H%M%S}id_/{URL}") == expected
        listed = [json.loads(line) for line in _get(port, f"/gazette/cdx?url={URL}&output=json")[1].splitlines()]
    assert [line["mime"] for line in listed] == ["Text/HTML", "warc/revisit", "warc/revisit"]
