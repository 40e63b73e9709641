"""What a publisher changed between two versions of an article, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal, NamedTuple

from archive.dedup import normalise, substance
from archive.models import Version

Operation = Literal["equal", "delete", "insert"]
# Words, and what stands between them; scripts without spaces between words are compared sign by sign.
_TOKEN = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+"
    r"|\s+|[^\w\s]"
)
_MOST_TOKENS = 20_000  # of a run of changed lines; beyond them the run is shown as one change
_WORD = re.compile(r"\w")


class Span(NamedTuple):
    """A run of text that both versions have, or only the earlier (delete), or only the later (insert)."""

    operation: Operation
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """From one version to the next: which fields differ, and the spans of title and text."""

    before: Version
    after: Version
    fields: tuple[str, ...]
    title: tuple[Span, ...]
    text: tuple[Span, ...]

    @property
    def inserted(self) -> int:
        return words_in(self.text, "insert")

    @property
    def deleted(self) -> int:
        return words_in(self.text, "delete")


def between(before: Version, after: Version) -> Change:
    """Compare two versions of one article; differences of typography and white space are none."""
    title = spans(before.title or "", after.title or "")
    return Change(before, after, fields_changed(before, after), title, spans(before.text, after.text))


def each(versions: Sequence[Version]) -> Iterator[Change]:
    """Compare each of an article's versions, the oldest first, with the next."""
    return (between(before, after) for before, after in pairwise(versions))


def words_in(found: Iterable[Span], operation: Operation) -> int:
    """Count the words (signs, in scripts without spaces) of one operation."""
    return sum(1 for span in found if span.operation == operation for token in _tokens(span.text) if _WORD.match(token))


def spans(before: str, after: str) -> tuple[Span, ...]:
    """Compare two texts word by word: lines first, so that long texts take no longer than their changes."""
    one, two = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found: list[Span] = []
    for operation, a, b, c, d in _operations([normalise(line) for line in one], [normalise(line) for line in two]):
        if operation == "equal":
            found.append(Span("equal", "".join(two[c:d])))
            if d == len(two) and b < len(one) and not two[-1].endswith("\n"):
                found.append(Span("delete", "\n"))  # what parted it from the lines that went
        else:
            found += _changed("".join(one[a:b]), "".join(two[c:d]))
    return tuple(_joined(found))


def fields_changed(before: Version, after: Version) -> tuple[str, ...]:
    """Return which fields the publisher changed, of those that make a version (`dedup.substance`)."""
    one, two = (substance(it.title, it.text, it.authors, it.published) for it in (before, after))
    return tuple(name for name in one if one[name] != two[name])


def _changed(before: str, after: str) -> Iterator[Span]:
    one, two = _tokens(before), _tokens(after)
    if len(one) + len(two) > _MOST_TOKENS:
        yield from (Span("delete", before), Span("insert", after))
        return
    keys = [[normalise(token) or token[:1] for token in tokens] for tokens in (one, two)]
    for operation, a, b, c, d in _operations(keys[0], keys[1]):
        if operation == "equal":
            yield Span("equal", "".join(two[c:d]))
            continue
        if a < b:
            yield Span("delete", "".join(one[a:b]))
        if c < d:
            yield Span("insert", "".join(two[c:d]))


def _operations(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """As difflib gives them; its heuristic for frequent elements would take common words for changed ones."""
    return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())


def _joined(found: Iterable[Span]) -> Iterator[Span]:
    """Changes that only a space parts as one, since nobody reads word by word what was written anew."""
    gone, come = "", ""
    for span in (*found, Span("equal", "")):
        if span.operation == "delete":
            gone += span.text
        elif span.operation == "insert":
            come += span.text
        elif gone and come and span.text and not span.text.strip() and "\n" not in span.text:
            gone, come = gone + span.text, come + span.text
        else:
            yield from _pair(gone, come)
            gone, come = "", ""
            if span.text:
                yield span


def _pair(gone: str, come: str) -> Iterator[Span]:
    if gone:
        yield Span("delete", gone)
    if come:
        yield Span("insert", come)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)
