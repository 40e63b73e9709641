"""A small newspaper on loopback whose pages a test changes, moves and removes between two crawls.

with Kiosk() as kiosk:
    kiosk.publish("/ville/marche/", "Le marché rouvre")         # on the home page and in the sitemap from now on
    kiosk.publish("/ville/marche/", "Le marché a rouvert")      # edited; no date of change is told
    kiosk.answers["/ville/marche/"] = Answer(410)               # or Answer(301, headers={"Location": "/"})
    kiosk.asked("/ville/marche/")                               # what was asked there, and what was answered
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from tests.small_archives import SENTENCES

_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What a path gives. `etag` none makes one of the body, "" sends none.

    A `stale` one answers 304 to whoever asks with validators, whether the page changed or not.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    stale: bool = False


class Asked(NamedTuple):
    path: str
    status: int
    conditional: bool


class Kiosk:
    """Serves from now on; `listed` are the paths that the home page and the sitemap name, `changed` when they say so.

    `robots` is the text of robots.txt; `requests` lists all that was asked, in order.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.listed: list[str] = []
        self.changed: dict[str, str] = {}  # path: lastmod of the sitemap
        self.robots = "User-agent: *\nAllow: /\n"
        self.requests: list[Asked] = []
        kiosk = self

        class Handler(_Handler):
            served = kiosk

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def publish(self, path: str, title: str, *, text: str = "", stale: bool = False, listed: bool = True) -> None:
        """Put an article at `path`, or another version of it; `text` is a paragraph more, `stale` as in Answer."""
        self.answers[path] = Answer(body=_article(path, title, text), stale=stale)
        if listed and path not in self.listed:
            self.listed.append(path)

    def asked(self, *paths: str) -> list[Asked]:
        """What was asked at these paths (at all articles, if none is named), oldest first."""
        return [asked for asked in self.requests if asked.path in (paths or self.answers)]

    def sites(self, directory: Path, *lines: str) -> Path:
        """Write a sites.toml with this site alone, called kiosk; `lines` are keys of its table."""
        path = directory / "sites.toml"
        keys = (f'url = "{self.url}"', "allow_loopback = true", "delay = 0", *lines)
        path.write_text("\n".join(("[sites.kiosk]", *keys, "")), encoding="utf-8")
        return path

    def answer(self, path: str) -> Answer:
        texts = {"/robots.txt": (self._robots, "text/plain"), "/sitemap.xml": (self._sitemap, "application/xml")}
        texts["/"] = (self._home, _HTML)
        if path in self.answers:
            return self.answers[path]
        if path not in texts:
            return Answer(404, b"<p>Rien ici.</p>", {"Content-Type": _HTML})
        make, mime = texts[path]
        return Answer(body=make().encode(), headers={"Content-Type": mime})

    def _robots(self) -> str:
        return f"{self.robots}Sitemap: {self.url}sitemap.xml\n"

    def _sitemap(self) -> str:
        dates = {
            path: f"<lastmod>{self.changed[path]}</lastmod>" if path in self.changed else "" for path in self.listed
        }
        urls = "".join(f"<url><loc>{self.url[:-1]}{path}</loc>{dates[path]}</url>" for path in self.listed)
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'

    def _home(self) -> str:
        items = "".join(f'<li><a href="{path}">{path}</a></li>' for path in self.listed)
        return (
            f"<!doctype html><html lang=fr><head><title>Le Kiosque</title></head><body><ul>{items}</ul></body></html>"
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    served: Kiosk

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        answer = self.served.answer(path)
        etag = hashlib.sha256(answer.body).hexdigest()[:16] if answer.etag is None else answer.etag
        known = self.headers.get("If-None-Match", "")
        conditional = bool(known or self.headers.get("If-Modified-Since"))
        status, body = answer.status, answer.body
        if status == 200 and conditional and (answer.stale or (etag and known == f'"{etag}"')):
            status, body = 304, b""
        self.served.requests.append(Asked(path, status, conditional))
        self.send_response(status)
        headers = {"Content-Type": _HTML, **({"ETag": f'"{etag}"'} if etag else {}), **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests look at `requests`."""


def _article(path: str, title: str, text: str) -> bytes:
    sentences = [*SENTENCES, f"Nous l'écrivions déjà le mois dernier, page {path.strip('/').replace('/', ' ')}.", text]
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta property="og:type" content="article"><meta property="article:published_time"'
        f' content="2026-02-20T08:15:00+01:00"></head><body><article><h1>{escape(title)}</h1>{paragraphs}</article>'
        "</body></html>"
    ).encode()
