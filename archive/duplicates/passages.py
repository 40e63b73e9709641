"""A text as the set of its passages: every five words on end.

These are the shingles of Broder, On the resemblance and containment of documents, 1997. Words are those of
`dedup.normalise`, without case: texts with the same digest have the same passages.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from itertools import islice
from typing import NamedTuple

from archive.dedup import normalise

# Five words on end are hardly ever the same by chance; a word that was changed takes only five of them along.
LENGTH = 5
# A shorter text is too short to tell a copy from a coincidence, or an article from "This article is for subscribers".
# In scripts without spaces two signs are taken for one word here.
FEWEST_WORDS = 40
_MOST_WORDS = 20_000  # of a text; what stands behind them is not looked at
# Figures are words of their own: "14h30" is 14, h, 30. Scripts without spaces between words (Thai and Lao, Burmese,
# Khmer, Japanese, Chinese) go sign by sign. Vowel signs and points are no letters to Python, but belong to their word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKS = "".join(chr(code) for code in range(0x300, 0xE00) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_SIGN = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(rf"\d+|[{_UNSPACED}]|[^\W\d_{_UNSPACED}]+(?:[{_MARKS}]+[^\W\d_{_UNSPACED}]*)*")
_SPREAD = 0x9E3779B1  # odd, so that no two checksums become one; it carries what differs into the high bits
_WIDTH = 0xFFFFFFFF


class Passages(NamedTuple):
    """The passages of a text, as 32-bit hashes: those without figures and those with.

    `figures` are the figures themselves, each with the word behind it; `words` counts the words.
    """

    words: int
    plain: frozenset[int]
    figured: frozenset[int]
    figures: frozenset[str]

    @property
    def size(self) -> int:
        return len(self.plain) + len(self.figured)


def words_of(text: str) -> list[str]:
    """Return the words of a text, without case, at most 20,000."""
    found = (match[0] for match in _WORD.finditer(normalise(text).casefold()))
    return list(islice(found, _MOST_WORDS))


def _is_sign(word: str) -> bool:
    return _SIGN.match(word) is not None


def passages(text: str) -> Passages | None:
    """Return the passages of a text; None if it has fewer than 40 words.

    The hash is CRC-32, which is the same on every machine and the quickest there is in the standard library (a third of
    BLAKE2's time); in a text of 1,000 words two passages become one about once in 8,000 texts.
    """
    words = words_of(text)
    if len(words) < FEWEST_WORDS or len(words) - sum(map(_is_sign, words)) // 2 < FEWEST_WORDS:
        return None
    crc = zlib.crc32
    runs = zip(*(words[start:] for start in range(LENGTH)), strict=False)
    hashes = [crc(" ".join(run).encode()) * _SPREAD & _WIDTH for run in runs]
    at = [place for place, word in enumerate(words) if word.isdecimal()]
    touched = {start for place in at for start in range(place - LENGTH + 1, place + 1)}
    plain = frozenset(value for start, value in enumerate(hashes) if start not in touched)
    figures = frozenset(" ".join(words[place : place + 2]) for place in at)
    return Passages(len(words), plain, frozenset(hashes) - plain, figures)
