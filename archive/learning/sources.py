"""Which of a template's witnesses is right for a field, judged by what the feed or the API says of the same articles.

Where neither says anything, a value that several of the page's own witnesses agree on is taken for the truth: that
tells which of them strays on the pages where they do not agree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import UTC
from typing import Any, NamedTuple

from archive.learning.sample import Sample
from archive.reading import authorship, headline, moments
from archive.reading.choice import Claim
from archive.reading.evidence import Evidence
from archive.reading.markup import clean, content
from archive.reading.profile import Rule, is_named, signature

_OUTSIDE = ("rest", "feed", "news-sitemap")  # what is not read from the page itself
_FEWEST = 5  # pages on which a rule must have been confirmed
_RIGHT = 0.95  # of the pages on which a witness spoke
_SPOKE = 0.8  # of the pages
_FEWEST_CUT = 3
_LONGEST_BYLINE = 200


class Truth(NamedTuple):
    """What a page's field is, in the form that is compared, and who says so."""

    value: Hashable
    by: str


class Testimony(NamedTuple):
    """One page's witnesses of a field in the form that is compared, and the truth, if anybody knows it."""

    claims: tuple[tuple[str, Hashable], ...]
    truth: Truth | None


def learn(samples: Sequence[Sample]) -> Iterator[Rule]:
    """Yield rules of kind "source", "cut" and "element" for title, authors and published."""
    for about, (claims, form) in _FIELDS.items():
        testimonies = [_testimony(claims(sample.evidence), form) for sample in samples]
        yield from _source(about, testimonies)
        if about == "authors":
            yield from _element(about, samples, testimonies)
    yield from _cuts(samples)


def _testimony(claims: Sequence[Claim[Any]], form: Callable[[Any], Hashable]) -> Testimony:
    formed = [(claim.source, form(claim.value)) for claim in claims if form(claim.value)]
    own = tuple((source, value) for source, value in formed if source not in _OUTSIDE)
    outside = next(((value, source) for source, value in formed if source in _OUTSIDE), None)
    return Testimony(own, Truth(*outside) if outside else _agreed(own))


def _agreed(claims: Sequence[tuple[str, Hashable]]) -> Truth | None:
    """The value that most witnesses state, if there are two or more."""
    witnesses: dict[Hashable, set[str]] = defaultdict(set)
    for source, value in claims:
        witnesses[value].add(_kind(source))
    best = max(witnesses.items(), key=lambda item: len(item[1]), default=None)
    return Truth(best[0], "agreement") if best and len(best[1]) > 1 else None


def _kind(source: str) -> str:
    """Witnesses that one program writes from one value are one: SEO plugins fill og:title and twitter:title alike."""
    return "social" if source.startswith(("og:", "twitter:")) else source


def _source(about: str, testimonies: Sequence[Testimony]) -> Iterator[Rule]:
    by = "feed" if sum(_is_outside(t) for t in testimonies) >= _FEWEST else "agreement"
    right: Counter[str] = Counter()
    spoke: Counter[str] = Counter()
    for testimony in testimonies:
        if testimony.truth is None or (by != "agreement" and not _is_outside(testimony)):
            continue
        first = dict(reversed(testimony.claims))
        spoke.update(first.keys())
        right.update(source for source, value in first.items() if value == testimony.truth.value)
    enough = max(_FEWEST, _SPOKE * len(testimonies)) if by == "agreement" else _FEWEST
    good = [source for source in _ordered(testimonies) if right[source] >= max(_RIGHT * spoke[source], enough)]
    best = max(good, key=lambda source: (right[source] / spoke[source], right[source]), default=None)
    if best is not None:
        named = "rest" if any(t.truth and t.truth.by == "rest" for t in testimonies) and by != "agreement" else by
        yield Rule("source", about, best, spoke[best], right[best], spoke[best] - right[best], named)


def _ordered(testimonies: Sequence[Testimony]) -> list[str]:
    """The witnesses in the order that they have without a profile: among equals the first is believed."""
    return list(dict.fromkeys(source for testimony in testimonies for source, _ in testimony.claims))


def _is_outside(testimony: Testimony) -> bool:
    return testimony.truth is not None and testimony.truth.by != "agreement"


def _cuts(samples: Sequence[Sample]) -> Iterator[Rule]:
    """What titles have behind the headline: the site's name, or a section's."""
    ends: Counter[str] = Counter()
    confirmed: Counter[str] = Counter()
    for sample in samples:
        found, outside = _ends(sample.evidence)
        ends.update(found)
        confirmed.update(found if outside else ())
    for end, count in sorted(ends.items()):
        if count >= max(_FEWEST_CUT, len(samples) / 10):
            yield Rule("cut", "title", end, count, right=confirmed[end], by="feed" if confirmed[end] else "repetition")


def _ends(evidence: Evidence) -> tuple[set[str], bool]:
    """What a page's titles have behind its headline, and whether feed or API say what that is.

    If they do not, it is the longest title that another one begins with.
    """
    stated = [(claim.source, clean(claim.value) or "") for claim in headline.claims(evidence)]
    titles = {evidence.markup.page_title or "", *(title for source, title in stated if source not in _OUTSIDE)}
    told = [title for source, title in stated if source in _OUTSIDE]
    for heading in dict.fromkeys(told or (title for source, title in stated if source != "title")):
        found = {title[len(heading) :] for title in titles if title.startswith(heading) and title != heading}
        if len(heading) > _FEWEST_CUT and (found or told):
            return found, bool(told)
    return set(), False


def _element(about: str, samples: Sequence[Sample], testimonies: Sequence[Testimony]) -> Iterator[Rule]:
    """Named elements that print the byline wherever it is known."""
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for sample, testimony in zip(samples, testimonies, strict=True):
        if testimony.truth is None:
            continue
        first = _first_bylines(sample)
        seen.update(first.keys())
        right.update(signed for signed, names in first.items() if names == testimony.truth.value)
    known = sum(testimony.truth is not None for testimony in testimonies)
    good = [signed for signed in right if right[signed] >= max(_RIGHT * seen[signed], _FEWEST, _SPOKE * known)]
    for signed in sorted(good, key=lambda signed: (-right[signed], len(signed), signed))[:1]:
        by = Counter(testimony.truth.by for testimony in testimonies if testimony.truth).most_common(1)[0][0]
        yield Rule("element", about, signed, seen[signed], right[signed], seen[signed] - right[signed], by)


def _first_bylines(sample: Sample) -> dict[str, Hashable]:
    """For each kind of named element the people that its first one names, and nothing else."""
    found: dict[str, Hashable] = {}
    for element in sample.evidence.markup.root.iter("a", "span", "div", "p", "address", "strong", "li"):
        signed = signature(element)
        if signed in found or not is_named(signed):
            continue
        text = content(element) if len(element) < 6 else None
        found[signed] = _people(authorship.printed([element])) if text and len(text) <= _LONGEST_BYLINE else None
    return {signed: names for signed, names in found.items() if names}


def _title(evidence: Evidence) -> Sequence[Claim[str]]:
    return headline.claims(evidence)


def _words(text: str) -> Hashable:
    return tuple(headline.words(text))


def _people(names: Sequence[str]) -> Hashable:
    return tuple(sorted(" ".join(headline.words(name)) for name in names))


def _instant(moment: moments.Moment) -> Hashable:
    at = moment.at if moment.at.tzinfo else moment.at.replace(tzinfo=UTC)
    return at.astimezone(UTC).replace(second=0, microsecond=0)


_FIELDS: dict[str, tuple[Callable[[Evidence], Sequence[Claim[Any]]], Callable[[Any], Hashable]]] = {
    "title": (_title, _words),
    "authors": (authorship.claims, _people),
    "published": (moments.claims, _instant),
}
