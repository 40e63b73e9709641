"""`marbre serve`: the archive in Datasette, described in plain words, read-only, and harmless."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from archive.datasette_plugin import _QUESTIONS
from archive.schema import ABOUT
from archive.store import Reading, Store
from tests.archives import START, article, capture
from tests.conftest import run_marbre

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    text: str


def get(port: int, path: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    directory = tmp_path_factory.mktemp("served")
    with Store(directory) as store:
        store.begin_crawl("gazette-1", "gazette", START, {})
        for number, title in enumerate((HOSTILE, "L’État et l’œuvre")):
            made = capture(number, f"https://gazette.example/{number}/")
            store.add_captures([made])
            read = article(made.url, title=title, authors=("Zoé",), tags=("eau",), image="javascript:alert(3)")
            store.save(made, "gazette", "1", Reading.of(read))
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    command = [sys.executable, "-m", "crawler", "serve", "--archive", str(directory), "--port", str(number)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        with contextlib.suppress(OSError):
            get(number, "/-/versions.json")
            break
        time.sleep(0.1)
    yield number
    server.terminate()
    server.wait(20)


@pytest.mark.parametrize("table", ABOUT)
def test_every_table_is_described(port: int, table: str) -> None:
    page = get(port, f"/archive/{table}")
    assert page.status == 200
    assert ABOUT[table][0] in page.text


@pytest.mark.parametrize("question", _QUESTIONS)
def test_every_question_has_an_answer(port: int, question: str) -> None:
    assert get(port, f"/archive/{question}.json").status == 200


def test_facets_and_search(port: int) -> None:
    found = json.loads(get(port, "/archive/articles.json?_search=etat").text)
    assert [row[3] for row in found["rows"]] == ["L’État et l’œuvre"]
    assert set(found["facet_results"]) == {"site", "section", "language", "authors", "tags"}


def test_archived_markup_is_inert(port: int) -> None:
    page = get(port, "/archive/articles")
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert 'href="javascript:' not in page.text


def test_pages_keep_to_themselves(port: int) -> None:
    headers = get(port, "/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert get(port, "/marbre-static/marbre.css").status == 200


def test_nothing_can_be_written(port: int) -> None:
    assert get(port, "/archive.json?sql=delete+from+articles").status == 400


def test_no_archive_no_server(tmp_path: Path) -> None:
    refused = run_marbre("serve", "--archive", tmp_path / "nothing", code=2)
    assert "no archive here" in refused.stderr
