"""The blocks of an article, and how they are written out: as plain lines, and as a Markdown document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

_INDENT = "    "  # CommonMark: what stands in an item begins where the item's words do, or up to three columns later
_BARS = re.compile(r"(?<!\\)\|")
_FENCES = re.compile("`{3,}")


@dataclass(frozen=True, slots=True)
class Block:
    """One line of an article: its words, and the same as Markdown with its mark (##, -, >).

    `kind` is "p", "heading", "item", "quote", "pre" or "row"; `linked` the number of characters within links; `level`
    a heading's, or how many lists an item stands in. An item that `continues` is a further paragraph of the one before.
    "figure" is a picture and has no text; "embed" is a link to what the page shows of another place, and has text
    only where that is a written post.
    """

    kind: str
    text: str
    markdown: str
    linked: int = 0
    level: int = 0
    continues: bool = False


def plain(blocks: Iterable[Block]) -> str:
    """The words, one line a block; pictures and embeds have none."""
    return "\n".join(block.text for block in blocks if block.text)


def markdown(blocks: Sequence[Block]) -> str:
    """The blocks as Markdown: an empty line between them, but none within a list, a table or a verse."""
    parts: list[str] = []
    before: Block | None = None
    depth = 0
    for block in _grouped(blocks):
        depth = _depth(block, depth)
        parts += (_between(before, block), _written(block, depth))
        before = block
    return "".join(parts)


def woven(everything: Sequence[Block], kept: Sequence[Block]) -> list[Block]:
    """The kept blocks, with the pictures and embeds of `everything` at their places among them.

    What clears furniture away need not know of what has no words. A block it made anew stands where it put it.
    """
    places = {id(block): position for position, block in enumerate(everything)}
    result: list[Block] = []
    at = 0
    for block in kept:
        place = places.get(id(block), at - 1)
        result += (shown for shown in everything[at : place + 1] if not shown.text)
        result.append(block)
        at = max(at, place + 1)
    return result + [shown for shown in everything[at:] if not shown.text] if kept else []


def _grouped(blocks: Sequence[Block]) -> Iterator[Block]:
    """Rows as one table below its first; the lines of a verse or of code within a fence, longer than any they hold."""
    for kind, group in groupby(blocks, lambda block: block.kind):
        if kind == "row":
            yield _table(list(group))
            continue
        if kind != "pre":
            yield from group
            continue
        text = "\n".join(block.text for block in group)
        fence = "`" * max(3, *(len(run) + 1 for run in _FENCES.findall(text)), 3)
        yield Block("pre", text, f"{fence}\n{text}\n{fence}")


def _table(rows: Sequence[Block]) -> Block:
    columns = len(_BARS.findall(rows[0].markdown)) - 1
    lines = [rows[0].markdown, "|" + " --- |" * columns, *(row.markdown for row in rows[1:])]
    return Block("row", "\n".join(row.text for row in rows), "\n".join(lines))


def _depth(block: Block, depth: int) -> int:
    """How deep in lists a block stands: never more than one deeper than the item before, or it would be code."""
    if block.kind == "item" and not block.continues:
        return min(max(block.level, 1), depth + 1)
    return min(block.level, depth) if block.kind in {"item", "figure", "embed"} else 0


def _between(before: Block | None, block: Block) -> str:
    if before is None:
        return ""
    if before.kind == "quote" and block.markdown.startswith("> "):
        return "\n>\n"
    together = before.kind == block.kind == "item" and not block.continues
    return "\n" if together else "\n\n"


def _written(block: Block, depth: int) -> str:
    if block.kind == "item":
        return _INDENT * (depth if block.continues else depth - 1) + block.markdown.lstrip(" ")
    if block.kind in {"figure", "embed"} and depth:
        return "\n".join(_INDENT * depth + line for line in block.markdown.split("\n"))
    return block.markdown
