"""Whether a crawl that goes on for hours keeps the memory, files and write-ahead log it began with.

    python benchmarks/soak.py [--hours 1] [--rate 10000] [--sites 4] [--csv samples.csv]

Several generated newspapers on loopback are crawled by one `marbre crawl`, paced by their delays to RATE pages an hour.
Every ten seconds the crawl's process and its workers are looked at: resident memory, open files, threads; and the
archive: database, write-ahead log, WARC files. What was measured in the first sixth of the run is warm-up. Prints for
each the mean, the highest, and the slope of a straight line through it, as a part of the mean in an hour; memory, files
and threads must be flat (within 10 %), the write-ahead log below 64 MB. Exits with 1 if one is not.
"""

from __future__ import annotations

import argparse
import csv
import random
import signal
import statistics
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
    la ville le maire conseil municipal projet budget élus habitants quartier école transports séance vote majorité
    opposition association commission rapport travaux année prochaine décision réunion débat question réponse publique
    région président ministre loi réforme grève syndicat entreprise emploi marché hausse baisse prix énergie forêt port
""".split()
SAMPLE = 10.0  # seconds
FLAT = 0.10  # of the mean, in an hour
WAL = 64 << 20  # bytes


class Sample(NamedTuple):
    """One look: seconds since the start, pages served, bytes of memory, counts, and bytes of files."""

    seconds: float
    pages: int
    crawl_memory: int
    workers_memory: int
    crawl_files: int
    threads: int
    workers: int
    wal: int
    database: int
    warc: int
    warc_files: int


def page(site: int, number: int) -> bytes:
    """Return one article of some 40 kB: no two have a sentence in common, all have a menu and teasers."""
    pick = random.Random(f"{site} {number}")

    def sentence() -> str:
        return " ".join(pick.choices(WORDS, k=pick.randint(8, 24))).capitalize() + "."

    text = "".join(f"<p>{' '.join(sentence() for _ in range(pick.randint(2, 5)))}</p>" for _ in range(14))
    menu = "".join(f'<li class="menu-item-{n}"><a href="/rubrique-{n}/">Rubrique {n}</a></li>' for n in range(30))
    teasers = "".join(f'<li class="teaser"><a href="/s/{pick.random()}">{sentence()}</a></li>' for _ in range(80))
    script = "".join(f"window.settings['{n}']={{value:{pick.random()}}};" for n in range(300))
    title = f"{sentence()[:-1]} {number}"
    return f"""<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{title} - Gazette {site}</title>
<meta property="og:type" content="article"><meta property="og:title" content="{title}">
<meta property="article:published_time" content="2026-03-{1 + number % 28:02}T10:00:00+01:00">
<script>{script}</script></head><body><nav><ul>{menu}</ul></nav><main><article><h1>{title}</h1>
<p class="byline">Par <a rel="author" href="/a/">Camille Roux</a></p><div class="entry-content">{text}</div></article>
</main><aside><ul>{teasers}</ul></aside><footer><ul>{menu}</ul></footer></body></html>""".encode()


class Newspaper(ThreadingHTTPServer):
    """Serves `count` articles, each made when it is asked for, at an address of its own: one delay for each."""

    daemon_threads = True

    def __init__(self, number: int, count: int) -> None:
        super().__init__((f"127.0.0.{number}", 0), Handler)
        self.number, self.served = number, 0
        self.url = f"http://127.0.0.{number}:{self.server_port}/"
        locations = "".join(f"<url><loc>{self.url}article-{n}/</loc></url>" for n in range(count))
        sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'
        home = "<!DOCTYPE html><html><head><title>Gazette</title></head><body></body></html>"
        robots = f"User-agent: *\nAllow: /\nSitemap: {self.url}sitemap.xml\n"
        self.fixed = {"/": home.encode(), "/sitemap.xml": sitemap.encode(), "/robots.txt": robots.encode()}
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Newspaper

    def do_GET(self) -> None:
        body = self.server.fixed.get(self.path)
        if body is None and self.path.startswith("/article-"):
            body = page(self.server.number, int(self.path.strip("/").partition("-")[2]))
            self.server.served += 1
        self.send_response(404 if body is None else 200)
        kind = {"xml": "application/xml", "txt": "text/plain"}.get(self.path[-3:], "text/html; charset=utf-8")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


def children(process: int) -> list[int]:
    """Return the ids of a process's children, and of theirs."""
    try:
        lists = [file.read_text() for file in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:
        return []  # it ended while it was looked at
    own = [int(number) for text in lists for number in text.split()]
    return [*own, *(below for child in own for below in children(child))]


def memory(process: int) -> int:
    """Return a process's resident memory in bytes; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS:"))


def entries(process: int, kind: str) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{process}/{kind}").iterdir())
    except OSError:
        return 0


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def look(started: float, pages: int, process: int, archive: Path) -> Sample:
    workers = children(process)
    files = list((archive / "warc").glob("*.warc.gz*"))
    return Sample(
        time.monotonic() - started,
        pages,
        memory(process),
        sum(map(memory, workers)),
        entries(process, "fd"),
        entries(process, "task"),
        len(workers),
        size(archive / "archive.db-wal"),
        size(archive / "archive.db"),
        sum(map(size, files)),
        len(files),
    )


def slope(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return the growth in an hour as a part of the mean, by the line of least squares."""
    mean = statistics.fmean(values)
    return statistics.linear_regression(seconds, values).slope * 3600 / mean if mean else 0.0


def verdict(samples: Sequence[Sample]) -> bool:
    """Print what was measured after warm-up; returns whether all is flat."""
    warm = [sample for sample in samples if sample.seconds >= samples[-1].seconds / 6]
    good = True
    for name in ("crawl_memory", "workers_memory", "crawl_files", "threads", "workers"):
        values = [float(getattr(sample, name)) for sample in warm]
        grown = slope([sample.seconds for sample in warm], values)
        flat = abs(grown) <= FLAT
        good &= flat
        unit, kind = (1e6, "MB") if name.endswith("memory") else (1, "")
        print(
            f"{name:15} mean {statistics.fmean(values) / unit:8.1f} {kind:2} highest {max(values) / unit:8.1f} {kind:2}"
            f" slope {grown:+7.1%} an hour: {'flat' if flat else 'NOT FLAT'}"
        )
    highest = max(sample.wal for sample in samples)
    print(f"write-ahead log highest {highest / 1e6:.1f} MB: {'below' if highest < WAL else 'NOT BELOW'} 64 MiB")
    last = samples[-1]
    for name in ("database", "warc"):
        per_page = getattr(last, name) / max(1, last.pages)
        print(f"{name:15} {getattr(last, name) / 1e6:8.1f} MB, {per_page / 1e3:.1f} kB a page")
    print(f"{last.pages} pages in {last.seconds / 60:.1f} min: {last.pages * 3600 / last.seconds:.0f} an hour")
    return good and highest < WAL


def write_sites(path: Path, papers: Sequence[Newspaper], rate: float) -> None:
    # A little less than the delay that gives the rate: what a page takes comes on top.
    delay = 0.75 * len(papers) * 3600 / rate
    tables = [f'[sites.g{p.number}]\nurl = "{p.url}"\nallow_loopback = true\ndelay = {delay:.3f}\n' for p in papers]
    path.write_text("\n".join(tables), encoding="utf-8")


def crawl(directory: Path, papers: Sequence[Newspaper], rate: float, seconds: float) -> list[Sample]:
    """Crawl for so long, then end it as Ctrl-C does; returns the samples. Raises if the crawl ends otherwise."""
    sites, archive = directory / "sites.toml", directory / "archive"
    write_sites(sites, papers, rate)
    command = [sys.executable, "-m", "crawler", "--sites", str(sites), "crawl", "--archive", str(archive)]
    samples: list[Sample] = []
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        started = time.monotonic()
        while time.monotonic() - started < seconds and process.poll() is None:
            time.sleep(min(SAMPLE, seconds))
            samples.append(look(started, sum(paper.served for paper in papers), process.pid, archive))
            if len(samples) % 30 == 0:
                print(samples[-1], flush=True)
        early = process.poll() is not None
        if early:
            samples.pop()  # it was looked at when it had gone
        else:
            process.send_signal(signal.SIGINT)
        code = process.wait(120)
    print(f"the crawl ended with exit code {code}{', before its time' if early else ''}")
    if "Traceback" in (text := (directory / "log").read_text("utf-8")) or code in (1, 2):
        raise SystemExit(text[-3000:])
    return samples


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--hours", type=float, default=1.0)
    options.add_argument("--rate", type=float, default=10_000, help="pages an hour, of all sites together")
    options.add_argument("--sites", type=int, default=4)
    options.add_argument("--csv", type=Path, help="also write every sample to this file")
    options.add_argument("--directory", type=Path, help="keep the archive here")
    given = options.parse_args()
    count = int(1.2 * given.hours * given.rate / given.sites) + 10
    papers = [Newspaper(number + 1, count) for number in range(given.sites)]
    with tempfile.TemporaryDirectory() as scratch:
        directory = given.directory or Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        samples = crawl(directory, papers, given.rate, given.hours * 3600)
    if given.csv:
        with given.csv.open("w", newline="") as file:
            csv.writer(file).writerows([Sample._fields, *samples])
    raise SystemExit(0 if verdict(samples) else 1)


if __name__ == "__main__":
    main()
