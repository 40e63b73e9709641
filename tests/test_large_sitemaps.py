"""Sitemaps as large as the protocol allows, and worse: read within bounds, and nothing else has to wait for them."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

from crawler.discovery import MAX_BYTES
from tests.hostile import Hostile, Said, serving
from tests.test_security_crawl import XML, crawl, listener, page

from .test_addresses import Listener

__all__ = ["listener"]
# How long nothing else gets its turn while a sitemap is read as the spider reads it, and how long that takes.
READING = """
import asyncio, json, sys, time
from twisted.internet import asyncioreactor
loop = asyncio.new_event_loop()
asyncioreactor.install(loop)
from twisted.internet import reactor, task
from crawler.spiders import discovery
gaps, last = [], [time.monotonic()]
def tick():
    gaps.append(time.monotonic() - last[0])
    last[0] = time.monotonic()
async def read():
    body, began = sys.stdin.buffer.read(), time.monotonic()
    tick()
    gaps.clear()
    try:
        found = await discovery._found("sitemap", body, "https://www.gazette.example/plan.xml")
        tick()
        print(json.dumps([len(found), time.monotonic() - began, max(gaps)]))
    finally:
        reactor.stop()
reactor.callWhenRunning(task.LoopingCall(tick).start, 0.01)
reactor.callLater(0.1, loop.create_task, read())
reactor.run()
"""


def urlset(*addresses: str) -> bytes:
    return f"<urlset>{''.join(f'<url><loc>{one}</loc></url>' for one in addresses)}</urlset>".encode()


def index(*addresses: str) -> bytes:
    return (
        f"<sitemapindex>{''.join(f'<sitemap><loc>{one}</loc></sitemap>' for one in addresses)}</sitemapindex>".encode()
    )


def test_nothing_waits_for_a_sitemap_of_fifty_thousand(tmp_path: Path) -> None:
    body = urlset(*(f"https://www.gazette.example/ville/un-article-{number}/" for number in range(50_000)))
    program = tmp_path / "reading.py"
    program.write_text(READING, encoding="utf-8")
    root = Path(__file__).parent.parent
    path = {"PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, program], input=body, capture_output=True, check=False, cwd=root, env=path)
    assert done.returncode == 0, done.stderr.decode()
    links, took, waited = json.loads(done.stdout)
    assert links == 50_000
    assert waited < took / 2, f"nothing else for {waited:.2f} s of {took:.2f} s"


def test_sitemaps_that_never_end_are_ended(tmp_path: Path, listener: Listener) -> None:
    """A loop of indexes, a chain of twelve, one that names other hosts, and one of 60 MB in 60 kB."""
    with serving(Hostile()) as hostile:
        own = hostile.url
        chain = {f"/chain/{n}.xml": Said(index(f"{own}chain/{n + 1}.xml"), headers=(XML,)) for n in range(12)}
        loop = {f"/loop/{n}.xml": Said(index(f"{own}loop/{1 - n}.xml"), headers=(XML,)) for n in range(2)}
        away = [f"http://localhost:{listener.port}/map.xml", f"http://127.0.0.2:{listener.port}/map.xml"]
        huge = gzip.compress(urlset(f"{own}huge/") + b" " * (MAX_BYTES + 1), 9)
        hostile.answers = {
            "/": Said(b"<title>x</title>"),
            "/robots.txt": Said(f"Sitemap: {own}first.xml".encode()),
            "/first.xml": Said(
                index(*away, f"{own}chain/0.xml", f"{own}loop/0.xml", f"{own}huge.xml.gz", f"{own}good.xml")
            ),
            "/huge.xml.gz": Said(huge, headers=(("Content-Type", "application/gzip"),)),
            "/good.xml": Said(urlset(f"{own}bac/", *away), headers=(XML,)),
            "/bac/": Said(page("Le bac repart ce matin")),
            **chain,
            **loop,
        }
        ended = crawl(tmp_path, hostile, listener)
    assert ended.settled.pop(f"{own}bac/") == ("new", None)
    assert ended.connections == 0
    assert {outcome for outcome, _ in ended.settled.values()} <= {"skipped", "rejected"}, ended.settled
    asked = ended.hostile.paths
    assert [asked.count(f"/loop/{n}.xml") for n in range(2)] == [1, 1]
    assert {"/huge.xml.gz", "/good.xml", "/chain/3.xml"} <= set(asked)
    assert "/chain/6.xml" not in asked
    assert f"{own}huge/" not in ended.settled
