"""What kind of page it is, as it says itself; the reasons not to take it for an article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from archive.models import Page, Rejection
from archive.reading.blocks import Block
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Markup, content

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
    rb"^\s*(?:<\?xml[^>]*>)?\s*(?:<!--.*?-->\s*)*<(?:rss|feed|rdf:rdf|urlset|sitemapindex|svg|opml)\b",
    re.IGNORECASE | re.DOTALL,
)
_LISTINGS = {"home", "blog", "archive", "category", "tag", "author", "date", "search", "error404", "post-type-archive"}
_SINGLE = {"single", "single-post"}
# Addresses right below the home page at which sites speak of themselves.
_OWN_PAGES = {
    "a-propos", "apropos", "about", "about-us", "qui-sommes-nous", "contact", "contacts", "contact-us",
    "nous-contacter", "mentions-legales", "legal", "imprint", "impressum", "kontakt", "privacy", "privacy-policy",
    "datenschutz", "politique-de-confidentialite", "cookies", "politique-de-cookies", "cgu", "cgv", "terms",
    "terms-of-service", "faq", "newsletter",
    "abonnement", "subscribe", "plan-du-site",
    "publicite", "advertise", "recrutement", "charte",
}  # fmt: skip
_SNIFFED = 4096
_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+"
)  # no spaces there: each character counts
_FEWEST_WORDS = 25  # of a text without any sign that it is an article
_MOST_LINKED = 0.5  # share of such a text that may stand in links
_FEWEST_TEASERS = 5
_HEADLINE_WORDS = 4
_PARAGRAPH = 100  # characters outside of links that make a paragraph


def refuse_response(page: Page) -> Rejection | None:
    """What the response alone shows: its status, its size, and whether it is HTML at all."""
    if page.status != 200:
        return Rejection("status", f"HTTP status {page.status}")
    if len(page.body) > MAX_BYTES:
        return Rejection("too_large", f"{len(page.body):,} bytes of at most {MAX_BYTES:,}")
    if not page.body.strip():
        return Rejection("empty", "the body has no content")
    kind = content_type(page).split(";")[0].strip().lower()
    if kind not in _HTML_TYPES or not _looks_like_html(page.body, kind):
        return Rejection("not_html", f"declared as {kind or 'nothing'}, begins with {page.body[:40]!r}")
    return None


def content_type(page: Page) -> str:
    return next((value for name, value in page.headers if name.lower() == "content-type"), "")


def refuse_page(evidence: Evidence) -> Rejection | None:
    """What the parsed page says of its own kind."""
    markup = evidence.markup
    if any(_asks_for_password(form) for form in markup.forms):
        return Rejection("password_protected", "the text is behind WordPress's password form")
    if markup.wordpress_class("attachment"):
        return Rejection("attachment", "WordPress attachment page")
    if _is_listing(evidence):
        return Rejection("listing", "home page, archive, search or error page")
    if _is_static(evidence):
        return Rejection("static_page", "a page of the site about itself, not an article")
    return None


def _asks_for_password(form: Element) -> bool:
    classes = (form.get("class") or "").split()
    return "post-password-form" in classes or "action=postpass" in (form.get("action") or "")


def is_article(evidence: Evidence) -> bool:
    """Whether something says that this page is an article."""
    markup = evidence.markup
    kind = markup.meta("og:type")
    return bool(
        evidence.article
        or (kind and kind.value.lower().startswith("article"))
        or markup.meta("article:published_time")
        or markup.wordpress_class(*_SINGLE)
        or any(evidence.links("rest", "feed", "news-sitemap"))
    )


def _is_static(evidence: Evidence) -> bool:
    """A page of the site about itself: at an address that sites use for it, or a WordPress page.

    SEO plugins set a WordPress page's og:type to "article", but not its JSON-LD.
    """
    markup = evidence.markup
    steps = urlsplit(evidence.page.url).path.strip("/").lower().split("/")
    if len(steps) == 1 and steps[0] in _OWN_PAGES and not is_article(evidence):
        return True
    numbered = any(name.startswith("page-id-") for name in markup.body_classes)
    return markup.wordpress and (numbered or "page" in markup.body_classes) and not evidence.article


def _is_listing(evidence: Evidence) -> bool:
    """WordPress's classes are trusted over og:type, which SEO plugins set to "article" on archives too."""
    markup = evidence.markup
    if markup.wordpress and not markup.body_classes.isdisjoint(_SINGLE):
        return False
    if markup.wordpress_class(*_LISTINGS):
        return True
    address = urlsplit(evidence.page.url)
    return address.path in {"", "/"} and not address.query


def refuse_text(blocks: Sequence[Block], markup: Markup, *, likely: bool) -> Rejection | None:
    """What the text shows. `likely` says that the page calls itself an article: then any text will do."""
    words = sum(len(_WORD.findall(block.text)) for block in blocks)
    if not words or (words < _FEWEST_WORDS and not likely):
        return Rejection("no_text", f"{words} words of text, and nothing says that it is an article")
    if likely:
        return None
    linked, characters = sum(block.linked for block in blocks), sum(len(block.text) for block in blocks)
    prose = sum(1 for block in blocks if len(block.text) - block.linked >= _PARAGRAPH)
    teasers = _teasers(markup)
    if linked > _MOST_LINKED * characters or (teasers >= max(prose, _FEWEST_TEASERS) and not _has_headline(markup)):
        return Rejection("listing", f"{teasers} linked headings, {prose} paragraphs, {linked} characters in links")
    return None


def _teasers(markup: Markup) -> int:
    """Headings that are links, outside of navigation and side columns: those of other articles."""
    linked = [
        heading for heading in markup.headlines if heading.tag != "h1" and next(heading.iter("a"), None) is not None
    ]
    return sum(1 for heading in linked if next(heading.iterancestors("nav", "aside", "footer"), None) is None)


def _has_headline(markup: Markup) -> bool:
    """Whether an h1 is a sentence rather than a section's name."""
    return any(len(_WORD.findall(content(h) or "")) >= _HEADLINE_WORDS for h in markup.headlines if h.tag == "h1")


def _looks_like_html(body: bytes, kind: str) -> bool:
    start = body[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _OTHER_MARKUP.match(start):
        return False
    if _MARKUP.search(start.replace(b"\x00", b"")):
        return True
    return kind in {"text/html", "application/xhtml+xml"} and start[:1] not in {b"{", b"["} and not _is_binary(start)


def _is_binary(start: bytes) -> bool:
    return start.startswith((b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF"))
