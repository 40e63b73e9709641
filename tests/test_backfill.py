"""A site's past from a web archive: from pywb as it is, and from a server that speaks the Wayback Machine's dialect."""

from __future__ import annotations

import gzip
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from archive.exits import Exit
from archive.query import Archive
from archive.rows import capture_of
from archive.verification import verify
from archive.warc import read_page
from tests.archives import dump
from tests.conftest import REQUIRED, run_marbre, write_sites
from tests.foreign_files import Warc
from tests.test_replay import WAYBACK, replay

SITE = "http://127.0.0.1:9"  # nobody answers there: a backfill asks the archive only
OLD, NEW = "Le conseil a voté le budget en mars.", "Le conseil a voté le budget en mars, puis l’a corrigé en mai."
HTML = "text/html; charset=utf-8"


def page(text: str, title: str = "Le budget est voté") -> bytes:
    more = "".join(
        f"<p>Les élus ont débattu pendant {hours} heures, et chacun des groupes a pu présenter ses amendements au "
        "texte avant que la séance ne soit levée, sous les yeux d’un public nombreux.</p>"
        for hours in ("deux", "trois", "quatre")
    )
    return (
        f'<!doctype html><html lang="fr"><head><title>{title}</title>'
        '<meta property="og:type" content="article">'
        '<meta property="article:published_time" content="2019-03-01T08:00:00+01:00"></head>'
        f"<body><article><h1>{title}</h1><p>{text}</p>{more}</article></body></html>"
    ).encode()


def backfill(tmp_path: Path, place: str, *options: str, code: int = 0) -> str:
    sites = write_sites(tmp_path, f"{SITE}/")
    fixed = ("backfill", "gazette", "--from", place, "--archive", tmp_path / "archive", "--delay", "0")
    return run_marbre("--sites", sites, *fixed, "--workers", "1", *options, code=code).stdout


def frontier(tmp_path: Path) -> dict[str, tuple[str, str | None]]:
    with Archive(tmp_path / "archive") as archive:
        newest = "(SELECT id FROM crawls ORDER BY started DESC LIMIT 1)"
        rows = archive.db.execute(f"SELECT url, outcome, reason FROM frontier WHERE crawl = {newest}").fetchall()
    return {url.removeprefix(SITE): (outcome, reason) for url, outcome, reason in rows}


def versions(tmp_path: Path, path: str) -> list[tuple[str, str]]:
    """Return when each version of an article was first seen, and the first line of its text."""
    with Archive(tmp_path / "archive") as archive:
        found = archive.db.execute(
            "SELECT versions.first_seen, versions.text FROM versions JOIN articles ON articles.id = article"
            " WHERE canonical_url = ? ORDER BY 1",
            [SITE + path],
        ).fetchall()
    return [(seen[:10], text.splitlines()[0]) for seen, text in found]


def captures(tmp_path: Path) -> list[dict[str, Any]]:
    with Archive(tmp_path / "archive") as archive:
        return list(archive.db.query("SELECT * FROM captures WHERE role = 'page' ORDER BY timestamp"))


def is_sound(tmp_path: Path) -> bool:
    """Whether the archive verifies, and comes out the same when it is made again from its WARC files."""
    assert list(verify(tmp_path / "archive")) == []
    with Archive(tmp_path / "archive") as archive:
        before = dump(archive.db)
    run_marbre("rebuild", "--archive", tmp_path / "archive")
    with Archive(tmp_path / "archive") as archive:
        return dump(archive.db) == before


# -- pywb


def write(path: Path, records: list[tuple[str, str, bytes]]) -> None:
    """Write (date, path, body) to a WARC file, as somebody else's crawler would have."""
    with Warc(path) as out:
        for number, (date, where, body) in enumerate(records):
            more = (("Content-Length", str(len(body))), ("Server", "Apache/1.3"))
            out.response(number, body, *more, url=SITE + where, type=HTML, warc={"WARC-Date": date})


@pytest.mark.skipif(WAYBACK is None and not REQUIRED, reason="pywb is not on the PATH")
def test_old_texts_from_pywb_become_older_versions(tmp_path: Path) -> None:
    other = page("Le pont a rouvert hier soir.", "Le pont est ouvert")
    records = [
        ("2019-03-01T10:20:30Z", "/une/budget/", page(OLD)),
        ("2019-03-02T10:20:30Z", "/une/pont/", other),
        ("2019-03-03T10:20:30Z", "/feed/", page(OLD)),
        ("2023-05-06T07:08:09Z", "/une/budget/", page(NEW)),
        ("2023-05-06T07:08:10Z", "/une/pont/", other),
    ]
    (tmp_path / "pywb").mkdir()
    write(tmp_path / "old.warc.gz", records)
    with replay(tmp_path / "pywb", tmp_path / "old.warc.gz") as port:
        place = f"http://127.0.0.1:{port}/gazette/"
        planned = backfill(tmp_path, place, "--dry-run")
        assert not (tmp_path / "archive").exists()
        first = backfill(tmp_path, place, "--until", "2019-12-31")
        assert versions(tmp_path, "/une/budget/") == [("2019-03-01", OLD)]
        second = backfill(tmp_path, place)
        third = backfill(tmp_path, place)
        single = backfill(tmp_path, place, "--url", f"{SITE}/une/pont/", "--pick", "all")
        nothing = backfill(tmp_path, place, "--url", f"{SITE}/une/inconnu/")
    assert f"{SITE}/une/budget/  (2 captures: 2019-03-01, 2023-05-06)" in planned
    assert "captures  5 listed, 3 picked, 3 to fetch" in planned
    assert "captures  3 listed, 2 picked, 2 to fetch\n         2  of 2019" in first
    assert "captures  5 listed, 3 picked, 2 archived already, 1 to fetch\n         1  of 2023" in second
    assert "captures  5 listed, 3 picked, 3 archived already" in third
    assert "captures  2 listed, 1 picked, 1 archived already" in single
    assert "captures  0 listed" in nothing
    assert versions(tmp_path, "/une/budget/") == [("2019-03-01", OLD), ("2023-05-06", NEW)]
    stored = [(row["timestamp"][:19], row["url"], row["source"]) for row in captures(tmp_path)]
    asked = [("20190301102030", "/une/budget/"), ("20190302102030", "/une/pont/"), ("20230506070809", "/une/budget/")]
    dates = [records[each][0].removesuffix("Z") for each in (0, 1, 3)]
    expected = [
        (date, SITE + path, f"{place}{at}id_/{SITE}{path}") for date, (at, path) in zip(dates, asked, strict=True)
    ]
    assert stored == expected
    assert is_sound(tmp_path)


# -- The Wayback Machine's dialect

NAMES = ["timestamp", "original", "mimetype", "statuscode", "digest"]
ERROR = b"<!doctype html><html><head><title>Error</title></head><body>The capture could not be retrieved</body></html>"
Answer = tuple[int, dict[str, str], bytes]


class Wayback:
    """Answers as the Wayback Machine does: at first that it is busy, then with its index in two parts."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.index: list[list[list[str]]] = [
            [
                ["20190301102030", f"{SITE}/une/budget/", "text/html", "200", "A"],
                ["20190401000000", f"{SITE}/une/moved/", "text/html", "200", "B"],
                ["20190401000000", f"{SITE}/une/lost/", "text/html", "200", "C"],
            ],
            [["20230506070809", f"{SITE}/une/budget/", "text/html", "200", "D"]],
        ]
        packed = gzip.compress(page(NEW))
        self.pages: dict[str, list[Answer]] = {
            "/robots.txt": [(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /save/\n")],
            "20190301102030/une/budget/": [
                (503, {}, b"later"),
                self.memento("Fri, 01 Mar 2019 10:20:30 GMT", page(OLD)),
            ],
            "20230506070809/une/budget/": [
                self.memento("Sat, 06 May 2023 07:08:09 GMT", packed, {"Content-Encoding": "gzip"})
            ],
            "20190401000000/une/moved/": [
                (302, {"Location": f"/web/20190402030405id_/{SITE}/une/moved/"}, b"<html>moved</html>")
            ],
            "20190402030405/une/moved/": [
                self.memento(
                    "Tue, 02 Apr 2019 03:04:05 GMT", page("Le pont a rouvert hier soir.", "Le pont est ouvert")
                )
            ],
            "20190401000000/une/lost/": [(200, {"Content-Type": HTML}, ERROR)],
        }

    @staticmethod
    def memento(date: str, body: bytes, more: dict[str, str] | None = None) -> Answer:
        original = {"X-Archive-Orig-Server": "Apache/1.3", "X-Archive-Orig-Content-Type": HTML}
        own = {"Memento-Datetime": date, "Server": "nginx", "Content-Type": HTML, "X-Archive-Src": "a.warc.gz"}
        return 200, {**original, **own, **(more or {})}, body

    def answer(self, target: str) -> Answer:
        parts = urlsplit(target)
        if parts.path == "/cdx/search/cdx":
            return self.listing({name: values[0] for name, values in parse_qs(parts.query).items()})
        place = target.replace(f"id_/{SITE}", "").removeprefix("/web/")
        self.asked[place] += 1
        answers = self.pages.get(place, [(404, {"Content-Type": HTML}, ERROR)])
        return answers[min(self.asked[place], len(answers)) - 1]

    def listing(self, query: dict[str, str]) -> Answer:
        self.asked["index"] += 1
        if self.asked["index"] <= 2:
            return 429, {"Retry-After": str(self.asked["index"] - 1)}, b"Too many requests"
        assert query["fl"] == ",".join(NAMES)
        rows = [NAMES, *self.index[1 if "resumeKey" in query else 0]]
        rows += [] if query.get("resumeKey") else [[], ["9,1.0.0.127)/une/budget 2020"]]
        return 200, {"Content-Type": "application/json"}, json.dumps(rows).encode()


@contextmanager
def served(wayback: Any) -> Iterator[str]:
    """Serve `wayback.answer` on loopback; gives the address of its index."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = wayback.answer(self.path)
            self.send_response_only(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/cdx/search/cdx"
        server.shutdown()


def test_the_wayback_machines_dialect(tmp_path: Path) -> None:
    wayback = Wayback()
    with served(wayback) as place:
        said = backfill(tmp_path, place, code=1)
        assert "captures  4 listed, 4 picked, 4 to fetch\n         3  of 2019\n         1  of 2023" in said
        assert frontier(tmp_path) == {
            "/une/budget/": ("changed", None),
            "/une/lost/": ("failed", "no_memento"),
            "/une/moved/": ("new", None),
        }
        again = backfill(tmp_path, place, code=1)
        assert "2 archived already, 2 to fetch, 1 given twice" in again
        assert frontier(tmp_path)["/une/moved/"] == ("unchanged", None)
        assert frontier(tmp_path)["/une/budget/"] == ("skipped", "not_due")
    assert versions(tmp_path, "/une/budget/") == [("2019-03-01", OLD), ("2023-05-06", NEW)]
    rows = captures(tmp_path)
    assert [row["timestamp"][:19] for row in rows] == [
        "2019-03-01T10:20:30",
        "2019-04-02T03:04:05",
        "2023-05-06T07:08:09",
    ]
    assert rows[1]["source"].endswith(f"/web/20190402030405id_/{SITE}/une/moved/")
    assert all(json.loads(row["links"])[0]["via"] == "wayback" for row in rows)
    assert is_sound(tmp_path)


def test_headers_are_those_of_the_page_and_agree_with_its_body(tmp_path: Path) -> None:
    with served(Wayback()) as place:
        backfill(tmp_path, place, "--since", "2023", code=0)
    with Archive(tmp_path / "archive") as archive:
        (found,) = list(archive.db.query("SELECT * FROM captures WHERE role = 'page'"))
    stored = read_page(tmp_path / "archive" / "warc", capture_of(found))
    assert dict(stored.headers) == {"Server": "Apache/1.3", "Content-Type": HTML, "Content-Encoding": "gzip"}
    assert stored.body == page(NEW)


class Broken:
    """An archive whose index says something else, and which has a TimeMap."""

    def __init__(self, index: Answer, robots: bytes = b"") -> None:
        self.index, self.robots = index, robots
        self.asked = 0

    def answer(self, target: str) -> Answer:
        if target.startswith("/cdx"):
            self.asked += 1
            return self.index
        if target.startswith("/robots.txt"):
            return 200, {"Content-Type": "text/plain"}, self.robots
        if target.startswith("/web/timemap/link/"):
            at = f"/web/20190301102030/{SITE}/une/budget/"
            text = f'<{at}>; rel="memento"; datetime="Fri, 01 Mar 2019 10:20:30 GMT"'
            return 200, {"Content-Type": "application/link-format"}, text.encode()
        return Wayback.memento("Fri, 01 Mar 2019 10:20:30 GMT", page(OLD))


def test_a_timemap_stands_in_for_an_index(tmp_path: Path) -> None:
    with served(Broken((200, {"Content-Type": HTML}, ERROR))) as place:
        backfill(tmp_path, place, "--url", f"{SITE}/une/budget/")
    assert versions(tmp_path, "/une/budget/") == [("2019-03-01", OLD)]


def test_an_archive_that_stays_busy_is_left_after_six_times(tmp_path: Path) -> None:
    archive = Broken((429, {"Retry-After": "0"}, b"Too many requests"))
    with served(archive) as place:
        assert "1 failed" in backfill(tmp_path, place, code=Exit.RETRY)
    assert archive.asked == 6


def test_robots_txt_of_the_archive_is_obeyed(tmp_path: Path) -> None:
    archive = Broken((200, {}, b"[]"), b"User-agent: *\nDisallow: /cdx/\n")
    with served(archive) as place:
        backfill(tmp_path, place, code=Exit.RETRY)
    assert archive.asked == 0


def test_a_limit_is_kept_and_the_next_run_goes_on(tmp_path: Path) -> None:
    wayback = Wayback()
    with served(wayback) as place:
        said = backfill(tmp_path, place, "--limit", "1")
        assert "4 picked, 3 beyond the limit, 1 to fetch" in said
        assert versions(tmp_path, "/une/budget/") == [("2019-03-01", OLD)]
        assert "4 picked, 1 archived already, 2 beyond the limit, 1 to fetch" in backfill(
            tmp_path, place, "--limit", "1"
        )
    assert versions(tmp_path, "/une/budget/") == [("2019-03-01", OLD), ("2023-05-06", NEW)]


@pytest.mark.parametrize("place", ["internet archive", "ftp://archive.example/", "https://user@archive.example/"])
def test_what_is_no_archive_is_a_mistake(tmp_path: Path, place: str) -> None:
    backfill(tmp_path, place, code=2)
    assert not (tmp_path / "archive").exists()
