"""Whether a crawl that is killed again and again ends with the archive of one that was left alone.

    python benchmarks/kill.py [--kills 100] [--pages 400] [--seed 1]

A generated newspaper of PAGES articles on loopback is crawled; the crawl's process gets kill -9 at a random moment of
its life, and in one life of five a worker of its before that; then the crawl is begun anew, until it ends by itself.
That is done, with fresh archives, until there were KILLS kills. Of every archive it is then checked that it holds the
very articles of an undisturbed crawl, that `marbre verify` has nothing to say, and that no page was asked for more than
once again for each kill that found it under way. Of every kill: that no worker is left ten seconds later.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

WORDS = """
    ville maire conseil municipal projet budget élus habitants quartier école transports séance vote majorité opposition
    association commission rapport travaux année décision réunion débat question réponse publique région président loi
""".split()
AT_ONCE = 16  # requests under way on a site without a delay: `_settings_of` in crawler.spiders.news
WAIT = 10.0  # seconds a worker may outlive its crawl


def page(number: int) -> bytes:
    pick = random.Random(number)
    sentences = (" ".join(pick.choices(WORDS, k=18)).capitalize() + "." for _ in range(12))
    title = f"{' '.join(pick.choices(WORDS, k=6)).capitalize()} {number}"
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return f"""<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article"><meta property="article:published_time" content="2026-03-01T10:00:00+01:00">
</head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>""".encode()


class Newspaper(ThreadingHTTPServer):
    """Serves `count` articles and notes in `asked`, in order, which were asked for."""

    daemon_threads = True

    def __init__(self, count: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        locations = "".join(f"<url><loc>{self.url}article-{n}/</loc></url>" for n in range(count))
        sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'
        home = "<!DOCTYPE html><html><head><title>Gazette</title></head><body></body></html>"
        robots = f"User-agent: *\nAllow: /\nSitemap: {self.url}sitemap.xml\n"
        self.articles = {f"/article-{n}/": page(n) for n in range(count)}
        self.fixed = {"/": home.encode(), "/sitemap.xml": sitemap.encode(), "/robots.txt": robots.encode()}
        self.asked: list[str] = []
        self.requests = 0
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that broke: who was killed says no goodbye."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Newspaper

    def do_GET(self) -> None:
        self.server.requests += 1
        if self.path in self.server.articles:
            self.server.asked.append(self.path)
        body = self.server.articles.get(self.path, self.server.fixed.get(self.path))
        self.send_response(404 if body is None else 200)
        kind = {"xml": "application/xml", "txt": "text/plain"}.get(self.path[-3:], "text/html; charset=utf-8")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


class Killed(NamedTuple):
    """What a kill cost: seconds the crawl had lived, whether a worker went before, pages asked for again, orphans."""

    seconds: float
    worker: bool
    again: int
    orphans: int


class Crawl:
    """One archive that is crawled, and killed, until it is complete."""

    def __init__(self, directory: Path, paper: Newspaper) -> None:
        self.archive = directory / "archive"
        self.paper = paper
        sites = directory / "sites.toml"
        sites.write_text(f'[sites.kill]\nurl = "{paper.url}"\nallow_loopback = true\ndelay = 0\n', encoding="utf-8")
        self.command = [sys.executable, "-m", "crawler", "--sites", str(sites), "crawl", "--archive", str(self.archive)]
        self.lives: list[list[str]] = []  # what each life of the crawl asked for
        self.killed: list[tuple[float, bool, int]] = []

    def live(self, requests: int | None, seconds: float = 0.0, *, worker: bool = False) -> bool:
        """Crawl, and kill the crawl after so many requests and seconds, at half-time a worker.

        Returns whether it ended by itself. None lets it live.
        """
        begun = len(self.paper.asked)
        process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            self._end(process, requests, seconds, worker=worker)
        finally:
            if process.poll() is None:
                process.kill()
            said = process.communicate()[1]
        self.lives.append(self.paper.asked[begun:])
        if process.returncode not in (0, -signal.SIGKILL):
            raise SystemExit(f"the crawl ended with {process.returncode}:\n{said[-3000:]}")
        return process.returncode == 0

    def _end(self, process: subprocess.Popen[str], requests: int | None, seconds: float, *, worker: bool) -> None:
        started, first = time.monotonic(), self.paper.requests
        if requests is None:
            process.wait()
            return
        if self._ended(process, first + requests // 2, seconds / 2):
            return
        if worker and (below := children(process.pid)):
            os.kill(below[0], signal.SIGKILL)
        if self._ended(process, first + requests, seconds / 2):
            return
        below = children(process.pid)
        lived = time.monotonic() - started
        process.kill()
        process.wait()
        self.killed.append((lived, worker, left_of(below)))

    def _ended(self, process: subprocess.Popen[str], requests: int, seconds: float) -> bool:
        """Wait until the server had so many requests, and so long; returns whether the process ended."""
        while self.paper.requests < requests and process.poll() is None:
            time.sleep(0.002)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return process.poll() is not None

    def costs(self) -> list[Killed]:
        """Return what each kill of the crawl cost: pages it had asked for that a later life asked for again."""
        found = []
        killed = iter(self.killed)
        for number, life in enumerate(self.lives[: len(self.killed)]):
            later = {path for other in self.lives[number + 1 :] for path in other}
            lived, worker, orphans = next(killed)
            found.append(Killed(lived, worker, len(set(life) & later), orphans))
        return found


def children(process: int) -> list[int]:
    lists = [file.read_text() for file in Path(f"/proc/{process}/task").glob("*/children")]
    return [int(number) for text in lists for number in text.split()]


def left_of(processes: Sequence[int]) -> int:
    """Return how many of a dead crawl's workers still live after WAIT seconds."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until and any(map(is_worker, processes)):
        time.sleep(0.05)
    return sum(map(is_worker, processes))


def is_worker(process: int) -> bool:
    try:
        return b"archive.worker" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def words(directory: Path) -> list[tuple[str, str | None, str]]:
    from archive import Archive

    with Archive(directory) as archive:
        return sorted((article.canonical_url, article.title, article.text) for article in archive.articles())


def problems(directory: Path) -> list[str]:
    from archive.verification import verify

    return [f"{problem.where}: {problem.what}" for problem in verify(directory)]


def disturbed(directory: Path, paper: Newspaper, pick: random.Random, kills: int) -> Crawl:
    """Crawl to the end with at most so many kills, each after a random number of requests and a moment more.

    Requests, and not seconds, so that on a slow machine the kills do not all come before anything was done.
    """
    crawl = Crawl(directory, paper)
    most = len(paper.articles) // 5
    while len(crawl.killed) < kills:
        if crawl.live(pick.randrange(most), pick.uniform(0, 0.3), worker=pick.random() < 0.2):
            return crawl
    crawl.live(None)
    return crawl


def check(crawl: Crawl, undisturbed: list[tuple[str, str | None, str]]) -> list[str]:
    """Return what is not as it should be after a crawl that was killed and taken up."""
    wrong = problems(crawl.archive)
    if words(crawl.archive) != undisturbed:
        wrong.append(f"{len(words(crawl.archive))} articles, and not the {len(undisturbed)} of the undisturbed crawl")
    for killed in crawl.costs():
        if killed.again > AT_ONCE:
            wrong.append(f"{killed.again} pages were asked for again after one kill; {AT_ONCE} were under way")
        if killed.orphans:
            wrong.append(f"{killed.orphans} workers outlived their crawl by {WAIT:.0f} s")
    repeated = [path for path in asked_for(crawl) if times(crawl, path) > 1 + len(crawl.killed)]
    return wrong + [f"{path} was asked for more often than it was disturbed" for path in repeated]


def asked_for(crawl: Crawl) -> set[str]:
    return {path for life in crawl.lives for path in life}


def times(crawl: Crawl, path: str) -> int:
    return sum(life.count(path) for life in crawl.lives)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--pages", type=int, default=400)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    pick, paper = random.Random(given.seed), Newspaper(given.pages)
    with tempfile.TemporaryDirectory() as scratch:
        calm = Crawl(made(scratch, "calm"), paper)
        calm.live(None)
        undisturbed = words(calm.archive)
        print(f"undisturbed: {len(undisturbed)} articles of {given.pages} pages", flush=True)
        done: list[Killed] = []
        wrong: list[str] = []
        while len(done) < given.kills:
            folder = made(scratch, f"killed-{len(done)}")
            crawl = disturbed(folder, paper, pick, given.kills - len(done))
            wrong += check(crawl, undisturbed)
            done += crawl.costs()
            print(f"{len(done)} kills; {len(crawl.killed)} in this crawl, {len(wrong)} faults so far", flush=True)
    report(done, wrong)


def made(scratch: str, name: str) -> Path:
    folder = Path(scratch, name)
    folder.mkdir()
    return folder


def report(done: Sequence[Killed], wrong: Sequence[str]) -> None:
    again = [killed.again for killed in done]
    print(
        f"{len(done)} kills ({sum(killed.worker for killed in done)} after one of a worker),"
        f" {sum(again)} pages asked for again,"
        f" at most {max(again)} after one kill; {sum(killed.orphans for killed in done)} orphans"
    )
    for line in wrong:
        print(line)
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
