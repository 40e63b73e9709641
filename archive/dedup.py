"""Telling the same from the changed: digests that typography cannot move."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from typing import NamedTuple

_TYPOGRAPHY = {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "…": "..."}
_TYPOGRAPHIC = re.compile("[’‘ʼ“”„…]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
# French typography sets a (no-break, narrow) space inside guillemets and before high punctuation; sites disagree.
_SPACED = (*((f" {mark}", mark) for mark in ";:!?»%"), ("« ", "«"))


def normalise(text: str) -> str:
    """Return `text` with entities, white space, invisible characters and typographic quotes made equal."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", html.unescape(text)))
    text = " ".join(_TYPOGRAPHIC.sub(lambda match: _TYPOGRAPHY[match[0]], text).split())
    for spaced, mark in _SPACED:
        text = text.replace(spaced, mark)
    return text


class Digests(NamedTuple):
    """An article's digests: `version` of title and text (a new one is the publisher's change), `text` of the text."""

    version: str
    text: str


def digests(title: str | None, text: str) -> Digests:
    """Return the digests of an article, each 32 hex digits of SHA-256 of what was normalised."""
    body = normalise(text)
    return Digests(_digest(f"{normalise(title or '')}\n{body}"), _digest(body))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
