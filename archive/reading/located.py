"""Where in the page the lines stand that an extractor found, and the article read there with its links and pictures.

An extractor tells where the article is better than which lines are its: the two readings confirm each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, takewhile

from archive.reading.layout import Block
from archive.reading.markup import Element

_LETTERS = re.compile(r"[\W_]+")
_LINES = ("p", "li", "blockquote", "h2", "h3", "h4", "dd", "pre", "td", "div", "section", "span", "article")
_WRAPPERS = {"div", "section", "span", "article", "td"}
_BEGINNING = 40  # letters with which a line is known
_TELLING = 20  # letters; shorter lines stand in many places
_PARTS = 12  # texts of an element that are looked at for its beginning
_SHARE = 0.9  # of the found text that must stand in one element
_CONFIRMED = 0.8  # of it that must be read there again
_MORE = 0.35  # of it that may be read there besides
_PROSE = 80  # characters of a line between two confirmed ones that is the article's, too
_MOST_LINKED = 0.5


def place(root: Element, lines: Iterable[Block]) -> Element | None:
    """The smallest element that holds nearly all of the lines; none if they cannot be found again."""
    wanted = {key[:_BEGINNING]: len(line.text) for line in lines if len(key := _key(line.text)) >= _TELLING}
    total = sum(wanted.values())
    held: dict[Element, int] = {}
    for element in root.iter(*_LINES):
        if not wanted:
            break
        beginning = _beginning(element)
        found = wanted.pop(beginning, 0) if len(beginning) >= _TELLING else 0
        for ancestor in element.iterancestors() if found else ():
            held[ancestor] = held.get(ancestor, 0) + found
    chain = [element for element, characters in held.items() if characters >= _SHARE * total]
    return max(chain, key=_depth, default=None)


def confirmed(read: Sequence[Block], found: Sequence[Block]) -> list[Block] | None:
    """The blocks read at that place that the extractor found, too, and those between them that are no furniture.

    None if the two readings differ so much that the place says little.
    """
    characters = sum(len(block.text) for block in found)
    keys = {_key(block.text) for block in found}
    keys |= {key[:_BEGINNING] for key in keys if len(key) >= _TELLING}
    sure = [_is_among(block, keys) for block in read]
    if sum(len(block.text) for block, known in zip(read, sure, strict=True) if known) < _CONFIRMED * characters:
        return None
    first, last = sure.index(True), len(sure) - sure[::-1].index(True)
    between = list(zip(read, sure, strict=True))[first:last]
    more = sum(len(block.text) for block, known in between if not known and _may_belong(block))
    keep: Callable[[Block], bool] = _may_belong if more <= _MORE * characters else _is_shown
    return [*_above(found, read), *(block for block, known in between if known or keep(block))]


def _above(found: Sequence[Block], read: Sequence[Block]) -> list[Block]:
    """The standfirst, or a first paragraph, that stands above the place of the others."""
    again = {_key(block.text)[:_BEGINNING] for block in read}
    missing = takewhile(lambda block: _key(block.text)[:_BEGINNING] not in again, found)
    return [block for block in missing if len(block.text) >= _PROSE]


def _is_among(block: Block, keys: set[str]) -> bool:
    key = _key(block.text)
    return bool(key) and (key in keys or (len(key) >= _TELLING and key[:_BEGINNING] in keys))


def _is_shown(block: Block) -> bool:
    """A picture or an embed."""
    return not block.text


def _may_belong(block: Block) -> bool:
    if not block.text:
        return True
    if block.linked >= _MOST_LINKED * len(block.text):
        return False
    return len(block.text) >= _PROSE or block.kind in {"item", "heading", "quote", "row"}


def _beginning(element: Element) -> str:
    if element.tag in _WRAPPERS and not (element.text or "").strip():
        first = next(iter(element), None)
        if first is None or first.tag in _LINES:
            return ""
    text = "".join(part[: 2 * _BEGINNING] for part in islice(element.itertext(), _PARTS))
    return _key(text)[:_BEGINNING]


def _key(text: str) -> str:
    return _LETTERS.sub("", text).casefold()


def _depth(element: Element) -> int:
    return sum(1 for _ in element.iterancestors())
