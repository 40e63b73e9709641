"""No text makes a regular expression of ours slow: four times the text takes about four times as long."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from tests.patterns import every_pattern, hostile_strings, ways

SHORT, LONG = 400, 1600  # characters
ENOUGH = 0.004  # seconds: what takes less is no danger, and too short to measure
# A linear pattern takes four times as long, a quadratic one sixteen times, and a loaded machine is never that unjust.
MOST = 10
PATTERNS = every_pattern()
MATCHED = {"archive.reading.bylines._ACCOUNT[0]", "archive.reading.bylines._SLUG[0]"}  # in a loop, by fullmatch only
OURS = {"archive.reading.bylinewords._BETWEEN[0]", "archive.reading.labels._BETWEEN[0]"}  # read nothing but our lists


def seconds(read: Callable[[Any], object], text: Any) -> float:
    began = time.process_time()
    read(text)
    return time.process_time() - began


def readings(name: str) -> list[Callable[[Any], object]]:
    pattern: re.Pattern[Any] = PATTERNS[name]
    each: dict[str, Callable[[Any], object]] = {
        "match": pattern.match,
        "fullmatch": pattern.fullmatch,
        "search": lambda text: deque(pattern.finditer(text), 0),
    }
    return [each[way] for way in ("fullmatch",) if name in MATCHED] or [each[way] for way in ways(name)]


def grows(read: Callable[[Any], object], short: Any, long: Any) -> bool:
    """Whether the longer text takes out of proportion longer, in the best of five measures of each."""
    if seconds(read, long) < ENOUGH:
        return False
    best = min(seconds(read, long) for _ in range(5))
    return best > ENOUGH and best > MOST * min(seconds(read, short) for _ in range(5))


def test_all_are_found() -> None:
    assert len(PATTERNS) > 300


@pytest.mark.parametrize("name", sorted(PATTERNS.keys() - OURS))
def test_time_grows_with_the_text(name: str) -> None:
    pattern = PATTERNS[name]
    slow = [
        short[:8]
        for short, long in zip(hostile_strings(pattern, SHORT), hostile_strings(pattern, LONG), strict=True)
        for read in readings(name)
        if grows(read, short, long)
    ]
    assert not slow
