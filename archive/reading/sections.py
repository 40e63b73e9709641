"""Where a newsroom filed an article: its section and its tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from archive.reading import jsonld, shapes
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Markup, Statement, absolute, clean, content

_CATEGORIES = re.compile(r"(?:^|\s)cat-links(?:\s|$)|taxonomy-category|entry-categor|post-categor|td-post-category")
_TAGS = re.compile("tags-links|taxonomy-post_tag")
_BREADCRUMBS = re.compile("breadcrumb")
_HOME = {"home", "accueil", "startseite", "start", "inicio", "homepage", "hem", "hjem", "strona główna"}
_UNCATEGORISED = {"uncategorized", "uncategorised", "non classé", "allgemein", "sin categoría", "senza categoria"}
_LONGEST_TAG = 80
_MOST_TAGS = 50


def section(evidence: Evidence) -> tuple[str, str] | None:
    for statement in _sections(evidence):
        name = clean(statement.value)
        if name and name.casefold() not in _UNCATEGORISED and len(name) <= _LONGEST_TAG:
            return name, statement.source
    return None


def _sections(evidence: Evidence) -> Iterator[Statement]:
    markup = evidence.markup
    yield from evidence.linked("section", "rest")
    yield from markup.every_meta("article:section")
    for value in evidence.values("articleSection"):
        yield Statement(jsonld.string(value) or "", "json-ld")
    yield from (Statement(content(link) or "", "category link") for link in islice(_links(markup, _CATEGORIES), 3))
    yield from (
        Statement(content(a) or "", "category link") for a in markup.anchors if "category" in a.get("rel", "").split()
    )
    yield from evidence.linked("section", "feed")
    yield from _crumbs(evidence)


def _crumbs(evidence: Evidence) -> Iterator[Statement]:
    """The first step of the way from the home page to the article that is neither of the two."""
    for node in evidence.graph.of_type("BreadcrumbList"):
        names = [
            jsonld.string(step.get("name") or step.get("item"))
            for step in evidence.graph.each(node.get("itemListElement"))
            if isinstance(step, dict)
        ]
        yield from (Statement(name, "breadcrumb") for name in names[:-1] if name and name.casefold() not in _HOME)
    for trail in islice(evidence.markup.with_class(_BREADCRUMBS), 1):
        names = [content(link) for link in trail.iter("a")]
        yield from (Statement(name, "breadcrumb") for name in names if name and name.casefold() not in _HOME)


def _links(markup: Markup, pattern: re.Pattern[str]) -> Iterator[Element]:
    return (link for element in markup.with_class(pattern) for link in element.iter("a"))


def tags(evidence: Evidence) -> tuple[tuple[str, ...], str] | None:
    for link in evidence.links("rest"):
        # WordPress names all tags there, also when there are none; its feed mixes them with the categories.
        return (link.tags, "rest") if link.tags else None
    for source, names in _taggings(evidence):
        found: dict[str, str] = {}
        for name in names:
            if name and len(name) <= _LONGEST_TAG:
                found.setdefault(name.casefold(), name)
        if found:
            return tuple(found.values())[:_MOST_TAGS], source
    return None


def _taggings(evidence: Evidence) -> Iterator[tuple[str, Sequence[str | None]]]:
    """Tags a reader can see are the newsroom's; keyword tags are last, being written for search engines."""
    markup = evidence.markup
    yield "article:tag", [part for value in markup.metas.get("article:tag", ()) for part in _split(value)]
    yield "json-ld", [part for value in evidence.values("keywords") for part in _split(jsonld.string(value) or "")]
    yield "rel=tag", [content(a) for a in markup.anchors if _is_tag(a)]
    yield "tag links", [content(a) for a in _links(markup, _TAGS)]
    yield "tag addresses", list(_tag_addresses(markup))
    yield from (("feed", list(link.tags)) for link in evidence.links("feed"))
    for name in ("tags", "news_keywords", "keywords", "parsely-tags"):
        yield name, [part for value in markup.metas.get(name, ()) for part in _split(value)]


def _tag_addresses(markup: Markup) -> Iterator[str | None]:
    """What the page's one article links to under a tag's address: site generators mark tags by nothing else."""
    if len(markup.articles) != 1:
        return
    for anchor in markup.articles[0].iter("a"):
        target = absolute(markup.base, anchor.get("href"))
        if target and shapes.listing_kind(target) == "tag":
            yield content(anchor)


def _is_tag(anchor: Element) -> bool:
    """Whether WordPress links a tag: the block editor gives categories the same rel, in a part named for them."""
    rels = anchor.get("rel", "").lower().split()
    parent = anchor.getparent()
    named = (parent.get("class") or "") if parent is not None else ""
    return "tag" in rels and "category" not in rels and "taxonomy-category" not in named


def _split(value: str) -> list[str | None]:
    return [clean(part) for part in re.split(r"[,;]", value)]
