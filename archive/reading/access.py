"""On what terms an article may be reused and read: its licence, and whether it is free to read, with the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from archive.reading import jsonld, walls
from archive.reading.blocks import Block
from archive.reading.choice import FIRST, ONLY, Choice, Claim, choose
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Markup, absolute

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_TIERS = {"free": True, "metered": False, "locked": False}
_COMMONS = "creativecommons.org/"
_COMMONS_PATHS = ("creativecommons.org/licenses/", "creativecommons.org/publicdomain/")
_LONGEST_NOTICE = 300  # characters; longer ones are terms of use
_MOST_SELECTORS = 3
_MOST = 50  # claims of a licence


def licence(evidence: Evidence) -> Choice[str] | None:
    """The licence of the article before the page's, which may cover the template only; a notice of rights last."""
    return choose(islice(_licences(evidence), _MOST))


def _licences(evidence: Evidence) -> Iterator[Claim[str]]:
    """schema.org/license, HTML's rel=license, Creative Commons' link, Dublin Core's rights, copyrightNotice."""
    markup = evidence.markup
    for value in (*evidence.values("license"), *evidence.values("usageInfo")):
        text = jsonld.string(value) or (value.get("url") if isinstance(value, dict) else None)
        if isinstance(text, str) and text:
            yield Claim(text, "json-ld")
    address = markup.link("license")
    if address:
        yield Claim(address, "rel=license")
    yield from _linked(
        markup, [a for a in markup.anchors if "license" in a.get("rel", "").lower().split()], "rel=license"
    )
    # Anchors without rel are not gathered; few pages name this host, so only those are walked.
    if _COMMONS.encode() in evidence.page.body:
        commons = (a for a in markup.root.iter("a") if any(path in (a.get("href") or "") for path in _COMMONS_PATHS))
        yield from _linked(markup, commons, "creative commons link")
    for statement in markup.every_meta("license", "dcterms.license", "dc.rights", "dcterms.rights"):
        yield Claim(statement.value, statement.source)
    for value in evidence.values("copyrightNotice"):
        notice = jsonld.string(value)
        if notice and len(notice) <= _LONGEST_NOTICE:
            yield Claim(notice, "json-ld copyrightNotice")


def _linked(markup: Markup, anchors: Iterator[Element] | list[Element], source: str) -> Iterator[Claim[str]]:
    """A licence linked within a figure is the picture's, not the article's."""
    for anchor in anchors:
        address = absolute(markup.base, anchor.get("href"))
        if address and next(anchor.iterancestors("figure", "figcaption"), None) is None:
            yield Claim(address, source)


def free_access(evidence: Evidence, blocks: Sequence[Block] = ()) -> Choice[bool] | None:
    """Whether the article can be read without paying, and by which evidence.

    What the page states for machines comes first; the words of a wall come next. But a text that ends at a wall is
    not free, whatever a template states for all pages alike. `blocks` are the text, if it was read already.
    """
    signs = list(_signs(evidence))
    wall = walls.find(evidence, blocks)
    if wall:
        signs.append((Claim(False, wall.source), f"{wall.reason}: “{wall.words}”"))
    if not signs:
        return None
    claims = [claim for claim, _ in signs]
    chosen = claims[-1] if wall and wall.cuts else claims[0]
    found = choose(claims, chosen=chosen)
    reason = next(reason for claim, reason in signs if claim is chosen)
    return found and Choice(found.value, found.source, _rule(reason, found, wall), found.others)


def _rule(reason: str, found: Choice[bool], wall: walls.Wall | None) -> str:
    if wall and wall.cuts and found.source == wall.source:
        return reason
    return f"{reason}; {ONLY if found.rule == ONLY else FIRST}"


def _signs(evidence: Evidence) -> Iterator[tuple[Claim[bool], str]]:
    """What the page states for machines, each with the words of its evidence.

    schema.org/isAccessibleForFree as a truth value or as the words some sites write; the article's, then the page's;
    schema.org/hasPart of Google's "subscription and paywalled content"; OpenGraph's article:content_tier.
    """
    for node in (evidence.article, *evidence.graph.of_type("WebPage", "NewsArticle")):
        free = _truth(node.get("isAccessibleForFree"))
        if free is not None:
            yield Claim(free, "json-ld"), f"isAccessibleForFree is {str(free).lower()}{_locked_parts(evidence, node)}"
            break
    else:
        if parts := _locked_parts(evidence, evidence.article):
            yield Claim(False, "json-ld hasPart"), f"no isAccessibleForFree of its own{parts}"
    for statement in evidence.markup.every_meta("isaccessibleforfree"):
        if (free := _truth(statement.value)) is not None:
            yield Claim(free, statement.source), f"isAccessibleForFree is {str(free).lower()}"
    for statement in evidence.markup.every_meta("article:content_tier", "og:article:content_tier"):
        if (free := _TIERS.get(statement.value.lower())) is not None:
            yield Claim(free, statement.source), f"content tier is {statement.value.lower()}"


def _truth(value: Any) -> bool | None:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict):
        first = first.get("@value", first.get("@id"))
    return _TRUTH.get(str(first).rsplit("/", 1)[-1].strip().lower())


def _locked_parts(evidence: Evidence, node: jsonld.Node) -> str:
    """The parts that are not free, as the page's selectors name them; empty if there are none."""
    parts = [part for part in evidence.graph.each(node.get("hasPart")) if isinstance(part, dict)]
    locked = [part for part in parts if _truth(part.get("isAccessibleForFree")) is False]
    names = [jsonld.string(part.get("cssSelector")) or "a part without name" for part in locked[:_MOST_SELECTORS]]
    return f", not free: {', '.join(name[:80] for name in names)}" if names else ""
