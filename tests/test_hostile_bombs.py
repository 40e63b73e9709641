"""Answers of a few kilobytes that unpack to hundreds of megabytes, wherever a crawl reads one: refused, and cheaply."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

from archive import Archive
from tests.hostile import Hostile, Said, serving
from tests.test_security_crawl import page

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MEGABYTES = 300
MORE = 100 << 20  # bytes of memory that a crawl of bombs may need on top of what one of ordinary pages does
_ZEROS = b"0" * (1 << 20)


def gzipped() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(_ZEROS) for _ in range(MEGABYTES)) + packer.flush()


def brotlied() -> bytes:
    packer = brotli.Compressor(quality=5)
    packed: list[bytes] = [packer.process(_ZEROS) for _ in range(MEGABYTES)]
    return b"".join((*packed, packer.finish()))


def zstandard() -> bytes:
    packer = zstd.ZstdCompressor()
    return b"".join(packer.compress(_ZEROS) for _ in range(MEGABYTES)) + packer.flush()


def twice() -> bytes:
    return zlib.compress(gzipped(), 9, wbits=31)


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": gzipped, "br": brotlied, "zstd": zstandard, "gzip, gzip": twice,
}  # fmt: skip
HTML = "text/html; charset=utf-8"


def crawl(folder: Path, answers: dict[str, Said]) -> tuple[int, dict[str, tuple[str, str | None]]]:
    """Crawl a site that answers so; returns the crawl's largest memory (bytes), workers aside, and its outcomes."""
    folder.mkdir()
    with serving(Hostile(answers)) as hostile:
        sites = folder / "sites.toml"
        sites.write_text(f'[sites.own]\nurl = "{hostile.url}"\nallow_loopback = true\ndelay = 0\n', encoding="utf-8")
        words = ["--sites", str(sites), "crawl", "own", "--archive", str(folder / "archive"), "--workers", "1"]
        with (folder / "said").open("wb") as said:
            child = subprocess.Popen([sys.executable, "-m", "crawler", *words], stdout=said, stderr=said)
            _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        told = (folder / "said").read_text(encoding="utf-8")
        assert "Traceback" not in told, told
        with Archive(folder / "archive") as archive:
            rows = archive.db.execute("SELECT url, outcome, reason FROM frontier").fetchall()
        return usage.ru_maxrss * 1024, {url.removeprefix(hostile.url): (outcome, why) for url, outcome, why in rows}


PLACES = {
    "feed": "br",
    "map.xml": "zstd",
    "bombe-0/": "gzip",
    "bombe-1/": "br",
    "bombe-2/": "zstd",
    "bombe-3/": "gzip, gzip",
}


def site(answer: Callable[[str], Said]) -> dict[str, Said]:
    """A site with a page as it should be, and what `answer` makes of each coding at its other places."""
    links = "".join(f'<h2><a href="/{path}">Une page qui grandit sans fin</a></h2>' for path in PLACES if "/" in path)
    links += '<h2><a href="/bac/">Le bac repart ce matin</a></h2>'
    home = f"<title>x</title><link rel=alternate type=application/rss+xml href=/feed>{links}"
    return {
        "/": Said(home.encode()),
        "/robots.txt": Said(b"Sitemap: /map.xml\nSitemap: /map.xml.gz\n", headers=(("Content-Type", "text/plain"),)),
        **{f"/{path}": answer(coding) for path, coding in PLACES.items()},
        "/map.xml.gz": Said(answer("gzip").body, headers=(("Content-Type", "application/gzip"),)),
        "/bac/": Said(page("Le bac repart ce matin")),
    }


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> int:
    plain = Said(page("Une page comme une autre"))
    memory, outcomes = crawl(tmp_path_factory.mktemp("usual") / "x", site(lambda _: plain))
    assert outcomes["bac/"][0] == outcomes["bombe-0/"][0] == "new"
    return memory


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units elsewhere")
def test_bombs_are_refused_within_bounds_of_memory(tmp_path: Path, usual: int) -> None:
    made = {coding: make() for coding, make in BOMBS.items()}
    bombs = site(lambda coding: Said(made[coding], headers=(("Content-Type", HTML), ("Content-Encoding", coding))))
    memory, outcomes = crawl(tmp_path / "x", bombs)
    assert outcomes.pop("bac/") == ("new", None)
    assert len(outcomes) == 4
    assert all(outcome in ("rejected", "failed") for outcome, _ in outcomes.values()), outcomes
    assert memory < usual + MORE, f"{memory >> 20} MB, {usual >> 20} MB for ordinary pages"


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units elsewhere")
def test_a_bomb_for_robots_txt_closes_the_site(tmp_path: Path, usual: int) -> None:
    answers = site(lambda _: Said(page("Une page comme une autre")))
    answers["/robots.txt"] = Said(gzipped(), headers=(("Content-Type", "text/plain"), ("Content-Encoding", "gzip")))
    memory, outcomes = crawl(tmp_path / "x", answers)
    assert memory < usual + MORE
    assert all(outcome == "failed" for outcome, _ in outcomes.values()), outcomes
