"""Pages to learn from: each an article of its own, read without any profile, with what others say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from archive.encoding import decode_text
from archive.models import Page
from archive.reading import body, markup, pagetype, post, response
from archive.reading.evidence import Evidence, collect
from archive.reading.profile import lasting_names
from archive.reading.recurring import key
from archive.reading.verdict import ARTICLE

_LONG = 60  # characters of a line that two articles do not share by chance
_SAME = 0.5  # share of the longer page's lines of its own that makes two pages one article


@dataclass(frozen=True)
class Sample:
    """One article's page; `told` are lines of its text as the site's API gave it, empty if it did not."""

    evidence: Evidence
    body: body.Body
    told: frozenset[str] = field(default=frozenset())

    @property
    def page(self) -> Page:
        return self.evidence.page

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Its lines, without what tells typography and case apart."""
        return tuple(key(block.text) for block in self.body.lines)

    @cached_property
    def names(self) -> frozenset[str]:
        return lasting_names(self.evidence.markup)

    @cached_property
    def long_lines(self) -> frozenset[str]:
        return frozenset(line for line in self.keys if len(line) >= _LONG)


def read(page: Page, api: Page | None = None) -> Sample | None:
    """Read a page as extraction does without a profile; None if it holds no article.

    `api` is a capture of the same article as the site's API gave it.
    """
    evidence = _parsed(page)
    if evidence is None:
        return None
    verdict = pagetype.judge(evidence)
    if verdict and verdict.kind != ARTICLE:
        return None
    found = body.read(evidence)
    if not found.lines or pagetype.judge_text(found.lines, evidence, verdict).kind != ARTICLE:
        return None
    return Sample(evidence, found, _told(api))


def _parsed(page: Page) -> Evidence | None:
    if response.refuse(page):
        return None
    text = decode_text(page.body, response.content_type(page))
    root, cut = markup.parse(text)
    return None if root is None or cut else collect(page, markup.gather(root, page.url, text))


def _told(api: Page | None) -> frozenset[str]:
    as_html = post.as_html(api) if api else None
    evidence = _parsed(as_html) if as_html else None
    return frozenset(key(block.text) for block in body.read(evidence).lines) if evidence else frozenset()


def independent(samples: Iterable[Sample]) -> list[Sample]:
    """Leave out pages that show the text of another: one article captured twice must not look like a template.

    What most pages say is the site's and makes no two of them one article, however little else a brief has.
    """
    read_ones = list(samples)
    counts = Counter(line for sample in read_ones for line in sample.long_lines)
    everywhere = frozenset(line for line, count in counts.items() if count > len(read_ones) / 2)
    kept: list[Sample] = []
    for sample in read_ones:
        if not any(_same_article(sample, other, everywhere) for other in kept):
            kept.append(sample)
    return kept


def _same_article(one: Sample, other: Sample, everywhere: frozenset[str]) -> bool:
    mine, theirs = one.long_lines - everywhere, other.long_lines - everywhere
    if not mine and not theirs:
        return one.keys == other.keys or bool(one.long_lines & other.long_lines)
    return len(mine & theirs) > _SAME * max(len(mine), len(theirs))
