"""A page's HTML as one tree, and what its head and its marked-up parts state, gathered in one walk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

_SPACES = re.compile("[\x00-\x20\x7f]{2,}|[\x00-\x1f\x7f]")  # control characters mean nothing; one space may stay
_GATHERED = (
    "html",
    "body",
    "base",
    "meta",
    "link",
    "script",
    "title",
    "h1",
    "h2",
    "h3",
    "time",
    "a",
    "article",
    "form",
)
_WORDPRESS = re.compile(r"/wp-(?:content|includes|json)/")
_EMPTY: tuple[str, ...] = ()

_count: Any = etree.XPath("count(//*)")

Element = Any  # lxml's stubs know neither iter(*tags) nor the types of tags


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a page states: the value as written, and where."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Markup:
    """The tree, and what one walk gathered from it, all in the page's order.

    `metas` maps the lower-cased name, property or itemprop to its contents; `headlines` are
    the h1, then the h2, then the h3; `states` the scripts that may hold data as JSON,
    unread; `links` the `<link>` elements
    as (rels, href); `anchors` the `<a rel>` ones; `forms` what it says; `classed` are
    (element, its class attribute), `class_names` the different ones of those, and `classes` the same, a line each.
    """

    root: Element
    base: str
    metas: Mapping[str, tuple[str, ...]]
    links: tuple[tuple[frozenset[str], str], ...]
    anchors: tuple[Element, ...]
    scripts: tuple[str, ...]
    states: tuple[Element, ...]
    headlines: tuple[Element, ...]
    times: tuple[Element, ...]
    articles: tuple[Element, ...]
    forms: tuple[Element, ...]
    classed: tuple[tuple[Element, str], ...]
    class_names: tuple[str, ...]
    classes: str
    page_title: str | None
    body_classes: frozenset[str]
    language: str | None
    wordpress: bool
    _found: dict[re.Pattern[str], frozenset[str]] = field(default_factory=dict, repr=False)

    def meta(self, *names: str) -> Statement | None:
        """The first content there is, asked for by falling precedence."""
        return next(self.every_meta(*names), None)

    def every_meta(self, *names: str) -> Iterator[Statement]:
        return (Statement(value, name) for name in names for value in self.metas.get(name, _EMPTY))

    def link(self, rel: str) -> str | None:
        """The first `<link>` of that rel as an absolute address."""
        href = next((href for rels, href in self.links if rel in rels), None)
        return absolute(self.base, href)

    def with_class(self, pattern: re.Pattern[str]) -> Iterator[Element]:
        """Elements whose class the pattern finds something in. Much quicker than an XPath that calls contains()."""
        named = self._found.get(pattern)
        if named is None:
            named = self._found[pattern] = frozenset(filter(pattern.search, self.class_names))
        return (element for element, name in self.classed if name in named) if named else iter(())

    def wordpress_class(self, *names: str) -> bool:
        """Whether WordPress says so in the body's classes, as its body_class() does."""
        return self.wordpress and not self.body_classes.isdisjoint(names)


def parse(text: str) -> tuple[Element | None, bool]:
    """Parse HTML; returns the root and whether the tree was cut (libxml2 stops at 256 nested elements).

    The root is none for a document without any element.
    """
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=False
    )
    # lxml.html picks a class for each element in Python; one class for all is chosen in C, and trafilatura asks for it.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError:  # an empty document, or nothing but comments
        return None, False
    return root, any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log)


def gather(root: Element, url: str, text: str) -> Markup:
    """Walk the tree once for everything metadata is read from."""
    found: dict[str, list[Element]] = {tag: [] for tag in _GATHERED}
    for element in root.iter(*_GATHERED):
        found[element.tag].append(element)
    base = next((b.get("href") for b in found["base"] if b.get("href")), None)
    body = next(iter(found["body"]), None)
    classed = tuple((element, name) for element in root.iter("*") if (name := element.get("class")))
    class_names = tuple(dict.fromkeys(name for _, name in classed))
    return Markup(
        root=root,
        base=absolute(url, base) or url,
        metas=_metas(found["meta"]),
        links=tuple((_rels(link), link.get("href")) for link in found["link"] if link.get("href")),
        anchors=tuple(anchor for anchor in found["a"] if anchor.get("rel")),
        scripts=tuple(s.text for s in found["script"] if s.text and "ld+json" in (s.get("type") or "").lower()),
        states=tuple(s for s in found["script"] if not s.get("src") and "ld+json" not in (s.get("type") or "").lower()),
        headlines=(*found["h1"], *found["h2"], *found["h3"]),
        times=tuple(found["time"]),
        articles=tuple(found["article"]),
        forms=tuple(found["form"]),
        classed=classed,
        class_names=class_names,
        classes="\n".join(class_names),
        page_title=next((clean(t.text_content()) for t in found["title"] if not _in_drawing(t)), None),
        body_classes=frozenset((body.get("class") or "").split()) if body is not None else frozenset(),
        language=next((h.get("lang") or h.get("xml:lang") for h in found["html"]), None),
        wordpress=_WORDPRESS.search(text) is not None,
    )


def _metas(elements: list[Element]) -> dict[str, tuple[str, ...]]:
    metas: dict[str, list[str]] = {}
    for element in elements:
        content = clean(element.get("content"))
        if not content:
            continue
        names = {element.get(key, "").strip().lower() for key in ("property", "name", "itemprop")} - {""}
        for name in names:
            metas.setdefault(name, []).append(content)
    return {name: tuple(contents) for name, contents in metas.items()}


def _rels(element: Element) -> frozenset[str]:
    return frozenset((element.get("rel") or "").lower().split())


def _in_drawing(title: Element) -> bool:
    return any(ancestor.tag == "svg" for ancestor in title.iterancestors())


def has_more(root: Element, elements: int) -> bool:
    """Whether a tree has more elements than so many."""
    return bool(_count(root) > elements)


def select(path: str) -> Callable[[Element], list[Element]]:
    """Compile an XPath that selects elements."""
    found: Any = etree.XPath(path, smart_strings=False)
    return lambda root: list(found(root))


def absolute(base: str, address: str | None) -> str | None:
    """An address of the page as an absolute http(s) one; none for anything else (data:, javascript:, broken)."""
    address = (address or "").strip()
    if not address or address.startswith("#"):
        return None
    try:
        joined = urljoin(base, address)
        parts = urlsplit(joined)
    except ValueError:  # strangers write addresses such as http://[/
        return None
    return joined if parts.scheme in {"http", "https"} and parts.netloc else None


def clean(text: str | None) -> str | None:
    """Text with its white space collapsed as a browser would; no-break spaces stay. None if nothing is left."""
    text = str(text or "")
    if not text.isprintable() or "  " in text:  # most need no more than a look
        text = _SPACES.sub(" ", text)
    return text.strip(" ") or None


def content(element: Element) -> str | None:
    """What an element prints, as one line, without scripts and styles."""
    parts: list[str] = []
    for part in element.iter():
        if part.tag in {"script", "style"}:
            parts.append(part.tail or "" if part is not element else "")
            continue
        parts.append(" " if part.tag == "br" else "")
        parts.append(part.text or "")
        parts.append(part.tail or "" if part is not element else "")
    return clean("".join(parts))
