"""The language of an article: what the page states, checked against the text where that is missing or in doubt.

A page's statements are cheap and mostly right, and only they know the region. But themes are left at their default,
which is English: then the text itself is asked. A detector costs memory (some 100 MB, once a process), so it is loaded
only when a page first needs it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from archive.reading import jsonld
from archive.reading.choice import Choice, Claim, choose
from archive.reading.evidence import Evidence

CONFIRMED, OVERRULED, DETECTED = "confirmed by the text", "the text contradicts the statements", "read from the text"
_TAG = re.compile(
    r"\s*([a-z]{2,3})(?:[-_]([a-z]{4})(?![a-z0-9]))?(?:[-_]([a-z]{2}|\d{3}))?(?:$|[-_,;.@\s])", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_FROM_TEXT = "text"
_METAS = ("og:locale", "content-language", "language", "dc.language", "dcterms.language", "inlanguage")
_READ = 3000  # characters of the text that the detector is given: more do not change its mind
_SAMPLE = 400  # letters whose script is looked up
_FEWEST = 60  # bytes in UTF-8 of a text that tells its language; a Chinese character says as much as three letters
_SURE = 0.5  # of all languages' likelihoods
_ENGLISH = 0.1  # of the words; running English has more than three times as many
_ENGLISH_WORDS = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "a",
        "is",
        "that",
        "for",
        "on",
        "with",
        "was",
        "as",
        "by",
        "at",
        "from",
        "be",
        "it",
        "he",
        "are",
        "has",
    ]
)
_RENAMED = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro"}  # the IANA registry's preferred values
_COUNTRIES = {"jp": "ja", "cn": "zh", "cz": "cs", "ua": "uk", "gr": "el", "dk": "da", "gb": "en", "us": "en"}
# Tags that a text does not tell apart, or that one detector knows by the wider name (ISO 639-3 macrolanguages).
_WIDER = {
    "nb": "no", "nn": "no", "cmn": "zh", "yue": "zh", "wuu": "zh", "hr": "sh", "sr": "sh", "bs": "sh", "cnr": "sh",
    "ms": "id", "arz": "ar", "ary": "ar", "uzs": "uz", "prs": "fa", "tl": "fil", "ckb": "ku", "sdh": "ku",
}  # fmt: skip
_SCRIPTS = {
    "ARABIC": "ar fa ur ps ug ku ckb sdh sd ks az prs arz ary bal",
    "CYRILLIC": "ru uk be bg mk sr sh bs cnr mn kk ky tg tt ba uz az tk ce cv os ab ro rm",
    "CJK": "zh ja ko yue wuu cmn", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko",
    "GREEK": "el grc", "HEBREW": "he yi", "ARMENIAN": "hy", "GEORGIAN": "ka", "THAI": "th", "LAO": "lo",
    "DEVANAGARI": "hi mr ne sa mai bho kok gom doi", "BENGALI": "bn as mni", "GUJARATI": "gu", "GURMUKHI": "pa",
    "ORIYA": "or", "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn", "MALAYALAM": "ml", "SINHALA": "si", "MYANMAR": "my",
    "KHMER": "km", "ETHIOPIC": "am ti", "TIBETAN": "bo dz",
}  # fmt: skip
_WRITTEN_IN = {script: frozenset(languages.split()) for script, languages in _SCRIPTS.items()}
_EITHER = frozenset(
    ["sr", "sh", "bs", "cnr", "az", "uz", "kk", "ky", "tg", "tt", "ba", "tk", "mn", "ku", "ro", "sd", "ks"]
)  # written in Latin letters, too
_NOT_LATIN = frozenset().union(*_WRITTEN_IN.values()) - _EITHER


def language(evidence: Evidence, text: str) -> Choice[str] | None:
    """The language as a BCP 47 tag (RFC 5646) such as fr, pt-BR or zh-Hant-TW; `text` is the article's."""
    stated = claims(evidence)
    if not _is_doubtful([primary(claim.value) for claim in stated], text):
        return choose(stated)
    found = detect(text)
    if found is None:
        return choose(stated)
    heard = Claim(found, _FROM_TEXT)
    for claim in stated:
        if _same(claim.value, found):
            return choose([*stated, heard], CONFIRMED, claim)
    return choose([*stated, heard], OVERRULED if stated else DETECTED, heard)


def claims(evidence: Evidence) -> list[Claim[str]]:
    """Every statement that is a language tag: the article's own `lang`, `<html lang>`, metas, JSON-LD, the header.

    The `lang` attributes come first: they are about the text; the others are often left at a plugin's default.
    """
    return [Claim(tag, source) for source, written in _written(evidence) if (tag := normal(written))]


def normal(written: str | None) -> str | None:
    """A tag or locale as BCP 47 writes it: `fr_FR.UTF-8` is fr-FR, `zh-hant-tw` zh-Hant-TW; none if it is neither."""
    match = _TAG.match(written or "")
    if match is None:
        return None
    name, script, region = match.groups()
    name = _RENAMED.get(name.lower(), name.lower())
    parts = (_COUNTRIES.get(name, name), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


def primary(tag: str) -> str:
    """The language of a tag, without script and region."""
    return tag.partition("-")[0]


def detect(text: str) -> str | None:
    """The language the text is written in; none if there is too little of it or the detector is unsure."""
    read = text[:_READ]
    if len(read.encode("utf-8", "replace")) < _FEWEST:
        return None
    found, likelihood = _detector().classify(read)
    return None if found == "zxx" or likelihood < _SURE else {"uzs": "uz", "tl": "fil"}.get(found, found)


def _written(evidence: Evidence) -> Iterator[tuple[str, str | None]]:
    markup = evidence.markup
    if len(markup.articles) == 1:
        yield "article lang", markup.articles[0].get("lang")
    yield "html lang", markup.language
    for statement in markup.every_meta(*_METAS):
        yield statement.source, statement.value
    for value in evidence.values("inLanguage"):
        yield "json-ld", jsonld.string(value.get("alternateName", value) if isinstance(value, dict) else value)
    for name, value in evidence.page.headers:
        if name.lower() == "content-language":
            yield "Content-Language header", value


def _is_doubtful(stated: Sequence[str], text: str) -> bool:
    """Whether the text must be asked: nothing is stated, or two things, another script's language, or the default's."""
    if len({_WIDER.get(name, name) for name in stated}) != 1:
        return True
    return not _fits_script(stated[0], text) or (stated[0] == "en" and not _reads_english(text))


def _same(one: str, other: str) -> bool:
    return _WIDER.get(primary(one), primary(one)) == _WIDER.get(primary(other), primary(other))


def _fits_script(name: str, text: str) -> bool:
    """Whether a text of that language may be written in this one's letters; true where there are none."""
    letters = [letter for letter in text[: 2 * _SAMPLE] if letter.isalpha()][:_SAMPLE]
    scripts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    script = max(scripts, key=lambda found: (scripts[found], found), default="")
    if script in _WRITTEN_IN:
        return name in _WRITTEN_IN[script]
    return script != "LATIN" or name not in _NOT_LATIN


def _reads_english(text: str) -> bool:
    """Whether English's most frequent words are there; true where there are too few words to say."""
    found = _WORD.findall(text[:_READ].lower())
    return len(found) < 20 or sum(word in _ENGLISH_WORDS for word in found) >= _ENGLISH * len(found)


@cache
def _detector() -> Any:
    """The detector with its own model, apart from the library's global one, which others may have narrowed."""
    from py3langid import langid

    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
