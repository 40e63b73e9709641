"""Where a newsroom filed an article: its section and its tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from archive.reading import jsonld, shapes
from archive.reading.choice import Choice, Claim, choose
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Markup, absolute, clean, content

_CATEGORIES = re.compile(
    r"(?:^|\s)cat-links(?:\s|$)|taxonomy-category|entry-categor|post-categor|td-post-category|gh-article-tag"
)
_TAGS = re.compile("tags-links|taxonomy-post_tag")
# SPIP's name for it is arbo; Joomla names a category so where it prints it.
_BREADCRUMBS = re.compile(
    r"breadcrumb|(?:^|[\s_-])(?:crumbs?|arbo|fil-?ariane|brotkrumen?|kruimelpad|migas)(?:$|[\s_-])"
)
_HOME = {
    "home", "accueil", "startseite", "start", "inicio", "início", "homepage", "home page", "hem", "hjem", "forside",
    "etusivu", "strona główna", "domů", "úvod", "domov", "kezdőlap", "acasă", "αρχική", "anasayfa", "ana sayfa",
    "главная", "головна", "начало", "ホーム", "トップ", "首页", "首頁", "홈", "voorpagina", "portada", "inici", "一面",
}  # fmt: skip
_UNCATEGORISED = {
    "uncategorized", "uncategorised", "non classé", "allgemein", "sin categoría", "senza categoria", "sem categoria",
    "geen categorie", "ongecategoriseerd", "okategoriserade", "ukategorisert", "ikke kategoriseret", "bez kategorii",
    "nezařazené", "egyéb kategória", "fără categorie", "без рубрики", "sense categoria", "genel", "未分類", "未分类",
    "미분류", "non catégorisé", "unkategorisiert",
}  # fmt: skip
_LONGEST_TAG = 80
_MOST_TAGS = 50
_MOST_STEPS = 12
_MOST = 200  # names looked at in one place
_MOST_LINKS = 2_000  # of an article's element
_LONGEST_LIST = 10_000  # characters of tags in one line


def section(evidence: Evidence) -> Choice[str] | None:
    """The section a newsroom filed an article in; of several that one witness lists, the one the breadcrumbs name."""
    empty = _UNCATEGORISED | {statement.value.casefold() for statement in evidence.markup.every_meta("og:site_name")}
    claims = [claim for claim in islice(_sections(evidence), _MOST) if _is_section(claim.value, empty)]
    if not claims:
        return None
    first = claims[0]
    listed = [claim for claim in claims if claim.source == first.source]
    shown = {claim.value.casefold() for claim in claims if claim.source == "breadcrumb"}
    confirmed = next((claim for claim in listed if claim.value.casefold() in shown), None)
    if len(listed) > 1 and confirmed not in {None, first}:
        return choose(claims, "of the listed ones, the first that the breadcrumbs name, too", confirmed)
    return choose(claims)


def _is_section(name: str, empty: AbstractSet[str]) -> bool:
    """Whether a name tells anything: software's "uncategorised", the site's own name and an address do not."""
    return len(name) <= _LONGEST_TAG and name.casefold() not in empty and "://" not in name


def _sections(evidence: Evidence) -> Iterator[Claim[str]]:
    for source, name in _stated_sections(evidence):
        if cleaned := clean(name):
            yield Claim(cleaned, source)


def _stated_sections(evidence: Evidence) -> Iterator[tuple[str, str | None]]:
    markup = evidence.markup
    yield from ((statement.source, statement.value) for statement in evidence.linked("section", "rest"))
    yield from (
        (statement.source, statement.value)
        for statement in markup.every_meta("article:section", "og:article:section", "articlesection")
    )
    yield from (("json-ld", jsonld.string(value)) for value in evidence.values("articleSection"))
    yield from (("category link", content(link)) for link in islice(_links(markup, _CATEGORIES), 3))
    categories = (anchor for anchor in markup.anchors if "category" in anchor.get("rel", "").split())
    yield from (("category link", content(anchor)) for anchor in categories)
    yield from ((statement.source, statement.value) for statement in evidence.linked("section", "feed"))
    yield from (("breadcrumb", name) for name in _crumbs(evidence))
    late = markup.every_meta("section", "parsely-section", "dc.subject", "category")
    yield from ((statement.source, statement.value) for statement in late)


def _crumbs(evidence: Evidence) -> Iterator[str]:
    """The steps of the way from the home page to the article that are neither of the two: JSON-LD's, then printed."""
    for node in evidence.graph.of_type("BreadcrumbList"):
        steps = [step for step in evidence.graph.each(node.get("itemListElement")) if isinstance(step, dict)]
        names = [jsonld.string(step.get("name") or step.get("item")) for step in sorted(steps, key=_position)]
        yield from (name for name in names[:-1] if name and name.casefold() not in _HOME)
    for trail in islice(evidence.markup.with_class(_BREADCRUMBS), 1):
        steps = list(islice(trail.iter("a"), _MOST_STEPS)) or list(islice(trail.iter("li"), _MOST_STEPS))
        names = [content(step) for step in steps]
        yield from (name for name in names if name and name.casefold() not in _HOME)


def _position(step: jsonld.Node) -> int:
    """schema.org/position; steps may be written in any order."""
    position = str(step.get("position") or "")
    return int(position) if position.isascii() and position.isdecimal() and len(position) < 4 else 0


def _links(markup: Markup, pattern: re.Pattern[str]) -> Iterator[Element]:
    return islice((link for element in markup.with_class(pattern) for link in element.iter("a")), _MOST)


def tags(evidence: Evidence) -> Choice[tuple[str, ...]] | None:
    """The tags of the first witness that names any, in its order, each once in whatever case."""
    for link in evidence.links("rest"):
        # WordPress names all tags there, also when there are none; its feed mixes them with the categories.
        return choose([Claim(link.tags, "rest")]) if link.tags else None
    return choose(_tag_claims(evidence))


def _tag_claims(evidence: Evidence) -> Iterator[Claim[tuple[str, ...]]]:
    for source, names in _taggings(evidence):
        found: dict[str, str] = {}
        for name in names:
            if name and len(name) <= _LONGEST_TAG:
                found.setdefault(name.casefold(), name.removeprefix("#"))
        if found:
            yield Claim(tuple(found.values())[:_MOST_TAGS], source)


def _taggings(evidence: Evidence) -> Iterator[tuple[str, Sequence[str | None]]]:
    """Tags a reader can see are the newsroom's; keyword tags are last, being written for search engines."""
    markup = evidence.markup
    yield "article:tag", [part for value in markup.metas.get("article:tag", ()) for part in _split(value)]
    yield "json-ld", [part for value in evidence.values("keywords") for part in _split(jsonld.string(value) or "")]
    yield "rel=tag", [content(anchor) for anchor in islice(filter(_is_tag, markup.anchors), _MOST)]
    yield "tag links", [content(a) for a in _links(markup, _TAGS)]
    yield "tag addresses", list(_tag_addresses(markup))
    yield from (("feed", list(link.tags)) for link in evidence.links("feed"))
    for name in ("tags", "news_keywords", "keywords", "parsely-tags"):
        yield name, [part for value in markup.metas.get(name, ()) for part in _split(value)]


def _tag_addresses(markup: Markup) -> Iterator[str | None]:
    """What the page's one article links to under a tag's address: site generators mark tags by nothing else."""
    if len(markup.articles) != 1:
        return
    for anchor in islice(markup.articles[0].iter("a"), _MOST_LINKS):
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
    return [clean(part) for part in re.split(r"[,;]", value[:_LONGEST_LIST])]
