"""The description of an article: its standfirst as printed, else what the page states for search results and sharing.

Only a printed standfirst is the article's; a stated description may be written for search engines. The source tells
them apart: `standfirst` is printed between headline and text, every other name is stated and perhaps printed nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice, takewhile
from typing import NamedTuple

from archive.reading import jsonld
from archive.reading.choice import FIRST, Choice, Claim, choose
from archive.reading.evidence import Evidence
from archive.reading.headings import is_elsewhere
from archive.reading.markup import Element, content
from archive.reading.wording import confirmed_part, readable, same, visible, words

PRINTED, BEGINS = "printed between headline and text", "printed between headline and text, which begins with it"
WHOLE = "the first that is not cut short"
SOURCE = "standfirst"
_METAS = ("description", "twitter:description", "dc.description", "dcterms.description")
# What templates call it, in the press's words of several languages; whole words of a class only.
_NAMED = re.compile(
    r"(?:^|[\s_\-])(?:stand-?first|chap[oô]|chapeau|lead|lead-?in|lead-?text|lede|intro|introduction|intro-?text|excerpt|"
    r"dek|deck|sub-?(?:title|headline|heading|head|line)|summary|abstract|preface|preamble|epigraph|blurb|"
    r"vorspann|teaser-?text|anleser|entradilla|bajada|copete|subt[ií]tulo|sumario|resumo|linha-?fina|gravata|"
    r"sommario|occhiello|catenaccio|sottotitolo|accroche|ingress|manchet|perex|zajawka|zaj?awka|resume|inleiding|"
    r"underrubrik|spot)(?:$|[\s_\-](?!image|media|photo|picture|video|art|asset|gallery|feature|figure))",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"caption|credit|legend[ea]?\b|teaser(?![-_]?text)|promo", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PROPERTIES = {"description", "alternativeheadline", "alternativename"}
_BLOCKS = ("p", "h2", "h3", "h4", "div", "section", "header", "span", "strong")
_REPEATED = 3  # times that a page may state the same thing
_LEVELS = 6  # how far up from the headline the parts behind it are looked for
_NEAR = 120  # elements behind the headline
_ELEMENTS = 40  # the most that a standfirst consists of
_LONGEST = 1500  # characters
_SHORT, _SENTENCE = 5, 8  # words; fewer are a label, or a subheading
_PROSE = 80  # characters of a paragraph with which the text has begun
_ELLIPSIS = re.compile(r"[\[(]?(?:…|\.\.\.)[\])]?\s{0,3}$")
_TELLING = 12  # words that tell two beginnings apart


def standfirst(evidence: Evidence, title: str | None, lines: Sequence[str] = ()) -> Choice[str] | None:
    """The description, chosen among the claims; `lines` are the text's: one may begin with the standfirst.

    A description that merely repeats the headline or describes the whole site is none.
    """
    slogans = list(_slogans(evidence))
    known = [
        claim
        for claim in claims(evidence, title)
        if not same(claim.value, title) and not any(same(claim.value, slogan) for slogan in slogans)
    ]
    if not known:
        return None
    if known[0].source == SOURCE:
        own = words(known[0].value)
        begins = any(words(line)[: len(own)] == own for line in lines[:3])
        return choose(known, BEGINS if begins else PRINTED, known[0])
    whole = next((claim for claim in known if not _is_cut(claim.value, known)), known[0])
    return choose(known, FIRST if whole is known[0] else WHOLE, whole)


def claims(evidence: Evidence, title: str | None = None) -> list[Claim[str]]:
    """Every witness: the printed standfirst, og:description, JSON-LD, the other metas, the feed, REST's excerpt.

    REST comes last: where nobody wrote an excerpt it is the text's beginning.
    """
    stated = [*_stated(evidence)]
    printed = _printed(evidence, title, [claim.value for claim in stated])
    return [Claim(printed, SOURCE), *stated] if printed else stated


def _stated(evidence: Evidence) -> Iterator[Claim[str]]:
    markup = evidence.markup
    written = [(found.value, found.source) for found in islice(markup.every_meta("og:description"), _REPEATED)]
    written += [(jsonld.string(value) or "", "json-ld") for value in islice(evidence.values("description"), _REPEATED)]
    for name in _METAS:
        written += [(found.value, found.source) for found in islice(markup.every_meta(name), _REPEATED)]
    written += [(found.value, found.source) for found in evidence.linked("description", "feed", "rest")]
    return (Claim(text, source) for value, source in written if (text := readable(value, 2 * _LONGEST)))


def _slogans(evidence: Evidence) -> Iterator[str]:
    """What the page says of the site as a whole."""
    for node in evidence.graph.of_type("WebSite", "Organization", "NewsMediaOrganization"):
        for key in ("description", "slogan"):
            text = jsonld.string(node.get(key))
            if text:
                yield text


def _printed(evidence: Evidence, title: str | None, stated: Sequence[str]) -> str | None:
    """The standfirst behind the headline: the element that prints a stated description, or is named so; or a heading.

    One that is only named must be a line of some length: what names it may be about a picture or a rating.
    """
    begun = False
    descriptions = [_opening(text) for text in dict.fromkeys(stated)]
    for element in _behind(_headline(evidence, title)):
        named = _is_named(element)
        text = _text(element, named=named)
        if text is None or not _is_line(text, _SHORT):
            continue
        own = words(text)
        confirmed = any(_goes_on(own, opening) for opening in descriptions)
        named = (named or (element.tag == "h2" and not begun)) and _is_line(text, _SENTENCE)
        if (confirmed or named) and not _is_title(text, title) and not _is_apart(element):
            return text
        begun = begun or (element.tag == "p" and len(text) >= _PROSE)
    return None


def _headline(evidence: Evidence, title: str | None) -> Element | None:
    """The heading that prints the title, else the first h1 that is not in another part of the page."""
    wanted = [title] if title else []
    first = None
    for element in islice(evidence.markup.headlines, 100):
        text = content(element) if _is_small(element) else None
        if text and wanted and same(confirmed_part(text, wanted), title):
            return element
        if text and first is None and element.tag == "h1" and not is_elsewhere(element):
            first = element
    return first


def _behind(headline: Element | None) -> Iterator[Element]:
    """Elements in the page's order from the headline on."""
    if headline is None:
        return iter(())
    levels = islice((headline, *headline.iterancestors()), _LEVELS)
    following = chain.from_iterable(level.itersiblings() for level in levels if level.tag not in {"body", "html"})
    return islice(chain.from_iterable(sibling.iter(*_BLOCKS) for sibling in following), _NEAR)


def _is_small(element: Element) -> bool:
    return next(islice(element.iter(), _ELEMENTS, None), None) is None


def _text(element: Element, *, named: bool) -> str | None:
    """What a small element prints, its paragraphs joined by spaces; a named one's with the next of the same class."""
    if not _is_small(element):
        return None
    if element.tag != "p":
        parts = [content(part) for part in islice(element.iter("p", "li"), _ELEMENTS)] or [content(element)]
    else:
        alike = islice(element.itersiblings(), 3) if named else ()
        parts = [content(element), *(content(part) for part in takewhile(lambda next_: _alike(next_, element), alike))]
    return visible(" ".join(part for part in parts if part), _LONGEST)


def _alike(one: Element, other: Element) -> bool:
    return bool(one.tag == other.tag and one.get("class") == other.get("class") and _is_small(one))


def _is_line(text: str, fewest: int) -> bool:
    """Whether there are so many words, or three times as many letters where words are written without spaces."""
    found = words(text)
    letters = sum(map(len, found))
    return len(found) >= fewest or (letters >= 3 * fewest and letters >= 10 * len(found))


def _is_named(element: Element) -> bool:
    named = _CAMEL.sub("-", f"{element.get('class') or ''}").replace("__", " ")
    properties = (element.get("itemprop") or "").lower().split()
    return _NAMED.search(named) is not None or not _PROPERTIES.isdisjoint(properties)


def _is_title(text: str, title: str | None) -> bool:
    """Whether the text is the headline once more, a part of it, or the headline with a kicker."""
    if not title:
        return False
    part = f" {' '.join(words(text))} " in f" {' '.join(words(title))} "
    return part or same(confirmed_part(text, [title]), title)


def _is_apart(element: Element) -> bool:
    """Whether the element announces another article, is a caption, or stands in another part of the page."""
    if is_elsewhere(element):
        return True
    for part in islice((element, *element.iterancestors()), _LEVELS):
        if part.tag in {"a", "figure", "figcaption", "li", "button", "form"} or _CAPTION.search(
            part.get("class") or ""
        ):
            return True
    linked = sum(len(content(link) or "") for link in element.iter("a"))
    return 2 * linked > len(content(element) or "")


class _Opening(NamedTuple):
    """A description's words, and whether it is cut short."""

    words: list[str]
    cut: bool


def _opening(description: str) -> _Opening:
    cut = _ELLIPSIS.search(description)
    return _Opening(words(description[: cut.start()] if cut else description), cut is not None)


def _goes_on(own: list[str], opening: _Opening) -> bool:
    """Whether a line's words are the description's, or its whole where that is cut short, perhaps within a word."""
    stated, cut = opening
    if own == stated or not cut:
        return own == stated
    telling = len(stated) >= _TELLING or sum(map(len, stated)) >= 5 * _TELLING
    return telling and own[: len(stated) - 1] == stated[:-1]


def _is_cut(description: str, known: Sequence[Claim[str]]) -> bool:
    """Whether the description ends in an ellipsis where another one goes on."""
    opening = _opening(description)
    longer = (claim.value for claim in known if len(claim.value) > len(description))
    return opening.cut and any(_goes_on(words(text), opening) for text in longer)
