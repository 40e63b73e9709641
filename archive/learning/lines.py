"""Lines that a site prints below or above every article: bylines, calls to subscribe, what it says of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from archive.learning.sample import Sample
from archive.reading.profile import Rule

_FEWEST = 3  # articles that have a line in common
_OFTEN = 0.05  # share of all articles, for a line at the edge of a text
_MOSTLY = 0.3  # share of all articles, for one in its midst: a series' standing introduction is its own
_SENTENCE = 60  # characters; shorter lines in the midst are a newsroom's subheadings
_EDGE = 2  # lines at the beginning of a text among which the template's stand
_LINKED = 0.6
_BY = "repetition"


def learn(samples: Sequence[Sample]) -> Iterator[Rule]:
    """Yield rules of kind "line" and "end"."""
    counts = Counter(line for sample in samples for line in set(sample.keys) if line)
    repeated = {line for line, count in counts.items() if count >= _FEWEST}
    often = {line for line in repeated if counts[line] >= _OFTEN * len(samples)}
    found = {rule.value: rule for rule in _lines(samples, counts, repeated, often)}
    ends = {rule.value: rule for rule in _ends(samples, sorted(often), set(found))}
    yield from ({**found, **ends}).values()


def _lines(samples: Sequence[Sample], counts: Counter[str], repeated: set[str], often: set[str]) -> Iterator[Rule]:
    for line in sorted(repeated):
        told = [line in sample.told for sample in samples if sample.told and line in sample.keys]
        standing = len(line) >= _SENTENCE and counts[line] >= _MOSTLY * len(samples)
        at_edge = line in often and all(map(partial(_at_edge, line, repeated), samples))
        if not any(told) and (told or standing or at_edge):
            yield Rule("line", "text", line, counts[line], right=len(told), by="rest" if told else _BY)


def _at_edge(line: str, repeated: set[str], sample: Sample) -> bool:
    """Whether a line is among the first, or nothing but links and repeated lines is behind it."""
    if line not in sample.keys:
        return True
    position = sample.keys.index(line)
    return position < _EDGE or _is_template(sample, position + 1, repeated)


def _is_template(sample: Sample, start: int, repeated: set[str]) -> bool:
    rest = zip(sample.keys[start:], sample.body.lines[start:], strict=True)
    return all(line in repeated or block.linked >= _LINKED * len(block.text) for line, block in rest)


def _ends(samples: Sequence[Sample], candidates: Sequence[str], gone: set[str]) -> Iterator[Rule]:
    """Lines from which on, wherever they stand, nothing is the article's; some are followed by lines of no rule."""
    for line in candidates:
        having = [sample for sample in samples if line in sample.keys]
        rests = [sample.keys[sample.keys.index(line) :] for sample in having]
        if not any(set(rest[1:]) - gone for rest in rests):
            continue
        told = [sample.told.isdisjoint(rest) for sample, rest in zip(having, rests, strict=True) if sample.told]
        if all(told) if told else all(_at_edge(line, gone, s) and not _is_first(line, s) for s in having):
            yield Rule("end", "text", line, len(having), right=len(told), by="rest" if told else _BY)


def _is_first(line: str, sample: Sample) -> bool:
    return sample.keys.index(line) < _EDGE
