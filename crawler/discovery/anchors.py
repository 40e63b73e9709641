"""The links of an HTML page and where they stand: menu, aside or content; in a headline; in which teaser's box.

One walk over the tree, so that a page of any form costs no more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from functools import lru_cache

from lxml import etree

from archive.reading.markup import content
from crawler.discovery import MAX_LINKS, absolute, base_of, moment


class Zone(IntEnum):
    """Parts of a page; what lies in several belongs to the last of them."""

    CONTENT = 0
    ASIDE = 1  # beside the content: the most read, the related
    MENU = 2  # navigation, header
    FOOT = 3  # footer, pagination, share buttons
    COMMENTS = 4


@dataclass(slots=True, eq=False)
class Anchor:
    """One link: absolute URL without its fragment, what it prints, and what it stands in."""

    url: str
    zone: Zone
    rel: frozenset[str] = frozenset()
    fragment: bool = False
    text: str = ""
    label: str = ""  # its title or aria-label
    headline: str | None = None  # the heading it stands in or contains, or what is marked as one; may be empty
    in_pager: bool = False
    in_paragraph: bool = False
    following: bool = False  # its class, or that of what holds it, says next
    sole: bool = False  # the one page that an <article> without a linked headline leads to
    published: datetime | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Marks:
    """What an element's tag, role, class and id say."""

    zone: Zone
    titled: bool
    pager: bool
    following: bool


@dataclass(slots=True, eq=False)
class _Frame:
    """One open element: what it inherited, and what was found in it."""

    tag: str
    zone: Zone
    by_tag: bool = False  # the zone is a <nav>'s or <footer>'s, not a class's, which may be that of a whole page
    titled: bool = False
    pager: bool = False
    following: bool = False
    in_item: bool = False
    in_paragraph: bool = False
    anchor: Anchor | None = None
    headlines: list[Anchor] = field(default_factory=list)  # of at most two pages: more make no teaser
    pages: list[Anchor] = field(default_factory=list)
    published: datetime | None = None
    modified: datetime | None = None


_HEADINGS = {"h1", "h2", "h3", "h4"}
_WALKED = (
    *("html", "body", "main", "article", "section", "nav", "header", "footer", "aside", "div", "ul", "ol", "li", "dl"),
    *("dt", "dd", "table", "tr", "td", "th", "p", "span", "strong", "b", "em", "a", "time", "option", *_HEADINGS),
)
_ITEMS = {"article", "main", "section", "li"}
_OWN_BOXES = {"article", "li", "tr", "a"}  # what is in one belongs together, and to nothing outside
_TOO_WIDE = {"html", "body", "main"}  # no teaser's box: a date anywhere in it may be anything's
_TAG_ZONES = {"nav": Zone.MENU, "footer": Zone.FOOT, "aside": Zone.ASIDE}
_LONGEST_NAMES = 300
# A class names a zone with its last word (main-menu, site-footer), or its first where parts of it are so named. Words
# in other places speak of the layout (has-nav-fixed, no-sidebar).
_MENU = re.compile(
    r"(?:^|\s)(?:[\w-]*[-_])?(?:menu|nav|navbar|navigation|masthead|topbar|toolbar|menubar)(?=\s|$)"
    r"|(?:^|\s)(?:menu-item|nav-(?:item|link|menu))[-_]"
)
_FOOT = re.compile(
    r"(?:^|\s)(?:[\w-]*[-_])?(?:breadcrumbs?|footer|sharing|share|social|socials|contentinfo)(?=\s|$)"
    r"|(?:^|\s)(?:footer|breadcrumbs?|share|social|sharedaddy|addtoany)[-_]"
)
_PAGER = re.compile(
    r"(?:^|[\s_-])(?:pagination|paginator|paging|pager|page-?n(?:umbers|avi)|nav-links|pages)(?=$|[\s_-])"
)
_ASIDE = re.compile(
    r"(?:^|\s)(?!(?:no|has|with)[-_])(?:[\w-]*[-_])?(?:sidebar|complementary)(?=\s|$)|(?:^|\s)(?:sidebar|widget_|widget-area)"
    r"|(?:^|[\s_-])(?:related|recommended|recommendations?|trending|popular|most[-_]?(?:read|viewed|popular)|plus[-_]lus"
    r"|meistgelesen|read[-_]?also|lire[-_]aussi|a[-_]lire|more[-_]?stories|ticker)(?=$|[\s_-])"
)
_COMMENTS = re.compile(r"(?:^|\s)(?:comments?|comment[-_]?list|comments-area|respond|disqus_thread)(?=\s|$)")
_TITLED = re.compile(
    r"(?:entry|post|article|teaser|card|story|item|news|node|headline|preview|tile|summary|stream)[-_]*"
    r"(?:title|headline|heading|hed|link|titre|titel|titulo|titolo)|(?:^|\s)(?:headline|titleline|titre|titel)(?=\s|$)"
)
_TEASER = re.compile(r"(?:^|[\s_-])(?:entry|post|article|teaser|card|story|hentry|page|archive)(?=$|[\s_-])")
_FOLLOWING = re.compile(
    r"(?:^|[\s_-])(?:next|nav-previous|older|nextpostslink|suivante?s?|volgende|siguiente|nächste|naechste|successiv[ao]"
    r"|following)(?=$|[\s_-])"
)
_CHANGED = re.compile(r"updated|modified|dateModified")
_TEXT_LIMIT = 500  # characters; a longer text is a whole teaser's


def walk(root: etree._Element, url: str, is_page: Callable[[str], bool]) -> list[Anchor]:
    """Return at most `MAX_LINKS` links of a page in its order; `is_page` tells which may be an article's.

    A teaser's date goes to the page whose headline, or only link, stands in the same box.
    """
    return _Walk(base_of(root, url), is_page).through(root)


class _Walk:
    def __init__(self, base: str, is_page: Callable[[str], bool]) -> None:
        self.base = base
        self.is_page = is_page
        self.open = [_Frame("", Zone.CONTENT)]
        self.found: list[Anchor] = []

    def through(self, root: etree._Element) -> list[Anchor]:
        for event, element in etree.iterwalk(root, events=("start", "end"), tag=_WALKED):
            if event == "start":
                self.open.append(self.begin(element, self.open[-1]))
            else:
                self.end(element, self.open.pop(), self.open[-1])
            if len(self.found) >= MAX_LINKS:
                break
        return self.found

    def begin(self, element: etree._Element, parent: _Frame) -> _Frame:
        tag = element.tag
        marks = _marks(tag, _names(element), parent.in_item)
        frame = _Frame(tag, parent.zone, by_tag=parent.by_tag, in_item=parent.in_item or tag in _ITEMS)
        if tag in {"main", "article"} and not frame.by_tag and frame.zone < Zone.COMMENTS:
            frame.zone = Zone.CONTENT
        frame.by_tag = frame.by_tag or tag in _TAG_ZONES
        frame.zone = max(frame.zone, marks.zone)
        frame.in_paragraph = parent.in_paragraph or tag == "p"
        frame.titled = parent.titled or marks.titled
        frame.pager = parent.pager or marks.pager
        frame.following = marks.following
        frame.anchor = parent.anchor
        if marks.titled and frame.anchor is not None and frame.anchor.headline is None:
            frame.anchor.headline = ""
        if tag in {"a", "option"} and (anchor := self.anchor(element, frame)):
            anchor.following = marks.following or parent.following
            frame.anchor = anchor
            self.found.append(anchor)
        return frame

    def anchor(self, element: etree._Element, frame: _Frame) -> Anchor | None:
        """The link of an `<a href>`, or of an `<option>` that holds an address, as menus of months do."""
        is_option = element.tag == "option"
        href = (element.get("value" if is_option else "href") or "").strip()
        if is_option and not href.startswith(("/", "http")):
            return None
        url = absolute(href, self.base) if href else None
        if url is None:
            return None
        page, _, fragment = url.partition("#")
        label = element.get("aria-label") or element.get("title") or ""
        anchor = Anchor(page, Zone.MENU if is_option else frame.zone, fragment=bool(fragment), label=label.strip())
        anchor.rel = frozenset((element.get("rel") or "").lower().split())
        anchor.headline = "" if frame.titled else None
        anchor.in_pager = frame.pager
        anchor.in_paragraph = frame.in_paragraph
        return anchor

    def end(self, element: etree._Element, frame: _Frame, parent: _Frame) -> None:
        if frame.tag == "time":
            _date(element, frame)
        anchor = frame.anchor
        if anchor is not None and anchor is not parent.anchor:
            self.finish(element, anchor, frame)
        elif anchor is not None and anchor.headline == "" and frame.titled and not parent.titled:
            anchor.headline = _line(element)
        _close(frame)
        _hand_up(frame, parent)

    def finish(self, element: etree._Element, anchor: Anchor, frame: _Frame) -> None:
        if not frame.pages:  # a link around others is one that was never closed
            anchor.text = _line(element)
        anchor.headline = anchor.headline or (None if anchor.headline is None else anchor.text)
        if anchor.zone < Zone.MENU and self.is_page(anchor.url):
            frame.pages.append(anchor)
            if anchor.headline is not None:
                frame.headlines.append(anchor)


def _date(element: etree._Element, frame: _Frame) -> None:
    when = moment(element.get("datetime")) if frame.zone < Zone.MENU else None
    if _CHANGED.search(f"{element.get('class')} {element.get('itemprop')}"):
        frame.modified = when
    else:
        frame.published = when


def _close(frame: _Frame) -> None:
    """Give a box's date to the page it is a teaser of."""
    if frame.tag == "article" and not frame.headlines and len(frame.pages) == 1:
        frame.pages[0].sole = True
    sole = frame.headlines or frame.pages
    if len(sole) == 1 and frame.tag not in _TOO_WIDE and (frame.published or frame.modified):
        anchor = sole[0]
        anchor.published = anchor.published or frame.published
        anchor.modified = anchor.modified or frame.modified
    told = frame.tag in _OWN_BOXES or any(anchor.published or anchor.modified for anchor in frame.pages[1:])
    if frame.headlines or told:  # else the link beside the date may be its author's, and the headline still to come
        frame.published = frame.modified = None


def _hand_up(frame: _Frame, parent: _Frame) -> None:
    parent.published = parent.published or frame.published
    parent.modified = parent.modified or frame.modified
    for mine, theirs in ((frame.headlines, parent.headlines), (frame.pages, parent.pages)):
        for anchor in mine:
            if len(theirs) < 2 and all(anchor.url != other.url for other in theirs):
                theirs.append(anchor)


def _names(element: etree._Element) -> str:
    names = (element.get(name) or "" for name in ("class", "id", "role"))
    return " ".join(names)[:_LONGEST_NAMES].lower()


@lru_cache(maxsize=4096)
def _marks(tag: str, names: str, in_item: bool) -> _Marks:
    if tag in {"html", "body"}:  # theirs are those of the whole page
        return _Marks(Zone.CONTENT, titled=False, pager=False, following=False)
    pager = _PAGER.search(names) is not None
    zone = _TAG_ZONES.get(tag, Zone.CONTENT)
    if _COMMENTS.search(names):
        zone = Zone.COMMENTS
    elif pager or _FOOT.search(names):
        zone = Zone.FOOT
    elif _MENU.search(names) or (tag == "header" and not in_item and not _TEASER.search(names)):
        zone = max(zone, Zone.MENU)
    elif _ASIDE.search(names):
        zone = max(zone, Zone.ASIDE)
    titled = tag in _HEADINGS or _TITLED.search(names) is not None
    return _Marks(zone, titled=titled, pager=pager, following=_FOLLOWING.search(names) is not None)


def _line(element: etree._Element) -> str:
    text = content(element) or ""
    return text if len(text) <= _TEXT_LIMIT and "\ufffd" not in text else ""
