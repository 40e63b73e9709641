"""Who wrote an article: the byline, from the best witness that names anybody but the publisher."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from archive.reading import bylines, jsonld
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, clean, content, select

_AUTHOR_METAS = (
    "author", "article:author", "article:author_name", "parsely-author", "dc.creator", "dcterms.creator",
    "dc:creator", "twitter:misc:written by", "sailthru.author",
    "cxenseparse:author", "byl", "citation_author", "article.author", "authors", "og:article:author",
)  # fmt: skip
_byline = select(
    ".//*[contains(@class, 'author') or contains(@class, 'Author') or contains(@class, 'byline')"
    " or contains(@class, 'Byline') or contains(@data-testid, 'byline') or self::byline or self::address]"
    # A footer of the article's own may hold its byline; the page's footer does not.
    "[not(ancestor::*[contains(@class, 'comment')] or ancestor::footer[not(ancestor::article)])]"
)
_itemprop = select(".//*[contains(concat(' ', normalize-space(@itemprop), ' '), ' author ')]")
_CARD_LABEL = re.compile("written by|écrit par|verfasst von|geschrieben von|escrito por|scritto da", re.IGNORECASE)
_FIRST_BYLINES = 12
_LONGEST_BYLINE = 150


def authors(evidence: Evidence, site: str | None) -> tuple[tuple[str, ...], str] | None:
    """As the module says; the first witness that names anybody but the publisher."""
    organisations = [name for _, name in evidence.organisations()]
    organisations += [site or "", evidence.host, evidence.host.removeprefix("www.")]
    for source, names in _bylines(evidence):
        found = bylines.people(names, organisations)
        if found:
            return found, source
    return None


def _bylines(evidence: Evidence) -> Iterator[tuple[str, list[str]]]:
    markup = evidence.markup
    yield from (("rest", list(link.authors)) for link in evidence.links("rest"))
    for key in ("author", "creator"):
        yield "json-ld", [name for value in evidence.values(key) if (name := _person(value))]
    for name in _AUTHOR_METAS:
        yield name, list(markup.metas.get(name, ()))
    yield "twitter:data", _card(evidence)
    yield "rel=author", _printed_names([a for a in markup.anchors if "author" in a.get("rel").split()])
    yield "itemprop author", _printed_names(_itemprop(markup.root))
    yield "byline", _printed_names(_byline(markup.root))
    yield from (("feed", list(link.authors)) for link in evidence.links("feed"))


def _person(value: Any) -> str | None:
    if isinstance(value, dict) and jsonld.kinds(value) & {"organization", "newsmediaorganization"}:
        name = jsonld.string(value.get("name"))
        return name if name and bylines.is_agency(name) else None
    return jsonld.string(value)


def _printed_names(elements: list[Element]) -> list[str]:
    """The names of the first byline that has any; others belong to other articles or repeat it below the text."""
    for element in elements[:_FIRST_BYLINES]:
        group = [e for e in elements[:_FIRST_BYLINES] if e.getparent() is element.getparent()]
        names = [name for one in group for name in _names(one)]
        if bylines.people(names):
            return names
    return []


def _names(element: Element) -> list[str]:
    """A byline's names: microdata's, else its links' or its innermost parts' words, else all it prints."""
    named = [e for e in element.iter() if e.get("itemprop") == "name"]
    parts = named or [e for e in element.iter("a", "span", "strong", "b") if len(e) == 0 and e is not element]
    texts = [clean(e.get("content")) or content(e) for e in parts]
    names = [text for text in texts if text and len(text) <= _LONGEST_BYLINE and not text.endswith(":")]
    if len(bylines.people(names)) > 0 and any(" " in name for name in names):
        return names
    whole = clean(element.get("content")) or content(element)
    return [whole] if whole and len(whole) <= _LONGEST_BYLINE else []


def _card(evidence: Evidence) -> list[str]:
    """The author as SEO plugins tell Twitter: a pair of label and value."""
    metas = evidence.markup.metas
    labels = [(metas.get(f"twitter:label{n}", ("",))[0], metas.get(f"twitter:data{n}", ())) for n in (1, 2)]
    return [value for label, values in labels if _CARD_LABEL.match(label) for value in values]
