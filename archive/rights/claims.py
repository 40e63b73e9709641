"""What a page and its headers say about their use: robots meta tags, TDMRep, RSL and licence links.

Sources: Google's robots meta tag and X-Robots-Tag specification; W3C Community Group, TDM Reservation Protocol, final
report of 2024-05-10; RSL 1.0 (rslstandard.org); rel=license (HTML Living Standard, 4.6.6.9). Pure.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from archive.models import Page

# What robots meta tags may ask for that is about use and not about crawling; the rest is no claim of rights.
_ROBOTS = frozenset(("noindex", "noarchive", "nosnippet", "none", "noai", "noimageai", "nocache"))
_MOST_CLAIMS = 64
_MOST_BYTES = 300_000  # of a page: what is meant for machines stands in its head
_LONGEST = 500  # characters of a value
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(rb"<(meta|link)\b([^<>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"""\b(name|content|rel|href)\s*=\s*(?:"([^"]{0,1500})"|'([^']{0,1500})'|([^\s"'>]{1,1500}))""", re.IGNORECASE
)


class Claim(NamedTuple):
    """One statement: `kind` (tdm-reservation, robots:noai, licence, ...), its value, and where it was read.

    `source` is robots.txt, tdmrep.json, header or meta; `agent` is whom it speaks to, none if everybody; `place` says
    where in the source, such as "line 4".
    """

    kind: str
    value: str
    source: str
    agent: str | None = None
    place: str | None = None


def of_page(page: Page) -> tuple[Claim, ...]:
    """Return what a page says, headers first; at most 64 claims, each once."""
    found = (*_of_headers(page.headers), *_of_markup(page.body))
    return tuple(dict.fromkeys(found))[:_MOST_CLAIMS]


def _of_headers(headers: Iterable[tuple[str, str]]) -> Iterator[Claim]:
    for name, value in headers:
        match name.lower():
            case "x-robots-tag":
                yield from _robots(value, "header", None)
            case "tdm-reservation" | "tdm-policy":
                yield Claim(name.lower(), _short(value), "header")
            case "link":
                yield from (
                    Claim("licence", _short(target), "header")
                    for target, rest in re.findall(r"<([^<>]{1,1500})>([^<]{0,500})", value)
                    if re.search(r"rel\s*=\s*\"?[^\";]{0,50}\blicense\b", rest, re.IGNORECASE)
                )


def _of_markup(body: bytes) -> Iterator[Claim]:
    for tag, attributes in _TAG.findall(_COMMENT.sub(b"", body[:_MOST_BYTES])):
        said = {key.lower(): _text(*values) for key, *values in _ATTRIBUTE.findall(attributes)}
        if tag.lower() == b"meta":
            yield from _of_meta(said.get(b"name", "").lower(), said.get(b"content", ""))
        elif "license" in said.get(b"rel", "").lower().split() and said.get(b"href"):
            yield Claim("licence", _short(said[b"href"]), "meta")


def _of_meta(name: str, content: str) -> Iterator[Claim]:
    if name in ("tdm-reservation", "tdm-policy"):
        yield Claim(name, _short(content), "meta")
    elif name == "robots":
        yield from _robots(content, "meta", None)
    elif name in ("marbre", "googlebot", "googlebot-news", "bingbot", "gptbot", "ccbot", "google-extended"):
        yield from _robots(content, "meta", name)


def _robots(value: str, source: str, agent: str | None) -> Iterator[Claim]:
    """Yield the directives of a list; in a header an agent may stand before them: "otherbot: noindex"."""
    for directive in value[:2000].lower().split(","):
        before, colon, after = directive.strip().partition(":")
        word = before.strip()
        if colon and source == "header" and word not in ("unavailable_after", "max-snippet"):
            agent, word = word or None, after.strip()
        if word in _ROBOTS:
            yield Claim(f"robots:{word}", word, source, agent)


def _text(*values: bytes) -> str:
    return html.unescape(b"".join(values).decode("utf-8", "replace")).strip()


def _short(value: str) -> str:
    return "".join(letter for letter in value.strip() if letter.isprintable())[:_LONGEST]
