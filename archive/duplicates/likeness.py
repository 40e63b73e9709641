"""Whether one text copies another: the rules, in one place.

Resemblance and containment are Broder's (On the resemblance and containment of documents, 1997); what figures may do to
a copy is a rule of ours, against notes made from one template.
"""

from __future__ import annotations

from typing import NamedTuple

from archive.duplicates.passages import Passages

# Of the passages of both texts, those that are in both: with one word in fifteen changed, here and there, half are.
RESEMBLANCE = 0.5
# Of the passages of the shorter text, those that are in the longer: a copy that was cut, or added to.
CONTAINMENT = 0.8
# A longer text that is not a fifth the same holds the shorter one among others: a live blog, a review of the week.
LEAST_OF_BOTH = 0.2
# Copies change their figures as they change their words, notes of one template change nothing but the figures. Twice
# as many as the words let expect is too many, but for one in 200 words: a count that was corrected or has grown.
_FIGURES_EXPECTED = 2
_WORDS_A_FIGURE = 200


class Likeness(NamedTuple):
    """How alike two texts are, from 0 to 1.

    `jaccard` is the share of the passages of both texts that are in both, `containment` the share of the shorter one's
    that are in the longer.
    """

    jaccard: float
    containment: float


def likeness(one: Passages, other: Passages) -> Likeness:
    """Return how alike two texts are, by all their passages."""
    shared = len(one.plain & other.plain) + len(one.figured & other.figured)
    return Likeness(shared / (one.size + other.size - shared), shared / min(one.size, other.size))


def alike(one: Passages, other: Passages) -> Likeness | None:
    """Return how alike two texts are if one is a copy of the other, else None; whichever of them is named first."""
    least, most = sorted((one.size, other.size))
    if least < LEAST_OF_BOTH * most:
        return None
    found = likeness(one, other)
    if found.jaccard < RESEMBLANCE and (found.containment < CONTAINMENT or found.jaccard < LEAST_OF_BOTH):
        return None
    return found if _figures_agree(one, other) else None


def _figures_agree(one: Passages, other: Passages) -> bool:
    shorter, longer = sorted((one, other), key=_sizes)
    if not shorter.plain:  # nothing but figures: tables of results
        return shorter.figures <= longer.figures
    changed = 1 - len(shorter.plain & longer.plain) / len(shorter.plain)
    missing = len(shorter.figures - longer.figures)
    expected = len(shorter.figures) * changed
    return missing <= _FIGURES_EXPECTED * expected + shorter.words / _WORDS_A_FIGURE


def _sizes(text: Passages) -> tuple[int, ...]:
    """All that the answer depends on: texts that are equal in these can change places."""
    return text.size, len(text.plain), len(text.figures), text.words
