"""The heading that prints the article's headline, among the site's name, sections, boxes and subheadings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from archive.reading.evidence import Evidence
from archive.reading.markup import Element, absolute, content
from archive.reading.sitename import closes, is_site
from archive.reading.wording import LONGEST, confirmed_part, likeness, same, visible, words

_ENTRY_TITLE = {
    "entry-title", "wp-block-post-title", "post-title", "td-post-title", "single-post-title", "tdb-title-text",
    "article-title",
}  # fmt: skip
_BRANDING = re.compile(r"site-?title|site-?name|logo|branding|masthead|site-header|navbar", re.IGNORECASE)
# A layout's classes name its sidebars, too (has-sidebar, sidebar-right): only a class of its own makes one.
_ELSEWHERE = re.compile(
    r"breadcrumb|(?:^|\s)(?:(?:newsletter|related|cookie|consent|comments?)(?:$|[\s_-])|sidebar(?:$|\s))", re.IGNORECASE
)
_OUTSIDE = {"nav", "footer", "aside"}
_FOR_SEARCH = re.compile(r"(?:^|[\s_-])seo[-_]?(?:title|headline|h1)", re.IGNORECASE)
_MOST = 100  # headings looked at of each level
_ELEMENTS = 100  # the most elements a headline consists of
_ALIKE = 0.4  # of the words: below, a heading is about something else
_FEWEST = 2  # words that two titles share by more than chance
_SENTENCE = 4  # words of a heading that nobody confirms


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading prints, its level, and whether its template or another witness says that it is the headline."""

    text: str
    source: str
    sure: bool
    marked: bool = False
    parted: bool = False  # it holds elements, of which some may print a kicker or a subtitle


def find(evidence: Evidence, names: Sequence[str], stated: Sequence[str]) -> Heading | None:
    """The heading that prints the headline; `stated` are the titles of other witnesses, the page's title last.

    The one a WordPress template or microdata marks; else the h1 most like a stated title; else the h2 or h3 that is
    one; else the first h1 of some words, though nobody confirms it. It is cut to the part that others confirm.
    """
    return (
        _marked(evidence)
        or _likest(evidence, names, stated)
        or _lower(evidence, stated)
        or _first(evidence, names, stated)
    )


def printed(evidence: Evidence) -> Iterator[str]:
    """What the page's first h1 elements print."""
    return (text for _, text in _read(evidence, ("h1",)))


def _read(evidence: Evidence, tags: Iterable[str]) -> Iterator[tuple[Element, str]]:
    for tag in tags:
        for element in islice((found for found in evidence.markup.headlines if found.tag == tag), _MOST):
            few = next(islice(element.iter(), _ELEMENTS, None), None) is None
            text = visible(content(element)) if few else None
            if text:
                yield element, text


def _marked(evidence: Evidence) -> Heading | None:
    """The element a WordPress template (or microdata) marks as this article's title."""
    found = [(element, text) for element, text in _read(evidence, ("h1", "h2", "h3")) if _is_marked(element, evidence)]
    if found and (found[0][0].tag == "h1" or len(found) == 1):
        return Heading(found[0][1], "h1", sure=True, marked=True, parted=len(found[0][0]) > 0)
    return None


def _is_marked(element: Element, evidence: Evidence) -> bool:
    classes = set((element.get("class") or "").split())
    return bool(evidence.markup.wordpress and classes & _ENTRY_TITLE and next(element.iter("a"), None) is None) or (
        element.tag == "h1" and "headline" in (element.get("itemprop") or "").split()
    )


def _likest(evidence: Evidence, names: Sequence[str], stated: Sequence[str]) -> Heading | None:
    best: Heading | None = None
    most = 0.0
    titles = [words(title) for title in stated]
    for element, text in _read(evidence, ("h1",)):
        if not _may_be(element, text, evidence, names):
            continue
        own = words(text)
        alike = max((_alike(own, title) for title in titles), default=1.0)
        if alike > most:
            best, most = Heading(text, "h1", sure=True, parted=len(element) > 0), alike
    return best if most >= _ALIKE else None


def _alike(own: list[str], title: list[str]) -> float:
    """How alike a heading and a title are; alike enough if the title, which may be much longer, has half its words."""
    shared = len(set(own) & set(title))
    return max(likeness(own, title), _ALIKE if shared >= _FEWEST and 2 * shared >= len(set(own)) else 0.0)


def _lower(evidence: Evidence, stated: Sequence[str]) -> Heading | None:
    """The h2 or h3 that prints a stated title, where no h1 may be the headline.

    Some templates write the title for search results into an h1 of the breadcrumb, and print the editors' below it.
    """
    wanted = [text for text in stated if len(words(text)) > 1]
    for element, text in _read(evidence, ("h2", "h3")):
        part = confirmed_part(text, wanted)
        if any(same(part, text) for text in wanted) and not is_elsewhere(element):
            return Heading(part, element.tag, sure=True)
    return None


def _first(evidence: Evidence, names: Sequence[str], stated: Sequence[str]) -> Heading | None:
    """The first h1 of some words, if any of them is of a stated title."""
    known = {word for title in stated for word in words(title)}
    for element, text in _read(evidence, ("h1",)):
        if len(words(text)) >= _SENTENCE and known.intersection(words(text)):
            return Heading(text, "h1", sure=False) if _may_be(element, text, evidence, names) else None
    return None


def _may_be(element: Element, text: str, evidence: Evidence, names: Sequence[str]) -> bool:
    """Whether an h1 may be a headline: not the site's name, nor a link to its front page, nor in another part."""
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    if _BRANDING.search(named) or _FOR_SEARCH.search(named) or is_site(text, names):
        return False
    if closes(text, evidence.markup.page_title) or _leads_home(element, evidence):
        return False
    return len(text) <= LONGEST and not is_elsewhere(element)


def _leads_home(element: Element, evidence: Evidence) -> bool:
    links = [*islice(element.iter("a"), 1), *islice(element.iterancestors("a"), 1)]
    for link in links:
        address = absolute(evidence.markup.base, link.get("href"))
        parts = urlsplit(address) if address else None
        if parts and parts.path in {"", "/"} and not parts.query and (parts.hostname or "") == evidence.host:
            return True
    return False


def is_elsewhere(element: Element) -> bool:
    """Whether the heading stands in a navigation, a footer, a breadcrumb, a sidebar or a box."""
    for part in islice((element, *element.iterancestors()), 5):
        if part.tag in {"body", "html"}:
            return False
        named = f"{part.get('class') or ''} {part.get('itemtype') or ''} {part.get('itemprop') or ''}"
        if part.tag in _OUTSIDE or _ELSEWHERE.search(named) or "itemListElement" in named:
            return True
    return False
