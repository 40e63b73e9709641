"""Article or list, by the text: the rules of pages that say nothing of their kind. docs/page-kinds.md lists them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from archive.reading import shapes
from archive.reading.blocks import Block
from archive.reading.evidence import Evidence
from archive.reading.listing import PARAGRAPH, Survey, count_words, surveyor, words_in
from archive.reading.markup import Markup, content
from archive.reading.verdict import ARTICLE, Verdict

FEWEST_LISTED = 3  # announcements of other articles that make a list
_FEWEST_WORDS = 25  # of a text without any sign that it is an article
_MOST_LINKED = 0.5  # share of such a text that may stand in links, or in other articles' headlines and leads
_MOST_BELOW_HEADLINE = 0.75  # the same, below a headline of its own
_FEWEST_TEASERS = 5
_HEADLINE_WORDS = 4


class Reading(NamedTuple):
    """A page and the blocks of its text, for the rules that need both."""

    evidence: Evidence
    blocks: Sequence[Block]
    survey: Survey

    @property
    def words(self) -> int:
        return sum(count_words(block.text) for block in self.blocks)

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)


def _teasers(reading: Reading) -> Verdict | None:
    """A list's text is that of its announcements; below og:type article or a headline some words of its own do.

    Not all of an article's prose need have been found: what stands in paragraphs elsewhere counts for it.
    """
    survey = reading.survey
    listed = min(reading.words, words_in(reading.text, survey.leads, survey.listed))
    own = max(reading.words - listed, survey.words)
    if survey.teasers < FEWEST_LISTED:
        return None
    saw = f"{listed} words are those of {survey.teasers} links to other articles, {own} are not"
    if is_og_article(reading.evidence.markup):
        return Verdict("listing", saw) if own < _FEWEST_WORDS < listed else None
    most = _MOST_BELOW_HEADLINE if _has_headline(reading.evidence) else _MOST_LINKED
    return Verdict("listing", saw) if listed > most * (listed + own) else None


def _og_type(reading: Reading) -> Verdict | None:
    """Site generators call pages and lists og:type article, too, so this is asked after what shows a list."""
    return Verdict(ARTICLE, "article") if is_og_article(reading.evidence.markup) else None


def is_og_article(markup: Markup) -> bool:
    kind = markup.meta("og:type")
    return kind is not None and kind.value.lower().startswith("article")


def _little_text(reading: Reading) -> Verdict | None:
    """A brief may be short, but something must say that it is one."""
    words = reading.words
    return (
        Verdict("no_text", f"{words} words, and nothing says that it is an article") if words < _FEWEST_WORDS else None
    )


def _links(reading: Reading) -> Verdict | None:
    """A text mostly of links is a list; so is a page with more linked headings than prose and no headline."""
    blocks, survey = reading.blocks, reading.survey
    linked, characters = sum(block.linked for block in blocks), sum(len(block.text) for block in blocks)
    if linked > _MOST_LINKED * characters:
        return Verdict("listing", f"{linked} of {characters} characters stand in links")
    # Where a page has no text trafilatura takes all of it, and its links are not told apart any more.
    listed = words_in(reading.text, survey.listed)
    if listed > _MOST_LINKED * reading.words:
        return Verdict("listing", f"{listed} of {reading.words} words stand in rows that are links")
    prose = _paragraphs(blocks)
    if survey.headings >= max(prose, _FEWEST_TEASERS) and not _has_headline(reading.evidence):
        return Verdict("listing", f"{survey.headings} linked headings, {prose} paragraphs, and no headline")
    return None


def _prose(reading: Reading) -> Verdict | None:
    """What is left is text, and more of its own than of others'."""
    prose, teasers = _paragraphs(reading.blocks), reading.survey.teasers
    return Verdict(ARTICLE, f"{reading.words} words, {prose} paragraphs, {teasers} links to other articles")


def _paragraphs(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) - block.linked >= PARAGRAPH for block in blocks)


def _has_headline(evidence: Evidence) -> bool:
    """Whether an h1 is a sentence that leads nowhere, rather than a section's name or the site's.

    An address with a date or a number before a slug says as much.
    """
    if shapes.is_article(evidence.page.url) and re.search(r"\d", urlsplit(evidence.page.url).path):
        return True
    site = {statement.value.casefold() for statement in evidence.markup.every_meta("og:site_name")}
    is_away = surveyor(evidence).is_away
    lines = (content(h) or "" for h in evidence.markup.headlines if h.tag == "h1" and not is_away(h))
    return any(count_words(line) >= _HEADLINE_WORDS and line.casefold() not in site for line in lines)


TEXT_RULES: dict[str, Callable[[Reading], Verdict | None]] = {
    "teasers": _teasers,
    "og type": _og_type,
    "little text": _little_text,
    "links": _links,
    "prose": _prose,
}
