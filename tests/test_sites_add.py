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

    def page(
        self, path: str, body: str, head: str = "", status: int = 200, headers: tuple[str, str] | None = None
    ) -> None:
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


# -- What is announced, guessed, closed


def test_what_is_not_announced_is_guessed_and_written(add: Add, server: Server, tmp_path: Path) -> None:
    server.text("/atom.xml", _feed("un", "deux"), "application/xml")
    server.text("/sitemap_index.xml", _sitemap(server.url, *"abcdefgh"), "application/xml")
    assert "8 links, oldest change 2020-01-02" in add(server.url)
    assert _written(tmp_path)["feeds"] == [f"{server.url}atom.xml"]
    assert _written(tmp_path)["sitemaps"] == [f"{server.url}sitemap_index.xml"]


def test_what_is_announced_but_dead_is_replaced(add: Add, server: Server, tmp_path: Path) -> None:
    alternate = '<link rel="alternate" type="application/rss+xml" href="/gone.rss">'
    server.page("/", _teasers("la-mairie-ouvre"), alternate)
    server.text("/robots.txt", f"Sitemap: {server.url}gone.xml\n")
    server.text("/feed/", _feed("la-mairie-ouvre"), "application/xml")
    server.text("/sitemap.xml", _sitemap(server.url, "la-mairie-ouvre"), "application/xml")
    said = add(server.url)
    assert f"{server.url}gone.rss" in said
    assert _written(tmp_path)["feeds"] == [f"{server.url}feed/"]
    assert _written(tmp_path)["sitemaps"] == [f"{server.url}sitemap.xml"]


def test_lists_are_written_where_nothing_reaches_back(add: Add, server: Server, tmp_path: Path) -> None:
    nav = '<a href="/politique/">Politique</a> <a href="/sport/">Sport</a>'
    server.page("/", _teasers("la-mairie-ouvre-ses-portes", nav=nav))
    add(server.url)
    assert _written(tmp_path) == {"sections": [f"{server.url}politique/", f"{server.url}sport/"]}
    server.answers |= {"/sitemap.xml": (200, [], _sitemap(server.url, "la-mairie-ouvre-ses-portes"))}
    (tmp_path / "sites.toml").unlink()
    add(server.url)
    assert "sections" not in _written(tmp_path)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, _OPEN, "[]"), "rest        empty"),
        ((401, _OPEN, '{"code":"rest_not_logged_in"}'), "rest        closed: the server answered 401"),
        ((403, _HTML, "<p>No</p>"), "rest        closed: the server answered 403"),
        ((200, _HTML, "<p>Welcome</p>"), "rest        closed: no list of posts"),
        ((200, _OPEN, '{"code":"rest_disabled"}'), "rest        closed: no list of posts"),
        ((500, _HTML, "oh"), "rest        failed: the server answered 500"),
    ],
)
def test_an_api_that_gives_nothing(
    add: Add, server: Server, answer: tuple[int, list[tuple[str, str]], str], expected: str
) -> None:
    server.page("/", _teasers("la-mairie-ouvre"), f'<link rel="https://api.w.org/" href="{server.url}wp-json/">')
    server.answers["/wp-json/wp/v2/posts"] = answer
    assert expected in add(server.url)


def test_an_open_api_reaches_back_and_is_written_if_guessed(add: Add, server: Server, tmp_path: Path) -> None:
    nav = '<a href="/politique/">Politique</a>'
    server.page("/", _teasers("la-mairie-ouvre", nav=nav), '<meta name="generator" content="WordPress 6.8">')
    dates = '"date":"2012-03-04T10:00:00","date_gmt":"2012-03-04T09:00:00"'
    post = f'[{{"link":"{server.url}2012/03/04/le-premier/",{dates}}}]'
    server.answers["/wp-json/wp/v2/posts"] = 200, _OPEN, post
    said = add(server.url)
    assert "platform    WordPress 6.8" in said
    assert "2 posts, back to 2012-03-04" in said
    assert _written(tmp_path) == {"rest": f"{server.url}wp-json/"}


def test_what_a_site_asks_of_machines_is_shown(add: Add, server: Server, tmp_path: Path) -> None:
    head = '<meta name="robots" content="index, noai"><meta name="tdm-reservation" content="1">'
    server.page("/", _teasers("la-mairie-ouvre"), head, headers=("X-Robots-Tag", "noimageai"))
    server.text("/robots.txt", "User-agent: *\nCrawl-delay: 0.1\nContent-Signal: search=yes, ai-train=no\n")
    server.text("/.well-known/tdmrep.json", '[{"location": "/", "tdm-reservation": 1}]', "application/json")
    said = add(server.url)
    for expected in (
        "robots meta: noai",
        "X-Robots-Tag: noimageai",
        "ai-train=no",
        "tdmrep.json",
        "tdm-reservation meta",
    ):
        assert expected in said
    [site] = tomllib.loads((tmp_path / "sites.toml").read_text())["sites"].values()
    assert site["delay"] == 0.1


def test_a_page_built_by_scripts(add: Add, server: Server, tmp_path: Path) -> None:
    server.page("/", '<div id="app"></div><script src="/app.js"></script>')
    add(server.url)
    assert _written(tmp_path) == {"javascript": True}


def test_a_hostile_name_cannot_write_to_the_terminal(add: Add, server: Server) -> None:
    server.page("/", _teasers("a-b-c-d-e"), '<meta property="og:site_name" content="Le\x1b[2JPhare&#27;]0;x&#7;">')
    said = add(server.url)
    assert "\x1b" not in said
    assert "\x07" not in said


# -- What is refused


def test_a_name_or_host_that_is_there(add: Add, server: Server, tmp_path: Path) -> None:
    add(server.url, "--name", "phare")
    asked = len(server.asked)
    before = (tmp_path / "sites.toml").read_bytes()
    assert 'is there already, as site "phare"' in add(server.url, "--name", "autre", code=2)
    assert 'there is a site "phare"' in add("http://127.0.0.1:1/", "--name", "phare", code=2)
    assert "expected a name of a-z" in add("http://127.0.0.1:1/", "--name", "Le Phare", code=2)
    assert "expected an absolute http" in add("ftp://example.org/", code=2)
    assert len(server.asked) == asked
    assert (tmp_path / "sites.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("robots", "status", "expected"),
    [
        ("User-agent: *\nDisallow: /", 200, "its robots.txt does not allow marbre"),
        ("", 503, "robots.txt cannot be had"),
    ],
)
def test_robots_txt_keeps_us_out(
    add: Add, server: Server, tmp_path: Path, robots: str, status: int, expected: str
) -> None:
    server.text("/robots.txt", robots, status=status)
    assert expected in add(server.url, code=1)
    assert set(server.asked) == {"/robots.txt"}
    assert not (tmp_path / "sites.toml").exists()


def test_what_is_no_site_to_crawl(add: Add, server: Server, tmp_path: Path) -> None:
    server.page("/", "<p>Under construction.</p>")
    assert "no feed, sitemap, API or list of articles was found" in add(server.url, code=1)
    server.text("/", "{}", "application/json")
    assert "this is no web page (application/json)" in add(server.url, code=1)
    server.page("/", "Go away", status=403)
    assert "403 Forbidden" in add(server.url, code=1)
    server.answers["/"] = 302, [("Location", "https://other.example/")], ""
    assert "leads to another site" in add(server.url, code=1)
    assert not (tmp_path / "sites.toml").exists()


def test_hosts_that_cannot_be_had(add: Add, server: Server, tmp_path: Path) -> None:
    assert "TLS fails there" in add(server.url.replace("http:", "https:"), code=1)
    server.close()
    assert "the connection was refused" in add(server.url, code=1)
    for url in (server.url, "http://10.1.2.3/", "http://localhost/"):
        done = run_marbre("--sites", tmp_path / "sites.toml", "sites", "add", url, code=1)
        assert "not a public address" in done.stderr or "which is not public" in done.stderr
        assert done.stderr.count("\n") == 2
    assert not (tmp_path / "sites.toml").exists()


# -- The file


def test_comments_and_order_are_kept(add: Add, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    before = """\
# Ours, by hand.
contact = "a@b.example"   # the desk

[sites.zebra]             # first on purpose
delay = 3.50
url = "https://zebra.example/"

# The other one.
[sites.aube]
url = 'https://aube.example/'
# the end
"""
    path.write_text(before, encoding="utf-8")
    path.chmod(0o640)
    assert "[sites.phare]" in add(server.url, "--name", "phare", "--dry-run")
    assert path.read_text("utf-8") == before
    add(server.url, "--name", "phare")
    after = path.read_text("utf-8")
    assert after.startswith(before)
    assert after.removeprefix(before).startswith(f'\n[sites.phare]\nurl = "{server.url}"\nlanguage = "fr" # as')
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["sites.toml"]
    assert all("a@b.example" in agent for agent in server.agents)


def test_a_new_file_begins_with_whom_to_turn_to(add: Add, server: Server, tmp_path: Path) -> None:
    add(server.url)
    assert "# contact = " in (tmp_path / "sites.toml").read_text("utf-8")


@pytest.mark.parametrize(
    "before",
    ['sites = {a = {url = "https://a.example/"}}', '[sites]\na.url = "https://a.example/"\n', "[sites]\n", "\n"],
)
def test_any_form_of_list_takes_one_more(add: Add, server: Server, tmp_path: Path, before: str) -> None:
    (tmp_path / "sites.toml").write_text(before, encoding="utf-8")
    add(server.url, "--name", "phare")
    listed = run_marbre("--sites", tmp_path / "sites.toml", "sites", "--archive", tmp_path / "none").stdout
    assert server.url in listed
    assert ("https://a.example/" in listed) == ("a.example" in before)


# -- list and check


def test_list_and_check_tell_what_lives(add: Add, server: Server, tmp_path: Path) -> None:
    alternate = '<link rel="alternate" type="application/rss+xml" href="/feed/">'
    server.page("/", _teasers("la-mairie-ouvre-ses-portes"), alternate)
    server.text("/feed/", _feed("la-mairie-ouvre-ses-portes"), "application/xml")
    server.text("/sitemap.xml", _sitemap(server.url, "la-mairie-ouvre-ses-portes"), "application/xml")
    add(server.url, "--name", "phare")
    where = ("--sites", tmp_path / "sites.toml", "sites")
    archive = ("--archive", tmp_path / "archive")
    assert run_marbre(*where, "list", *archive).stdout == f"phare  {server.url}  every 0 s\n"
    run_marbre("--sites", tmp_path / "sites.toml", "crawl", *archive, code=None)
    assert "every 0 s  sitemap 1, feed 1" in run_marbre(*where, "list", *archive).stdout
    assert "died" not in run_marbre(*where, "check", *archive).stdout

    server.text("/feed/", _feed(), "application/xml")
    said = run_marbre(*where, "check", "phare", *archive).stdout
    assert "feed     empty; it had 1 on 20" in said
    assert f"instead  sitemap {server.url}sitemap.xml (1 links" in said

    del server.answers["/sitemap.xml"]
    said = run_marbre(*where, "check", *archive, code=1).stdout
    assert "sitemap  died since 20" in said
    assert "instead  listing" in said
    server.page("/", "<p>Moved.</p>")
    assert "no way lives" in run_marbre(*where, "check", *archive, code=1).stdout
    server.page("/", "<p>Broken.</p>", status=500)
    assert "the server answered 500" in run_marbre(*where, "check", *archive, code=1).stdout
    assert 'did you mean "phare"?' in run_marbre(*where, "check", "phar", *archive, code=2).stderr


def test_check_without_an_archive_asks_what_is_written(add: Add, server: Server, tmp_path: Path) -> None:
    server.text("/atom.xml", _feed("un"), "application/xml")
    add(server.url)
    del server.answers["/atom.xml"]
    where = ("--sites", tmp_path / "sites.toml", "sites", "check", "--archive", tmp_path / "none")
    assert "named in sites.toml, but absent" in run_marbre(*where, code=1).stdout
