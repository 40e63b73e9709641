"""Where a page prints its article's date: near the headline, and never among other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, takewhile
from typing import NamedTuple

from archive.reading import jsonld
from archive.reading.evidence import Evidence
from archive.reading.headline import words
from archive.reading.markup import Element, content
from archive.reading.printed import LONGEST

_ELSEWHERE_TAGS = frozenset(
    {"nav", "aside", "footer", "script", "style", "noscript", "template", "select", "svg", "figure"}
)
_INLINE = frozenset({"a", "b", "em", "i", "q", "strong", "u", "mark", "abbr", "cite"})
# Parts of a page that hold other articles' dates, readers' dates, or today's.
ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentaires?|kommentare?|comentarios?|repl(?:y|ies)|related|similar|recommend(?:ed|ations?)?"
    r"|more-(?:from|news|stories)|most-(?:read|popular)|popular|trending|teasers?|sidebar|ticker|recent(?:-posts)?"
    r"|latest(?:-news|-posts)?|read-(?:more|also|next)|see-also|today|current-date|date-today|weather|(?:site|page)-footer|copyright"
    r"|breadcrumbs?|(?:fig)?caption|legend|photo-?credits?|carousel|slider|archives?-list)(?:$|[\s_-])"
    # Widgets are WordPress's and Blogger's boxes beside the text; Elementor calls every part of a page one.
    r"|(?:^|\s)(?:widget|footer)(?:$|[\s_]|-area)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:^|[\s_-])(?:article|news|post|story|entry|node|beitrag)(?:$|[\s_-])", re.IGNORECASE)
_OPENING = re.compile(r"\(?[^()–—:]{6,60}?(?:\)| [–—-] |: )")
_BRANDING = re.compile(r"site-?title|site-?name|logo|branding|masthead|navbar", re.IGNORECASE)
_NEAR, _BEFORE, _FAR = 15, 150, 150  # elements looked at right behind the headline, before it, and further behind
_MOST = 1000  # elements gone through, with those passed over
_PROSE = 4  # longer lines behind the headline after which the text is under way
_LEVELS = 4  # how far up the tree the line may stand before the headline
_PARTS = 60  # strings of which one line may be made
_LINKED = 60  # characters of a link that may be a date's own, to the article or to the day's archive
_ALIKE = 0.4
_MOST_HEADS = 60
_LONGEST_NAMES = 300  # characters of class and id
_SHORT = 8  # characters of a heading that a title may begin with by chance


def headline_element(evidence: Evidence) -> Element | None:
    """The h1 (else h2, h3) whose words are most like what the page calls itself; none if there is no likeness."""
    called = evidence.markup.meta("og:title", "twitter:title")
    names = [
        jsonld.string(evidence.article.get("headline")),
        called.value if called else None,
        evidence.markup.page_title,
    ]
    titles = [title for title in names if title]
    heads = [head for head in evidence.markup.headlines[:_MOST_HEADS] if not _BRANDING.search(_named(head))]
    titled = [frozenset(words(title)) for title in titles]
    likeness = [(_likeness(content(head), titles, titled) * (1.3 if head.tag == "h1" else 1.0), head) for head in heads]
    most, best = max(likeness, key=lambda pair: pair[0], default=(0.0, None))
    if most >= _ALIKE:
        return best
    first = [head for head in heads if head.tag == "h1"]
    return first[0] if len(first) == 1 else None


def _likeness(text: str | None, titles: list[str], titled: list[frozenset[str]]) -> float:
    """The share of words that a heading has in common with a title; 1 for a title's beginning, however short."""
    own = frozenset(words(text))
    if not text or not own:
        return 0.0
    if any(title.startswith(text) for title in titles) and len(text) > _SHORT:
        return 1.0
    return max((len(own & words_of) / len(own | words_of) for words_of in titled), default=0.0)


def is_elsewhere(element: Element, own: frozenset[Element]) -> bool:
    """Whether an element belongs to a menu, a comment, a teaser: to anything but this page's article.

    `own` are the ancestors of its headline.
    """
    for ancestor in (element, *element.iterancestors()):
        if ancestor in own:
            return False
        if ancestor.tag in _ELSEWHERE_TAGS or _names_elsewhere(_named(ancestor)):
            return not _is_own_footer(ancestor, own)
        if ancestor.tag == "a" and len(short(ancestor) or " " * LONGEST) > _LINKED:  # a link around a whole teaser
            return True
        if ancestor.tag == "article" and any(other.tag == "article" for other in own):
            return True
    return False


def _is_own_footer(footer: Element, own: frozenset[Element]) -> bool:
    """Whether a footer is the article's, as HTML has it: Drupal and TYPO3 print byline and date there."""
    if footer.tag != "footer" and "footer" not in (footer.get("class") or "").split():
        return False
    holders = [part for part in footer.iterancestors() if part.tag == "article" or _ARTICLE.search(_named(part))]
    return any(holder in own for holder in holders) or (bool(holders) and all(other.tag != "article" for other in own))


def lines(headline: Element) -> Iterator[Line]:
    """Short lines right behind the headline, then those before it, then those further behind, as the text begins."""
    behind = _lines(_behind(headline), _PROSE)
    near = list(takewhile(lambda line: line.distance < _NEAR, behind))
    yield from near
    yield from _lines(islice(_before(headline), _BEFORE), _BEFORE)
    yield from behind


class Line(NamedTuple):
    """A line of print, how many elements away it stands, and whether it stands in a link."""

    text: str
    distance: int
    linked: bool


def _lines(elements: Iterator[Element], prose: int) -> Iterator[Line]:
    """An element's text if it is short, else its own strings: the date may stand between two spans."""
    inside: Element = None
    distance = 0
    for element in islice(elements, _MOST):
        if inside is not None and inside in element.iterancestors():
            continue
        inside = None
        if element.tag in _ELSEWHERE_TAGS or _names_elsewhere(_named(element)):
            inside = element
            continue
        distance += 1
        text = short(element)
        if text is not None:
            inside = element
            if text:
                yield Line(text, distance, _is_linked(element))
            continue
        strings = list(_own_lines(element))
        prose -= any(len(string) > LONGEST for string in strings)
        for string in strings:
            yield Line(string if len(string) <= LONGEST else _opening(string), distance, linked=False)
        if prose <= 0 or distance > _FAR:
            return


def _own_lines(element: Element) -> Iterator[str]:
    """Strings of a longer element that are lines by themselves: parts of sentences stand beside links or bold words.

    Of strings longer than a line the beginning is enough.
    """
    children = list(islice(element, _PARTS))
    strings = [element.text, *(child.tail for child in children)]
    for string, before, behind in zip(strings, [None, *children], [*children, None], strict=True):
        line = " ".join((string or "")[: 2 * LONGEST].split())
        if line and (len(line) > LONGEST or not (_is_inline(before) or _is_inline(behind))):
            yield line


def _is_inline(element: Element | None) -> bool:
    return element is not None and element.tag in _INLINE


def _opening(prose: str) -> str:
    """What stands before the text itself by the press's custom: (21 November 2022) or BERLIN, 21 November 2022 - ."""
    match = _OPENING.match(prose)
    return match[0] if match else ""


def _is_linked(element: Element) -> bool:
    return element.tag == "a" or next(element.iterancestors("a"), None) is not None


def short(element: Element) -> str | None:
    """The text of an element, if it is no longer than a line; None if it is."""
    parts: list[str] = []
    length = 0
    for string in islice(element.itertext(), _PARTS + 1):
        parts.append(string)
        length += len(string.strip())
        if length > LONGEST or len(parts) > _PARTS:
            return None
    line = " ".join(" ".join(parts).split())
    return line if len(line) <= LONGEST else None


def _behind(headline: Element) -> Iterator[Element]:
    """Elements behind another in the page's order."""
    for ancestor in (headline, *headline.iterancestors()):
        for sibling in ancestor.itersiblings():
            yield from sibling.iter()


def _before(headline: Element) -> Iterator[Element]:
    """Elements before another, the nearest block first, within the blocks that hold it."""
    for ancestor in islice((headline, *headline.iterancestors()), _LEVELS):
        if ancestor.tag in {"body", "html"}:
            return
        for sibling in ancestor.itersiblings(preceding=True):
            yield from islice(sibling.iter(), 15)


@lru_cache(maxsize=4096)
def _names_elsewhere(names: str) -> bool:
    return ELSEWHERE.search(names[:_LONGEST_NAMES]) is not None


def _named(element: Element) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"
