"""Servers that lead astray, in every way a crawl can be led: no connection to where it must not go, nothing given away.

Each crawl is the whole program; what must not be reached is a listener that counts its connections.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from archive import Archive
from crawler import settings
from tests.conftest import run_marbre
from tests.hostile import Hostile, Said, serving
from tests.test_addresses import Listener

SECRET = "hunter2"
PROSE = "<p>Le bac a repris son service entre les deux rives, avec une heure de retard sur le matin prévu.</p>" * 3
HTML = ("Content-Type", "text/html; charset=utf-8")
XML = ("Content-Type", "application/xml")


def page(title: str, head: str = "", body: str = "") -> bytes:
    return f"<!doctype html><title>{title}</title>{head}<article><h1>{title}</h1>{PROSE}{body}</article>".encode()


def somewhere_else(port: int) -> list[str]:
    """Addresses of this machine in other spellings than the site's own, and what is no address of the web."""
    hosts = ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"]
    others = ["169.254.169.254", "100.64.0.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"]
    schemes = ["file:///etc/hostname", "data:text/html,<h1>x</h1>", f"ftp://localhost:{port}/x", "s3://bucket/key"]
    return [*(f"http://{host}:{port}/x" for host in hosts + others), *schemes, "javascript:alert(1)"]


class Ended(NamedTuple):
    """What a crawl left: each URL's outcome and reason, the requests with their headers, all that was written."""

    settled: dict[str, tuple[str, str | None]]
    hostile: Hostile
    connections: int
    said: str
    directory: Path

    @property
    def written(self) -> bytes:
        """Every byte of the archive, its WARC files unpacked."""
        parts = [path.read_bytes() for path in self.directory.rglob("*") if path.is_file()]
        return b"".join(gzip.decompress(part) if part.startswith(b"\x1f\x8b") else part for part in parts)


def crawl(folder: Path, hostile: Hostile, listener: Listener, *urls: str) -> Ended:
    sites = folder / "sites.toml"
    sites.write_text(f'[sites.own]\nurl = "{hostile.url}"\nallow_loopback = true\ndelay = 0\n', encoding="utf-8")
    words = [word for url in urls for word in ("--url", url)] or ["own"]
    done = run_marbre("--sites", sites, "crawl", *words, "--archive", folder / "archive", "--workers", "1", code=None)
    assert "Traceback" not in done.stderr, done.stderr
    with Archive(folder / "archive") as archive:
        rows = archive.db.execute("SELECT url, outcome, reason, state FROM frontier").fetchall()
    assert {state for *_, state in rows} <= {"done"}, rows
    settled = {url: (outcome, reason) for url, outcome, reason, _ in rows}
    return Ended(settled, hostile, listener.connections, done.stdout + done.stderr, folder / "archive")


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def test_no_way_of_discovery_and_no_redirect_leads_to_what_is_not_public(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://user:{SECRET}@127.0.0.1:{listener.port}")
    aims = somewhere_else(listener.port)
    with serving(Hostile()) as hostile:
        own = hostile.url[:-1]
        ways = [f"{own}/away/{number}" for number in range(len(aims))]
        locs = "".join(f"<url><loc>{url}</loc></url>" for url in aims + ways)
        items = "".join(f"<item><title>x</title><link>{url}</link></item>" for url in aims)
        maps = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in aims)
        refresh = "".join(f'<meta http-equiv="refresh" content="0;url={url}">' for url in aims)
        feeds = "".join(f'<link rel="alternate" type="application/rss+xml" href="{url}">' for url in aims)
        links = "".join(f'<h2><a href="{url}">Un titre de quatre mots au moins</a></h2>' for url in aims)
        hostile.answers = {
            "/": Said(f"<title>x</title>{refresh}{feeds}<link rel=alternate type=application/rss+xml href=/feed>"
                      f"{links}".encode()),
            "/robots.txt": Said("\n".join(f"Sitemap: {url}" for url in [*aims, f"{own}/map", f"{own}/maps"]).encode(),
                                headers=(("Content-Type", "text/plain"),)),
            "/map": Said(f"<urlset>{locs}</urlset>".encode(), headers=(XML,)),
            "/maps": Said(f"<sitemapindex>{maps}</sitemapindex>".encode(), headers=(XML,)),
            "/feed": Said(f"<rss><channel>{items}</channel></rss>".encode(), headers=(XML,)),
            **{f"/away/{n}": Said(b"", 302, (HTML, ("Location", aim))) for n, aim in enumerate(aims)},
        }  # fmt: skip
        ended = crawl(tmp_path, hostile, listener)
    assert ended.connections == 0
    assert {"/map", "/maps", "/feed", *(f"/away/{n}" for n in range(len(aims)))} <= set(ended.hostile.paths)
    came = {way: ended.settled[way] for way in ways if ended.settled[way][0] not in ("skipped", "rejected")}
    assert came.keys() <= {ways[aims.index("javascript:alert(1)")]}  # which Scrapy cannot even read: a failure
    assert not any(outcome in ("new", "unchanged") for outcome, _ in ended.settled.values())
    assert SECRET.encode() not in ended.written
    assert SECRET not in ended.said


def test_a_robots_txt_that_leads_away_closes_the_site(tmp_path: Path, listener: Listener) -> None:
    with serving(Hostile()) as hostile:
        away = f"http://localhost:{listener.port}/robots.txt"
        hostile.answers = {
            "/robots.txt": Said(b"", 302, (("Location", away),)),
            "/un-article/": Said(page("Le bac repart")),
        }
        ended = crawl(tmp_path, hostile, listener, f"{hostile.url}un-article/")
    assert ended.connections == 0
    assert ended.hostile.paths == ["/robots.txt"]
    assert list(ended.settled.values()) == [("failed", "robots_unreachable")]


def test_redirects_that_never_end_are_ended(tmp_path: Path, listener: Listener) -> None:
    """A chain of 21, a loop of two, and a page that leads to itself with another cookie each time."""
    with serving(Hostile()) as hostile:
        chain = {f"/chain/{n}": Said(b"", 302, (("Location", f"/chain/{n + 1}"),)) for n in range(21)}
        loop = {f"/loop/{n}": Said(b"", 301, (("Location", f"/loop/{1 - n}"),)) for n in range(2)}
        self = {"/self": Said(b"", 302, (("Location", "/self"), ("Set-Cookie", "seen=1")))}
        hostile.answers = {**chain, **loop, **self, "/chain/21": Said(page("Le bac repart"))}
        urls = [hostile.url + path for path in ("chain/0", "loop/0", "self")]
        ended = crawl(tmp_path, hostile, listener, *urls)
    assert ended.settled == dict.fromkeys(urls, ("failed", "redirects"))
    assert len(ended.hostile.asked) <= 1 + 3 * (settings.REDIRECT_MAX_TIMES + 1)


HOSTILE_HEADERS = {
    "a policy that names a Python object": (("Referrer-Policy", "os.system"),),
    "a policy that names a class": (("Referrer-Policy", "scrapy.spidermiddlewares.referer.UnsafeUrlPolicy"),),
    "cookies for everybody": (
        ("Set-Cookie", "a=1; Domain=com"),
        ("Set-Cookie", "b=2; Domain=0.0.1"),
        ("Set-Cookie", "c=3; Domain=127.0.0.1; Path=/"),
    ),
    "a line folded into another": (("X-One", "1\r\n Set-Cookie: d=4\r\n\tAuthorization: Basic eHg="),),
    "a link of 12 kB": (("Link", ", ".join(f"</p/{n}>; rel=next" for n in range(600))),),
    "many lines": tuple((f"X-{n}", "x" * 50) for n in range(300)),
    "a challenge to log in": (("WWW-Authenticate", 'Basic realm="x"'), ("Proxy-Authenticate", "Basic")),
    "a base elsewhere": (("Content-Location", "http://localhost/"), ("Refresh", "0;url=http://localhost/")),
    "bytes": (("X-Bytes", "\xff\xfe\x80"), ("Content-Disposition", 'attachment; filename="../../x"')),
}


def test_headers_change_nothing_that_is_asked(tmp_path: Path, listener: Listener) -> None:
    """Of nobody's word is a cookie, a login or the page before sent; each page is archived as what it is."""
    with serving(Hostile()) as hostile:
        for number, headers in enumerate(HOSTILE_HEADERS.values()):
            hostile.answers[f"/h/{number}/"] = Said(page(f"Le bac repart {number}"), headers=(HTML, *headers))
        hostile.answers["/long/"] = Said(page("x"), headers=(HTML, ("Link", "x" * 200_000)))
        hostile.answers["/login"] = Said(page("x"), 401, (HTML, ("WWW-Authenticate", 'Basic realm="x"')))
        urls = [f"{hostile.url}h/{number}/" for number in range(len(HOSTILE_HEADERS))]
        ended = crawl(tmp_path, hostile, listener, *urls, f"{hostile.url}login", f"{hostile.url}long/")
    assert [ended.settled[url] for url in urls] == [("new", None)] * len(urls)
    assert ended.settled[f"{hostile.url}login"] == ("rejected", "http_401")
    assert ended.settled[f"{hostile.url}long/"][0] == "failed"
    for _, sent in ended.hostile.asked:
        assert sent.keys().isdisjoint({"cookie", "authorization", "proxy-authorization", "referer", "origin"})
    assert set(ended.hostile.paths) == {"/robots.txt", "/login", "/long/", *(f"/h/{n}/" for n in range(len(urls)))}


def test_an_address_with_a_password_is_not_asked_for(tmp_path: Path, listener: Listener) -> None:
    with serving(Hostile()) as hostile:
        host = hostile.url.removeprefix("http://")
        hostile.answers = {
            "/": Said(f'<title>x</title><h2><a href="http://user:{SECRET}@{host}a/">Un titre de quatre mots</a></h2>'
                      .encode()),
            "/to": Said(b"", 302, (("Location", f"http://user:{SECRET}@{host}b/"),)),
        }  # fmt: skip
        ended = crawl(tmp_path, hostile, listener, f"{hostile.url}to")
        crawl(tmp_path, hostile, listener)
        assert {"/", "/to"} <= set(hostile.paths)
        assert not {"/a/", "/b/"} & set(hostile.paths)
    assert all("authorization" not in headers for _, headers in ended.hostile.asked)


def test_a_password_in_an_address_is_nowhere_kept(tmp_path: Path, listener: Listener) -> None:
    with serving(Hostile({"/bac/": Said(page("Le bac repart"))})) as hostile:
        ended = crawl(tmp_path, hostile, listener, hostile.url.replace("//", f"//user:{SECRET}@") + "bac/")
    assert ended.settled == {f"{hostile.url}bac/": ("new", None)}
    assert SECRET.encode() not in ended.written
    assert SECRET not in ended.said
    assert all("authorization" not in headers for _, headers in ended.hostile.asked)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("COOKIES_ENABLED", False),
        ("REFERER_ENABLED", False),
        ("TELNETCONSOLE_ENABLED", False),
        ("REMOTE_CONTROL_ENABLED", False),
        ("HTTPPROXY_ENABLED", False),
        ("METAREFRESH_ENABLED", False),
        ("ROBOTSTXT_OBEY", False),  # it lets everything pass when robots.txt cannot be had; see crawler.robots
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        (
            "DOWNLOAD_HANDLERS",
            {
                "data": None,
                "file": None,
                "ftp": None,
                "s3": None,
                **dict.fromkeys(("http", "https"), "crawler.pacing.OnceHandler"),
            },
        ),
        ("TWISTED_DNS_RESOLVER", "crawler.addresses.GuardedResolver"),
    ],
)
def test_settings_that_are_not_scrapys_own(name: str, expected: object) -> None:
    assert getattr(settings, name) == expected


@pytest.mark.parametrize(
    ("name", "most"),
    [("DOWNLOAD_MAXSIZE", 32 << 20), ("DOWNLOAD_TIMEOUT", 60), ("REDIRECT_MAX_TIMES", 10), ("URLLENGTH_LIMIT", 8192),
     ("CONCURRENT_REQUESTS_PER_DOMAIN", 2)],
)  # fmt: skip
def test_settings_that_bound(name: str, most: int) -> None:
    assert 0 < getattr(settings, name) <= most


def test_nothing_turns_authentication_on() -> None:
    """Credentials for every request are what five of Scrapy's advisories are about: we have none to give."""
    names = {name for name in vars(settings) if name.isupper()}
    assert names.isdisjoint({"HTTPAUTH_USER", "HTTPAUTH_PASS", "FEEDS", "IMAGES_STORE", "FILES_STORE"})
    assert not any("://" in str(getattr(settings, name)) for name in names)
