"""The passage of a text where the searched words stand, with the words marked; safe for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice, takewhile

from archive.search.folding import INVISIBLE, is_spaceless, same_length
from archive.search.syntax import Term

START, END = "\x02", "\x03"  # around what was found; `clean` takes them out of texts
_WIDTH = 220  # characters of a snippet
_BEFORE = 60  # of them, at most, before the first word found
_MOST = 200_000  # characters of a text that are looked at
_MATCHES = 100  # matches that are weighed
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ESCAPE = re.compile("(?:\x1b\\[|\x9b)[0-?]{0,32}[ -/]{0,8}[@-~]|\x1b\\][^\x07\x1b]{0,200}(?:\x07|\x1b\\\\)?")
_SPACE = re.compile(r"\s")
_MARKS = f"[\u0300-\u036f{INVISIBLE}]*"
_PAIRS = {"oe": "(?:oe|œ)", "ae": "(?:ae|æ)", "ss": "(?:ss|ß)", "th": "(?:th|þ)"}
_PAIRED = re.compile("oe|ae|ss|th|.", re.DOTALL)


def clean(text: str) -> str:
    """Return a text from a page without what a terminal would obey: escapes, controls, changes of direction."""
    return _UNFIT.sub("", _ESCAPE.sub("", text))


def pattern(terms: Iterable[Term]) -> re.Pattern[str] | None:
    """Return what finds the terms in a text made by `same_length`; None if there is no term."""
    found = sorted({_term(term) for term in terms}, key=len, reverse=True)
    return re.compile("|".join(found)) if found else None


def marked(text: str, wanted: re.Pattern[str] | None) -> str:
    """Return all of a text, with what was found between START and END."""
    text = clean(text[:_MOST])
    return _mark(text, _spans(text, wanted), 0, len(text))


def snippet(text: str, wanted: re.Pattern[str] | None) -> str:
    """Return the passage of a text that holds the most different words found; its beginning if it holds none."""
    text = clean(text[:_MOST])
    spans = _spans(text, wanted)
    begin, end = _passage(text, spans)
    cut = _mark(text, spans, begin, end).replace("\n", " ").strip()
    return f"{'…' if begin else ''}{cut}{'…' if end < len(text) else ''}"


def plain(marked_text: str) -> str:
    return marked_text.replace(START, "").replace(END, "")


def _term(term: Term) -> str:
    spaceless = is_spaceless(term.text)
    words = re.findall(r"\w+", same_length(term.text))
    phrase = r"[\W_]{1,20}".join(map(_spelt, words))
    if spaceless:
        return phrase
    return rf"(?<!\w){phrase}" + (r"\w{0,60}" if term.begins else rf"{_MARKS}(?!\w)")


def _spelt(word: str) -> str:
    return _MARKS.join(_PAIRS.get(letters, re.escape(letters)) for letters in _PAIRED.findall(word))


def _spans(text: str, wanted: re.Pattern[str] | None) -> list[tuple[int, int]]:
    if wanted is None:
        return []
    return [match.span() for match in islice(wanted.finditer(same_length(text)), _MATCHES) if match[0]]


def _passage(text: str, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return where to cut: at white space, around the span from which on the most different words follow."""
    words = [same_length(text[start:end]) for start, end in spans]
    best = max(range(len(spans)), key=lambda place: (_different(words, spans, place), -place), default=-1)
    first = spans[best][0] if spans else 0
    begin = max(0, first - _BEFORE)
    if begin:
        gap = _SPACE.search(text, begin, first)
        begin = gap.end() if gap else begin
    end = begin + _WIDTH
    if end < len(text):
        space = max(text.rfind(" ", first + 1, end), text.rfind("\n", first + 1, end))
        return begin, space if space > 0 else end
    return begin, len(text)


def _different(words: Sequence[str], spans: Sequence[tuple[int, int]], first: int) -> int:
    end = spans[first][0] + _WIDTH - _BEFORE
    near = takewhile(lambda place: spans[place][1] <= end, range(first, len(spans)))
    return len({words[place] for place in near})


def _mark(text: str, spans: Sequence[tuple[int, int]], begin: int, end: int) -> str:
    parts, place = [], begin
    for start, stop in spans:
        if start >= place and stop <= end:
            parts += [text[place:start], START, text[start:stop], END]
            place = stop
    return "".join([*parts, text[place:end]])
