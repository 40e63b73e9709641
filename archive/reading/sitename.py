"""The site's name, and titles without it: publishing systems write both together for search results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from archive.reading import jsonld
from archive.reading.choice import Choice, Claim, choose
from archive.reading.evidence import Evidence
from archive.reading.wording import same, words

# Marks between a headline and a site's name. A colon or a guillemet with spaces around it is French or Swiss, too.
_SEPARATOR = re.compile(r"(?<!\s)\s+(?:[|–—\-·•»«:/~›⋆*]+|::)\s+|(?:(?<!\s)\s+)?(?:[|ㅣ｜│ǀ]|--|：)\s*")
_PIPE = re.compile(r"(?:(?<!\s)\s+)?(?:[|ㅣ｜│ǀ]|--)\s*|(?<!\s)\s+(?:[»›·•~]|/{1,2})\s+")
_DASH = re.compile(r"(?<!\s)\s+[–—\-]\s+")
_EDGES = " \u00a0|–—·•»«›~/"
_LONGEST = 500  # characters of a title in which a site's name is looked for
_TELLING = 3  # words that are no coincidence
_MOST = 5  # names looked at of one kind
_SUFFIX_WORDS = 6  # the most words of a site's name


def claims(evidence: Evidence) -> list[Claim[str]]:
    """og:site_name, which is written for display; JSON-LD's publisher and WebSite; the names of the site as an app."""
    markup = evidence.markup
    stated = [Claim(found.value, found.source) for found in islice(markup.every_meta("og:site_name"), _MOST)]
    stated += [Claim(name, "json-ld") for _, name in islice(evidence.organisations(), _MOST)]
    websites = (jsonld.string(node.get("name")) for node in islice(evidence.graph.of_type("WebSite"), _MOST))
    stated += [Claim(name, "json-ld") for name in websites if name]
    apps = islice(markup.every_meta("application-name", "apple-mobile-web-app-title"), _MOST)
    return stated + [Claim(found.value, found.source) for found in apps]


def site_name(evidence: Evidence) -> Choice[str] | None:
    """The first of the claims."""
    return choose(claims(evidence))


def without_site(text: str, names: Sequence[str], printed: Sequence[str]) -> str:
    """The text without a last (or first) part that is one of the site's names, or that a printed headline lacks.

    `names` are the site's names and its host.
    """
    if len(text) > _LONGEST:
        return text
    if any(same(text, headline) for headline in printed):
        return text
    ends = [words(headline) for headline in printed]
    for separator in _SEPARATOR.finditer(text):
        before, after = text[: separator.start()].strip(), text[separator.end() :].strip()
        if _is_end(words(before), ends) or is_site(after, names):
            return before or text
        if is_site(before, names):
            return after or text
    return text


def _is_end(part: list[str], ends: Sequence[list[str]]) -> bool:
    """Whether a printed headline ends in these words: before them it may hold a kicker or a date."""
    return any(part == end or (len(part) >= _TELLING and part == end[-len(part) :]) for end in ends)


def longest_part(text: str) -> str:
    """The headline in a `<title>`: the part with most words, since the names of site and section are short.

    A dash separates only where nothing stronger does: headlines have dashes of their own.
    """
    marks = _PIPE if _PIPE.search(text[:_LONGEST]) else _DASH
    parts = [stripped for part in marks.split(text[:_LONGEST]) if (stripped := part.strip(_EDGES))]
    return max(parts, key=lambda part: len(words(part)), default=text)


def closes(text: str, page_title: str | None) -> bool:
    """Whether the text is the last part of the page's title, after another: the site's name stands there."""
    parts = _SEPARATOR.split((page_title or "")[:_LONGEST])
    return len(parts) > 1 and same(text, parts[-1]) and len(words(parts[0])) >= len(words(parts[-1]))


def is_site(part: str, names: Sequence[str]) -> bool:
    """Whether the text is one of the names, however it is spaced and capitalised, or a host's without its ending."""
    own = words(part)
    name = "".join(own)
    if not name or len(own) > _SUFFIX_WORDS:
        return False
    return any(name in {"".join(words(known)), _bare(known)} for known in names if known)


def _bare(name: str) -> str:
    """www.le-port.example as leport: people call a site by its host without the ending."""
    found = name.casefold().removeprefix("www.").rpartition(".")[0] if " " not in name else ""
    return "".join(words(found))
