"""Twenty generated newspapers on loopback, each with its rhythm and its troubles, living by a clock that they are told.

    with Newsland(PAPERS, start, days=60) as land:
        sites = land.sites(directory)              # a sites.toml that names them all
        land.now = start + timedelta(hours=3)      # from now on they show what is published by then
        land.stands["aurore"].stories              # what they publish, and when: the truth to compare an archive with
        land.stands["aurore"].asked                # what was asked of one, and what it answered

Every paper is a server of its own at an address of its own in 127.0.0.0/8. What they print is made from seeds: no two
articles have a sentence in common.
"""

from __future__ import annotations

import hashlib
import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from tests import newspages as pages

_EVER = float("inf")
_HTML, _XML, _TEXT = "text/html; charset=utf-8", "application/xml; charset=utf-8", "text/plain; charset=utf-8"


class Trouble(NamedTuple):
    """What is wrong with a paper from one day to another, counted from the start.

    `kind`: feed_gone (404), blocked (403 for every page), throttled (429 and Retry-After), unreachable (hangs up),
    closed (robots.txt), new_template (without authors), silent (prints nothing), maintenance (503 from 3 to 4 o'clock).
    """

    kind: str
    first: float
    last: float = _EVER


@dataclass(frozen=True, slots=True)
class Paper:
    """One newspaper. `a_day` articles on a weekday; `weekend` is the part of that on a Saturday or Sunday.

    `ways`: feed, sitemap, home; what is none of them does not name articles. `edits` and `deletions` are the parts of
    the articles that are changed some hours after they appear, and taken down some days after. `past`: articles that
    are there when the story begins; `named`: how many a sitemap has, the newest.
    """

    name: str
    a_day: float
    weekend: float = 1.0
    ways: tuple[str, ...] = ("feed", "home")
    edits: float = 0.0
    deletions: float = 0.0
    past: int = 12
    named: int = 300
    troubles: tuple[Trouble, ...] = ()


class Story(NamedTuple):
    """One article: its address, and when it appears, is changed and is taken down (UTC)."""

    number: int
    path: str
    title: str
    published: datetime
    edited: datetime | None
    deleted: datetime | None


class Asked(NamedTuple):
    moment: datetime
    path: str
    status: int


class Answer(NamedTuple):
    body: str
    mime: str = _HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


# From sixty articles a day to one a week, and everything that goes wrong with newspapers.
PAPERS = (
    Paper("aurore", 60, 0.5, ("feed", "sitemap", "home")),
    Paper("boussole", 15, 0.3),
    Paper("courrier", 10, 0.5, ("sitemap",)),
    Paper("depeche", 8, 1.0, ("feed", "home"), edits=0.2, deletions=0.1),
    Paper("echo", 6, 0.5, ("feed", "sitemap", "home"), troubles=(Trouble("feed_gone", 20),)),
    Paper("fanal", 6, 0.5, ("feed", "home"), troubles=(Trouble("blocked", 25, 32),)),
    Paper("gazette", 6, 0.7, ("feed", "home"), troubles=(Trouble("new_template", 38),)),
    Paper("horizon", 5, 0.5, ("feed", "home"), troubles=(Trouble("silent", 40),)),
    Paper("independant", 5, 0.5, ("feed", "sitemap"), troubles=(Trouble("unreachable", 14, 18),)),
    Paper("journal", 4, 0.5, ("feed", "home"), troubles=(Trouble("throttled", 30, 33),)),
    Paper("kiosque", 4, 0.5, ("feed", "home"), troubles=(Trouble("closed", 40, 41),)),
    Paper("lanterne", 3, 0.0, ("feed",)),
    Paper("messager", 3, 0.5, ("feed", "home"), troubles=(Trouble("maintenance", 0),)),
    Paper("nouvelle", 2, 1.0, ("sitemap", "home")),
    Paper("observateur", 2, 0.5, ("home",)),
    Paper("phare", 1, 0.5, ("feed", "home")),
    Paper("quotidien", 1, 1.0, ("feed",), edits=0.3),
    Paper("reveil", 0.5, 0.5, ("feed", "sitemap")),
    Paper("semaine", 0.3, 1.0, ("feed", "home")),
    Paper("trimestre", 0.14, 1.0, ("feed", "home")),
)


def stories(paper: Paper, start: datetime, days: int) -> tuple[Story, ...]:
    """Return all that a paper publishes, the oldest first: the same for the same name, start and number of days."""
    pick = random.Random(paper.name)
    moments = [start - timedelta(hours=2 + 5 * number + pick.random()) for number in range(paper.past)]
    left = 0.0
    for day in range(days):
        midnight = start.replace(hour=0, minute=0) + timedelta(days=day)
        left += paper.a_day * (paper.weekend if midnight.weekday() > 4 else 1.0)
        count, left = int(left), left % 1
        moments += [midnight + timedelta(hours=pick.uniform(6, 22)) for _ in range(count)]
    silent = [start + timedelta(days=trouble.first) for trouble in paper.troubles if trouble.kind == "silent"]
    printed = sorted(moment.replace(microsecond=0) for moment in moments if not silent or moment < silent[0])
    return tuple(_story(paper, number, moment, pick) for number, moment in enumerate(printed))


def _story(paper: Paper, number: int, moment: datetime, pick: random.Random) -> Story:
    title = pages.title(paper.name, number)
    path = f"/{moment:%Y/%m/%d}/{pages.slug(title)}-{number}/"
    edited = moment + timedelta(hours=pick.uniform(2, 40)) if pick.random() < paper.edits else None
    deleted = moment + timedelta(days=pick.uniform(3, 6)) if pick.random() < paper.deletions else None
    return Story(number, path, title, moment, edited, deleted)


@dataclass(slots=True)
class Stand:
    """One paper's server: what it publishes, its address, and what was asked of it."""

    paper: Paper
    stories: tuple[Story, ...]
    start: datetime
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    by_path: dict[str, Story] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_path = {story.path: story for story in self.stories}

    def suffers(self, kind: str, now: datetime) -> bool:
        day = (now - self.start) / timedelta(days=1)
        return any(trouble.kind == kind and trouble.first <= day < trouble.last for trouble in self.paper.troubles)

    def shown(self, now: datetime) -> list[Story]:
        """What is published and not taken down, the newest first."""
        return [s for s in reversed(self.stories) if s.published <= now and not (s.deleted and s.deleted <= now)]

    def answer(self, path: str, now: datetime) -> Answer | None:
        """What a path gives at a moment; none: the line is cut without a word."""
        if self.suffers("unreachable", now):
            return None
        return self._refusal(path, now) or self._page(path, now)

    def _refusal(self, path: str, now: datetime) -> Answer | None:
        if self.suffers("maintenance", now) and now.hour == 3:
            return Answer("<p>Maintenance.</p>", status=503, headers=(("Retry-After", "3600"),))
        if path == "/robots.txt":
            return None
        if self.suffers("blocked", now):
            return Answer("<h1>403 Forbidden</h1><p>Access denied.</p>", status=403)
        if self.suffers("throttled", now):
            return Answer("<h1>429 Too Many Requests</h1>", status=429, headers=(("Retry-After", "7200"),))
        return None

    def _page(self, path: str, now: datetime) -> Answer:
        ways, url = self.paper.ways, self.url.rstrip("/")
        if path == "/robots.txt":
            return Answer(self._robots(now), _TEXT)
        if path == "/":
            listed = self.shown(now)[:25] if "home" in ways else []
            return Answer(pages.home(self.paper.name, listed, announced="feed" in ways))
        if path == "/feed/" and "feed" in ways and not self.suffers("feed_gone", now):
            return Answer(pages.feed(self.paper.name, url, self.shown(now)[:20]), _XML)
        if path == "/sitemap.xml" and "sitemap" in ways:
            return Answer(pages.sitemap(url, self.shown(now)[: self.paper.named], now), _XML)
        return self._article(path, now)

    def _article(self, path: str, now: datetime) -> Answer:
        story = self.by_path.get(path)
        if story is None or story.published > now:
            return Answer("<h1>404</h1><p>Rien ici.</p>", status=404)
        if story.deleted and story.deleted <= now:
            return Answer("<h1>410</h1><p>Cet article a été retiré.</p>", status=410)
        changed = self.suffers("new_template", now)
        return Answer(pages.article(self.paper.name, self.url.rstrip("/"), story, now, changed=changed))

    def _robots(self, now: datetime) -> str:
        rule = "Disallow: /" if self.suffers("closed", now) else "Allow: /"
        told = f"Sitemap: {self.url}sitemap.xml\n" if "sitemap" in self.paper.ways else ""
        return f"User-agent: *\n{rule}\n{told}"


class Newsland:
    """Serves papers from now on, as they are at `now`."""

    def __init__(self, papers: tuple[Paper, ...], start: datetime, days: int, network: str = "127.0.77") -> None:
        self.now = start
        self.stands: dict[str, Stand] = {}
        self._servers: list[ThreadingHTTPServer] = []
        for number, paper in enumerate(papers, 2):
            stand = Stand(paper, stories(paper, start, days), start)
            server = _Server((f"{network}.{number}", 0), _handler(self, stand))
            stand.url = f"http://{network}.{number}:{server.server_port}/"
            self.stands[paper.name] = stand
            self._servers.append(server)
        self._threads = [threading.Thread(target=s.serve_forever, args=(0.05,), daemon=True) for s in self._servers]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    def sites(self, directory: Path, *lines: str) -> Path:
        """Write a sites.toml that names all papers; `lines` are further keys of each."""
        path = directory / "sites.toml"
        keys = ("allow_loopback = true", "delay = 0", *lines)
        tables = ("\n".join((f"[sites.{name}]", f'url = "{s.url}"', *keys, "")) for name, s in self.stands.items())
        path.write_text("\n".join(tables), encoding="utf-8")
        return path


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def _handler(land: Newsland, served: Stand) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        newsland = land
        stand = served

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    newsland: Newsland
    stand: Stand

    def do_GET(self) -> None:
        now = self.newsland.now
        path = urlsplit(self.path).path
        found = self.stand.answer(path, now)
        if found is None:
            self.stand.asked.append(Asked(now, path, 0))
            self.close_connection = True
            return
        body = found.body.encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        status = 304 if found.status == 200 and self.headers.get("If-None-Match") == etag else found.status
        self.stand.asked.append(Asked(now, path, status))
        self.send_response(status)
        self._send([("Content-Type", found.mime), ("ETag", etag), *found.headers], b"" if status == 304 else body)

    def _send(self, headers: list[tuple[str, str]], body: bytes) -> None:
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The header Date tells the papers' clock, not the machine's."""
        moment = self.newsland.now if timestamp is None else datetime.fromtimestamp(timestamp, UTC)
        return format_datetime(moment, usegmt=True)

    def log_message(self, *_: object) -> None:
        """Say nothing: whoever looks reads `asked`."""
