"""Which of several witnesses of a field is believed: every claim is named, and so is the rule that chose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
FIRST = "first of the stated order"
ONLY = "the only claim"


@dataclass(frozen=True, slots=True)
class Claim(Generic[T]):
    """What one witness says of a field: the value, and the witness's name: json-ld, h1, a meta tag's, feed, ..."""

    value: T
    source: str


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """The value believed, its witness, the rule that chose it, and the names of the other witnesses in their order."""

    value: T
    source: str
    rule: str
    others: tuple[str, ...] = ()

    def origin(self) -> dict[str, Any]:
        """The same without the value, as `Article.provenance` keeps it."""
        return {"source": self.source, "rule": self.rule, "others": list(self.others)}


def choose(claims: Iterable[Claim[T]], rule: str = FIRST, chosen: Claim[T] | None = None) -> Choice[T] | None:
    """Believe `chosen`, or the first of the claims; none if there are no claims."""
    stated = list(claims)
    if not stated:
        return None
    winner = chosen or stated[0]
    others = dict.fromkeys(claim.source for claim in stated if claim is not winner)
    return Choice(winner.value, winner.source, rule if len(stated) > 1 else ONLY, tuple(others))
