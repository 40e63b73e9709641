"""Words as the index knows them: letters that tokenizers leave apart made plain, texts without spaces cut in pairs.

SQLite's tokenizer (unicode61) folds capitals and accents and splits at both apostrophes; the rest is done here, before
it. What `searchable` returns is a function of code points only, not of Python's Unicode version: a row leaves the index
by the same words it came in with, so CHANGING THIS NEEDS A MIGRATION that makes the index anew.
"""

from __future__ import annotations

import re
import unicodedata

# Scripts written without spaces between words, by their blocks (Unicode 15): han and kana, Thai, Lao, Burmese, Khmer.
_SPACELESS = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u3096"
    "\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
)
_RUN = re.compile(f"[{_SPACELESS}]+")
INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"
# Private characters, which texts lose: they mark the words of filters, so that none of them is a word of a text.
_MARKS = {"site": "\ue001", "lang": "\ue002", "author": "\ue003", "tag": "\ue004", "section": "\ue005"}
_BETWEEN_NAMES = "\ue000"  # a phrase cannot begin in one name and end in the next
_JOINED = "\ue00f"  # holds one word together where a hyphen would part it
# What parts words, by code points for the reason above: ASCII's and Latin-1's signs, punctuation, CJK punctuation.
_SIGNS = "\x00-/:-@\\[-`{-\xbf\u2000-\u206f\u3000-\u3004\u3008-\u303f"
_WORD = re.compile(f"[^{_SIGNS}]+")
_SIGN = re.compile(f"[{_SIGNS}]+")

_PLAIN: dict[int, str] = {
    **dict.fromkeys(map(ord, "œŒ"), "oe"),
    **dict.fromkeys(map(ord, "æÆ"), "ae"),
    **dict.fromkeys(map(ord, "ßẞ"), "ss"),
    **dict.fromkeys(map(ord, "øØ"), "o"),
    **dict.fromkeys(map(ord, "łŁŀĿ"), "l"),
    **dict.fromkeys(map(ord, "đĐðÐ"), "d"),
    **dict.fromkeys(map(ord, "þÞ"), "th"),
    **dict.fromkeys(map(ord, "ıİ"), "i"),
    **dict.fromkeys(map(ord, "ʼʻʹ′"), "'"),  # letters to Unicode, apostrophes to who typed them
    **dict.fromkeys((0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF), ""),
    **dict.fromkeys((0x640, *range(0x64B, 0x653), 0x670), ""),  # Arabic vowel signs and stretching
    **dict.fromkeys((*range(0x591, 0x5BE), 0x5BF, 0x5C1, 0x5C2, 0x5C4, 0x5C5, 0x5C7), ""),  # Hebrew ones
    **dict.fromkeys(range(0xE000, 0xE010), " "),
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},  # full-width ASCII
}
_ELA_GEMINADA = re.compile("(?<=[lL])[·•](?=[lL])")  # Catalan col·legi is one word


def searchable(text: str | None) -> str:
    """Return a text as it goes into the index; a run of a script without spaces becomes its overlapping pairs.

    >>> searchable("L’œuvre de 東京都")
    'L’oeuvre de  東京 京都 都 '
    """
    return _RUN.sub(_pairs, _plain(text)) if text else ""


def filterable(site: str, language: str | None, section: str | None, authors: str, tags: str) -> str:
    """Return the words that an article's filters are looked up by; `authors` and `tags` are JSON arrays."""
    language = (language or "").replace("_", "-").lower()
    whole = [("site", site), ("lang", language), ("lang", language.split("-")[0])]
    names = [("section", section or ""), ("author", authors), ("tag", tags)]
    return " ".join([*(filter_word(field, name) for field, name in whole), *(_names(*each) for each in names)])


def filter_word(field: str, name: str) -> str:
    """Return a site or a language as the one word it is looked up by."""
    return _MARKS[field] + _SIGN.sub(_JOINED, name.lower()) if name else ""


def filter_words(field: str, words: str) -> str:
    """Return the words of a name, made by `asked` or `searchable`, as they are looked up."""
    return _WORD.sub(rf"{_MARKS[field]}\g<0>", words)


def _names(field: str, names: str) -> str:
    return f" {_BETWEEN_NAMES} ".join(filter_words(field, searchable(name)) for name in names.split('","'))


def asked(text: str) -> tuple[str, bool]:
    """Return a searched word or phrase in the index's words, and whether the last of them is only a beginning.

    A single character of a script without spaces is one: it begins a pair, or ends a run.
    """
    text = _plain(text)
    runs = list(_RUN.finditer(text))
    begins = bool(runs) and runs[-1].end() == len(text.rstrip()) and len(runs[-1][0]) == 1
    return _RUN.sub(_asked_pairs, text).strip(), begins


def is_spaceless(text: str) -> bool:
    return _RUN.search(text) is not None


def same_length(text: str) -> str:
    """Return `text` in small letters without accents, each character in its place, for finding matches in it."""
    return text.translate(_FOLDED)


class _Folded(dict[int, str]):
    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = _PLAIN.get(code, character)
        plain = unicodedata.normalize("NFD", plain if len(plain) == 1 else character)[0].lower()
        self[code] = plain if len(plain) == 1 else character
        return self[code]


_FOLDED = _Folded()


def _plain(text: str) -> str:
    return _ELA_GEMINADA.sub("", text.translate(_PLAIN))


def _pairs(match: re.Match[str]) -> str:
    run = match[0]
    return f" {' '.join(run[place : place + 2] for place in range(len(run)))} "


def _asked_pairs(match: re.Match[str]) -> str:
    run = match[0]
    return f" {' '.join(run[place : place + 2] for place in range(max(1, len(run) - 1)))} "
