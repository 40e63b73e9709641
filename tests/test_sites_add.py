"""`marbre sites`: adding a site that nobody has described, listing, and checking what still answers."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from archive.query import Archive
from crawler.demo import serve
from tests.conftest import run_marbre

_FRESH = '<?xml version="1.0"?>'
_OPEN = [("X-WP-Total", "2"), ("X-WP-TotalPages", "1"), ("Content-Type", "application/json")]
_HTML = [("Content-Type", "text/html; charset=utf-8")]


class Server:
    """A site of a few answers by path: (status, headers, body); all else is 404. `asked` are the paths asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, list[tuple[str, str]], str]] = {}
        self.asked: list[str] = []
        self.agents: set[str] = set()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.agents.add(self.headers.get("User-Agent", ""))
                path = self.path if self.path in site.answers else self.path.partition("?")[0]
                status, headers, text = site.answers.get(path, (404, _HTML, "<p>not here</p>"))
                self.send_response(status)
                for name, value in [*headers, ("Content-Length", str(len(text.encode())))]:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        self.thread = Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def page(self, path: str, body: str, head: str = "", status: int = 200, headers: tuple[str, str] | None = None) -> None:
        html = f'<!DOCTYPE html><html lang="fr"><head><title>Le Phare</title>{head}</head><body>{body}</body></html>'
        self.answers[path] = status, [*_HTML, *([headers] if headers else [])], html

    def text(self, path: str, text: str, kind: str = "text/plain", status: int = 200) -> None:
        self.answers[path] = status, [("Content-Type", kind)], text

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    site = Server()
    site.page("/", _teasers("la-mairie-ouvre-ses-portes", "le-pont-est-ferme-pour-un-an"))
    yield site
    site.close()


def _teasers(*slugs: str, nav: str = "") -> str:
    shown = "".join(f'<article><h2><a href="/2026/03/04/{s}/">{s.replace("-", " ")}</a></h2></article>' for s in slugs)
    words = "<p>" + "Le phare éclaire la baie et ses nouvelles. " * 12 + "</p>"
    return f"<nav>{nav}</nav><main>{shown}{words}</main>"


def _feed(*slugs: str) -> str:
    items = "".join(
        f"<item><title>{s}</title><link>/2026/03/04/{s}/</link><pubDate>Wed, 04 Mar 2026 10:00:00 GMT</pubDate></item>"
        for s in slugs
    )
    return f'{_FRESH}<rss version="2.0"><channel><title>Le Phare</title>{items}</channel></rss>'


def _sitemap(url: str, *slugs: str) -> str:
    entries = "".join(f"<url><loc>{url}2026/03/04/{s}/</loc><lastmod>2020-01-02</lastmod></url>" for s in slugs)
    return f'{_FRESH}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'


Add = Callable[..., str]


@pytest.fixture
def add(tmp_path: Path) -> Add:
    """Return a function that runs `marbre sites add` on a loopback site and returns all that was printed."""

    def run(url: str, *options: str, code: int = 0) -> str:
        sites = ("--sites", tmp_path / "sites.toml")
        done = run_marbre(*sites, "sites", "add", url, "--allow-loopback", "--delay", "0", *options, code=code)
        return done.stdout + done.stderr

    return run


def _written(directory: Path) -> dict[str, object]:
    [site] = tomllib.loads((directory / "sites.toml").read_text("utf-8"))["sites"].values()
    assert isinstance(site, dict)
    return {key: value for key, value in site.items() if key not in ("url", "delay", "allow_loopback", "language")}


def test_the_newspaper_needs_no_line_by_hand(add: Add, newspaper: serve, tmp_path: Path) -> None:
    said = add(newspaper.url, "--name", "gazette")
    assert "La Gazette de Valmont" in said
    assert "7 sitemaps" in said
    assert "15 links, back to 2026-" in said
    assert _written(tmp_path) == {}
    run_marbre("--sites", tmp_path / "sites.toml", "crawl", "--archive", tmp_path / "archive")
    with Archive(tmp_path / "archive") as archive:
        titles = {article.title for article in archive.articles()}
    assert titles == {article.title for article in newspaper.newspaper.articles() if article.archived}


def test_few_requests_and_in_our_name(add: Add, server: Server) -> None:
    add(server.url)
    assert len(server.asked) == len(set(server.asked)) <= 16
    assert server.asked[0] == "/robots.txt"
    assert all(agent.startswith("marbre/") for agent in server.agents)
