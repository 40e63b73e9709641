"""Everybody at once on one archive: two crawls, a re-extraction, backups, and people reading it in Datasette.

    with Newsland(PAPERS, START, 0) as land, Crowd(directory, land.sites(tmp_path)) as crowd:
        crowd.crawl("aurore")
        crowd.extract()
        crowd.back_up(target)
        crowd.read(rate=50)
        crowd.write()                   # small write transactions, timed
        time.sleep(60)
    crowd.faults                        # what went wrong: must be empty
    crowd.answers, crowd.waits          # Datasette's answers by status; seconds that each write took

All but the last are processes of their own and the real commands; leaving the block stops them as a person would, with
Ctrl-C, and waits for them. What is running when something else ends goes on.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import cycle
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from archive.database import FILE, open_for_writing, transaction
from tests import processes

_PATIENCE = 90  # seconds for a command to end
_STOPPED = (0, 1, 11, -signal.SIGINT)  # done, or stopped by Ctrl-C, before it could say so or after


class Crowd:
    """See the module; `faults` are sentences, `answers` counts statuses, `waits` are seconds, `ended` counts commands.

    `delays` are the seconds that each of Datasette's answers took.
    """

    def __init__(self, directory: Path, sites: Path) -> None:
        self.directory = directory
        self.sites = sites
        self.faults: list[str] = []
        self.answers: Counter[int] = Counter()
        self.delays: list[float] = []
        self.waits: list[float] = []
        self.ended: Counter[str] = Counter()
        self.over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._running: list[Any] = []  # processes of the fork server

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        for process in list(self._running):
            _stop(process)
        for thread in self._threads:
            thread.join(_PATIENCE)
            if thread.is_alive():
                self.faults.append(f"{thread.name} does not end")

    def crawl(self, site: str) -> None:
        """Crawl a site once; it is stopped when the block is left."""
        self._begin(f"crawl {site}", lambda: self._run("crawl", site, "--workers", "1"))

    def extract(self) -> None:
        """Read everything anew, again and again."""
        self._begin("extract", lambda: self._again("extract", "--all", "--workers", "1"))

    def back_up(self, target: Path) -> None:
        """Bring a backup up to date, again and again."""
        self._begin("backup", lambda: self._again("backup", str(target)))

    def write(self) -> None:
        """Write a row twenty times a second and keep how long each took."""
        self._begin("write", self._write)

    def read(self, rate: float) -> None:
        """Start Datasette and ask it for `rate` pages a second."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        self._begin("serve", lambda: self._run("serve", "--port", str(port)))
        while not _answers(port) and not self.faults:
            time.sleep(0.1)
        paths = list(_pages(self.directory))
        people = 4
        for person in range(people):
            turn = cycle(paths[person:] + paths[:person])
            self._begin(f"reader {person}", lambda turn=turn: self._read(port, turn, people / rate))  # type: ignore[misc]

    def wait_for(self, seen: Callable[[], object], seconds: float = _PATIENCE) -> None:
        """Let them go on until something is seen, or has gone wrong, or the time is over."""
        until = time.monotonic() + seconds
        while not seen() and not self.faults and time.monotonic() < until:
            time.sleep(0.1)

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        def kept() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what this looks for
                self.faults.append(f"{name}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=kept, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _again(self, *words: str) -> None:
        while not self.over.is_set():
            self._run(*words)

    def _run(self, *words: str) -> None:
        typed = ["--sites", str(self.sites), *words, "--archive", str(self.directory)]
        with tempfile.TemporaryDirectory() as folder:
            said = [Path(folder) / name for name in ("stdout", "stderr")]
            surroundings = (said, dict(os.environ), str(Path.cwd()), typed)
            process = processes.FORKED.Process(target=processes._call, args=(surroundings, processes.marbre, (typed,)))
            process.start()
            self._running.append(process)
            if self.over.is_set():
                _stop(process)
            process.join(10 * _PATIENCE)
            self._running.remove(process)
            errors = said[1].read_text("utf-8") if said[1].exists() else ""  # stopped before it began
        # Ctrl-C may come before the command can say that it was stopped.
        stopped = self.over.is_set() and (process.exitcode in _STOPPED or "KeyboardInterrupt" in errors)
        if not stopped and (process.exitcode != 0 or "Traceback" in errors or "locked" in errors):
            self.faults.append(f"{' '.join(words)}: {process.exitcode}: {errors[-2000:]}")
        self.ended[words[0]] += process.exitcode == 0

    def _write(self) -> None:
        db = open_for_writing(self.directory)
        while not self.over.wait(0.05):
            began = time.monotonic()
            with transaction(db):
                db.execute("UPDATE crawls SET counts = counts WHERE id = (SELECT min(id) FROM crawls)")
            self.waits.append(time.monotonic() - began)
        db.close()

    def _read(self, port: int, paths: Iterator[str], interval: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        following = time.monotonic()
        with closing(connection):
            while not self.over.is_set():
                began = time.monotonic()
                path = next(paths)
                connection.request("GET", path)
                response = connection.getresponse()
                body = response.read()
                self.delays.append(time.monotonic() - began)
                self.answers[response.status] += 1
                if response.status != 200:
                    self.faults.append(f"{path}: {response.status}: {body[-300:]!r}")
                following = max(following + interval, time.monotonic() - 1)
                self.over.wait(max(0.0, following - time.monotonic()))


def _stop(process: Any) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGINT)


def _pages(directory: Path) -> Iterator[str]:
    """Yield what browsers ask for: the front page, the table with its facets, a search, articles, style sheets."""
    db = sqlite3.connect(f"{(directory / FILE).as_uri()}?mode=ro", uri=True)
    for number, (docid, title) in enumerate(db.execute("SELECT docid, title FROM articles LIMIT 100").fetchall()):
        yield f"/archive/articles/{docid}"
        if number % 5 == 0:
            yield from ("/archive", "/-/static/app.css")
            yield from ("/archive/articles", "/marbre-static/marbre.css")
            yield f"/archive/articles?_search={quote(title.split()[-1])}"
    db.close()


def _answers(port: int) -> bool:
    with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", "/-/versions.json")
        return connection.getresponse().status == 200
    return False
