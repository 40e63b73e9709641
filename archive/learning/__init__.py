"""Learning a site: from stored pages of its articles to a profile of its templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from archive.learning import elements, lines, sources
from archive.learning.sample import Sample, independent, read
from archive.learning.templates import FEWEST, Group, groups, kept
from archive.reading.profile import Profile, Rule, Template

__all__ = ["FEWEST", "Sample", "learn", "read"]


def learn(
    site: str,
    samples: Iterable[Sample],
    before: Profile | None = None,
    selectors: Mapping[str, tuple[str, ...]] | None = None,
) -> Profile:
    """Learn a profile from pages given oldest first; pure: the same pages in the same order give the same version.

    A template that `before` knew stays in it as it is unless there are pages to learn it from again. `selectors` are
    those written by hand; without them those of `before` stay.
    """
    learnt = [_template(group) for group in groups(independent(samples))]
    known = before.templates if before else ()
    by_hand = dict(selectors) if selectors is not None else dict(before.selectors) if before else {}
    return Profile(site, (*learnt, *kept(known, learnt)), by_hand)


def _template(group: Group) -> Template:
    days = sorted(sample.page.captured_at.date().isoformat() for sample in group.samples)
    return Template(group.marks(), len(group.samples), days[0], days[-1], tuple(_rules(group.samples)))


def _rules(samples: list[Sample]) -> Iterator[Rule]:
    yield from sources.learn(samples)
    yield from elements.learn(samples)
    yield from lines.learn(samples)
