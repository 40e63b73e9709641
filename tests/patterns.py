"""Every regular expression of ours, found by importing everything, and strings made so that each of them is slow."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import archive
import crawler

_PLAIN = "a 1.,-/<\"'=&;:_\n\t\0"
_MOST_LETTERS = 24
_WAYS = {"match": "match", "fullmatch": "fullmatch"} | dict.fromkeys(
    ("search", "sub", "subn", "split", "findall", "finditer"), "search"
)
_USE = re.compile(r"(?<!\w)([A-Z_][A-Z0-9_]+)(?!\w)( = |\.\w+\(|)")


def every_pattern() -> dict[str, re.Pattern[Any]]:
    """Every compiled pattern of the two packages, by its module's name and its own."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in _modules():
        for name, value in vars(module).items():
            for number, pattern in enumerate(_within(value, 3)):
                found.setdefault(f"{module.__name__}.{name}[{number}]", pattern)
    return {name: one for name, one in found.items() if name == next(n for n, o in found.items() if o is one)}


def _modules() -> Iterator[ModuleType]:
    for package in (archive, crawler):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def _within(value: object, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, Mapping):
        for one in value.values():
            yield from _within(one, depth - 1)
    elif depth and isinstance(value, tuple | list | frozenset | set):
        for one in value:
            yield from _within(one, depth - 1)
    elif depth and dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _within(getattr(value, field.name), depth - 1)


def hostile_strings(pattern: re.Pattern[Any], length: int) -> Iterator[Any]:
    """Repetitions of what the pattern is made of, and an end that nothing is made of."""
    words = _words(pattern)
    for unit in words:
        text = (unit * (length // len(unit) + 1))[:length] + "\u0001"
        yield text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text


def _words(pattern: re.Pattern[Any]) -> list[str]:
    """Single characters and short runs of literals of a pattern, and pairs of the commonest."""
    runs: list[str] = []
    try:
        _literals(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE), runs)
    except (re.error, ValueError):
        runs = []
    letters = list(dict.fromkeys([*_PLAIN, *(letter for run in runs for letter in run)]))[:_MOST_LETTERS]
    whole = [run for run in dict.fromkeys(runs) if 1 < len(run) < 40][:_MOST_LETTERS]
    pairs = [f"{one}{two}" for one in "a1 <" for two in " .,-a\n"]
    return [*letters, *pairs, *whole, *(f"{run} " for run in whole[:8]), *(f" {run}a" for run in whole[:8])]


def _literals(parsed: Any, runs: list[str]) -> None:
    run = ""
    for kind, value in parsed:
        if str(kind) == "LITERAL":
            run += chr(value)
            continue
        runs.append(run)
        run = ""
        for part in _parts(value):
            _literals(part, runs)
    runs.append(run)
    runs[:] = [run for run in runs if run]


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, parser.SubPattern):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _parts(one)


def ways(name: str) -> set[str]:
    """Which of "match", "fullmatch" and "search" a pattern (`module.NAME[0]`) is used by; all, if that is not plain."""
    module, _, own = name.partition("[")[0].rpartition(".")
    uses = _uses(module) if own.startswith("_") else _all_uses()
    how = {use.strip(".(") for other, use in uses if other == own and use != " = "}
    return {_WAYS[use] for use in how} if how and how <= _WAYS.keys() else {"match", "fullmatch", "search"}


@cache
def _uses(module: str) -> frozenset[tuple[str, str]]:
    path = Path(importlib.import_module(module).__file__ or "")
    return frozenset(_USE.findall(path.read_text(encoding="utf-8")))


@cache
def _all_uses() -> frozenset[tuple[str, str]]:
    return frozenset(use for module in _modules() for use in _uses(module.__name__))
