"""Lines and parts that a site prints in every article, as its profile knows them, taken out of one article's text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.reading.blocks import Block, Reader
from archive.reading.markup import Element, Markup
from archive.reading.profile import Known, with_signatures

_WORD = re.compile(r"\w+")
_BEHIND = 0.5  # no marker may cut off more than this share of a text


def key(text: str) -> str:
    """What two lines have in common that differ in typography and case only; results and weather differ in numbers."""
    return " ".join(_WORD.findall(text.casefold()))


def without(blocks: Sequence[Block], known: Known, markup: Markup) -> tuple[Block, ...]:
    """The blocks of an article without what the profile takes for the template's; all of them without a profile."""
    if known.profile is None:
        return tuple(blocks)
    gone = set(known.values("line", "text"))
    elements = [*with_signatures(markup.root, known.values("remove", "text")), *known.by_hand("remove", markup.root)]
    printed = {text for element in elements for text in lines_of(element, markup)}
    begun = _ended(blocks, set(known.values("end", "text")))
    return tuple(block for block in begun if key(block.text) not in gone and block.text not in printed)


def lines_of(element: Element, markup: Markup) -> list[str]:
    """The lines an element prints."""
    return [block.text for block in Reader(markup.base, lambda _: False).read(element)]


def _ended(blocks: Sequence[Block], markers: set[str]) -> Sequence[Block]:
    if not markers:
        return blocks
    total = sum(len(block.text) for block in blocks)
    before = 0
    for position, block in enumerate(blocks):
        if key(block.text) in markers and before >= _BEHIND * total:
            return blocks[:position]
        before += len(block.text)
    return blocks
