"""robots.txt by RFC 9309: which lines hold for a crawler, which of them decides about a URL, and what else they say.

Pure: bytes in, answers out. The line that decides is part of the evidence, so it can be asked for, with its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self
from urllib.parse import urlsplit

LIMIT = 500 * 1024  # bytes; what is behind is not read (RFC 9309, 2.5)
_MOST_LINES = 50_000
_TOKEN = re.compile(r"[A-Za-z_-]+")  # a product token (2.2.1); what follows it in a line, such as a version, is not
_OCTET = re.compile(rb"%[0-9A-Fa-f]{2}|[^%]|%", re.DOTALL)
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT = _PLAIN | frozenset(b"/?#[]@!&'()+,;=:")  # the rest is written as %XX, so that one way of writing is left


class Line(NamedTuple):
    """One line that means something: its number from 1, its key in lower case, and its value."""

    number: int
    key: str
    value: str


class Rule(NamedTuple):
    """One `Allow` or `Disallow` line; `parts` are its pattern between the asterisks, `anchored` if it ends in `$`.

    `length` is how specific it is: octets of its pattern (2.2.2).
    """

    line: Line
    allow: bool
    length: int
    parts: tuple[bytes, ...]
    anchored: bool

    def matches(self, path: bytes) -> bool:
        """Whether a normal path begins with the pattern; `*` is any run of octets (2.2.3). In linear time."""
        first, *rest = self.parts
        if not path.startswith(first):
            return False
        if not rest:
            return not self.anchored or path == first
        at = len(first)
        for part in rest[:-1]:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        last = rest[-1]
        if self.anchored:
            return len(path) - len(last) >= at and path.endswith(last)
        return path.find(last, at) >= 0


@dataclass(frozen=True, slots=True)
class _Group:
    tokens: tuple[str, ...]
    lines: tuple[Line, ...]
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, tokens: list[str], lines: list[Line]) -> Self:
        return cls(tuple(tokens), tuple(lines), tuple(filter(None, map(_rule, lines))))


@dataclass(frozen=True, slots=True)
class Rules:
    """What one robots.txt says; `lines` are all that could be read, in order."""

    lines: tuple[Line, ...] = ()
    groups: tuple[_Group, ...] = ()

    def allows(self, agent: str, url: str) -> bool:
        """Whether a crawler with the product token `agent` may fetch a URL (absolute) of this origin."""
        rule = self._deciding(agent, url)
        return rule is None or rule.allow

    def line_for(self, agent: str, url: str) -> Line | None:
        """Return the line that decides about a URL; None if no line is about it, which allows it."""
        rule = self._deciding(agent, url)
        return rule.line if rule else None

    def crawl_delay(self, agent: str) -> float | None:
        """Return the seconds that `Crawl-delay` asks for; None where it says nothing that is a number."""
        for line in self.said(agent, "crawl-delay"):
            if re.fullmatch(r"\d{1,9}(\.\d{0,9})?|\.\d{1,9}", line.value, re.ASCII):
                return float(line.value)
        return None

    def said(self, agent: str, key: str) -> tuple[Line, ...]:
        """Return the lines with a key in the groups that hold for `agent`: those that name it, else those of `*`."""
        return tuple(line for group in self._groups_of(agent) for line in group.lines if line.key == key)

    def anywhere(self, key: str) -> tuple[Line, ...]:
        """Return all lines with a key, whichever group they stand in: `sitemap` and `license` are for everybody."""
        return tuple(line for line in self.lines if line.key == key)

    def _groups_of(self, agent: str) -> tuple[_Group, ...]:
        token = agent.lower()
        named = tuple(group for group in self.groups if token in group.tokens)
        return named or tuple(group for group in self.groups if "*" in group.tokens)

    def _deciding(self, agent: str, url: str) -> Rule | None:
        path = path_of(url)
        if path == b"/robots.txt":
            return None
        matching = (rule for group in self._groups_of(agent) for rule in group.rules if rule.matches(path))
        # The longest pattern wins; of two equal ones, the one that allows (2.2.2).
        return max(matching, key=lambda rule: (rule.length, rule.allow), default=None)


def rules(body: bytes) -> Rules:
    """Return what the first LIMIT bytes of a robots.txt say. Nothing in it is an error: other lines are passed over."""
    lines = tuple(_lines(body))
    return Rules(lines, tuple(_groups(lines)))


def path_of(url: str) -> bytes:
    """Return the path and query of a URL in the one way of writing that rules are compared in."""
    parts = urlsplit(url)
    text = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _normal(text.encode("utf-8", "surrogatepass"), marks=b"")


def matches(pattern: str, url: str) -> bool:
    """Whether a pattern as of an `Allow` line matches a URL's path and query; False for what is no pattern."""
    rule = _rule(Line(0, "allow", pattern))
    return rule is not None and rule.matches(path_of(url))


def _lines(body: bytes) -> Iterator[Line]:
    if len(body) > LIMIT:
        # The last line may have been cut in two: half a rule is none.
        body = body[:LIMIT]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text)[:_MOST_LINES], start=1):
        key, colon, value = line.partition("#")[0].partition(":")
        if colon and (key := key.strip(" \t").lower()):
            yield Line(number, key, value.strip(" \t\0"))


def _groups(lines: tuple[Line, ...]) -> Iterator[_Group]:
    """Yield the groups: one or more `User-agent` lines, and what follows them up to the next ones (2.2.1)."""
    tokens: list[str] = []
    held: list[Line] = []
    for line in lines:
        if line.key == "user-agent":
            if held:
                yield _Group.of(tokens, held)
                tokens, held = [], []
            tokens.append(_token(line.value))
        elif line.key != "sitemap" and tokens:  # a sitemap belongs to no group, and ends none
            held.append(line)
    if tokens:
        yield _Group.of(tokens, held)


def _token(value: str) -> str:
    if value.startswith("*"):
        return "*"
    found = _TOKEN.match(value)
    return found[0].lower() if found else ""


def _rule(line: Line) -> Rule | None:
    """Return a line as a rule; None if it is none, or an empty one, which says nothing."""
    if line.key not in ("allow", "disallow") or not line.value.startswith(("/", "*")):
        return None
    pattern = _normal(line.value.encode("utf-8", "surrogateescape"), marks=b"*$")
    length, anchored = len(pattern), pattern.endswith(b"$")
    pattern = pattern[:-1].replace(b"$", b"%24") if anchored else pattern.replace(b"$", b"%24")
    parts = re.sub(rb"\*+", b"*", pattern).split(b"*")
    if anchored and parts[-1] == b"" and len(parts) > 1:  # "*$" is what "*" is
        anchored = False
    return Rule(line, line.key == "allow", length, tuple(parts), anchored)


def _normal(text: bytes, *, marks: bytes) -> bytes:
    """Write every octet in one way: letters, figures and delimiters as they are, all others as %XX (2.2.2).

    An encoded letter is the letter; an encoded slash is not a slash. `marks` keep their meaning.
    """
    return b"".join(_octet(found, marks) for found in _OCTET.findall(text))


def _octet(found: bytes, marks: bytes) -> bytes:
    if len(found) == 3:
        value = int(found[1:], 16)
        return bytes([value]) if value in _PLAIN else b"%%%02X" % value
    return found if found[0] in _KEPT or found in (*(bytes([mark]) for mark in marks),) else b"%%%02X" % found[0]
