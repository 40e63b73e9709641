"""What lies behind an alarm, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from archive.health.spells import Spell, is_another_template, is_edited

NEW_TEMPLATE, SAME_TEMPLATE = "template changed", "same template"
GONE, BLOCKED, CLOSED, UNREACHABLE, SILENT = "feed gone", "blocked", "robots closed", "unreachable", "silent"
_BLOCKED = (
    "blocked",
    "captcha",
    "consent_wall",
    "http_401",
    "http_403",
    "http_406",
    "http_407",
    "http_429",
    "http_451",
)
_GONE = ("http_404", "http_410", "empty")

ABOUT = {
    NEW_TEMPLATE: "the pages are made by another template than before, or by one that was edited",
    SAME_TEMPLATE: "the pages are made as before: the site itself has changed what it says there",
    GONE: "what named the articles is gone, empty or no longer announced",
    BLOCKED: "the site turns us away",
    CLOSED: "robots.txt forbids it",
    UNREACHABLE: "the site does not answer, or answers with an error of its own",
    SILENT: "everything answers, and nothing new is there",
}
# What to do next; {site} is its name.
NEXT = {
    NEW_TEMPLATE: "marbre sites profile {site} --learn   then: marbre extract --site {site}",
    SAME_TEMPLATE: "look at one of the pages; if the site still prints it: a selector in sites.toml (docs/sites.md)",
    GONE: "marbre sites check {site}",
    BLOCKED: "raise delay in sites.toml, or write to the site; marbre sites check {site}",
    CLOSED: "read the site's robots.txt; marbre sites check {site}",
    UNREACHABLE: "wait a day, then: marbre sites check {site}",
    SILENT: "open the site in a browser: has it moved, or stopped? marbre sites check {site}",
}


def of_pages(spell: Spell[Any]) -> str:
    """Return the cause that shows in the pages themselves."""
    changed = is_another_template(spell.bad, spell.before) or is_edited(spell.seen, spell.before)
    return NEW_TEMPLATE if changed else SAME_TEMPLATE


def of_reasons(reasons: Iterable[str | None]) -> str:
    """Return the cause that most of the reasons speak of: those of requests, sources and rejections."""
    counted = Counter(_of_reason(reason) for reason in reasons if reason)
    return counted.most_common(1)[0][0] if counted else SILENT


def _of_reason(reason: str) -> str:
    if reason in _BLOCKED:
        return BLOCKED
    if reason in _GONE:
        return GONE
    return CLOSED if reason == "robots" else UNREACHABLE


def is_turned_away(reason: str | None) -> bool:
    """Whether a page that was read is one that stands in the articles' way."""
    return reason in _BLOCKED
