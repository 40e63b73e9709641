"""Telling the same from the changed: digests that typography cannot move."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
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
    """An article's digests: `text` of the text alone; `version` of all that makes a version, see `substance`."""

    version: str
    text: str


def substance(
    title: str | None, text: str, authors: Iterable[str] = (), published: datetime | None = None
) -> dict[str, str]:
    """Return what makes a version, by field, such that equal values are no change by the publisher.

    Authors count without order and case. Of the date of publication the day counts, as the publisher states it: hours
    come and go with the place a date is read from. When it was last modified is no matter: what was modified is.
    """
    return {
        "title": normalise(title or ""),
        "text": normalise(text),
        "authors": "\n".join(sorted({normalise(name).casefold() for name in authors})),
        "published": published.date().isoformat() if published else "",
    }


def is_cut(text: str, whole: str) -> bool:
    """Tell whether a text is what a wall leaves of a whole one: some of its lines, or their beginnings, not its end."""
    lines, wholes = ([line for line in map(normalise, it.split("\n")) if line] for it in (text, whole))
    if not lines or not wholes or wholes[-1] in lines:
        return False
    return all(any(other.startswith(line.rstrip("….[] ")) for other in wholes) for line in lines)


def digests(title: str | None, text: str, authors: Iterable[str] = (), published: datetime | None = None) -> Digests:
    """Return the digests of an article, each 32 hex digits of SHA-256 of what was normalised."""
    found = substance(title, text, authors, published)
    return Digests(_digest("\n\n".join(found.values())), _digest(found["text"]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
