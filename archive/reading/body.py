"""The article's text: read from its container where the page tells, else by trafilatura; cleared of furniture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trafilatura import bare_extraction

from archive.reading import container, furniture, headline
from archive.reading.blocks import Block, Reader
from archive.reading.markup import Element, Markup

# One frozen set of options: `deduplicate` keeps state between pages, metadata and pictures are read by us.
# Not `fast`: without its fall-backs it loses the text of many pages that have no container we know.
_OPTIONS: dict[str, Any] = {
    "fast": False, "with_metadata": False, "include_comments": False, "include_tables": True, "include_images": False,
    "include_links": False, "include_formatting": False, "deduplicate": False,
}  # fmt: skip
_LITTLE = 250  # characters below which trafilatura takes its last resort: all text of the page
_ENOUGH = 0.5  # of a container's prose must come through, or its parts bear names that mislead


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of an article in reading order, the elements they stood in, and the rule that found them."""

    blocks: tuple[Block, ...]
    elements: tuple[Element, ...]
    found_by: str


def read(markup: Markup) -> Body:
    """Read the text of a page; no blocks if there is none."""
    weights = container.weigh(markup.root)
    elements, rule = container.find(markup, weights)
    blocks = [block for element in elements for block in _blocks(element, markup)]
    sure = rule == "wordpress post"
    if sure or _come_through(blocks, sum(weights.get(element, 0) for element in elements)):
        return Body(tuple(furniture.without(blocks, sure=sure)), tuple(elements), rule)
    return _without_container(markup)


def _come_through(blocks: list[Block], prose: int) -> bool:
    return sum(len(block.text) for block in blocks) >= _ENOUGH * prose > 0


def _without_container(markup: Markup) -> Body:
    """Ask trafilatura; of little text it makes a heap of words, and the page's one `<article>` is truer."""
    whole = markup.articles if len(markup.articles) == 1 else ()
    found = _by_trafilatura(markup)
    if whole and sum(len(block.text) for block in found) < _LITTLE:
        blocks = furniture.without(_blocks(whole[0], markup), sure=False)
        if blocks:
            return Body(tuple(blocks), whole, "article")
    return Body(tuple(furniture.without(found, sure=False)), whole, "trafilatura")


def without_title(blocks: tuple[Block, ...], title: str | None) -> list[Block]:
    """The blocks without the headline repeated above the text."""
    for position, block in enumerate(blocks[:3]):
        if headline.same(block.text, title):
            return [*blocks[:position], *blocks[position + 1 :]]
    return list(blocks)


def markdown(blocks: list[Block]) -> str:
    """The blocks as Markdown: an empty line between them, but none within a list, a table or a verse."""
    parts: list[str] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        if before is not None:
            together = before.kind == block.kind and block.kind in {"item", "row", "pre"}
            parts.append("\n" if together else "\n\n")
        parts.append(block.markdown)
        if block.kind == "row" and (before is None or before.kind != "row"):
            parts.append("\n|" + " --- |" * (block.text.count(" | ") + 1))
    return "".join(parts)


def _blocks(root: Element, markup: Markup) -> list[Block]:
    total = container.length(root)

    def skip(element: Element) -> bool:
        return container.is_other(element) and container.length(element) <= container.MUCH * total

    return Reader(markup.base, skip).read(root)


def _by_trafilatura(markup: Markup) -> list[Block]:
    document: Any = bare_extraction(markup.root, **_OPTIONS)
    return [] if document is None else Reader(markup.base, lambda _: False).read(document.body)
