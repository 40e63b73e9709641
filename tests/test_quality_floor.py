"""How well our own pages are read, against answers written by hand: figures that may rise, and never fall.

Each page of tests/pages that has an answers.json says what is right, whatever is read today: fields as the page states
them, and of the text the lines that are the article's (`text`), those that may be in it or not (`may`), and some that
must not be (`without`). docs/extraction.md tells how to write one.

`pytest -s tests/test_quality_floor.py` prints the figures and all that is wrong. Where they have risen for good, raise
the FLOORS to a little (one page or so) below them, and lower MOST_FOREIGN likewise. An answer is changed only where it
is wrong, and the change says why.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from archive.extraction import extract
from archive.models import Article, Rejection
from tests.test_extraction import PAGES, load

CASES = sorted(path.parent.name for path in PAGES.glob("*/answers.json"))
TEXTS = ("text F1", "text exact")
FLOORS = {
    "text F1": 0.965,
    "text exact": 0.73,
    "title": 0.96,
    "authors": 0.86,
    "published": 0.93,
    "modified": 0.86,
    "language": 0.98,
    "section": 0.85,
    "tags": 0.80,
    "description": 0.95,
    "image": 0.86,
    "free_access": 0.98,
}
MOST_FOREIGN = 22  # lines that must not be in a text and are, on all pages together
KINDS = 40  # pages at least
LANGUAGES = 12
# Scripts that put no space between words: a word a character.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(frozen=True)
class Reading:
    """One page as it is read, and as it ought to be."""

    case: str
    right: dict[str, Any]
    result: Article | Rejection

    def fields(self) -> Iterator[tuple[str, bool, Any]]:
        """For each field that the answers name: whether it is right, and what was read."""
        for name in (name for name in FLOORS if name in self.right):
            read = getattr(self.result, name, None)
            yield name, _agrees(name, read, self.right[name]), read

    @property
    def lines(self) -> list[str]:
        """What was read of the text, without what may be in it or not."""
        may = {_spaced(line) for line in self.right.get("may", ())}
        text = self.result.text if isinstance(self.result, Article) else ""
        return [line for line in map(_spaced, text.split("\n")) if line and line not in may]

    @property
    def wanted(self) -> list[str]:
        return [_spaced(line) for line in self.right["text"]]

    @property
    def foreign(self) -> list[str]:
        return [line for line in map(_spaced, self.right.get("without", ())) if line in self.lines]

    @property
    def f1(self) -> float:
        """F1 of the words of the text, each as often as it stands there."""
        read, wanted = (Counter(_WORD.findall(" ".join(lines))) for lines in (self.lines, self.wanted))
        return 2 * (read & wanted).total() / max(read.total() + wanted.total(), 1)

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """What is wrong with it, for whoever mends it: what, as it is read, as it ought to be."""
        if isinstance(self.result, Rejection):
            yield "refused", str(self.result), "an article"
        for name, right, read in self.fields():
            if not right:
                yield name, str(read), str(self.right[name])
        lines, wanted = self.lines, self.wanted
        yield from (("lost", "", line) for line in wanted if line not in lines)
        yield from (("added", line, "") for line in lines if line not in wanted)


def _agrees(name: str, read: Any, right: Any) -> bool:
    if isinstance(read, datetime):
        return isinstance(right, str) and _same_moment(read, right)
    if isinstance(read, tuple):
        return bool(list(read) == right)
    if name == "language":
        return isinstance(read, str) and f"{read}-".startswith(f"{right}-")
    if isinstance(read, str) and isinstance(right, str):
        return _spaced(read) == _spaced(right)
    return bool(read == right)


def _same_moment(read: datetime, stated: str) -> bool:
    """Whether a moment is right as precisely as the answer has it, and on the day that the page prints."""
    right = datetime.fromisoformat(stated)
    if read.date() != right.date():
        return False
    if len(stated) == len("2025-01-31"):
        return True
    return read == right if read.tzinfo and right.tzinfo else read.replace(tzinfo=None) == right.replace(tzinfo=None)


def _spaced(line: str) -> str:
    return " ".join(line.split())


def answers(case: str) -> dict[str, Any]:
    return json.loads((PAGES / case / "answers.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def readings() -> tuple[Reading, ...]:
    return tuple(Reading(case, answers(case), extract(load(case))) for case in CASES)


def figures() -> dict[str, float]:
    """The share of pages on which each field is right, the mean F1 of the texts, and the share that is right whole."""
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for reading in readings():
        asked.update(name for name, *_ in reading.fields())
        right.update(name for name, is_right, _ in reading.fields() if is_right)
    found = {name: right[name] / asked[name] for name in FLOORS if asked[name]}
    found["text F1"] = sum(reading.f1 for reading in readings()) / len(CASES)
    found["text exact"] = sum(reading.lines == reading.wanted for reading in readings()) / len(CASES)
    return found


def table() -> str:
    """All that is wrong on all pages, a line each: page, field, as read, as it ought to be."""
    wide = max(map(len, CASES))
    rows = [
        f"{reading.case:{wide}} {what:12} {read[:60]:60} | {right[:60]}"
        for reading in readings()
        for what, read, right in reading.faults()
    ]
    return "\n".join([f"{'page':{wide}} {'field':12} {'as read':60} | right", *rows])


def test_nothing_is_read_worse_than_it_was() -> None:
    found = figures()
    told = "\n".join(f"{name:12} {found[name]:6.3f}  floor {floor:.3f}" for name, floor in FLOORS.items())
    print(told, table(), sep="\n\n")
    worse = {name: share for name, share in found.items() if share < FLOORS[name]}
    assert not worse, f"below the floor: {', '.join(worse)}\n\n{told}\n\n{table()}"


def test_what_must_not_be_in_a_text_is_in_few() -> None:
    foreign = [f"{reading.case}: {line}" for reading in readings() for line in reading.foreign]
    print(len(foreign), *foreign, sep="\n")
    assert len(foreign) <= MOST_FOREIGN, "\n".join(foreign)


def test_the_pages_are_many_and_of_many_languages() -> None:
    languages = {reading.right["language"] for reading in readings()}
    assert len(CASES) >= KINDS
    assert len(languages) >= LANGUAGES, sorted(languages)


@pytest.mark.parametrize("case", CASES)
def test_answers_are_complete_and_do_not_contradict_themselves(case: str) -> None:
    right = answers(case)
    assert {"title", "authors", "language", "text", "without"} <= right.keys()
    assert right.keys() <= {*FLOORS, "text", "may", "without"} - {*TEXTS}
    lines = {_spaced(line) for line in right["text"]}
    assert lines
    assert lines.isdisjoint(map(_spaced, right["without"]))
    assert lines.isdisjoint(map(_spaced, right.get("may", ())))
    for name in ("published", "modified"):
        assert not right.get(name) or datetime.fromisoformat(right[name])
