"""The headline as printed, and the site's name it is often written together with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.reading import jsonld
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Statement, content

_ENTRY_TITLE = {
    "entry-title", "wp-block-post-title", "post-title", "td-post-title", "single-post-title", "tdb-title-text",
    "article-title",
}  # fmt: skip
_BRANDING = re.compile(r"site-?title|site-?name|logo|branding|masthead|site-header|navbar", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s+[|–—\-·•»«:/~]+\s+|\s*[|ㅣ]\s*|\s+::\s+")
_WORD = re.compile(r"\w+")
_LONGEST = 500  # characters of a title in which a site's name is looked for
_KICKED = 3  # words a headline has at least
_SUFFIX_WORDS = 6  # the most words of a site's name taken for one without other evidence


def site_name(evidence: Evidence) -> Statement | None:
    """og:site_name, then the publisher's name in JSON-LD: the first is written for display, the second for machines."""
    stated = evidence.markup.meta("og:site_name")
    if stated is not None:
        return stated
    publisher = next((name for _, name in evidence.organisations()), None)
    website = next((jsonld.string(node.get("name")) for node in evidence.graph.of_type("WebSite")), None)
    if publisher or website:
        return Statement(publisher or website or "", "json-ld")
    return evidence.markup.meta("application-name", "apple-mobile-web-app-title")


def headline(evidence: Evidence, site: str | None) -> Statement | None:
    """The API's title, the template's own title element, JSON-LD's headline, an h1, the feed's, og:title, `<title>`.

    WordPress templates mark the title element, so it is sure; elsewhere an h1 may be the site's name, or
    carry a kicker, and the publisher's own statement of the headline is better. og:title and `<title>` are written
    for search results and come last, without the site's name: of `<title>`'s parts the longest, since the names of site
    and section are short.
    """
    return next(_candidates(evidence, site), None)


def same(one: str | None, other: str | None) -> bool:
    """Whether two headlines have the same words, whatever their typography."""
    return bool(one and other) and words(one) == words(other)


def words(text: str | None) -> list[str]:
    return _WORD.findall((text or "").casefold())


def _candidates(evidence: Evidence, site: str | None) -> Iterator[Statement]:
    printed = [text for element in evidence.markup.headlines if element.tag == "h1" and (text := content(element))]
    yield from evidence.linked("title", "rest")
    marked = _marked(evidence)
    if marked:
        yield Statement(marked, "h1")
    stated = jsonld.string(evidence.article.get("headline"))
    if stated:
        yield Statement(_without_site(stated, site, printed, evidence.host), "json-ld")
    main = _main_headline(evidence, site)
    if main:
        yield _without_kicker(Statement(main, "h1"), evidence.markup.metas.get("og:title", ()))
    yield from evidence.linked("title", "feed", "news-sitemap")
    for statement in evidence.markup.every_meta("og:title", "twitter:title", "dc.title", "headline"):
        yield Statement(_without_site(statement.value, site, printed, evidence.host), statement.source)
    if evidence.markup.page_title:
        title = _without_site(evidence.markup.page_title, site, printed, evidence.host)
        yield Statement(max(_SEPARATOR.split(title[:_LONGEST]), key=lambda part: len(words(part))), "title")


def _without_kicker(statement: Statement, called: tuple[str, ...]) -> Statement:
    """og:title where it is the h1 without its first words: a kicker or a date within the h1 is not of the headline."""
    own = words(statement.value)
    for title in called:
        shorter = words(title)
        if len(shorter) >= _KICKED and len(shorter) < len(own) and own[-len(shorter) :] == shorter:
            return Statement(title, "og:title")
    return statement


def _marked(evidence: Evidence) -> str | None:
    """The element a WordPress template (or microdata) marks as this article's title."""
    marked = [
        element for element in evidence.markup.headlines if _is_marked(element, wordpress=evidence.markup.wordpress)
    ]
    return content(marked[0]) if marked and (marked[0].tag == "h1" or len(marked) == 1) else None


def _is_marked(element: Element, *, wordpress: bool) -> bool:
    classes = set((element.get("class") or "").split())
    return bool(wordpress and classes & _ENTRY_TITLE and next(element.iter("a"), None) is None) or (
        element.tag == "h1" and element.get("itemprop") == "headline"
    )


def _main_headline(evidence: Evidence, site: str | None) -> str | None:
    """The h1 that shares most words with what the page calls itself; never the site's own name."""
    called = evidence.markup.meta("og:title", "twitter:title")
    reference = set(words(called.value if called else evidence.markup.page_title))
    best, most = None, 0.0
    for element in evidence.markup.headlines:
        text = content(element)
        own = set(words(text))
        if (
            not own
            or element.tag != "h1"
            or same(text, site)
            or _is_branding(element)
            or _closes(text, evidence.markup.page_title)
        ):
            continue
        shared = len(own & reference) / len(own) if reference else 1.0
        if shared > most:
            best, most = text, shared
    return best if most >= 0.5 else None


def _closes(text: str | None, page_title: str | None) -> bool:
    """Whether the text is the last part of the page's title, after another: the site's name stands there."""
    parts = _SEPARATOR.split((page_title or "")[:_LONGEST])
    return len(parts) > 1 and same(text, parts[-1]) and len(words(parts[0])) >= len(words(parts[-1]))


def _is_branding(element: Element) -> bool:
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return _BRANDING.search(named) is not None


def _without_site(text: str, site: str | None, printed: list[str], host: str) -> str:
    """The text without a last (or first) part that is the site's name, or that the printed headline lacks."""
    if len(text) > _LONGEST:
        return text
    for separator in _SEPARATOR.finditer(text):
        before, after = text[: separator.start()].strip(), text[separator.end() :].strip()
        if any(same(before, headline) for headline in printed) or _is_site(after, site, host):
            return before or text
        if _is_site(before, site, host):
            return after or text
    return text


def _is_site(part: str, site: str | None, host: str) -> bool:
    name = "".join(words(part))
    if not name or len(words(part)) > _SUFFIX_WORDS:
        return False
    return name in {"".join(words(site)), "".join(words(host)), host.removeprefix("www.").split(".")[0]}
