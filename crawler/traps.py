"""Traps: addresses of one form without an end (calendars, session ids), none of which is an article.

A site can name any number of them, in listings and sitemaps. What tells them is not what they look like but what
became of the first hundred.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

from archive.urls import canonicalise

ENOUGH = 100  # pages of one form, none of them an article
_LETTERS = re.compile(r"[a-z]+", re.IGNORECASE)


def comparable(url: str) -> str:
    """Return a URL without what marks a visit: the frontier knows it so. What cannot be understood stays as it is."""
    try:
        return canonicalise(url)
    except ValueError:
        return url


def form_of(url: str) -> str:
    """Return what addresses of one kind have in common: words stay, numbers, ids and titles do not.

    https://example.org/agenda/2026/03/?sid=8f3a -> example.org/agenda/#/#/?sid
    """
    parts = urlsplit(comparable(url))
    path = "/".join(map(_form_of_segment, parts.path.split("/")))
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{parts.netloc}{path}" + (f"?{'&'.join(names)}" if names else "")


def _form_of_segment(segment: str) -> str:
    if not segment or _LETTERS.fullmatch(segment):
        return segment[:40]
    return "~" if segment.count("-") > 1 else "#"


class Traps:
    """What became of the pages of one crawl, by their form."""

    def __init__(self, enough: int = ENOUGH) -> None:
        self.enough = enough
        self.in_vain: Counter[str] = Counter()
        self.good: set[str] = set()

    def note(self, url: str, outcome: str) -> None:
        """Note what became of a page that was fetched; `outcome` as in `archive.frontier.OUTCOMES`."""
        if outcome in ("new", "changed", "unchanged"):
            self.good.add(form_of(url))
        elif outcome == "rejected":
            self.in_vain[form_of(url)] += 1

    def holds(self, url: str) -> bool:
        """Tell whether a URL is of a form that has given pages enough, and no article."""
        form = form_of(url)
        return self.in_vain[form] >= self.enough and form not in self.good
