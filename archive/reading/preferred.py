"""What a site's profile changes in the choice among a field's witnesses: selectors by hand, then what was learnt.

REST's own words stay above what was learnt: the profile was confirmed by them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TypeVar

from archive.reading import authorship, headline
from archive.reading.choice import Choice, Claim
from archive.reading.evidence import Evidence
from archive.reading.markup import content
from archive.reading.profile import BY_HAND, LEARNT, signature

T = TypeVar("T")


def title(evidence: Evidence, chosen: Choice[str] | None) -> Choice[str] | None:
    """The headline by the profile; as chosen without one."""
    if evidence.known.profile is None:
        return chosen
    for selector, elements in evidence.known.selected("title", evidence.markup.root):
        written = next(filter(None, map(content, elements)), None)
        if written:
            return _instead(chosen, Claim(written, selector), BY_HAND)
    found = _learnt(evidence, "title", chosen, headline.claims)
    return found and _cut(found, evidence.known.values("cut", "title"))


def authors(evidence: Evidence, chosen: Choice[tuple[str, ...]] | None) -> Choice[tuple[str, ...]] | None:
    """The byline by the profile; as chosen without one."""
    if evidence.known.profile is None:
        return chosen
    for selector, elements in evidence.known.selected("author", evidence.markup.root):
        if written := authorship.printed(elements):
            return _instead(chosen, Claim(written, selector), BY_HAND)
    found = _learnt(evidence, "authors", chosen, authorship.claims)
    return _placed(evidence, chosen) if found is chosen else found


def _placed(evidence: Evidence, chosen: Choice[tuple[str, ...]] | None) -> Choice[tuple[str, ...]] | None:
    """Who is named where bylines stand in this template."""
    if chosen and chosen.source == "rest":
        return chosen
    elements = evidence.known.placed("authors", evidence.markup.root)[:1]
    named = authorship.printed(elements)
    return _instead(chosen, Claim(named, signature(elements[0])), LEARNT) if named else chosen


def _learnt(
    evidence: Evidence,
    about: str,
    chosen: Choice[T] | None,
    claims: Callable[[Evidence], Sequence[Claim[T]]],
) -> Choice[T] | None:
    """What the witness says that was right on this template's pages; as chosen if there is none or it is silent."""
    wanted = evidence.known.preferred(about)
    if wanted is None or (chosen and chosen.source == "rest"):
        return chosen
    claim = next((claim for claim in claims(evidence) if claim.source == wanted), None)
    return _instead(chosen, claim, LEARNT) if claim else chosen


def _instead(chosen: Choice[T] | None, claim: Claim[T], rule: str) -> Choice[T]:
    others = (chosen.source, *chosen.others) if chosen else ()
    return Choice(claim.value, claim.source, rule, tuple(other for other in others if other != claim.source))


def _cut(found: Choice[str], ends: Sequence[str]) -> Choice[str]:
    """The headline without what this template's titles end in."""
    end = max((end for end in ends if found.value.endswith(end) and found.value != end), key=len, default=None)
    if end is None or found.source == "rest":
        return found
    return dataclasses.replace(found, value=found.value[: -len(end)].rstrip(), rule=f"{found.rule}; its end cut off")
