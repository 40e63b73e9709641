"""Which template made a page, in 64 bytes: two pages of one template have nearly the same fingerprint.

A template shows in the names it gives: tags within tags, class names, names of meta elements, relations of links, keys
of JSON-LD. Each name falls into one of 64 bins by its hash, and of those in a bin the least is kept (one-permutation
MinHash, Li, Owen and Zhang 2012), as one byte. The share of bins that agree is the share of names that two pages have
in common.
"""

from __future__ import annotations

import re
import zlib
from binascii import a2b_base64, b2a_base64
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from archive.models import Page
from archive.reading import response

BINS = 64
ALIKE = 0.5  # share of bins; pages of one template have more, parts of them come and go
_MOST_BYTES = 2_000_000
# Nothing here begins anew at each byte of a page that never ends a tag: time grows with length alone.
_TAG = re.compile(rb"<([a-z][a-z0-9-]{0,20})\b([^<>]{0,2000})", re.IGNORECASE)
_NAMES = re.compile(
    rb"""\b(class|name|property|itemprop|rel)\s*=\s*(?:"([^"]{1,500})"|'([^']{1,500})')""", re.IGNORECASE
)
_KEY = re.compile(rb'"(@?[A-Za-z]{1,40})"\s{0,9}:')
# Class names that a template gives, not those made for one page, one build or one screen: post-4711, css-1q2w3e.
_LASTING = re.compile(rb"[A-Za-z][A-Za-z_-]*[A-Za-z]\Z")
# What a newsroom writes into its text says nothing of the template around it.
_WRITTEN = frozenset((b"a", b"b", b"i", b"em", b"strong", b"br", b"p", b"sup", b"sub", b"q", b"u", b"li", b"td", b"tr"))


def of(page: Page) -> str | None:
    """Return a page's fingerprint; None for what is no page, such as a post that a REST API gave."""
    kind = response.content_type(page).split(";")[0].strip().lower()
    return None if kind == "application/json" else fingerprint(page.body) or None


def fingerprint(body: bytes) -> str:
    """Return the fingerprint of a page's bytes (any ASCII-compatible encoding) as Base64; empty if it has no tags."""
    least: dict[int, int] = {}
    for name in _names(body[:_MOST_BYTES]):
        hashed = zlib.crc32(name)
        place, value = hashed % BINS, hashed // BINS
        least[place] = min(value, least.get(place, value))
    # 0 stands for a bin without a name.
    signature = bytes(least[place] % 255 + 1 if place in least else 0 for place in range(BINS))
    return b2a_base64(signature, newline=False).decode() if least else ""


def likeness(one: str, other: str) -> float:
    """Return the share of names that two pages have in common, 0 to 1, from their fingerprints."""
    pairs = [pair for pair in zip(a2b_base64(one), a2b_base64(other), strict=True) if any(pair)]
    return sum(mine == theirs for mine, theirs in pairs) / len(pairs) if pairs else 1.0


def strangers(pages: Sequence[str], known: Iterable[str]) -> int:
    """Return how many of `pages` are like none of `known`."""
    different = list(dict.fromkeys(known))
    return sum(not any(likeness(page, one) >= ALIKE for one in different) for page in pages)


def is_edited(pages: Sequence[str], known: Sequence[str]) -> bool:
    """Whether all of `pages` bear a mark that none of `known` does, or lack one that all of those bear."""
    if len(pages) < 2 or len(known) < 2:
        return False
    before, after = (list(zip(*map(a2b_base64, group), strict=True)) for group in (known, pages))
    settled = [(_settled(old), set(new)) for old, new in zip(before, after, strict=True)]
    return any(old is not None and len(new) == 1 and old not in new for old, new in settled)


def _settled(values: Sequence[int]) -> int | None:
    """The value of one bin on nearly all pages; none if they differ."""
    value, count = Counter(values).most_common(1)[0]
    return value if count >= 0.97 * len(values) else None


def _names(body: bytes) -> Iterator[bytes]:
    seen = {b'"' + key for block in _json_ld(body) for key in _KEY.findall(block)}
    around = b""
    for tag, attributes in _TAG.findall(body):
        kind = tag.lower()
        if kind not in _WRITTEN:
            seen.add(around + b">" + kind)
            around = kind
        for attribute, double, single in _NAMES.findall(attributes):
            seen.update(_kept(kind, attribute.lower(), double or single))
    yield from seen


def _json_ld(body: bytes) -> Iterator[bytes]:
    begin = body.find(b"ld+json")
    while begin >= 0 and (end := body.find(b"</script", begin)) >= 0:
        yield body[begin:end]
        begin = body.find(b"ld+json", end)


def _kept(tag: bytes, attribute: bytes, value: bytes) -> Iterator[bytes]:
    if attribute == b"class":
        yield from (b"." + name for name in value.split() if _LASTING.match(name))
    elif attribute == b"name" and tag != b"meta":
        return
    elif len(value) <= 60:
        yield attribute + b"=" + value.lower()
