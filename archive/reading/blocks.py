"""A subtree of a page as the blocks a reader sees: paragraphs, subheadings, list items, quotations, table rows.

The walker reads HTML and also the simplified XML trafilatura answers with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from archive.reading.markup import Element, absolute, clean

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = {"ul", "ol", "menu", "dl", "list"}
_ITEMS = {"li", "dd", "dt", "item"}
_QUOTES = {"blockquote", "quote"}
_VERBATIM = {"pre"}
_CELLS = {"td", "th", "cell"}
_BREAKS = {"br", "lb"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "cell", "dd", "details", "dialog", "div", "dl",
    "dt", "fieldset",
    "figure", "figcaption", "footer", "form", "head", "header", "hr", "html", "item", "li", "list", "main", "menu",
    "nav", "ol", "p", "pre",
    "quote", "row", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", *_HEADINGS,
}  # fmt: skip
_NEVER = {
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas", "video", "audio", "img",
    "picture",
    "source", "button", "input", "select", "textarea", "map", "math", "title", "link", "meta", "graphic",
}  # fmt: skip
_LINES = re.compile("\n[ \t\r\f]*\n\\s*")
_MARKS = re.compile(r"([\\\[\]*`<])")
_OPENERS = re.compile(r"^(#{1,6}(?=\s)|[>+-](?=\s)|\d+(?=[.)]\s))")


@dataclass(frozen=True, slots=True)
class Block:
    """One line of an article: its words, and the same as Markdown with its mark (##, -, >).

    `kind` is "p", "heading", "item", "quote", "pre" or "row"; `linked` the number of characters within links.
    """

    kind: str
    text: str
    markdown: str
    linked: int = 0
    level: int = 0


@dataclass(slots=True)
class _Line:
    """Inline content being gathered: (text, address of the link it is in)."""

    parts: list[tuple[str, str | None]] = field(default_factory=list)

    def add(self, text: str | None, link: str | None) -> None:
        if text:
            self.parts.append((text, link))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: the kind of block its text becomes, the mark before it, and the link around it."""

    kind: str = "p"
    mark: str = ""
    level: int = 0
    link: str | None = None


class Reader:
    """Reads the blocks of one subtree; `skip` tells which elements are not the article's."""

    def __init__(self, base: str, skip: Callable[[Element], bool]) -> None:
        self.base = base
        self.skip = skip
        self.blocks: list[Block] = []
        self._line = _Line()

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
        elif tag in _NEVER or self.skip(child):
            if tag in _BLOCKS:
                self._end(place)
        elif tag in _BLOCKS:
            self._end(place)
            self._block(child, tag, place)
        elif tag in {"a", "ref"}:
            self._inside(
                child, _Place(place.kind, place.mark, place.level, child.get("href") or child.get("target") or "")
            )
        else:
            self._inside(child, place)

    def _block(self, element: Element, tag: str, place: _Place) -> None:
        if tag == "table" and _is_data(element):
            self._table(element)
            return
        inner = _place(element, tag, place)
        self._inside(element, inner)
        self._end(inner)

    def _table(self, table: Element) -> None:
        """A table of data: one line a row, its cells apart."""
        for row in table.iter("tr", "row"):
            cells = [self._cell(cell) for cell in row if cell.tag in _CELLS]
            texts = [cell.text for cell in cells]
            if any(texts):
                markdown = "| " + " | ".join(cell.markdown for cell in cells) + " |"
                self.blocks.append(Block("row", " | ".join(texts), markdown, sum(cell.linked for cell in cells)))

    def _cell(self, cell: Element) -> Block:
        inner = Reader(self.base, self.skip).read(cell)
        text, markdown = (" ".join(getattr(block, name) for block in inner) for name in ("text", "markdown"))
        return Block("row", text, markdown.replace("|", "\\|"), sum(block.linked for block in inner))

    def _end(self, place: _Place) -> None:
        """Close the line: two line breaks in a row part it as a paragraph would, a single one is a space."""
        line, self._line = self._line, _Line()
        if not line.parts:
            return
        if place.kind == "pre":
            self._verbatim(line)
            return
        for parts in _paragraphs(line.parts):
            block = self._compose(parts, place)
            if block is not None:
                self.blocks.append(block)

    def _verbatim(self, line: _Line) -> None:
        """Lines of verse or code stay lines."""
        rows = "".join(text for text, _ in line.parts).strip("\n").split("\n")
        self.blocks += [Block("pre", row.rstrip(), f"    {row.rstrip()}") for row in rows if row.strip()]

    def _compose(self, parts: list[tuple[str, str | None]], place: _Place) -> Block | None:
        text = clean("".join(text for text, _ in parts))
        if text is None or not text.strip("\xa0\u200b\u2060\ufeff\u202f "):
            return None
        linked = sum(len(part.strip()) for part, link in parts if link is not None)
        marked = clean("".join(self._marked(part, link) for part, link in _joined(parts))) or text
        return Block(place.kind, text, place.mark + (_OPENERS.sub(r"\\\1", marked)), linked, place.level)

    def _marked(self, text: str, link: str | None) -> str:
        escaped = _MARKS.sub(r"\\\1", text)
        address = absolute(self.base, link)
        if address is None or not text.strip():
            return escaped
        address = (
            address.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
        )
        inner = escaped.strip()
        return escaped.replace(inner, f"[{inner}]({address})", 1)


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
    columns = 0
    for row in table.iter("tr", "row"):
        columns = max(columns, sum(1 for cell in row if cell.tag in _CELLS))
    if columns < 2:
        return False
    return not any(len(list(cell.iter("p", "div", "table", "h2", "h3", "ul"))) > 2 for cell in table.iter(*_CELLS))


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
    text, link = "", None
    for part, address in parts:
        if address == link:
            text += part
            continue
        if text:
            yield text, link
        text, link = part, address
    if text:
        yield text, link
