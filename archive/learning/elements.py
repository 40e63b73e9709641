"""Where in a template the article stands, and parts within it that are never the article's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from archive.learning.sample import Sample
from archive.reading import container
from archive.reading.markup import Element
from archive.reading.profile import Rule, is_named, signature, with_signatures
from archive.reading.recurring import key, lines_of

_FEWEST = 3
_SAME_TEXT = 0.6  # of the pages with such a part must print the same in it
_LITTLE = 0.3  # of an article's text that such a part may be
_COVERED = 0.9  # of an article's text must stand in its container
_MOST_PAGES = 0.8
_TOO_MUCH = 1.5  # times the text that was found without the container
_SURE = "wordpress post"


def learn(samples: Sequence[Sample]) -> Iterator[Rule]:
    """Yield rules of kind "element" for the text, and "remove"."""
    yield from _container(samples)
    yield from _parts(samples)


def _container(samples: Sequence[Sample]) -> Iterator[Rule]:
    """The innermost named element that holds the text, if it does so on nearly all pages."""
    if all(sample.body.found_by == _SURE for sample in samples):
        return
    votes = Counter(signed for sample in samples if (signed := _holder(sample)))
    for signed, count in votes.most_common(1):
        right = sum(_holds(sample, signed) for sample in samples)
        if count >= _MOST_PAGES / 2 * len(samples) and right >= _MOST_PAGES * len(samples):
            yield Rule("element", "text", signed, len(samples), right, len(samples) - right, "agreement")


def _holder(sample: Sample) -> str | None:
    lines = set(sample.keys)
    total = sum(map(len, lines))
    best = None
    here = next(sample.evidence.markup.root.iter("body"), None)
    while here is not None and total:
        if is_named(signature(here)) and here.tag != "body":
            best = signature(here)
        here = next((child for child in here if isinstance(child.tag, str) and _share(child, lines, total)), None)
    return best


def _share(element: Element, lines: set[str], total: int) -> bool:
    text = key("".join(element.itertext("*")))
    return len(text) >= _COVERED * total and sum(len(line) for line in lines if line in text) >= _COVERED * total


def _holds(sample: Sample, signed: str) -> bool:
    elements = with_signatures(sample.evidence.markup.root, [signed])
    lines, total = set(sample.keys), sum(map(len, set(sample.keys)))
    return len(elements) == 1 and _share(elements[0], lines, total)


def _parts(samples: Sequence[Sample]) -> Iterator[Rule]:
    """Named parts within the article's container that print the same on most pages that have them."""
    texts: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    large: set[str] = set()
    for sample in samples:
        for signed, text, told in _named_parts(sample):
            if len(text) > _LITTLE * sum(map(len, sample.keys)):
                large.add(signed)
            texts[signed].append((text, told))
    for signed, seen in sorted(texts.items()):
        (text, count), *_ = Counter(text for text, _ in seen).most_common(1)
        wrong = sum(told for _, told in seen)
        if signed not in large and text and not wrong and count >= max(_FEWEST, _SAME_TEXT * len(seen)):
            yield Rule("remove", "text", signed, len(seen), count, wrong, "repetition")


def _named_parts(sample: Sample) -> Iterator[tuple[str, str, bool]]:
    """Each kind of named part of the text's elements: signature, what its first prints, whether the API has it."""
    lines = set(sample.keys)
    seen: set[str] = set()
    for root in sample.body.elements:
        for element in root.iterdescendants("div", "section", "p", "ul", "ol", "aside", "span", "h2", "h3", "h4"):
            signed = signature(element) if element.get("class") or element.get("id") else ""
            if not signed or signed in seen or not is_named(signed) or container.is_other(element):
                continue
            seen.add(signed)
            printed = [key(line) for line in lines_of(element, sample.evidence.markup)]
            if lines.intersection(printed):
                yield signed, " ".join(printed), not sample.told.isdisjoint(printed)
