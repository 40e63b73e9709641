"""What a rule says of a page's kind, and asking rules in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

ARTICLE = "article"  # the kind that is kept; every other is a reason to reject by
Seen = TypeVar("Seen")


class Verdict(NamedTuple):
    """What a rule knows: `kind` is "article" or the reason to reject by; `because` what it saw."""

    kind: str
    because: str


ASKED_FOR = Verdict(ARTICLE, "any kind of page was asked for")


def first(rules: Mapping[str, Callable[[Seen], Verdict | None]], seen: Seen) -> Verdict | None:
    """Return what the first rule that knows says, its name before it."""
    for name, rule in rules.items():
        verdict = rule(seen)
        if verdict:
            return Verdict(verdict.kind, f"{name}: {verdict.because}")
    return None
