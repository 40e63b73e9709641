"""How long a crawl to archive takes, as a ratio to the plain way of doing it, in the same run.

    python benchmarks/crawl.py [--pages 600] [--rounds 3]

Both crawl the same generated pages of some 150 kB from the same server on loopback, in a process of their own:

- marbre: discovery, WARC, extraction in worker processes, versions, full-text index;
- plain: a Scrapy spider that follows the same list of URLs, calls `trafilatura.bare_extraction(with_metadata=True)` in
  its callback and upserts each item with sqlite-utils. No evidence, no versions, no search.

Prints wall and processor seconds of each round, and the medians of the ratios plain / marbre: above 1, ours is faster.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WORDS = """
    la ville le maire conseil municipal projet budget élus habitants quartier école transports séance vote majorité
    opposition association commission rapport travaux année prochaine décision réunion débat question réponse
    publique région président ministre loi réforme grève syndicat entreprise emploi marché hausse baisse prix énergie
""".split()
PLAIN = """
import sys, scrapy, trafilatura, sqlite_utils
from scrapy.crawler import CrawlerProcess

class Plain(scrapy.Spider):
    name = "plain"
    custom_settings = {"CONCURRENT_REQUESTS_PER_DOMAIN": 8, "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False}

    async def start(self):
        self.db = sqlite_utils.Database(sys.argv[2])
        yield scrapy.Request(sys.argv[1] + "sitemap.xml", callback=self.pages)

    def pages(self, response):
        response.selector.remove_namespaces()
        for url in response.xpath("//loc/text()").getall():
            yield scrapy.Request(url, callback=self.article)

    def article(self, response):
        found = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
        self.db["articles"].upsert({"url": response.url, "title": found.title, "author": found.author,
            "date": found.date, "text": found.text}, pk="url")

process = CrawlerProcess()
process.crawl(Plain)
process.start()
"""


def page(number: int) -> bytes:
    """Return one generated article page of some 150 kB, made like the median real one of that size.

    That is (of 105 news pages between 120 and 180 kB): 820 elements, 140 links, 27 paragraphs, a third script.
    """
    pick = random.Random(number)
    sentence = lambda: " ".join(pick.choices(WORDS, k=pick.randint(8, 24))).capitalize() + "."  # noqa: E731
    paragraphs = "".join(f"<p>{' '.join(sentence() for _ in range(pick.randint(2, 5)))}</p>" for _ in range(27))
    menu = "".join(
        f'<li class="menu-item menu-item-{n}"><a href="/rubrique-{n}/">Rubrique {n}</a></li>' for n in range(30)
    )
    script = "".join(f"window.settings['{n}']={{value:{pick.random()},label:'{sentence()}'}};" for n in range(300))
    title = sentence()[:-1]
    return f"""<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{title} - La Gazette</title>
<meta property="og:type" content="article"><meta property="og:title" content="{title}">
<meta property="article:published_time" content="2026-03-{1 + number % 28:02}T10:00:00+01:00">
<link rel="canonical" href="/article-{number}/"><script>{script}</script></head><body><nav><ul>{menu}</ul></nav>
<main><article><h1>{title}</h1><p class="byline">Par <a rel="author" href="/a/">Camille Roux</a></p>
<div class="entry-content">{paragraphs}</div></article></main><aside><ul>{_teasers(pick, sentence)}</ul></aside>
<footer><ul>{menu}</ul></footer></body></html>""".encode()


def _teasers(pick: random.Random, sentence: Callable[[], str]) -> str:
    def picture(n: int) -> str:
        sizes = ", ".join(
            f"/media/{n}/{pick.random()}-{width}x{width // 2}.jpg {width}w" for width in (300, 768, 1024, 1536)
        )
        return f'<img loading="lazy" class="attachment-medium size-medium wp-post-image" srcset="{sizes}" alt="">'

    return "".join(
        f'<li class="teaser teaser--list post-{n} type-post has-post-thumbnail" data-id="{pick.random()}">'
        f'<a class="teaser__link js-track" data-track="teaser-{n}" href="/s/{pick.random()}">{picture(n)}'
        f'<h3 class="teaser__title">{sentence()}</h3></a><span class="teaser__meta"><span class="date">12 mars</span>'
        f'<span class="teaser__section">Société</span></span></li>'
        for n in range(90)
    )


class Site(ThreadingHTTPServer):
    """Serves `pages` made beforehand, so that the server costs as little as it can."""

    daemon_threads = True

    def __init__(self, count: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        locations = "".join(f"<url><loc>{self.url}article-{n}/</loc></url>" for n in range(count))
        sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'
        self.pages = {f"/article-{n}/": page(n) for n in range(count)} | {"/sitemap.xml": sitemap.encode()}
        self.pages["/"] = b"<!DOCTYPE html><html><head><title>La Gazette</title></head><body></body></html>"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        body = self.server.pages.get(self.path)
        self.send_response(404 if body is None else 200)
        kind = "application/xml" if self.path.endswith(".xml") else "text/html; charset=utf-8"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


def timed(command: list[str]) -> tuple[float, float]:
    """Run a command; returns its wall and processor seconds, children included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_round(url: str, count: int) -> tuple[tuple[float, float], tuple[float, float]]:
    from archive import Archive

    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        sites = directory / "sites.toml"
        sites.write_text(f'[sites.bench]\nurl = "{url}"\nallow_loopback = true\ndelay = 0\n')
        ours = [
            sys.executable,
            "-m",
            "crawler",
            "--sites",
            str(sites),
            "crawl",
            "--archive",
            str(directory / "archive"),
        ]
        marbre = timed(ours)
        held = sum(1 for _ in Archive(directory / "archive").articles())
        assert held == count, f"the archive holds {held} of {count} articles"
        script = directory / "plain.py"
        script.write_text(PLAIN)
        plain = timed([sys.executable, str(script), url, str(directory / "plain.db")])
    return marbre, plain


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=600)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    site = Site(given.pages)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    size = statistics.mean(len(body) for body in site.pages.values()) / 1000
    print(f"{given.pages} pages of {size:.0f} kB on average, from {site.url}")
    walls, cpus = [], []
    for number in range(given.rounds):
        marbre, plain = one_round(site.url, given.pages)
        walls.append(plain[0] / marbre[0])
        cpus.append(plain[1] / marbre[1])
        print(
            f"round {number + 1}: marbre {marbre[0]:.1f} s wall, {marbre[1]:.1f} s cpu;"
            f" plain {plain[0]:.1f} s wall, {plain[1]:.1f} s cpu; {walls[-1]:.2f}x"
        )
    print(f"plain / marbre, median: wall {statistics.median(walls):.2f}x, cpu {statistics.median(cpus):.2f}x")


if __name__ == "__main__":
    main()
