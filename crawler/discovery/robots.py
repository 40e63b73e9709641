"""robots.txt as a way of discovery: the sitemaps it names. What it forbids is the business of a middleware."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from archive.models import Link
from crawler.discovery import MAX_LINKS, Source, absolute, unpacked

_SITEMAP = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


def links(body: bytes, base_url: str) -> Iterator[Link | Source]:
    """Yield the sitemaps that the `Sitemap:` lines name."""
    text = unpacked(body).decode("utf-8-sig", "replace").replace("\r", "\n")
    urls = (absolute(match[1], base_url) for match in _SITEMAP.finditer(text))
    return islice((Source(url, "sitemap") for url in urls if url), MAX_LINKS)
