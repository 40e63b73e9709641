"""The newspaper's server, on this machine only: `with serve(Newspaper()) as server: server.url`."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from crawler.demo import feeds, pages
from crawler.demo import peculiarities as odd
from crawler.demo.newspaper import SECTIONS, DemoArticle, Newspaper, slugify
from crawler.demo.pictures import picture

_HTML = "text/html; charset=utf-8"
_XML = "application/xml; charset=utf-8"
_RSS = "application/rss+xml; charset=utf-8"


class Answer(NamedTuple):
    """One answer before conditional requests and gzip: what the path gives."""

    body: bytes
    mime: str = _HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class serve:  # noqa: N801 - used as a verb: with serve(...) as server
    """Serves a newspaper from a thread, from now on; `port` 0 takes a free one. Raises OSError if it is taken.

    `requests` lists (method, path, status) of everything answered, for tests.
    """

    def __init__(self, newspaper: Newspaper, port: int = 0) -> None:
        self.newspaper = newspaper
        self.requests: list[tuple[str, str, int]] = []
        self._http = _Http(("127.0.0.1", port), partial(_Handler, self))
        self.port: int = self._http.server_port
        self.url = f"http://127.0.0.1:{self.port}/"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def wait(self) -> None:
        """Serve until Ctrl-C."""
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the acknowledgement of its own headers

    def __init__(self, server: serve, *args: object) -> None:
        self.paper = server
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in odd.FAULT_PATHS and self.paper.newspaper.faults:
            self._break(path)
            return
        self._send(answer(self.paper.newspaper, path, self.paper.url.rstrip("/")))

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *_: object) -> None:
        """Say nothing: whoever runs this has a terminal of their own."""

    def _send(self, found: Answer) -> None:
        etag = f'"{hashlib.sha256(found.body).hexdigest()[:16]}"'
        changed = self.paper.newspaper.last_change()
        headers = [
            ("Content-Type", found.mime),
            ("ETag", etag),
            ("Vary", "Accept-Encoding"),
            ("Last-Modified", format_datetime(changed.astimezone(UTC), usegmt=True)),
        ]
        status, body = found.status, found.body
        if status == 200 and self._has_it(etag):
            status, body = 304, b""
        elif status == 200 and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            headers.append(("Content-Encoding", "gzip"))
        self._write(status, [*headers, *found.headers], body)

    def _has_it(self, etag: str) -> bool:
        if known := self.headers.get("If-None-Match"):
            return known.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in known.split(",")}
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except ValueError:  # absent, or no date: RFC 9110, 13.1.3 says to ignore it
            return False
        return since.tzinfo is not None and self.paper.newspaper.last_change() <= since

    def _write(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.paper.requests.append((self.command, self.path, status))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _break(self, path: str) -> None:
        whole = b"<p>" + b"Ceci est une panne. " * 50 + b"</p>"
        if path == odd.FAULT_500_PATH:
            self._write(500, [("Content-Type", _HTML)], b"<h1>Erreur du serveur</h1>")
        elif path == odd.FAULT_CUT_GZIP_PATH:
            cut = gzip.compress(whole)[:-20]
            self._write(200, [("Content-Type", _HTML), ("Content-Encoding", "gzip")], cut)
        else:
            self.paper.requests.append((self.command, self.path, 200))
            self.send_response(200)
            self.send_header("Content-Length", str(2 * len(whole)))
            self.end_headers()
            slow = path == odd.FAULT_SLOW_PATH
            for byte in whole if slow else whole[:100]:
                self.wfile.write(bytes([byte]))
                time.sleep(1 if slow else 0)
            self.close_connection = True


def answer(newspaper: Newspaper, path: str, base: str) -> Answer:
    """Return what the newspaper answers at a path."""
    for find in (_fixed, _article, _list, _picture):
        if found := find(newspaper, path, base):
            return found
    page = pages.list_page(newspaper, "Cette page n’existe pas", (), base)
    return Answer(page.encode(), status=404)


def _fixed(newspaper: Newspaper, path: str, base: str) -> Answer | None:
    if path == odd.MOVED_PATH:
        return Answer(b"", status=301, headers=(("Location", newspaper.article(odd.MOVED_TO).path),))
    texts: dict[str, tuple[Callable[[], str], str]] = {
        odd.ROBOTS_PATH: (lambda: feeds.robots(base), "text/plain; charset=utf-8"),
        odd.FEED_PATH: (lambda: feeds.feed(newspaper, base), _RSS),
        odd.COMMENTS_FEED_PATH: (lambda: feeds.comments_feed(newspaper, base), _RSS),
        odd.SITEMAP_PATH: (lambda: feeds.sitemap_index(base), _XML),
        odd.NEWS_SITEMAP_PATH: (lambda: feeds.news_sitemap(newspaper, base), _XML),
        odd.ABOUT_PATH: (lambda: pages.about_page(newspaper, base), _HTML),
        odd.HOME_PATH: (lambda: pages.list_page(newspaper, "À la une", newspaper.listed()[:19], base), _HTML),
        "/style.css": (lambda: (Path(__file__).parent / "style.css").read_text("utf-8"), "text/css; charset=utf-8"),
    }
    texts |= {f"/sitemap-{key}.xml": (partial(feeds.section_sitemap, newspaper, key, base), _XML) for key in SECTIONS}
    if path not in texts:
        return None
    make, mime = texts[path]
    return Answer(make().encode(), mime)


def _article(newspaper: Newspaper, path: str, base: str) -> Answer | None:
    article = newspaper.at(path.removesuffix(odd.AMP_SUFFIX))
    if article is None or (path != article.path and article.slug != odd.WITH_AMP):
        return None
    page = pages.article_page(newspaper, article, base)
    return Answer(_encoded(article, page), _mime(article), headers=_cookies(article))


def _encoded(article: DemoArticle, page: str) -> bytes:
    return page.encode("windows-1252", "xmlcharrefreplace") if article.slug == odd.WRONG_CHARSET else page.encode()


def _mime(article: DemoArticle) -> str:
    return "text/html" if article.slug == odd.NO_CHARSET else _HTML


def _cookies(article: DemoArticle) -> tuple[tuple[str, str], ...]:
    if article.slug != odd.WITH_COOKIES:
        return ()
    return (("Set-Cookie", "lecteur=1; Path=/"), ("Set-Cookie", "visite=2; Path=/; HttpOnly"))


def _list(newspaper: Newspaper, path: str, base: str) -> Answer | None:
    parts = path.strip("/").split("/")
    everything = newspaper.listed()
    if len(parts) == 1 and parts[0] in SECTIONS:
        title, listed = SECTIONS[parts[0]], tuple(a for a in everything if a.section == SECTIONS[parts[0]])
    elif parts[0] == "auteurs" and len(parts) == 2:
        listed = tuple(a for a in everything if parts[1] in map(slugify, a.authors))
        title = next((name for a in listed for name in a.authors if slugify(name) == parts[1]), "")
    elif parts[0] == "mot-cle" and len(parts) == 2:
        listed = tuple(a for a in everything if parts[1] in map(slugify, a.tags))
        title = next((tag for a in listed for tag in a.tags if slugify(tag) == parts[1]), "")
    else:
        return None
    return Answer(pages.list_page(newspaper, title, listed, base).encode()) if listed else None


def _picture(newspaper: Newspaper, path: str, _base: str) -> Answer | None:
    if any(article.image_path == path for article in newspaper.articles()):
        return Answer(picture(path), "image/png")
    return None
