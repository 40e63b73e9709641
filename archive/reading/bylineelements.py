"""Where a page prints its byline: elements that are marked or classed as it, or a line that begins as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from lxml import etree

from archive.reading import bylines, bylinetext, bylinewords
from archive.reading.markup import Element, Markup, clean, content

# In lower case; looked for as plain text first, which is many times quicker than a pattern on every class.
_CLASS_WORDS = (
    "author", "byline", "autor", "auteur", "redakteur", "verfasser", "contributor", "writer", "journalist", "reporter",
    "muhabir", "yazar", "kirjoittaja", "forfatter", "skribent", "szerzo", "dziennikarz", "written", "posted",
    "signature", "username", "person", "poster", "fn", "submitted",
)  # fmt: skip
_CLASS = re.compile(
    r"author(?!i[sz]|ity)|byline|autor(?!i[sz])|auteur|redakteur|verfasser|contributor|writer|journalist|muhabir|yazar"
    r"|(?<![a-z])reporter(?![a-z])|kirjoittaja|forfatter|skribent|szerzo|dziennikarz|written-?by|posted-?by|signature"
    r"|username|person-?link|item-?poster|\bfn\b|\bsubmitted\b"
)
_NOT_CLASS = re.compile(
    r"comment|related|recommend|newsletter|avatar|author-?_?(?:desc|bio\b|box-desc)|img|image|photo|picture|thumb"
    r"|copyright|caption|disqus|has-?author|no-?author|login|share|hidden-author|imgauthor|photo-?author",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"comment|(?:^|\s)(?:related|recommend|sidebar|widget|newsletter|most-?read|popular|teaser|more-?from|also-?read|disqus)",
    re.IGNORECASE,
)
_NOT_HERE = frozenset(
    {"html", "body", "article", "main", "script", "style", "form", "input", "img", "figure", "svg", "nav"}
)
_ELSEWHERE = frozenset({"nav", "figure", "figcaption", "form", "blockquote", "select"})
_LINES = ("p", "div", "span", "li", "em", "strong", "h4", "h5", "h6", "td", "dd", "b", "i", "address")
# Attributes first, elements by them: a third of the time of asking every element.
_attributes: Any = etree.XPath("//@itemprop | //@data-testid")
_FIRST = 12  # elements looked at; others belong to other articles
_LONGEST_CLASS = 300  # characters of a class attribute
_LONGEST_LINE = 110  # characters
_DATE = re.compile(r"(?<!\d)\d{1,2}(?!\d)\D{1,14}(?:19|20)\d\d|(?:19|20)\d\d\D{1,3}\d{1,2}\D{1,3}\d")
_STROKES = " |·•,-–—\u00a0"  # between a name and a date
_LONGEST_META = 160  # characters of the line that name and date share
_PARAGRAPH = 200  # characters of what is sure to be the text
_MOST_NEAR = 150  # elements behind the headline that a byline without a label is looked for in
_MOST_LINES = 3_000  # elements looked through for a line that begins as a byline


def names(elements: Iterable[Element]) -> list[str]:
    """The text, with a line a part, of the first byline that has a name.

    Those further down belong to other articles or repeat it below the text. Neighbours are one byline.
    """
    first = list(islice(elements, _FIRST))
    for element in first:
        parent = element.getparent()
        mark = element.get("class")
        group = [e for e in first if e is element or (e.getparent() is parent and e.get("class") == mark)]
        found = [text for one in group if (text := bylinetext.byline(one, first))]
        if found and bylines.people(found, printed=True):
            return found
    return []


class Bylines:
    """A page's byline elements, but those of comments, teasers and other articles."""

    def __init__(self, markup: Markup) -> None:
        headings = [heading for heading in markup.headlines if heading.tag == "h1"]
        self._markup = markup
        self._headline = max(headings[:_FIRST], key=lambda heading: len(content(heading) or ""), default=None)
        attributes = [a for a in _attributes(markup.root) if "author" in a or "yline" in a]
        self._stated = [attribute.getparent() for attribute in attributes]
        # What holds the main headline holds the article, too, whatever it is called ("with-sidebar").
        self._around = set(self._headline.iterancestors()) if self._headline is not None else set()

    def related(self) -> list[Element]:
        """Links that say they lead to the author."""
        links = self._markup.anchors
        return [a for a in links if "author" in a.get("rel").lower().split() and not self._is_elsewhere(a)][:_FIRST]

    def marked(self) -> list[Element]:
        """Microdata's elements of the author."""
        found = (e for e in self._stated if "author" in (e.get("itemprop") or "").split())
        return list(islice((element for element in found if not self._is_elsewhere(element)), _FIRST))

    def classed(self) -> list[Element]:
        """Elements that are called byline."""
        names = _byline_classes({name for _, name in self._markup.classed})
        named = (e for e, name in self._markup.classed if name in names and e.tag not in _NOT_HERE) if names else ()
        tested = (e for e in self._stated if "yline" in (e.get("data-testid") or ""))
        found = chain(tested, named, self._markup.root.iter("address", "byline"))
        return list(islice((element for element in found if not self._is_elsewhere(element)), _FIRST))

    def labelled(self) -> list[str]:
        """The first line behind the headline that is a byline by its words: "Von Anna Weber", "Author: Ann Ray"."""
        behind = self._headline
        elements = self._markup.root.iter(*_LINES) if behind is None else _following(behind)
        for element in islice(elements, _MOST_LINES):
            start, holder = (element.text or "").strip(), element
            if not start and len(element):
                start, holder = element[0].text or "", element[0]
            if not bylinewords.SURE_LABEL.match(f"{start[:_LONGEST_LINE]} x"):
                continue
            short = _short(element, _LONGEST_LINE)
            text = bylinetext.byline(element, ()) if short else ""
            if short and text and _is_signed(text, len(short)) and not self._is_elsewhere(holder):
                return [text]
        return []

    def unlabelled(self) -> Iterator[str]:
        """Where nothing says byline: full names alone beside the date below the headline, or above the text in bold.

        Bylines stand beside the date in most templates; papers that set their text by hand sign above it.
        """
        if self._headline is None:
            return
        for element in islice(_following(self._headline), _MOST_NEAR):
            text = _short(element, _PARAGRAPH)
            if text is None and element.tag == "p":
                break
            if text and bylines.is_signature(text) and not self._is_elsewhere(element):
                name = text.strip(_STROKES)
                if _is_dated(element) or _opens_text(element, name):
                    yield name

    def _is_elsewhere(self, element: Element) -> bool:
        """Whether it is among comments, teasers or furniture. An article's own footer may hold its byline."""
        for ancestor in element.iterancestors():
            if ancestor in self._around:
                return False
            if ancestor.tag in _ELSEWHERE or (
                ancestor.tag not in _NOT_HERE and _OTHERS.search(ancestor.get("class") or "")
            ):
                return True
            if ancestor.tag == "footer" and next(ancestor.iterancestors("article"), None) is None:
                return True
        return False


def _byline_classes(names: Iterable[str]) -> set[str]:
    """Those of a page's classes that say byline."""
    lower = {name: name.lower() for name in names if len(name) <= _LONGEST_CLASS}
    every = "\n".join(lower.values())
    words = [word for word in _CLASS_WORDS if word in every]
    found = (name for name, low in lower.items() if any(word in low for word in words))
    return {name for name in found if _CLASS.search(lower[name]) and not _NOT_CLASS.search(name)}


def _short(element: Element, most: int) -> str | None:
    """What an element prints, if it is short; no more of it is looked at than need be."""
    parts: list[str] = []
    size = 0
    for text in element.itertext():
        size += len(text.strip())
        if size > most or len(parts) > most:
            return None
        parts.append(text)
    return clean("".join(parts)) or ""


def _following(element: Element) -> Iterator[Element]:
    """Elements behind one, in the page's order."""
    while element is not None:
        for sibling in element.itersiblings():
            yield from sibling.iter(*_LINES)
        element = element.getparent()


def _is_dated(element: Element) -> bool:
    """Whether the element's short surroundings print a date."""
    for around in islice(element.iterancestors(), 2):
        text = _short(around, _LONGEST_META)
        if text is None:
            return False
        if _DATE.search(text):
            return True
    return False


def _opens_text(element: Element, name: str) -> bool:
    """Whether it is a paragraph of a name in bold or capitals, with the text's first paragraph behind it."""
    set_apart = name.isupper() or (
        len(element) > 0
        and element[0].tag in {"b", "strong"}
        and _short(element[0], _LONGEST_META) == _short(element, _LONGEST_META)
    )
    siblings = [] if element.tag != "p" else islice(element.itersiblings(), 3)
    following = next((sibling for sibling in siblings if _short(sibling, _LONGEST_META) != ""), None)
    return set_apart and following is not None and _short(following, _LONGEST_META // 2) is None


def _is_signed(text: str, size: int) -> bool:
    """Whether a line of that size is a label and full names, and little else."""
    people = bylines.people([text], printed=True)
    named = sum(len(name) for name in people)
    return bool(people) and all(" " in name and not name[0].islower() for name in people) and 4 * named >= size
