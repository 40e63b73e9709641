"""Headlines compared and cut by their words, whatever their typography."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable

from archive.reading.markup import clean

LONGEST = 1000  # characters; what is longer is no headline
_WORD = re.compile(r"\w+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")  # hyphenation hints; joiners stay, for scripts that need them
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:em|i|b|u|strong|span|sup|sub|br|q|mark|small)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_ENDING = re.compile("[^\\w\\s]*(?:[ \u00a0\u202f][?!»%…]+)?")  # French puts a space before its marks
_LOOSE = " \u00a0\u202f|–—:·•-,;/"  # left over between a headline and what was cut off
_FEWEST_WORDS = 3  # of a part that can be told from a coincidence; of scripts without spaces, characters:
_FEWEST_LETTERS = 10


def words(text: str | None) -> list[str]:
    return _WORD.findall(_INVISIBLE.sub("", (text or "")[: 2 * LONGEST]).casefold())


def same(one: str | None, other: str | None) -> bool:
    """Whether two headlines have the same words, whatever their typography."""
    return bool(one and other) and words(one) == words(other)


def visible(text: str | None, longest: int = LONGEST) -> str | None:
    """A line without what is not printed of it (soft hyphens, zero-width spaces); none if it is none or too long."""
    found = clean(_INVISIBLE.sub("", text)) if text and len(text) <= longest else None
    return found if found and _WORD.search(found) else None


def readable(text: str | None, longest: int = LONGEST) -> str | None:
    """A line written for machines as it would be printed: escaped once too often, or with tags in it."""
    if not text or len(text) > longest:
        return None
    if "&" in text:
        text = _REFERENCE.sub(lambda reference: html.unescape(reference[0]), text)
    return visible(_INLINE.sub("", text) if "<" in text else text, longest)


def likeness(one: Collection[str], other: Collection[str]) -> float:
    """How much of two headlines' words they share, from 0 to 1 (Dice's coefficient of the sets)."""
    mine, theirs = set(one), set(other)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0


def confirmed_part(text: str, witnesses: Iterable[str], *, beginning: bool = True) -> str:
    """The end (or the beginning) of the text that a witness states as the whole; the text itself if none does.

    A heading often holds more than the headline: a kicker, a label, a date, a subtitle. Of several parts the longest.
    """
    own = words(text)
    best: list[str] = []
    for witness in witnesses:
        part = words(witness)
        if part == own:
            return text
        if not _is_telling(part) or not len(best) < len(part) < len(own):
            continue
        if part == own[-len(part) :] or (beginning and part == own[: len(part)]):
            best = part
    if not best:
        return text
    return _last(text, len(best)) if own[-len(best) :] == best else _first(text, len(best))


def _is_telling(part: list[str]) -> bool:
    return len(part) >= _FEWEST_WORDS or sum(map(len, part)) >= _FEWEST_LETTERS


def _first(text: str, count: int) -> str:
    end = [match.end() for match in _WORD.finditer(text)][count - 1]
    ending = _ENDING.match(text, end)
    return text[: ending.end() if ending else end].rstrip(_LOOSE)


def _last(text: str, count: int) -> str:
    start = [match.start() for match in _WORD.finditer(text)][-count]
    while start and not text[start - 1].isspace() and not text[start - 1].isalnum():
        start -= 1
    return text[start:].lstrip(_LOOSE)
