"""Pages built by JavaScript: a newspaper on loopback, a real Chromium, and pages that try to get out of it."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest

from archive import captures
from archive.models import Capture
from archive.store import Store
from archive.warc import read_page
from crawler import rendering
from crawler.site import Site
from tests.conftest import REQUIRED, run_marbre
from tests.test_browser import Listener

pytestmark = pytest.mark.skipif(
    not (any(map(shutil.which, rendering.BROWSERS)) and rendering.has_playwright()) and not REQUIRED,
    reason="needs Chromium and marbre[javascript]",
)

SHELL = (
    "<!DOCTYPE html><html><head><meta charset=iso-8859-1><title>Loading</title>"
    '<link rel="stylesheet" href="/style.css"></head><body><div id="app"></div>'
    '<img src="/pixel.png" onerror="document.body.innerHTML=`broken`"><script src="/app.js"></script></body></html>'
)
APP = """
fetch("/api/" + location.pathname.split("/").pop() + ".json").then(answer => answer.json()).then(post => {
  document.title = post.title;
  const meta = Object.assign(document.createElement("meta"), {content: post.published});
  meta.setAttribute("property", "article:published_time");
  document.head.append(meta);
  const article = document.createElement("article");
  article.append(Object.assign(document.createElement("h1"), {textContent: post.title}));
  for (const text of post.text) article.append(Object.assign(document.createElement("p"), {textContent: text}));
  document.getElementById("app").append(article);
});
"""
ARTICLES = 3


def post(number: int) -> dict[str, Any]:
    return {
        "title": f"Le port rouvre après {number + 2} jours — €",
        "published": f"2026-03-0{number + 1}T08:00:00+01:00",
        "text": [
            f"Phrase {number}.{line} : le quai a été rouvert mardi matin aux pêcheurs, après des travaux que la mairie "
            "avait promis pour l'hiver, et que le gel a retardés de plusieurs semaines."
            for line in range(6)
        ],
    }


class Paper:
    """A newspaper whose articles are empty without JavaScript; `more` adds pages, and `hits` counts what was asked."""

    def __init__(self, more: dict[str, tuple[str, bytes | str]] | None = None, rules: str = "") -> None:
        self.hits: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.pages = {
            "/": ("text/html", "<html><body><p>Le Quai</p></body></html>"),
            "/robots.txt": ("text/plain", f"User-agent: *\n{rules or 'Allow: /'}\n"),
            "/app.js": ("text/javascript", APP),
            **{f"/news/{number}": ("text/html", SHELL) for number in range(ARTICLES)},
            **{f"/api/{number}.json": ("application/json", json.dumps(post(number))) for number in range(ARTICLES)},
            **(more or {}),
        }

    def __enter__(self) -> Self:
        paper = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                paper.hits[self.path] += 1
                paper.agents.add(self.headers["User-Agent"])
                mime, page = paper.pages.get(self.path, ("", ""))
                if mime == "redirect":
                    self.send_response(302)
                    self.send_header("Location", str(page))
                    mime, page = "text/plain", ""
                else:
                    self.send_response(200 if mime else 404)
                body = page if isinstance(page, bytes) else page.encode()
                self.send_header("Content-Type", mime or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def crawl(paper: Paper, directory: Path, *paths: str, javascript: bool = True) -> list[dict[str, Any]]:
    """Crawl pages of a paper and return what the table of captures and the frontier have of them."""
    sites = write(paper, directory, javascript=javascript)
    urls = [argument for path in paths for argument in ("--url", paper.url + path)]
    done = run_marbre("--sites", sites, "crawl", *urls, "--archive", directory / "archive", code=None)
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    return rows(directory, "SELECT outcome, reason, detail, url FROM frontier ORDER BY url")


def write(paper: Paper, directory: Path, *, javascript: bool = True) -> Path:
    sites = directory / "sites.toml"
    sites.write_text(
        f'[sites.quai]\nurl = "{paper.url}"\nallow_loopback = true\ndelay = 0\nlanguage = "fr"\n'
        f"javascript = {str(javascript).lower()}\n",
        encoding="utf-8",
    )
    return sites


def rows(directory: Path, sql: str) -> list[dict[str, Any]]:
    db = sqlite3.connect(directory / "archive" / "archive.db")
    db.row_factory = sqlite3.Row
    found = [dict(row) for row in db.execute(sql)]
    db.close()
    return found


def news() -> list[str]:
    return [f"news/{number}" for number in range(ARTICLES)]


def test_articles_are_empty_without_a_browser_and_complete_with_it(tmp_path: Path) -> None:
    with Paper() as paper:
        (tmp_path / "plain").mkdir()
        plain = crawl(paper, tmp_path / "plain", *news(), javascript=False)
        assert {row["outcome"] for row in plain} == {"rejected"}
        assert {row["outcome"] for row in crawl(paper, tmp_path, *news())} == {"new"}
    for number, article in enumerate(rows(tmp_path, "SELECT * FROM articles ORDER BY url")):
        assert article["title"] == post(number)["title"]
        assert article["text"].splitlines() == post(number)["text"]
        assert article["published"] == post(number)["published"]


def test_what_is_kept(tmp_path: Path) -> None:
    with Paper() as paper:
        crawl(paper, tmp_path, *news())
        assert len(paper.agents) == 1  # the browser says who it is in the same words
        assert paper.hits["/robots.txt"] == 1
        assert not paper.hits["/pixel.png"] + paper.hits["/style.css"] + paper.hits["/favicon.ico"]
    store = Store(tmp_path / "archive")
    for built in captures_of(store, "page"):
        assert built.kind == "resource"
        assert built.mime == "text/html"
        assert (built.source or "").startswith(rendering.BUILT_BY)
        source = captures.by_id(store.db, built.refers_to)
        assert source
        assert (source.url, source.kind, source.role) == (built.url, "response", "page-source")
        assert read_page(store.warc, source).body == SHELL.encode()
        assert "€" in read_page(store.warc, built).body.decode()
    before = rows(tmp_path, "SELECT id, text FROM articles ORDER BY id")
    assert {one.mime for one in captures_of(store, "subresource")} == {"text/javascript", "application/json"}
    store.close()
    run_marbre("verify", "--archive", tmp_path / "archive")
    (tmp_path / "archive" / "archive.db").unlink()
    run_marbre("rebuild", "--archive", tmp_path / "archive")
    assert rows(tmp_path, "SELECT id, text FROM articles ORDER BY id") == before


def captures_of(store: Store, role: str) -> list[Capture]:
    found = [
        captures.by_id(store.db, row["id"])
        for row in store.db.query("SELECT id, role FROM captures")
        if row["role"] == role
    ]
    return [one for one in found if one]


def test_a_page_whose_source_has_not_changed_is_built_anew(tmp_path: Path) -> None:
    with Paper() as paper:
        assert [row["outcome"] for row in crawl(paper, tmp_path, "news/1")] == ["new"]
        paper.pages["/api/1.json"] = ("application/json", json.dumps({**post(1), "title": "Le port referme"}))
        crawl(paper, tmp_path, "news/1")
    assert [row["title"] for row in rows(tmp_path, "SELECT title FROM articles")] == ["Le port referme"]
    kinds = [
        row["kind"] for row in rows(tmp_path, "SELECT kind FROM captures WHERE role = 'page-source' ORDER BY timestamp")
    ]
    assert kinds == ["response", "revisit"]


def with_script(script: str) -> dict[str, tuple[str, bytes | str]]:
    return {
        "/bad": ("text/html", '<body><p id="p">no</p><script src="/bad.js"></script>'),
        "/bad.js": ("text/javascript", script),
    }


def test_no_page_reaches_another_server_of_this_machine(tmp_path: Path) -> None:
    with Listener() as listener:
        ways = {f"/out/{number}": ("redirect", url) for number, url in enumerate(listener.urls)}
        script = f"const more = {[*ways]};" + listener.script.replace("of there", "of [...there, ...more]")
        with Paper({**with_script(script), **ways, "/done": ("text/plain", "")}) as paper:
            crawl(paper, tmp_path, "bad")
            assert paper.hits["/done"] == 1
            assert paper.hits["/out/0"]
        assert listener.seen == []
    (built,) = rows(tmp_path, "SELECT filename, offset FROM captures WHERE kind = 'resource'")
    assert b"root:" not in (tmp_path / "archive" / "warc" / built["filename"]).read_bytes()


def test_robots_txt_closes_scripts_and_data_too(tmp_path: Path) -> None:
    script = "fetch('/api/1.json').then(a => a.text()).then(t => { document.getElementById('p').textContent = t })"
    with Paper(with_script(script), rules="Disallow: /api/") as paper:
        crawl(paper, tmp_path, "bad")
        assert paper.hits["/bad.js"] == 1
        assert not paper.hits["/api/1.json"]


def test_a_page_may_post_to_its_own_site_only() -> None:
    site = Site(name="quai", url="https://quai.example/", javascript=True)
    assert rendering.refusal(site, "POST", "https://api.quai.example/graphql") is None
    assert rendering.refusal(site, "GET", "https://elsewhere.example/app.js") is None
    assert rendering.refusal(site, "POST", "https://elsewhere.example/")
    assert rendering.refusal(site, "DELETE", "https://quai.example/")


def test_a_page_that_cannot_be_built_is_named_and_holds_up_no_other(tmp_path: Path) -> None:
    with Paper(with_script("location.href = 'about:blank'")) as paper:
        found = {row["url"].removeprefix(paper.url): row for row in crawl(paper, tmp_path, "bad", "news/1")}
    assert found["bad"]["outcome"] == "failed"
    assert "left its site" in found["bad"]["detail"]
    assert found["news/1"]["outcome"] == "new"


def test_without_chromium_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(rendering.NoBrowser, match=r"^site quai says javascript = true, but .* install Chromium$"):
        rendering.executable(Site(name="quai", url="https://quai.example/", javascript=True))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda end: end.name)
def test_no_browser_outlives_a_crawl(end: signal.Signals, tmp_path: Path) -> None:
    with Paper(with_script("setInterval(() => fetch('/api/1.json'), 200)")) as paper:
        command = [sys.executable, "-m", "crawler", "--sites", str(write(paper, tmp_path)), "crawl"]
        command += ["--url", paper.url + "bad", "--archive", str(tmp_path / "archive")]
        crawl = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until(lambda: paper.hits["/api/1.json"])
        browsers = descendants(crawl.pid)
        assert any(b"chromium" in command_of(pid) for pid in browsers)
        crawl.send_signal(end)
        crawl.wait()
    until(lambda: not any(map(command_of, browsers)))


def until(condition: Callable[[], object]) -> None:
    """Wait as long as the test may take."""
    while not condition():
        time.sleep(0.05)


def command_of(pid: int) -> bytes:
    """The command line of a process; nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, children) for one in (child, *descendants(child))]
