"""What files of a whole site say about the use of its pages: /.well-known/tdmrep.json, and lines of robots.txt.

Sources: TDM Reservation Protocol (2024-05-10), 3.1; Content Signals (contentsignals.org); RSL 1.0 (rslstandard.org);
RFC 9309. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from archive.rights.claims import Claim
from archive.robots import Line, Rules, matches

TDMREP = "/.well-known/tdmrep.json"
_LARGEST = 1 << 20  # bytes
_MOST_RULES = 2000
_LONGEST = 500
_SIGNAL = re.compile(r"([a-z][a-z-]{0,30})\s*=\s*(yes|no)", re.IGNORECASE)


def of_tdmrep(body: bytes, url: str) -> tuple[Claim, ...]:
    """Return what a tdmrep.json says of a URL of its origin: of the rules whose `location` matches, the first.

    A location is a path in which `*` stands for any letters and `$` for the end. What is no such list says nothing.
    """
    for number, rule in enumerate(_rules(body), start=1):
        location = rule.get("location")
        if isinstance(location, str) and matches(location, url):
            said = {name: rule.get(name) for name in ("tdm-reservation", "tdm-policy")}
            return tuple(
                Claim(name, str(value)[:_LONGEST], "tdmrep.json", place=f"rule {number}")
                for name, value in said.items()
                if isinstance(value, int | str)
            )
    return ()


def _rules(body: bytes) -> Iterator[dict[str, Any]]:
    if len(body) > _LARGEST:
        return
    try:
        found = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, ValueError):
        return
    for rule in found[:_MOST_RULES] if isinstance(found, list) else ():
        if isinstance(rule, dict):
            yield rule


def of_robots(rules: Rules, url: str, agent: str) -> tuple[Claim, ...]:
    """Return what a robots.txt says to `agent` of a URL: the line that decides, content signals, licences."""
    return tuple(dict.fromkeys(_of_robots(rules, url, agent)))


def _of_robots(rules: Rules, url: str, agent: str) -> Iterator[Claim]:
    if line := rules.line_for(agent, url):
        yield _claim(line.key, line, line.value)
    for line in rules.said(agent, "content-signal"):
        for name, value in _SIGNAL.findall(line.value[:1000]):
            yield _claim(f"signal:{name.lower()}", line, value.lower())
    for line in rules.anywhere("license")[:8]:
        yield _claim("licence", line, line.value)


def _claim(kind: str, line: Line, value: str) -> Claim:
    return Claim(kind, value[:_LONGEST], "robots.txt", place=f"line {line.number}")
