"""What a response shows before it is parsed: whether it is a page of HTML at all, and one that can be read."""

from __future__ import annotations

import re
from http.client import responses

from archive.models import Page, Rejection

MAX_BYTES = 10_000_000
_HTML_TYPES = {
    "",
    "text/html",
    "application/xhtml+xml",
    "text/plain",
    "application/octet-stream",
    "application/xml",
    "text/xml",
}
_MARKUP = re.compile(
    rb"<(?:!doctype html|html|head|body|title|meta|link|script|div|p|h1|article|main|table|center)\b", re.IGNORECASE
)
_OTHER_MARKUP = re.compile(
    rb"^\s*+(?:<\?xml[^>]*>)?\s*+(?:<!--.*?-->\s*+)*<(?:rss|feed|rdf:rdf|urlset|sitemapindex|svg|opml)\b",
    re.IGNORECASE | re.DOTALL,
)
_SNIFFED = 4096


def refuse(page: Page) -> Rejection | None:
    """What the response alone shows: its status, its size, and whether it is HTML at all."""
    if page.status != 200:
        return Rejection(f"http_{page.status}", f"the server answered {page.status} {reason(page.status)}".rstrip())
    if len(page.body) > MAX_BYTES:
        return Rejection("too_large", f"{len(page.body):,} bytes of at most {MAX_BYTES:,}")
    if not page.body.strip():
        return Rejection("empty", "the body has no content")
    kind = content_type(page).split(";")[0].strip().lower()
    if kind not in _HTML_TYPES or not _looks_like_html(page.body, kind):
        return Rejection("not_html", f"declared as {kind or 'nothing'}, begins with {page.body[:40]!r}")
    return None


def reason(status: int) -> str:
    """Return the words of a status code (RFC 9110), nothing for one that has none."""
    return responses.get(status, "")


def content_type(page: Page) -> str:
    return next((value for name, value in page.headers if name.lower() == "content-type"), "")


def _looks_like_html(body: bytes, kind: str) -> bool:
    start = body[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _OTHER_MARKUP.match(start):
        return False
    if _MARKUP.search(start.replace(b"\x00", b"")):
        return True
    return kind in {"text/html", "application/xhtml+xml"} and start[:1] not in {b"{", b"["} and not _is_binary(start)


def _is_binary(start: bytes) -> bool:
    return start.startswith((b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF"))
