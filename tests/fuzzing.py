"""Every parser of ours that reads what a stranger wrote, samples of what it reads, and ways to break them."""

from __future__ import annotations

import gzip
import json
import random
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from archive import urls, warc
from archive.encoding import decode_content, decode_text
from archive.errors import ArchiveError
from archive.extraction import extract
from archive.models import Article, Page
from archive.reading import dates
from archive.search import compiling, syntax
from archive.warc import foreign
from crawler.discovery import cdx, channels, feeds, listings, pages, robots, sitemaps, timemap, wordpress
from crawler.errors import CrawlError
from crawler.sites import load_sites
from tests import fuzz_samples as samples
from tests.warc_files import exchange, only, writer

ROOT = Path(__file__).parent
URL = "https://www.gazette.example/ville/le-bac/"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Target(NamedTuple):
    """A parser as a function of bytes, what it reads on good days, and the errors that it states."""

    read: Callable[[bytes], object]
    samples: tuple[bytes, ...]
    declared: tuple[type[Exception], ...] = ()

    def feed(self, body: bytes) -> object:
        """Read it; whatever is raised but the declared errors is a bug."""
        try:
            return self.read(body)
        except self.declared:
            return None


class Mutation(NamedTuple):
    """One change: its kind, where it begins (a share of the whole), how far it goes, and what to take for it."""

    kind: str
    at: float
    length: int
    number: int


KINDS = ("flip", "put", "cut", "repeat", "splice", "value", "end")


def mutated(body: bytes, mutations: Iterable[Mutation], others: tuple[bytes, ...]) -> bytes:
    """Return the sample with every change made, one after the other; 1 MB at most."""
    for one in mutations:
        at = int(one.at * len(body))
        body = _CHANGES[one.kind](body, at, one, others)[: 1 << 20]
    return body


def _flip(body: bytes, at: int, one: Mutation, _: Any) -> bytes:
    return body[:at] + bytes(byte ^ (1 << one.number % 8) for byte in body[at : at + 1]) + body[at + 1 :]


def _put(body: bytes, at: int, one: Mutation, _: Any) -> bytes:
    return body[:at] + samples.TOKENS[one.number % len(samples.TOKENS)] + body[at:]


def _cut(body: bytes, at: int, one: Mutation, _: Any) -> bytes:
    return body[:at] + body[at + one.length :]


def _repeat(body: bytes, at: int, one: Mutation, _: Any) -> bytes:
    return body[:at] + body[at : at + one.length] * (one.number % 300) + body[at:]


def _splice(body: bytes, at: int, one: Mutation, others: tuple[bytes, ...]) -> bytes:
    other = others[one.number % len(others)]
    start = one.number % (len(other) + 1)
    return body[:at] + other[start : start + one.length] + body[at:]


def _value(body: bytes, at: int, one: Mutation, _: Any) -> bytes:
    """Put a token in place of the next quoted value, with its quotes or within them."""
    start = body.find(b'"', at)
    end = body.find(b'"', start + 1)
    if start < 0 or end < 0:
        return body
    token = samples.TOKENS[one.number % len(samples.TOKENS)]
    return body[:start] + (token if one.length % 2 else b'"' + token + b'"') + body[end + 1 :]


def _end(body: bytes, at: int, *_: Any) -> bytes:
    return body[:at]


_CHANGES: dict[str, Callable[..., bytes]] = {
    "flip": _flip, "put": _put, "cut": _cut, "repeat": _repeat, "splice": _splice, "value": _value, "end": _end,
}  # fmt: skip


def at_random(chance: random.Random) -> list[Mutation]:
    """Return a few changes."""
    number = chance.choice((1, 1, 2, 3, 5, 20))
    kind = partial(chance.choice, KINDS)
    return [
        Mutation(kind(), chance.random(), chance.choice((1, 4, 30, 300, 3000)), chance.getrandbits(16))
        for _ in range(number)
    ]


# -- The parsers


def _read_page(body: bytes, content_type: str = "text/html") -> object:
    found = extract(Page(URL, 200, (("Content-Type", content_type),), body, NOW))
    if isinstance(found, Article):
        json.dumps(_texts(found)).encode()
        "\n".join(_texts(found)).encode()  # half a character could not be stored
    return found


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return _texts(list(value.items()))
    if isinstance(value, list | tuple):
        return [text for one in value for text in _texts(one)]
    slots = getattr(type(value), "__dataclass_fields__", {})
    return [text for name in slots for text in _texts(getattr(value, name))]


def _all(parse: Callable[[bytes, str], Iterator[Any]]) -> Callable[[bytes], object]:
    return lambda body: [_texts(one) for one in parse(body, URL)]


def _wordpress(body: bytes) -> object:
    headers = [("Link", body[:2000].decode("latin-1")), ("X-WP-TotalPages", body[:9].decode("latin-1"))]
    headers.append(("X-WP-Total", body[-6:].decode("latin-1")))
    told = wordpress.total(headers), wordpress.next_page(headers, URL), wordpress.api_root(headers, body, URL)
    listed = list(wordpress.links(body, URL)), list(wordpress.posts(body, URL)), wordpress.types(body)
    return told, listed, wordpress.protected(body), wordpress.is_closed(200, body)


def _channel(body: bytes) -> object:
    return channels.is_of_comments(body, URL), channels.next_page(body, URL)


def _address(body: bytes) -> object:
    text = body.decode("utf-8", "replace")
    try:
        canonical = urls.canonicalise(text)
    except ValueError:  # what it states for what is no address of the web
        return None
    assert urls.canonicalise(canonical) == canonical
    return (
        urls.urlkey(canonical),
        urls.believed_canonical(URL, text),
        sitemaps.end_of_period(f"https://a.example/{quote(text)}"),
    )


def _encodings(body: bytes) -> object:
    text = decode_text(body[5:], f"text/html; charset={body[:5].decode('latin-1')}")
    text.encode()
    return [_decoded(body, coding) for coding in ("gzip", "br", "zstd", "deflate", "gzip, br")]


def _decoded(body: bytes, coding: str) -> bytes | None:
    try:
        return decode_content(body, coding, 1 << 20)
    except ArchiveError:
        return None


def _search(body: bytes) -> object:
    return compiling.compiled(syntax.parse(body.decode("utf-8", "replace")), ["gazette"])


class _Files(NamedTuple):
    """Parsers of files: each body is written to one, which is read."""

    folder: Path

    def sites(self, body: bytes) -> object:
        path = self.folder / "sites.toml"
        path.write_bytes(body)
        return load_sites(path).all()

    def own(self, body: bytes) -> object:
        """A WARC file of ours, every way it is read."""
        path = self.folder / "a.warc.gz"
        path.write_bytes(body)
        found = [*warc.inspect(path), *warc.index(path)]
        for record in warc.records_of(path):
            _declared(warc.read_exchange, path, record.offset)
        return found

    def foreign(self, body: bytes) -> object:
        path = self.folder / "b.warc.gz"
        path.write_bytes(body)
        found = list(foreign.scan(path, keep=lambda _: True))
        for record in found:
            _declared(foreign.read_foreign, path, record.offset)
        return found


def _declared(read: Callable[..., object], *args: object) -> None:
    try:
        read(*args)
    except ArchiveError:
        return


def _warc(folder: Path) -> tuple[bytes, ...]:
    with writer(folder) as out:
        for number in range(3):
            out.write(exchange(b"<p>Le bac</p>" * number, captured_at=NOW + timedelta(seconds=number)))
    return (only(folder).read_bytes(),)


@cache
def fixtures() -> tuple[bytes, ...]:
    """Return the pages of our own whose answers are known."""
    return tuple(path.read_bytes() for path in sorted((ROOT / "pages").glob("*/page.html")))


def targets(folder: Path) -> dict[str, Target]:
    """Return every parser by a name; `folder` is for those that read files."""
    html, files = fixtures(), _Files(folder)
    (folder / "warc").mkdir()
    written = _warc(folder / "warc")
    ours = (ArchiveError,)
    return {
        "page": Target(_read_page, html),
        "xhtml": Target(partial(_read_page, content_type="application/xhtml+xml"), html),
        "post": Target(partial(_read_page, content_type="application/json"), samples.POSTS),
        "feed": Target(_all(feeds.links), samples.FEEDS),
        "channel": Target(_channel, samples.FEEDS),
        "sitemap": Target(_all(sitemaps.links), samples.SITEMAPS),
        "robots": Target(_all(robots.links), samples.ROBOTS),
        "listing": Target(_all(listings.links), html),
        "sections": Target(_all(listings.sections), html),
        "head": Target(_all(pages.links), html),
        "wordpress": Target(_wordpress, samples.POSTS),
        "cdx": Target(cdx.parse, samples.INDEXES),
        "timemap": Target(lambda body: timemap.parse(body, URL), samples.TIMEMAPS),
        "address": Target(_address, samples.ADDRESSES),
        "encoding": Target(_encodings, samples.CODED),
        "date": Target(lambda body: dates.parse(body.decode("utf-8", "replace")), samples.DATES),
        "search": Target(_search, samples.SEARCHES, ours),
        "sites": Target(files.sites, samples.SITES, (CrawlError,)),
        "warc": Target(files.own, written, ours),
        "foreign warc": Target(files.foreign, written, ours),
    }


# -- One case by its number, for benchmarks/fuzz.py

NAMES = (
    "page", "xhtml", "post", "feed", "channel", "sitemap", "robots", "listing", "sections", "head", "wordpress", "cdx",
    "timemap", "address", "encoding", "date", "search", "sites", "warc", "foreign warc",
)  # fmt: skip


def try_case(name: str, seed: int, folder: str = "") -> tuple[float, str]:
    """Break a sample as `seed` says and read it; returns the seconds of CPU, and what was raised, if anything was.

    `folder` has pages to take in place of the project's own.
    """
    chance = random.Random(seed)
    target = _known_targets()[name]
    samples = target.samples
    if folder and samples == fixtures():
        path = chance.choice(_paths(folder))
        samples = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes(),)
    body = mutated(chance.choice(samples), at_random(chance), samples)
    began = time.process_time()
    try:
        target.feed(body)
    except Exception as error:  # noqa: BLE001 - what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return (
            time.process_time() - began,
            f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {error}",
        )
    return time.process_time() - began, ""


@cache
def _known_targets() -> dict[str, Target]:
    return targets(Path(tempfile.mkdtemp(prefix="marbre-fuzz-")))


@cache
def _paths(folder: str) -> list[Path]:
    return sorted(path for path in Path(folder).rglob("*.htm*") if path.is_file())
