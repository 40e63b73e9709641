"""What a byline's element prints, and which of its lines have names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from lxml import etree

from archive.reading import bylines, bylinewords
from archive.reading.markup import Element, clean, content

_UNREAD = frozenset({"script", "style", "svg", "button", "time", "figcaption", "noscript", "form", "template"})
_INLINE = frozenset({"b", "strong", "em", "i", "u", "font", "abbr", "cite", "mark", "small", "sup", "bdi", "bdo"})
_LONGEST_LINE = 110  # characters; a longer one is prose: who the author is
_MOST_PARTS = 200  # elements within a byline
_MOST_LINES = 40


class _Line(NamedTuple):
    """A part of a byline, and the tag and class of the element that holds it: co-authors are marked up alike."""

    text: str
    mark: tuple[str, str]


def byline(element: Element, others: Sequence[Element]) -> str:
    """A byline's text: microdata's names, else that of a part that is called byline, too, else all it prints."""
    within = [e for e in islice(element.iter(), _MOST_PARTS) if e is not element]
    named = [e for e in within if "name" in (e.get("itemprop") or "").split()]
    texts = [clean(e.get("content")) or content(e) or "" for e in named]
    if texts and bylines.people(texts):
        return "\n".join(texts)
    stated = clean(element.get("content"))
    if stated:
        return stated
    printed = lines(element)
    if printed and bylinewords.SURE_LABEL.match(printed[0].text + " x"):
        return _signed(printed)
    inner = "\n".join(_signed(lines(e)) for e in within if any(e is other for other in others))
    return inner if inner and bylines.people([inner], printed=True) else _signed(printed)


def _signed(lines: Sequence[_Line]) -> str:
    """The lines that have names: the first, and those that are marked up as it is or joined to it by a word."""
    kept: list[_Line] = []
    joined = muted = False
    for line in lines:
        if bylines.is_other_work(line.text):
            muted = True
        elif line.text.endswith(":") and not bylinewords.LABEL.match(line.text):
            joined = False  # a label of something else
        elif bylines.is_joint(line.text):
            joined, muted = True, muted and not bylinewords.LABEL.match(line.text)
        elif not muted and (found := bylines.people([line.text], printed=True)):
            joined = joined or bylines.is_joined(line.text, behind=False)
            if not kept or line.mark == kept[0].mark or (joined and all(" " in name for name in found)):
                kept.append(line)
            joined = bylines.is_joined(line.text, behind=True)
    return "\n".join(line.text for line in kept)


def lines(element: Element) -> list[_Line]:
    """What a byline prints, a line for each of its parts, up to where it gets too long."""
    found: list[_Line] = []
    for text, mark in _texts(element):
        cleaned = clean(text)
        if not cleaned or len(cleaned) > _LONGEST_LINE:
            continue
        if found and mark[0] == "span" == found[-1].mark[0] and _is_single(cleaned) and _is_single(found[-1].text):
            found[-1] = _Line(f"{found[-1].text} {cleaned}", found[-1].mark)
        else:
            found.append(_Line(cleaned, mark))
        if len(found) >= _MOST_LINES:
            break
    return found


def _texts(element: Element) -> Iterator[tuple[str, tuple[str, str]]]:
    """Runs of text, each with the tag and class of the element that holds it; inline elements do not end a run."""
    run: list[str] = []
    holder = element
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, part in islice(walk, 2 * _MOST_PARTS):
        unread = part.tag in _UNREAD
        if part is not element and part.tag not in _INLINE:
            yield "".join(run), _mark(holder)
            run, holder = [], part if event == "start" else part.getparent()
        if event == "start" and unread:
            walk.skip_subtree()
        elif event == "start":
            run.append(part.text or "")
        if event == "end" and part is not element:
            run.append(part.tail or "")
    yield "".join(run), _mark(holder)


def _mark(element: Element) -> tuple[str, str]:
    return str(element.tag), element.get("class") or ""


def _is_single(text: str) -> bool:
    return text.isalpha() and text[0].isupper() and not bylinewords.LABEL.match(text)
