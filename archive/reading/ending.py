"""Where an article ends: what a template prints below every article, and a text's last words on itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from archive.reading import labels, notices
from archive.reading.layout import Block

_BEFORE = 0.5  # share of the text that must stand before a label for it to end the article
_BEHIND = 0.3  # share of the text's prose that may stand behind it
_A_NOTE = 0.12  # share of it that may follow a label at once: who the author is, not the article going on
_PROSE = 120  # characters
_PARAGRAPH = 200
_LONGEST_LABEL = 70
_MOST_LINKED = 0.9
_END = 10  # characters in which a sentence ends
_FRAGMENT = 90  # characters below which a line may be a fragment
_PARAGRAPHS, _MOST_ENDS = 3, 0.8  # a text's paragraphs, and their share that ends as sentences do
_SENTENCE = re.compile(r"[.!?…。！？।؟:：\"'”’»)\]]\s?$")
_DENSE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_AROUND = 6  # lines from a label on that tell whether the text goes on
_AUTHOR = re.compile(r"auth?or|auteur|writer|autorin|автор|συντάκτ", re.IGNORECASE)
_NOTES = 3  # lines about authors
_BIOGRAPHY = 700  # characters
_BEFORE_NAME = 15  # characters of "About", "Dr", or a dash
_IS = re.compile(
    r"^(?:\W*$|,?\s?(?:\([^()]{1,60}\)\s?)?(?:,[^,.]{1,80},)?\s?(?:is|was|has been|writes?|covers?|reports?|works?"
    r"|teaches"
    r"|est|était|a été|travaille|couvre|écrit|ist|war|arbeitet|schreibt|berichtet|leitet|es|fue|trabaja|escribe|cubre"
    r"|è|scrive|lavora|si occupa|é|foi|trabalha|escreve|schrijft|werkt|är|arbetar|skriver|er|arbejder|on|kirjoittaa"
    r"|jest|pracuje|pisze|je|píše|este|scrie|является|работает|пишет)\b)",
    re.IGNORECASE,
)
_TAGS = 200  # characters of a line of tags


def without(blocks: Sequence[Block], *, sure: bool) -> list[Block]:
    """The blocks up to the article's end; `sure` says that a newsroom wrote all of them, not a template."""
    kept = before_label(blocks, sure=sure)
    sentences = not sure and _is_in_sentences(kept)
    while len(kept) > 1 and (_is_below(kept[-1], sure=sure) or (sentences and _is_fragment(kept[-1]))):
        kept.pop()
    return kept


def before_label(blocks: Sequence[Block], *, sure: bool) -> list[Block]:
    """The blocks before the label of what stands below the article."""
    return list(blocks)[: _end(blocks, sure=sure)]


def _is_in_sentences(blocks: Sequence[Block]) -> bool:
    """Whether a text is of paragraphs that end as sentences do, as verses, lists and captions do not."""
    ends = [_ends(block.text) for block in blocks if block.kind == "p" and _is_long(block)]
    return len(ends) >= _PARAGRAPHS and sum(ends) >= _MOST_ENDS * len(ends)


def _is_long(block: Block) -> bool:
    return len(block.text) >= _FRAGMENT


def _is_fragment(block: Block) -> bool:
    """A short line that is no sentence: a teaser's headline, a credit. Dense scripts may leave out the stop."""
    dense = _DENSE.search(block.text) is not None
    return block.kind == "p" and not _is_long(block) and not dense and not _ends(block.text)


def without_author(blocks: Sequence[Block], authors: Sequence[str]) -> list[Block]:
    """The blocks without the lines at the end that say who an author is: "Ann Ray is a reporter for the Courier."."""
    kept = list(blocks)
    last = [position for position, block in enumerate(kept) if block.text][-_NOTES:]
    while len(last) > 1 and _is_about(kept[last[-1]].text, authors):
        del kept[last.pop()]
    return kept


def _is_about(text: str, authors: Sequence[str]) -> bool:
    """Whether a line begins with an author's name and a verb that says what somebody is or does; or is the name."""
    if len(text) > _BIOGRAPHY:
        return False
    for author in authors:
        start = text.casefold().find(author.casefold(), 0, len(author) + _BEFORE_NAME)
        if start >= 0:
            return _IS.match(text[start + len(author) :]) is not None
    return False


def _end(blocks: Sequence[Block], *, sure: bool) -> int:
    """The place of the first label of what stands below an article, if most of the text is before it."""
    total = sum(len(block.text) for block in blocks)
    prose = [len(block.text) if _is_prose(block) else 0 for block in blocks]
    before, left = 0, sum(prose)
    whole = left
    for position, block in enumerate(blocks):
        late = before >= _BEFORE * total and left <= _BEHIND * whole
        if late and _is_label(block, sure=sure):
            goes_on = left > _A_NOTE * whole and _goes_on(prose[position + 1 : position + 3])
            if not goes_on and not _is_between(blocks[position : position + _AROUND]):
                return position
        before += len(block.text)
        left -= prose[position]
    return len(blocks)


def _is_between(blocks: Sequence[Block]) -> bool:
    """Whether a label and a link or two stand between paragraphs: a sentence follows, and no more links."""
    rest = list(blocks[1:])
    links = list(takewhile(_is_link, rest))
    rest = rest[len(links) :]
    if not links or not rest or _AUTHOR.search(blocks[0].text):
        return False
    return rest[0].kind == "p" and _is_long(rest[0]) and _ends(rest[0].text) and not any(map(_is_link, rest))


def _is_link(block: Block) -> bool:
    return block.linked >= _MOST_LINKED * len(block.text)


def _goes_on(following: Sequence[int]) -> bool:
    """Whether prose comes next, or after a subheading a paragraph that is too long to announce another article."""
    return any(following[:1]) or any(length >= _PARAGRAPH for length in following)


def _is_prose(block: Block) -> bool:
    return len(block.text) >= _PROSE and block.linked < _MOST_LINKED * len(block.text)


def _is_label(block: Block, *, sure: bool) -> bool:
    text = block.text
    if len(text) <= _LONGEST_LABEL and block.kind != "row" and labels.FOOT.match(text):
        return not sure or block.kind == "heading" or text.endswith(":")
    return len(text) <= _TAGS and labels.TAGGED.match(text) is not None


def _is_below(block: Block, *, sure: bool) -> bool:
    """Whether a text's last line is about the article, not of it: a credit, an invitation, a link elsewhere."""
    text = block.text
    if block.kind in {"row", "quote"}:
        return False
    if not sure and block.linked >= _MOST_LINKED * len(text):
        return True
    if len(text) <= _LONGEST_LABEL and labels.FOOT.match(text):
        return True
    return notices.is_below(text) or (block.kind == "heading" and len(text) <= _LONGEST_LABEL)


def _ends(text: str) -> bool:
    """Whether a line ends as a sentence does."""
    return _SENTENCE.search(text[-_END:]) is not None
