"""What a crawl does when a site is not as it should be; real servers, the real command."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from archive.database import in_use
from archive.exits import Exit
from archive.models import Capture
from archive.verification import verify
from archive.warc import index
from crawler.demo import Newspaper, peculiarities, serve
from tests.conftest import Marbre, run_marbre, write_sites

ARTICLE = (
    '<html lang="fr"><head><meta property="og:type" content="article"></head><body><article><h1>Un titre bien long</h1>'
    "<p>Le conseil municipal a voté hier soir le budget de la commune, après quatre heures de débat animé.</p>"
    "<p>L’opposition a quitté la salle avant le vote ; le maire a regretté ce départ devant la presse.</p>"
    "</article></body></html>"
)
Answers = dict[str, tuple[int, dict[str, str], str]]


@contextmanager
def site(answers: Answers) -> Iterator[str]:
    """Serve fixed answers by path on loopback; anything else is a 404."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, text = answers.get(self.path, (404, {}, "nothing here"))
            self.send_response(status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value.replace("BASE/", base))
            body = text.replace("BASE/", base).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    base = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield base
    server.shutdown()
    server.server_close()


def sitemap(*paths: str) -> str:
    urls = "".join(f"<url><loc>BASE/{path}</loc></url>" for path in paths)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def crawl(tmp_path: Path, answers: Answers, code: int = 0) -> list[dict[str, Any]]:
    """Crawl a site of fixed answers; returns its frontier."""
    with site(answers) as base:
        run_marbre("--sites", write_sites(tmp_path, base), "crawl", "--archive", tmp_path / "archive", code=code)
    with Archive(tmp_path / "archive") as archive:
        counts = next(archive.crawls())["counts"]
        rows = list(archive.db.query("SELECT replace(url, ?, '/') AS path, * FROM frontier", [base]))
        assert counts["discovered"] == len(rows)
        assert all(row["state"] == "done" for row in rows)
    assert list(verify(tmp_path / "archive")) == []
    return rows


def outcome(rows: list[dict[str, Any]], path: str) -> tuple[str, str | None]:
    return next((row["outcome"], row["reason"]) for row in rows if row["path"] == path)


def test_redirects_end_in_an_outcome(tmp_path: Path) -> None:
    answers: Answers = {
        "/": (200, {}, "<html></html>"),
        "/sitemap.xml": (200, {}, sitemap("new", "old", "loop", "away", "self", "abroad")),
        "/new": (200, {}, ARTICLE),
        "/old": (301, {"Location": "/new"}, ""),
        "/loop": (302, {"Location": "/loop2"}, ""),
        "/loop2": (302, {"Location": "/loop"}, ""),
        "/self": (302, {"Location": "/self"}, ""),
        "/abroad": (302, {"Location": "https://ailleurs.example/x"}, ""),
        "/away": (302, {"Location": "file:///etc/hostname"}, ""),
    }
    rows = crawl(tmp_path, answers, code=1)
    assert outcome(rows, "/new")[0] in ("new", "unchanged")
    assert outcome(rows, "/old")[0] in ("new", "unchanged")
    assert outcome(rows, "/loop") == outcome(rows, "/self") == ("failed", "redirects")
    assert outcome(rows, "/abroad") == ("skipped", "off_site")
    assert outcome(rows, "/away") == ("rejected", "http_302")


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (200, "User-agent: *\nDisallow: /a", "skipped"),
        (404, "User-agent: *\nDisallow: /", "new"),
        (500, "", "skipped"),
        (200, "<html>User-agent: *\nDisallow: /</html>", "new"),
    ],
)
def test_robots(tmp_path: Path, status: int, text: str, expected: str) -> None:
    answers: Answers = {
        "/": (200, {}, "<html></html>"),
        "/robots.txt": (status, {"Content-Type": "text/plain"}, text),
        "/sitemap.xml": (200, {}, sitemap("a")),
        "/a": (200, {}, ARTICLE),
    }
    if status == 500:  # nothing may be fetched: not even what would name the article
        assert crawl(tmp_path, answers, code=9) == []
    else:
        assert outcome(crawl(tmp_path, answers), "/a")[0] == expected


def test_answers_that_are_no_articles(tmp_path: Path) -> None:
    answers: Answers = {
        "/": (200, {}, "<html></html>"),
        "/sitemap.xml": (200, {}, sitemap("gone", "forbidden", "broken", "empty", "json", "nested")),
        "/gone": (410, {}, ""),
        "/forbidden": (403, {}, ""),
        "/broken": (500, {}, ""),
        "/empty": (200, {}, ""),
        "/json": (200, {"Content-Type": "application/json"}, '{"a": 1}'),
        "/nested": (200, {}, "<div>" * 5000 + "texte " * 100),
    }
    rows = crawl(tmp_path, answers, code=1)
    assert outcome(rows, "/gone") == ("rejected", "http_410")
    assert outcome(rows, "/forbidden") == ("rejected", "http_403")
    assert outcome(rows, "/broken") == ("failed", "http_500")
    assert outcome(rows, "/empty") == ("rejected", "empty")
    assert outcome(rows, "/json") == ("rejected", "not_html")
    assert outcome(rows, "/nested") == ("rejected", "too_deep")


@pytest.mark.parametrize(
    ("path", "reason"),
    [(peculiarities.FAULT_CUT_PATH, "cut_short"), (peculiarities.FAULT_CUT_GZIP_PATH, "payload_truncated")],
)
def test_a_body_cut_short_is_no_article(tmp_path: Path, path: str, reason: str) -> None:
    with serve(Newspaper(faults=True)) as server:
        url = server.url.rstrip("/") + path
        command = ("--sites", write_sites(tmp_path, server.url), "crawl", "--url", url)
        run_marbre(*command, "--archive", tmp_path / "archive", code=Exit.RETRY)
    with Archive(tmp_path / "archive") as archive:
        assert [sighting.reason for sighting in archive.why(url).sightings] == [reason]
        assert list(archive.articles()) == []


def test_every_exchange_is_kept(marbre: Marbre, tmp_path: Path) -> None:
    marbre("crawl")
    marbre("crawl")
    found = [
        (record.role, record.status, record.kind)
        for path in (tmp_path / "archive" / "warc").glob("*.warc.gz")
        for record in index(path)
        if isinstance(record, Capture)
    ]
    for expected in (
        ("robots", 200, "response"),
        ("source", 200, "response"),
        ("page", 200, "response"),
        ("page", 301, "response"),
        ("page", 404, "response"),
        ("source", 304, "revisit"),
    ):
        assert expected in found, expected


def test_another_host_is_not_crawled(tmp_path: Path) -> None:
    away = sitemap("a").replace("</urlset>", "<url><loc>https://ailleurs.example/b</loc></url></urlset>")
    answers: Answers = {
        "/": (200, {}, "<html></html>"),
        "/sitemap.xml": (200, {}, away),
        "/a": (200, {}, ARTICLE),
    }
    rows = crawl(tmp_path, answers)
    assert {(row["outcome"], row["reason"]) for row in rows} == {("new", None), ("skipped", "off_site")}


def test_two_crawls_of_one_site_do_not_overlap(tmp_path: Path, marbre: Marbre) -> None:
    from crawler.run import _lock

    held = _lock(tmp_path / "archive", "gazette")
    assert held is not None
    done = marbre("crawl")
    assert "another crawl of this site is running" in done.stderr
    held.close()
    marbre("crawl", "--limit", "1")


def test_a_sitemap_that_the_site_names_and_does_not_have_is_a_failure(tmp_path: Path) -> None:
    answers: Answers = {
        "/": (200, {}, "<html></html>"),
        "/robots.txt": (200, {"Content-Type": "text/plain"}, "Sitemap: BASE/sitemap.xml"),
    }
    assert crawl(tmp_path, answers, code=1) == []


def test_what_one_crawl_left_outlives_another(tmp_path: Path) -> None:
    answers: Answers = {
        "/": (200, {}, "<html></html>"),
        "/sitemap.xml": (200, {}, sitemap("a", "b", "c")),
        **{f"/{name}": (200, {}, ARTICLE.replace("titre", f"titre {name}")) for name in "abc"},
    }
    with site(answers) as base:
        command = ("--sites", write_sites(tmp_path, base), "crawl", "--archive", tmp_path / "archive")
        run_marbre(*command, "--limit", "1")
        run_marbre(*command, "--url", f"{base}a")
        answers["/sitemap.xml"] = (200, {}, sitemap())
        run_marbre(*command)
    with Archive(tmp_path / "archive") as archive:
        assert archive.db["articles"].count == 3


def test_rebuild_and_crawl_keep_out_of_each_others_way(tmp_path: Path, marbre: Marbre) -> None:
    marbre("crawl", "--limit", "1")
    with in_use(tmp_path / "archive", alone=True):
        assert "it is being rebuilt" in marbre("crawl", code=Exit.RETRY).stderr
    with in_use(tmp_path / "archive"):
        assert "is writing" in marbre("rebuild", code=Exit.RETRY).stderr


def test_a_limit_of_none_fetches_none(marbre: Marbre) -> None:
    assert "= 0 new" in marbre("crawl", "--limit", "0").stdout
