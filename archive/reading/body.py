"""The article's text: read from its container where the page tells, else by trafilatura; cleared of furniture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import islice
from typing import Any

from trafilatura import bare_extraction

from archive.reading import container, ending, furniture, layout, located, opening, recurring, scripted
from archive.reading.blocks import Block, Reader
from archive.reading.choice import ONLY
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Markup, parse
from archive.reading.profile import BY_HAND, LEARNT

# One frozen set of options: `deduplicate` keeps state between pages, metadata and pictures are read by us.
# Not `fast`: without its fall-backs it loses the text of many pages that have no container we know.
_OPTIONS: dict[str, Any] = {
    "fast": False, "with_metadata": False, "include_comments": False, "include_tables": True, "include_images": False,
    "include_links": False, "include_formatting": False, "deduplicate": False,
}  # fmt: skip
_LITTLE = 250  # characters below which trafilatura takes its last resort: all text of the page
_MOST_ELEMENTS = 20_000  # of a page that trafilatura is asked about: the time it takes grows with their square
_MOST_LINES = 20_000  # of a text that is cleared of furniture; no article has more
_SHORT = 1500  # characters below which the page may print only the beginning of what a script's state has whole
_BEGINNING = 60  # characters that tell it is the same text
_ENOUGH = 0.5  # of a container's prose must come through, or its parts bear names that mislead


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of an article in reading order, the elements they stood in, what found them, and why it was asked.

    `apart` are lines that the template marks as a standfirst, or that stand above the place of the text.
    """

    blocks: tuple[Block, ...]
    elements: tuple[Element, ...]
    found_by: str
    apart: frozenset[str] = frozenset()
    rule: str = ONLY

    @property
    def lines(self) -> tuple[Block, ...]:
        """The blocks that have words; the others are pictures and embeds."""
        return tuple(block for block in self.blocks if block.text)


def read(evidence: Evidence) -> Body:
    """Read the text of a page, with what the site's profile knows of it; no blocks if there is none."""
    found = _where_known(evidence) or _find(evidence.markup)
    found = _in_script(evidence, found) or found
    kept = recurring.without(found.lines, evidence.known, evidence.markup)
    return replace(found, blocks=tuple(layout.woven(found.blocks, kept)))


def _where_known(evidence: Evidence) -> Body | None:
    """The body where a selector written by hand finds it, or where the profile knows it to stand."""
    root, known = evidence.markup.root, evidence.known
    selected = list(known.selected("body", root))
    for elements, found_by, rule in (
        (known.by_hand("body", root), ", ".join(selector for selector, _ in selected), BY_HAND),
        (known.placed("text", root), ", ".join(known.values("element", "text")), LEARNT),
    ):
        blocks = [block for element in elements for block in _blocks(element, evidence.markup)]
        if any(block.text for block in blocks):
            return replace(_cleared(blocks, elements, found_by, sure=False), rule=rule)
    return None


def _find(markup: Markup) -> Body:
    weights = container.weigh(markup.root)
    elements, rule = container.find(markup, weights)
    blocks = [block for element in elements for block in _blocks(element, markup)]
    sure = rule == "wordpress post"
    if sure or _come_through(blocks, sum(weights.get(element, 0) for element in elements)):
        return _cleared(blocks, elements, rule, sure=sure)
    return _without_container(markup, weights)


def _in_script(evidence: Evidence, printed: Body) -> Body | None:
    """The text as a script's state has it, or JSON-LD, where the page prints next to none or only its beginning."""
    characters = sum(len(block.text) for block in printed.lines)
    if characters >= _SHORT:
        return None
    beginning = max((block.text for block in printed.lines), key=len, default="")
    for written, rule in ((scripted.text(evidence), "script state"), (_article_body(evidence), "json-ld")):
        root = parse(f"<div>{written}</div>")[0] if written else None
        if root is None:
            continue
        blocks = _blocks(root, evidence.markup)
        length = sum(len(block.text) for block in blocks)
        goes_on = any(beginning[:_BEGINNING] in block.text for block in blocks)
        if length >= _LITTLE and length >= 2 * characters and (goes_on or characters < _LITTLE):
            return _cleared(blocks, [root], rule, sure=False)
    return None


def _article_body(evidence: Evidence) -> str | None:
    """JSON-LD's plain text as HTML."""
    text = evidence.article.get("articleBody")
    lines = text[: scripted.MOST_CHARACTERS].split("\n") if isinstance(text, str) else []
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line.strip()) or None


def _cleared(blocks: Sequence[Block], elements: Sequence[Element], rule: str, *, sure: bool) -> Body:
    """The blocks without the furniture; pictures and embeds stay at their places."""
    kept = [block for block in blocks if block.text]
    if len(kept) <= _MOST_LINES:
        kept = furniture.without(kept, sure=sure)
    return Body(tuple(layout.woven(blocks, kept)), tuple(elements), rule, opening.marked(elements, blocks))


def _come_through(blocks: list[Block], prose: int) -> bool:
    return sum(len(block.text) for block in blocks) >= _ENOUGH * prose > 0


def _without_container(markup: Markup, weights: dict[Element, int]) -> Body:
    """Ask trafilatura; of little text it makes a heap of words, and the page's one `<article>` is truer."""
    whole = markup.articles if len(markup.articles) == 1 else ()
    if next(islice(markup.root.iter(), _MOST_ELEMENTS, None), None) is not None:
        elements = whole or container.heaviest(markup.root, weights)
        return _cleared([b for e in elements for b in _blocks(e, markup)], elements, "most prose", sure=False)
    found = _by_trafilatura(markup)
    if whole and sum(len(block.text) for block in found) < _LITTLE:
        inside = _cleared(_blocks(whole[0], markup), whole, "article", sure=False)
        if inside.blocks:
            return inside
    return _in_its_place(found, markup) or _cleared(found, whole, "trafilatura", sure=False)


def _in_its_place(found: Sequence[Block], markup: Markup) -> Body | None:
    """What trafilatura found, read again in the page itself: with links and pictures, without what is hidden."""
    element = located.place(markup.root, found)
    read = [] if element is None else _blocks(element, markup)
    blocks = located.confirmed(read, found) if read else None
    if element is None or not blocks:
        return None
    body = _cleared(blocks, [element], "trafilatura", sure=False)
    inside = {block.text for block in read}
    return replace(body, apart=body.apart | {block.text for block in blocks if block.text not in inside})


def article_text(
    found: Body, title: str | None, authors: Sequence[str] = (), description: str | None = None
) -> list[Block]:
    """The blocks without what is a field of its own: the headline above the text, byline and date, and who wrote it.

    `description` is the printed standfirst; it is left out where the template marks it as one, not where it is the
    article's first paragraph.
    """
    blocks = opening.without(found.blocks, title, authors, description, found.apart)
    return ending.without_author(blocks, authors)


def _blocks(root: Element, markup: Markup) -> list[Block]:
    total = container.length(root)
    entries = len(list(islice(root.iter("article"), 3))) == 3  # a live blog's; else the header is the article's own

    def skip(element: Element) -> bool:
        if entries and container.is_heading_of_part(element):
            return False
        return container.is_other(element) and container.length(element) <= container.MUCH * total

    return Reader(markup.base, skip, shows=True).read(root)


def _by_trafilatura(markup: Markup) -> list[Block]:
    document: Any = bare_extraction(markup.root, **_OPTIONS)
    return [] if document is None else Reader(markup.base, lambda _: False).read(document.body)
