"""A subtree of a page as the blocks a reader sees: paragraphs, subheadings, list items, quotations, table rows.

Pictures, and what is embedded from elsewhere, are blocks without words at their places.
The walker reads HTML and also the simplified XML trafilatura answers with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice

from archive.reading import embeds, markdown, shown
from archive.reading.layout import Block
from archive.reading.markup import Element, absolute, clean

__all__ = ["Block", "Reader"]

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = {"ul", "ol", "menu", "dl", "list"}
_ITEMS = {"li", "dd", "dt", "item"}
_QUOTES = {"blockquote", "quote"}
_VERBATIM = {"pre"}
_CELLS = {"td", "th", "cell"}
_BREAKS = {"br", "lb"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "cell", "dd", "details", "dialog", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "head", "header", "hr", "html", "item", "li", "list",
    "main", "menu", "nav", "ol", "p", "pre", "quote", "row", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul", *_HEADINGS,
}  # fmt: skip
_NEVER = {
    "audio", "button", "canvas", "embed", "graphic", "iframe", "img", "input", "link", "map", "math", "meta",
    "noscript", "object", "picture", "script", "select", "source", "style", "svg", "template", "textarea", "title",
    "video", *shown.TAGS,
}  # fmt: skip
_MOST_SHOWN = 1_000  # pictures and embeds looked at in one subtree
_MOST_LINKS = 10_000  # links kept in one subtree; further ones are words only
_BLANK = "\xa0\u200b\u2060\ufeff\u202f "


@dataclass(slots=True)
class _Line:
    """Inline content being gathered: (text, address of the link it is in), and whether it has any words yet."""

    parts: list[tuple[str, str | None]] = field(default_factory=list)
    begun: bool = False

    def add(self, text: str | None, link: str | None) -> None:
        if text:
            self.parts.append((text, link))
            self.begun = self.begun or not text.isspace()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: the kind of block its text becomes, the mark before it, and the link around it."""

    kind: str = "p"
    mark: str = ""
    level: int = 0
    link: str | None = None


class Reader:
    """Reads the blocks of one subtree; `skip` tells which elements are not the article's, `shows` asks for pictures."""

    def __init__(self, base: str, skip: Callable[[Element], bool], *, shows: bool = False) -> None:
        self.base = base
        self.skip = skip
        self.blocks: list[Block] = []
        self._line = _Line()
        self._shows = shows
        self._waiting: list[Block] = []  # what stands within a line follows it
        self._known: set[str] = set()
        self._left = _MOST_SHOWN
        self._links = 0
        self._item_begins = False

    def read(self, root: Element) -> list[Block]:
        self._inside(root, _Place())
        self._end(_Place())
        return self.blocks

    def _inside(self, element: Element, place: _Place) -> None:
        """An element's text, children and their tails, in reading order."""
        self._line.add(element.text, place.link)
        for child in element:
            self._child(child, place)
            self._line.add(child.tail, place.link)

    def _child(self, child: Element, place: _Place) -> None:
        tag = child.tag
        if tag in _BREAKS:
            self._line.add("\n", None)
        elif tag in _NEVER or self.skip(child) or self._is_post(child):
            self._aside(child, tag, place)
        elif tag in _BLOCKS:
            self._end(place)
            self._block(child, tag, place)
        elif tag in {"a", "ref"}:
            self._inside(
                child, _Place(place.kind, place.mark, place.level, child.get("href") or child.get("target") or "")
            )
        else:
            self._inside(child, place)

    def _is_post(self, child: Element) -> bool:
        return self._shows and child.tag in shown.POSTS and embeds.is_post(child)

    def _aside(self, child: Element, tag: str, place: _Place) -> None:
        """What is no text of the article: only what it shows is read."""
        if tag == "footer" and place.kind == "quote":  # HTML: whose words a quotation has
            self._end(place)
            self._block(child, tag, place)
            return
        if tag in _BLOCKS:
            self._end(place)
        if self._shows:
            self._show(shown.within(child), place)

    def _show(self, elements: Iterable[Element], place: _Place) -> None:
        for element in elements:
            self._left -= 1
            if self._left < 0:
                return
            found = shown.read(element, self.base, self._words, place.level if place.kind == "item" else 0)
            if found:
                self._add(*found)

    def _words(self, post: Element) -> str | None:
        """A post in one line: its paragraphs, who wrote it, when."""
        lines = Reader(self.base, lambda _: False).read(post)
        return " ".join(line.text for line in lines)[: embeds.MOST_WORDS] or None

    def _add(self, block: Block, identity: str) -> None:
        """Keep what is shown, once: before a line that has not begun, else after it."""
        if identity in self._known:
            return
        self._known.add(identity)
        (self._waiting if block.level or self._line.begun else self.blocks).append(block)

    def _block(self, element: Element, tag: str, place: _Place) -> None:
        if tag == "table" and _is_data(element):
            self._table(element)
            return
        if tag in _ITEMS or tag in _LISTS:
            self._item_begins = True
        inner = _place(element, tag, place)
        before = len(self.blocks)
        self._inside(element, inner)
        self._end(inner)
        if tag == "blockquote" and self._shows and len(self.blocks) > before:
            self._cite(element)

    def _cite(self, quotation: Element) -> None:
        """Where a quotation is from, which HTML's cite attribute says to nobody who only looks."""
        address = absolute(self.base, quotation.get("cite"))
        if address:
            self._add(Block("embed", "", f"> {markdown.link(address, address)}"), address)

    def _table(self, table: Element) -> None:
        """A table of data: one line a row, its cells apart."""
        for row in _rows(table):
            cells = [self._cell(cell) for cell in row if cell.tag in _CELLS]
            texts = [cell.text for cell in cells]
            if any(texts):
                markdown = "| " + " | ".join(cell.markdown for cell in cells) + " |"
                self.blocks.append(Block("row", " | ".join(texts), markdown, sum(cell.linked for cell in cells)))

    def _cell(self, cell: Element) -> Block:
        inner = Reader(self.base, self.skip).read(cell)  # a picture in a cell is a flag or a logo
        text, markdown = (" ".join(getattr(block, name) for block in inner) for name in ("text", "markdown"))
        return Block("row", text, markdown.replace("|", "\\|"), sum(block.linked for block in inner))

    def _end(self, place: _Place) -> None:
        """Close the line: two line breaks in a row part it as a paragraph would, a single one is a space."""
        line, self._line = self._line, _Line()
        if line.parts:
            if place.kind == "pre":
                self._verbatim(line)
            else:
                composed = (self._compose(parts, place) for parts in _paragraphs(line.parts))
                self.blocks += (block for block in composed if block is not None)
        if self._waiting:
            self.blocks += self._waiting
            self._waiting = []

    def _verbatim(self, line: _Line) -> None:
        """Lines of verse or code stay lines."""
        rows = "".join(text for text, _ in line.parts).strip("\n").split("\n")
        self.blocks += [Block("pre", row.rstrip(), f"    {row.rstrip()}") for row in rows if row.strip()]

    def _compose(self, parts: list[tuple[str, str | None]], place: _Place) -> Block | None:
        text = clean("".join(text for text, _ in parts))
        if text is None or not text.strip(_BLANK):
            return None
        linked = sum(len(part.strip()) for part, link in parts if link is not None)
        marked = clean(self._marked(parts)) or text
        mark, continues = place.mark, False
        if place.kind == "heading":
            marked = markdown.unclosed(marked)
        if place.kind == "item":
            continues, self._item_begins = not self._item_begins, False
            mark = "" if continues else mark
        return Block(place.kind, text, mark + markdown.opened(marked), linked, place.level, continues)

    def _marked(self, parts: list[tuple[str, str | None]]) -> str:
        """A line's words with their links; an exclamation mark before a link would make it a picture."""
        marked: list[str] = []
        for text, link in _joined(parts):
            self._links += link is not None
            part = markdown.linked(text, self.base, link if self._links <= _MOST_LINKS else None)
            if part.startswith("[") and marked and marked[-1].endswith("!"):
                marked[-1] = f"{marked[-1][:-1]}\\!"
            marked.append(part)
        return "".join(marked)


def _place(element: Element, tag: str, place: _Place) -> _Place:
    """What an element's own text becomes, given where it stands."""
    if tag in _HEADINGS or (tag in {"head", "summary"}):
        level = _HEADINGS.get(tag) or _HEADINGS.get(element.get("rend") or "", 3)
        return _Place("heading", "#" * level + " ", level, place.link)
    if tag in _LISTS:
        return _Place("item", _mark(element, place), place.level + 1, place.link)
    if tag in _QUOTES:
        return _Place("quote", "> ", place.level, place.link)
    if tag in _VERBATIM:
        return _Place("pre", "", place.level, place.link)
    return place


def _mark(element: Element, place: _Place) -> str:
    ordered = element.tag == "ol" or element.get("rend") == "ol"
    indent = "    " * place.level if place.kind == "item" else ""
    return f"{indent}{'1.' if ordered else '-'} "


def _is_data(table: Element) -> bool:
    """Whether a table holds values rather than laying out a page: two columns or more, none with blocks inside."""
    columns = max((sum(1 for cell in row if cell.tag in _CELLS) for row in _rows(table)), default=0)
    return columns > 1 and not any(_holds_blocks(cell) for cell in table.iter(*_CELLS))


def _holds_blocks(cell: Element) -> bool:
    return sum(1 for _ in islice(cell.iter("p", "div", "table", "h2", "h3", "ul"), 3)) == 3


def _rows(table: Element) -> Iterator[Element]:
    """A table's own rows, not those of a table in one of its cells."""
    return (row for row in table.iter("tr", "row") if next(row.iterancestors("table")) is table)


def _paragraphs(parts: list[tuple[str, str | None]]) -> Iterator[list[tuple[str, str | None]]]:
    """The parts of a line, cut where line breaks leave a blank line; only `<br>` gives a bare newline part."""
    paragraph: list[tuple[str, str | None]] = []
    breaks = 0
    for text, link in parts:
        if text == "\n" and link is None:
            breaks += 1
        elif text.strip(" \t\r\n\f"):
            breaks = 0
        if breaks == 2 and paragraph:
            yield paragraph
            paragraph = []
        paragraph.append((text, link))
    yield paragraph


def _joined(parts: list[tuple[str, str | None]]) -> Iterator[tuple[str, str | None]]:
    """Neighbouring parts of the same link as one, so that a link is one link whatever markup it holds."""
    for link, group in groupby(parts, key=lambda part: part[1]):
        text = "".join(words for words, _ in group)
        if text:
            yield text, link
