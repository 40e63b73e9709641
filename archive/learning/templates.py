"""Which pages of a site were made by the same template: by the class names they bear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archive.learning.sample import Sample
from archive.reading.profile import Template

FEWEST = 8  # pages from which anything can be learnt
_NEARLY_ALL = 0.95  # of its pages must bear a name for it to be a template's mark
_ALIKE = 0.5  # share of names two pages of one template have in common; parts of a page come and go
_MOST_MARKS = 60


@dataclass
class Group:
    """Pages of one template; `names` counts the class names on them."""

    samples: list[Sample] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)

    def add(self, sample: Sample) -> None:
        self.samples.append(sample)
        self.names.update(sample.names)

    def core(self) -> frozenset[str]:
        """Names on more than half of its pages."""
        return frozenset(name for name, count in self.names.items() if count > len(self.samples) / 2)

    def marks(self) -> tuple[str, ...]:
        """Names on nearly all pages, sorted; of very many those that are first in the alphabet."""
        enough = _NEARLY_ALL * len(self.samples)
        return tuple(sorted(name for name, count in self.names.items() if count >= enough)[:_MOST_MARKS])


def groups(samples: Iterable[Sample]) -> list[Group]:
    """Put pages, oldest first, into groups of one template each; only those with enough pages to learn from."""
    found: list[Group] = []
    for sample in samples:
        best = max(found, key=lambda group: _likeness(sample.names, group.core()), default=None)
        if best is None or _likeness(sample.names, best.core()) < _ALIKE:
            best = Group()
            found.append(best)
        best.add(sample)
    return [group for group in found if len(group.samples) >= FEWEST]


def kept(before: Sequence[Template], learnt: Sequence[Template]) -> list[Template]:
    """Templates that were known and of which no pages are left to learn from: old pages still need them."""
    return [old for old in before if not any(_likeness(set(old.marks), set(new.marks)) >= _ALIKE for new in learnt)]


def _likeness(one: Iterable[str], other: Iterable[str]) -> float:
    """Jaccard's coefficient; two pages without any names are alike."""
    mine, theirs = set(one), set(other)
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 1.0
