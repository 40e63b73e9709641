"""What was learnt of one site's templates, and what somebody wrote by hand for it: given to extraction beside the page.

A profile never changes: learning anew makes another one, with another version, and extraction is a function of the
page and that version. archive/learning makes profiles, archive/profiles.py keeps them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import msgspec
from lxml.cssselect import CSSSelector, SelectorError

from archive.reading.markup import Element, Markup

# Names of parts that a template gives, not those made for one page, one build or one screen: post-4711, css-1q2w3e.
_LASTING = re.compile(r"[A-Za-z][A-Za-z_-]*[A-Za-z]\Z")
_MOST_NAMES = 6
_ALIKE = 0.7  # share of a template's marks that a page must bear
_FEWEST_MARKS = 5
# The rules of choice that a profile brings.
BY_HAND = "selector written by hand"
LEARNT = "learnt of this template"
HAND_WRITTEN = ("title", "author", "date", "body", "remove")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing learnt: what to do (`kind`) for which `field`, by which `value`, and on how many pages it was seen.

    Kinds: "source" (believe this witness), "cut" (drop this end of a title), "element" (the field stands in elements
    of this signature), "remove" (elements of this signature are no part of the text), "line" (this line is none),
    "end" (nothing behind this line is). `right` and `wrong` are pages on which `by` (rest, feed, or the agreement of
    the page's own witnesses) confirmed or contradicted it.
    """

    kind: str
    field: str
    value: str
    pages: int
    right: int = 0
    wrong: int = 0
    by: str = ""


@dataclass(frozen=True)
class Template:
    """One template of a site: the class names that its pages bear (`marks`), and what was learnt from `pages` of them.

    `first` and `last` are the days (ISO 8601) of the earliest and latest capture it was learnt from.
    """

    marks: tuple[str, ...]
    pages: int
    first: str
    last: str
    rules: tuple[Rule, ...] = ()

    @cached_property
    def name(self) -> str:
        """A short digest of the marks: the same template has the same name in every profile."""
        return hashlib.sha256("\n".join(self.marks).encode()).hexdigest()[:8]

    def values(self, kind: str, about: str) -> tuple[str, ...]:
        """The values of one kind of rule for one field."""
        return self._values.get((kind, about), ())

    @cached_property
    def _values(self) -> dict[tuple[str, str], tuple[str, ...]]:
        found: dict[tuple[str, str], list[str]] = {}
        for rule in self.rules:
            found.setdefault((rule.kind, rule.field), []).append(rule.value)
        return {key: tuple(values) for key, values in found.items()}

    def likeness(self, names: frozenset[str]) -> float:
        """The share of its marks among a page's class names; 1 for a template that has too few to tell."""
        if len(self.marks) < _FEWEST_MARKS:
            return 1.0
        return sum(mark in names for mark in self.marks) / len(self.marks)


@dataclass(frozen=True)
class Profile:
    """All that is known of one site: its templates, and CSS selectors written by hand (field -> selectors)."""

    site: str
    templates: tuple[Template, ...] = ()
    selectors: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """A digest of what it says; two profiles that say the same are the same."""
        return hashlib.sha256(msgspec.json.encode(self.document(), order="sorted")).hexdigest()[:12]

    def document(self) -> dict[str, Any]:
        """The profile as JSON's types; `of` reads it back."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    @classmethod
    def of(cls, document: Any) -> Profile:
        return msgspec.convert(document, cls)

    def template_of(self, markup: Markup) -> Template | None:
        """The template that a page was made by; none if it is one that nothing was learnt of."""
        names = lasting_names(markup)
        best = max(self.templates, key=lambda template: template.likeness(names), default=None)
        return best if best is not None and best.likeness(names) >= _ALIKE else None


@dataclass(frozen=True, slots=True)
class Known:
    """What a profile says of one page: its template's rules and the elements that selectors by hand find in it."""

    template: Template | None = None
    profile: Profile | None = None

    def preferred(self, about: str) -> str | None:
        """The witness that was right for this field on this template's pages."""
        return next(iter(self.values("source", about)), None)

    def values(self, kind: str, about: str) -> tuple[str, ...]:
        return self.template.values(kind, about) if self.template else ()

    def selected(self, about: str, root: Element) -> Iterator[tuple[str, list[Element]]]:
        """Yield the selectors written for a field that find something, each with the elements it finds."""
        for selector in self.profile.selectors.get(about, ()) if self.profile else ():
            found = compiled(selector)(root)
            if found:
                yield selector, found

    def by_hand(self, about: str, root: Element) -> list[Element]:
        """All elements that the selectors written for a field find."""
        return [element for _, found in self.selected(about, root) for element in found]

    def placed(self, about: str, root: Element) -> list[Element]:
        """Elements in which the field stands on this template's pages."""
        return with_signatures(root, self.values("element", about))


def known(profile: Profile | None, markup: Markup) -> Known:
    """Return what a profile says of a page; nothing without one."""
    return Known(profile.template_of(markup), profile) if profile else Known()


@lru_cache(maxsize=512)
def compiled(selector: str) -> Callable[[Element], list[Element]]:
    """Compile a CSS selector (Level 3); raises ValueError with a sentence for one that is none."""
    try:
        found: Any = CSSSelector(selector, translator="html")
    except SelectorError as error:
        raise ValueError(f"{selector!r} is no CSS selector: {error}") from error
    return lambda root: list(found(root))


def lasting_names(markup: Markup) -> frozenset[str]:
    """Class names of a page that come from its template."""
    return frozenset(name for name in set(markup.classes.split()) if _LASTING.match(name))


def signature(element: Element) -> str:
    """How a template names an element: tag, classes and id; where it has neither, behind its parent's: `p.lead>a`."""
    own = _own_signature(element)
    if own != element.tag:
        return own
    parent = element.getparent()
    return own if parent is None else f"{_own_signature(parent)}>{own}"


def is_named(signed: str) -> bool:
    """Whether the element itself bears a name, not only its parent."""
    return "." in signed.rpartition(">")[2] or "#" in signed.rpartition(">")[2]


def with_signatures(root: Element, signatures: Iterable[str]) -> list[Element]:
    """Elements with one of these signatures, in the page's order."""
    wanted = frozenset(signatures)
    return list(_signed(root, wanted)) if wanted else []


def _signed(root: Element, wanted: frozenset[str]) -> Iterator[Element]:
    tags = {re.split("[.#]", signed.rpartition(">")[2])[0] for signed in wanted}
    return (element for element in root.iter(*tags) if signature(element) in wanted)


def _own_signature(element: Element) -> str:
    names = element.get("class")
    identity = element.get("id") or ""
    if not names and not identity:
        return str(element.tag)
    named = _lasting(names or "")
    return f"{element.tag}{named}{'#' + identity if _LASTING.match(identity) else ''}"


@lru_cache(maxsize=8192)
def _lasting(names: str) -> str:
    lasting = sorted(name for name in names.split() if _LASTING.match(name))
    return "".join(f".{name}" for name in lasting[:_MOST_NAMES])
