"""Lines that a template prints between the headline and the text: the headline again, byline, date, reading time.

They are fields of their own. Only what stands above the first line of prose is looked at, and only whole lines go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from itertools import chain, islice

from archive.reading import bylinewords
from archive.reading.bylines import is_agency
from archive.reading.layout import Block
from archive.reading.markup import Element
from archive.reading.wording import confirmed_part, likeness, same, visible, words

_MOST = 15  # lines above the text that are looked at
_PROSE = 80  # characters with which a line is prose; of scripts without spaces, which say as much in fewer:
_PROSE_DENSE = 30
_LONGEST = 160  # characters of a byline with its date, role and place
_SHORT, _NEAR = 80, 5  # characters, and lines behind a standfirst
_KICKER = 6  # words a headline may have more when it is printed with its kicker
_ALIKE = 0.65  # of a headline's words, where search results get another one
_TELLING = 4  # words of two headlines that may be compared
_LEFT = 3  # words that may be left of a byline or date when names and figures are gone
_AROUND_DATE = 8  # words around the figures of a date
_LABEL_WORDS, _LABEL_LENGTH = 3, 32
_DENSE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]")
_SENTENCE = re.compile(r"[.!?…。！？।؟:：][\"'”’»)\]]*$")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b|(?:19|20)\d\d\s?[年년]|[०-९]{4}|[٠-٩۰-۹]{4}|25[67]\d"
    r"|\b\d{1,2}[:.h]\d\d(?:\s?(?:uhr|h|am|pm|bst|gmt|utc|cet|ist|et|est)\b)|\b\d{1,2}:\d\d\b",
    re.IGNORECASE,
)
_END = 10  # characters in which a sentence ends
_ELEMENTS = 60  # of an article's first ones that are looked at
_LEAD = re.compile(
    r"(?:^|[\s_-])(?:stand-?first|chap[oô]|chapeau|leads?|lede|leadtext|intro\w{0,10}|excerpt|dek|deck|sub-?(?:title"
    r"|headline|heading|head)|summary|abstract|vorspann|anleser|entradilla|bajada|copete|subtitulo|resumo|sommario"
    r"|occhiello|ingress|manchet|perex|zajawka|inleiding|underrubrik|spot)(?:$|[\s_-])",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\d+")
_AGO = re.compile(
    r"^\W*(?:(?:published|updated|posted|last updated)\W*)?(?:\d+|an?|one)\s+(?:minutes?|mins?|hours?|hrs?|days?|weeks?"
    r"|months?|years?)\s+ago\W*$|^\W*(?:il y a|vor|hace|há|há cerca de)\s+\d+\s+\w+\W*$"
    r"|^\W*\d+\s+(?:fa|önce|temu|назад|geleden|sedan|siden|atrás|sitten)\W*$",
    re.IGNORECASE,
)
_READING_TIME = re.compile(
    r"^\W*(?:(?:reading time|temps de lecture|lecture|lesezeit|lesedauer|tiempo de lectura|tempo di lettura"
    r"|tempo de leitura|leestijd|lästid|lesetid|læsetid|lukuaika|czas czytania|okuma süresi|время чтения"
    r"|время на чтение"
    r"|час читання)\W*)?\d{1,3}\s?(?:min(?:s|\.|uten?|utes?|utos?|uti|ut|uter|utter|uuttia|uut)?|мин(?:ут[аы]?)?\.?"
    r"|хв(?:илин[аи]?)?\.?|dk\.?|dakika|分钟?|分鐘)(?:\W*(?:read|reading time|de lecture|lesezeit|lesedauer|de lectura"
    r"|di lettura|de leitura|leestijd|lezen|läsning|lesetid|lesing|czytania|čtení|okuma(?: süresi)?|чтения|читання"
    r"|to read|で読めます|阅读))?\W*$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[\d\W_]+")


def without(
    blocks: Sequence[Block],
    title: str | None,
    authors: Sequence[str] = (),
    standfirst: str | None = None,
    apart: Collection[str] = (),
) -> list[Block]:
    """The blocks without the lines above the text that repeat the article's fields, or that label it.

    `standfirst` is the printed one: as a heading, or where the template marks it (`apart`), it is kept apart from the
    text. As a paragraph like others it stays, for what systems call so is as often the article's first paragraph.
    """
    blocks = _without_standfirst(blocks, standfirst, apart)
    first = _first_prose(blocks)
    if first is None:  # verses, a list, a picture with a word: only what certainly is a field goes
        kept = [block for block in blocks[:3] if not _is_title(block, title)]
        return [*kept, *blocks[3:]]
    rules: tuple[Callable[[Block], bool], ...] = (
        lambda block: _is_title(block, title),
        lambda block: _is_byline(block, authors),
        _is_date,
        _is_label,
    )
    above = (block for block in blocks[:first] if not block.text or not any(rule(block) for rule in rules))
    behind = (block for block in blocks[first + 1 : first + _NEAR] if not _is_line_of_fields(block, authors))
    return [*above, blocks[first], *behind, *blocks[first + _NEAR :]]


def _is_line_of_fields(block: Block, authors: Sequence[str]) -> bool:
    """A byline or a date behind a standfirst: narrower than above it, for the text may have begun."""
    short = bool(block.text) and len(block.text) <= _SHORT and not _ends(block.text) and block.kind == "p"
    return short and (_is_date(block) or _is_byline(block, authors) or is_agency(block.text))


def marked(elements: Sequence[Element], blocks: Sequence[Block]) -> frozenset[str]:
    """The lines among the first that stand in an element named as a standfirst, or in a header."""
    firsts = chain.from_iterable(islice(element.iter("*"), _ELEMENTS) for element in elements[:1])
    leads = [element for element in firsts if element.tag == "header" or _LEAD.search(element.get("class") or "")]
    texts = ["".join(islice(lead.itertext(), _ELEMENTS)) for lead in leads if lead not in elements]
    known = {" ".join(words(text)) for text in texts}
    return frozenset(block.text for block in blocks[:_MOST] if " ".join(words(block.text)) in known)


def _without_standfirst(blocks: Sequence[Block], standfirst: str | None, apart: Collection[str]) -> list[Block]:
    """The blocks without the standfirst's lines among the first; it may be of several."""
    kept, whole = [], words(standfirst)
    for position, block in enumerate(blocks):
        own = words(block.text) if position < _MOST and (block.kind == "heading" or block.text in apart) else []
        if own and whole[: len(own)] == own:
            whole = whole[len(own) :]
            continue
        kept.append(block)
    return kept if any(block.text for block in kept) else list(blocks)


def _first_prose(blocks: Sequence[Block]) -> int | None:
    looked = 0
    for position, block in enumerate(blocks):
        if not block.text:
            continue
        if _is_prose(block) and not _is_signed_line(block):
            return position
        looked += 1
        if looked > _MOST:
            return None
    return None


def _is_prose(block: Block) -> bool:
    text = block.text
    if block.kind not in {"p", "quote", "item"}:
        return False
    return len(text) >= (_PROSE_DENSE if _DENSE.search(text[:_LONGEST]) else _PROSE) and _ends(text)


def _is_signed_line(block: Block) -> bool:
    """A long line of names and dates, without a sentence."""
    return len(block.text) <= _LONGEST and _is_date(block)


def _is_title(block: Block, title: str | None) -> bool:
    """The headline again, in other words or with a kicker perhaps, or a part of it that a template breaks off."""
    if block.kind == "heading" and (block.level == 1 or _is_alike(words(block.text), words(title))):
        return True
    if not title or len(block.text) > 2 * len(title) + 60:
        return False
    if same(block.text, title):
        return True
    own, whole = words(block.text), words(title)
    if len(own) > len(whole):
        return len(own) - len(whole) <= _KICKER and same(confirmed_part(visible(block.text) or "", [title]), title)
    return bool(own) and own in (whole[: len(own)], whole[-len(own) :]) and not _ends(block.text)


def _is_alike(own: Sequence[str], whole: Sequence[str]) -> bool:
    return min(len(own), len(whole)) >= _TELLING and likeness(own, whole) >= _ALIKE


def _is_byline(block: Block, authors: Sequence[str]) -> bool:
    text = block.text
    if block.kind == "heading" or len(text) > _LONGEST:
        return False
    rest, found = text.casefold(), False
    for author in authors:
        found = found or author.casefold() in rest
        rest = rest.replace(author.casefold(), " ")
    if found:
        return len(_BREAK.sub(" ", rest).split()) <= 2 * _LEFT and not _ends(text)
    labelled = bylinewords.SURE_LABEL.match(text) is not None
    return labelled and len(words(text)) <= 2 * _LEFT + 2 and not _ends(text)


def _is_date(block: Block) -> bool:
    """A date with the words that belong to one, or how long reading takes."""
    text = block.text
    if block.kind in {"heading", "row"} or len(text) > _LONGEST:
        return False
    if _READING_TIME.match(text) or _AGO.match(text):
        return True
    figures = _FIGURES.findall(text)
    others = len(words(text)) - len(figures)
    return len(figures) > 1 and _DATE.search(text) is not None and not _ends(text) and others <= _AROUND_DATE


def _is_label(block: Block) -> bool:
    """A section's name, a button: a word or three without the end of a sentence."""
    text = block.text
    if block.kind not in {"p", "item"} or len(text) > _LABEL_LENGTH or _ends(text):
        return False
    return len(text) <= 8 if _DENSE.search(text[:_LONGEST]) else len(words(text)) <= _LABEL_WORDS


def _ends(text: str) -> bool:
    """Whether a line ends as a sentence does."""
    return _SENTENCE.search(text[-_END:]) is not None
