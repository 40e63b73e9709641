"""Pages made, or broken, so that reading them costs much: each gives an answer, within bounds of time and memory.

Every page is read by a child process whose processor time and address space the kernel bounds; no clock is asked.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.extraction import extract
from archive.models import Article, Page
from tests.processes import FORKED

SECONDS = 5  # of processor time
MEMORY = 1 << 30  # bytes of address space on top of what the process has before it reads
CAPTURED = datetime(2025, 12, 1, 12, tzinfo=UTC)
PROSE = "<p>" + "Le bac a repris son service entre les deux rives, avec une heure de retard. " * 4 + "</p>"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the address space, and tells it")


def article(*, head: str = "", before: str = "", body: str = "", title: str = "Le bac repart") -> str:
    """Return an ordinary page with something hostile in its head, above its text or within it."""
    return (
        f'<!DOCTYPE html><html lang="fr"><head><title>{title}</title>{head}</head><body>{before}'
        f"<article><h1>{title}</h1>{PROSE}{body}{PROSE}</article></body></html>"
    )


def json_ld(text: str) -> str:
    return article(head=f'<script type="application/ld+json">{text}</script>')


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def half_utf_16() -> bytes:
    page = article()
    middle = len(page) // 2
    return page[:middle].encode() + page[middle:].encode("utf-16-le")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
FIELDS = '"@type": "NewsArticle", "headline": "Le bac repart"'

# Made when asked for: all of them together are some hundred megabytes.
PAGES: dict[str, Callable[[], str | bytes]] = {
    "100,000 nested div": lambda: article(body="<div>" * 100_000),
    "200 nested div, 50 times": lambda: article(body=("<div>" * 200 + "mot" + "</div>" * 200) * 50),
    "100,000 nested span in one paragraph": lambda: article(body="<p>" + "<span>mot " * 100_000),
    "100,000 unclosed b": lambda: article(body="<p><b>mot " * 100_000),
    "title of 1 MB": lambda: article(title="Le bac repart " * 70_000),
    "title of 1 MB of separators": lambda: article(title=" | " * 330_000),
    "og:title of 1 MB": lambda: article(head=meta("og:title", "Le bac – repart " * 60_000)),
    "description of 2 MB": lambda: article(head=meta("og:description", "Le bac repart. " * 130_000)),
    "2 MB of spaces": lambda: article(body=" " * 2_000_000),
    "2 MB of spaces in a paragraph": lambda: article(body="<p>Un" + " " * 2_000_000 + "mot</p>"),
    "2 MB of no-break spaces": lambda: article(body="<p>Un" + "\u00a0" * 1_000_000 + "mot</p>"),
    "2 MB of line ends before the page": lambda: "\n" * 2_000_000 + article(),
    "2 MB of <p>": lambda: article(body="<p>" * 660_000),
    "2 MB of <": lambda: article(body="<" * 2_000_000),
    "2 MB of &": lambda: article(body="&" * 2_000_000),
    "2 MB of comment openings": lambda: article(body="<!--" * 500_000),
    "50,000 links": lambda: article(body="".join(f'<a href="/{n}">lien {n}</a> ' for n in range(50_000))),
    "20,000 paragraphs": lambda: article(body=PROSE * 20_000),
    "20,000 rel=author": lambda: article(before='<a rel="author" href="/x">Ana Ruiz</a>' * 20_000),
    "100,000 meta tags": lambda: article(head="".join(meta(f"article:{n}", f"mot {n}") for n in range(100_000))),
    "20,000 authors in meta": lambda: article(head="".join(meta("author", f"Ana Ruiz {n}") for n in range(20_000))),
    "20,000 tags": lambda: article(head="".join(meta("article:tag", f"mot {n}") for n in range(20_000))),
    "JSON-LD of 5 MB": lambda: json_ld('{%s, "articleBody": "%s"}' % (FIELDS, "Le bac repart. " * 330_000)),  # noqa: UP031
    "JSON-LD of 30,000 nodes": lambda: json_ld(
        '{"@graph": [%s]}' % ",".join(f'{{"@id": "#{n}", {FIELDS}}}' for n in range(30_000))  # noqa: UP031
    ),
    "JSON-LD of arrays 100,000 deep": lambda: json_ld("[" * 100_000 + "]" * 100_000),
    "JSON-LD of objects 100,000 deep": lambda: json_ld('{"a":' * 100_000 + "1" + "}" * 100_000),
    "JSON-LD broken after 5 MB": lambda: json_ld(f'{{{FIELDS}, "keywords": ["' + "mot\\" * 1_200_000),
    "JSON-LD whose nodes name each other": lambda: json_ld(
        f'[{{"@id": "#a", {FIELDS}, "author": {{"@id": "#b"}}}}, {{"@id": "#b", "name": {{"@id": "#a"}}}}]'
    ),
    "10,000 blocks of JSON-LD": lambda: article(
        head=f'<script type="application/ld+json">{{{FIELDS}}}</script>' * 10_000
    ),
    "state in a script, 5 MB": lambda: article(
        head='<script id="__NEXT_DATA__" type="application/json">{"props": {"pageProps": {"article": {"body": ['
        + '{"text": "Le bac repart."},' * 190_000
        + "]}}}}</script>"
    ),
    "script of 5 MB of opening brackets": lambda: article(head="<script>x = " + "{[" * 2_500_000 + "</script>"),
    "author of 1 MB": lambda: article(head=meta("author", "Ana Ruiz, " * 100_000)),
    "author of 1 MB, one word": lambda: article(head=meta("author", "a" * 1_000_000)),
    "byline of 1 MB": lambda: article(before='<p class="byline">Par ' + "Ana Ruiz et " * 80_000 + "</p>"),
    "class of 1 MB": lambda: article(before=f'<div class="{"post-title " * 90_000}">mot</div>'),
    "class of 1 MB, one word": lambda: article(before=f'<div class="{"date-" * 200_000}">12 mars 2025</div>'),
    "40,000 classes of dates": lambda: article(body='<span class="date published">12 mars 2025 à 10 h</span>' * 40_000),
    "300,000 br": lambda: article(body="mot<br>" * 300_000),
    "one line of 2 MB": lambda: article(body="<p>" + "Le bac repart. " * 130_000 + "</p>"),
    "one word of 2 MB": lambda: article(body="<p>" + "a" * 2_000_000 + "</p>"),
    "text of 2 MB without elements": lambda: "Le bac repart ce matin. " * 85_000,
    "100,000 time": lambda: article(body='<time datetime="2025-03-12T10:00:00+01:00">12 mars 2025</time>' * 100_000),
    "date of 1 MB": lambda: article(before="<time>" + "12 mars 2025 " * 80_000 + "</time>"),
    "date of 1 MB of digits": lambda: article(head=meta("article:published_time", "2025" * 250_000)),
    "20,000 h1": lambda: article(body="<h1>Le bac repart</h1>" * 20_000),
    "20,000 article": lambda: article(body=f"<article><h2>Titre</h2>{PROSE[:80]}</article>" * 20_000),
    "10,000 pictures": lambda: article(
        body='<figure><img src="/a.jpg" srcset="/a.jpg 1x, /b.jpg 2x"><figcaption>Vue</figcaption></figure>' * 10_000
    ),
    "srcset of 2 MB": lambda: article(body='<img src="/a.jpg" srcset="' + "/a.jpg 9w, " * 180_000 + '">'),
    "table of 100,000 cells": lambda: article(body="<table>" + ("<tr>" + "<td>12" * 100) * 1000 + "</table>"),
    "lists 200 deep, 100 times": lambda: article(body=("<ul><li>mot" * 100 + "</ul>" * 100) * 100),
    "20,000 forms": lambda: article(body='<form action="/s"><input name="q"></form>' * 20_000),
    "20,000 quotations": lambda: article(body="<blockquote>Un mot</blockquote>" * 20_000),
    "entities without end": lambda: article(body="<p>" + "&amp;" * 400_000 + "</p>"),
    "numeric entities out of range": lambda: article(body="<p>" + "&#99999999999;&#0;&#xD800;" * 70_000 + "</p>"),
    "DOCTYPE that laughs a billion times": lambda: (
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "rire">{LAUGHS}]>' + article(body="<p>&l9;</p>")[15:]
    ),
    "DOCTYPE that reads a file": lambda: (
        '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + article(body="<p>&x;</p>")[15:]
    ),
    "NUL bytes": lambda: article().replace(" ", " \0").encode() + b"\0" * 1_000_000,
    "NUL bytes only": lambda: b"<html>" + b"\0" * 2_000_000,
    "half a page of UTF-16": half_utf_16,
    "UTF-16 cut within a letter": lambda: article().encode("utf-16")[:-1],
    "surrogates and invalid UTF-8": lambda: b"%b<p>%b" % (article().encode(), b"\xed\xa0\x80\xff" * 500_000),
    "marks of direction": lambda: article(body="<p>" + "\u202e\u200f" * 500_000 + "</p>"),
    "combining marks": lambda: article(body="<p>e" + "\u0301" * 1_000_000 + "</p>"),
}  # fmt: skip


def _read(name: str, ours: Any) -> None:
    """Run in the child: make the page, then read it within bounds; `ours` is the end of a pipe to answer by."""
    made = PAGES[name]()
    body = made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")
    page = Page("https://vigie.example/ports/bac/", 200, (("Content-Type", "text/html"),), body, CAPTURED)
    size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + SECONDS) + 1, int(spent + SECONDS) + 2))
    found = extract(page)
    seconds = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - spent
    reason, detail = ("article", found.text) if isinstance(found, Article) else (found.reason, found.detail)
    ours.send((reason, detail[:200], seconds))


@pytest.mark.parametrize("name", PAGES)
def test_hostile_page_gives_an_answer_within_bounds(name: str) -> None:
    ours, theirs = FORKED.Pipe(duplex=False)
    child = FORKED.Process(target=_read, args=(name, theirs))
    child.start()
    theirs.close()
    try:
        answer = ours.recv()
    except EOFError:
        answer = None
    child.join()
    assert child.exitcode == 0, (
        f"ended by {child.exitcode}: over {SECONDS} s of processor, {MEMORY >> 20} MB, or a fault"
    )
    assert answer, "no answer"
    reason, detail, seconds = answer
    print(f"{reason} after {seconds:.1f} s: {detail[:60]!r}")  # with pytest -rP: where the time goes
    assert seconds <= SECONDS
    assert detail, "a rejection says why, and an article has a text"
