"""The one way from a stored page to an article: `extract(page)`.

Pure: the same page gives the same answer in any order, at any time, on any machine.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any, NamedTuple

from archive.encoding import decode_text
from archive.models import Article, Page, Rejection
from archive.reading import (
    barriers,
    body,
    images,
    joining,
    layout,
    markup,
    metadata,
    pagetype,
    parts,
    post,
    response,
    standfirst,
)
from archive.reading.choice import Choice
from archive.reading.evidence import Evidence, collect
from archive.reading.layout import Block
from archive.reading.profile import Profile
from archive.reading.verdict import ARTICLE, ASKED_FOR, Verdict

# Raise the first number whenever the same page may give another answer: all captures are then read again.
_LIBRARIES = ("trafilatura", "htmldate", "dateparser", "pytz", "py3langid", "lxml")  # each has a say in the answer
EXTRACTOR = "+".join(("5", *(f"{name}-{version(name)}" for name in _LIBRARIES)))
_MOST_ELEMENTS = 150_000
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page without text; we say so ourselves
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def extract(page: Page, profile: Profile | None = None, *, any_kind: bool = False) -> Article | Rejection:
    """Read the article of a page, or say why there is none; never raises for what a page contains.

    `profile` is what is known of the site's templates; the answer is a function of the page and the profile's version.
    `any_kind` takes home pages, listings and static pages for articles, too: for who knows better what a page is.
    """
    as_html = post.as_html(page)
    if as_html is None:
        return _extract(page, profile, any_kind=any_kind)
    found = _extract(as_html, profile, any_kind=any_kind)
    if isinstance(found, Rejection):
        return found
    return replace(found, accepted_by=post.ACCEPTED_BY, provenance=post.sources(found.provenance))


def _extract(page: Page, profile: Profile | None, *, any_kind: bool) -> Article | Rejection:
    evidence = _parse(page, profile)
    if isinstance(evidence, Rejection):
        return evidence
    verdict = (barriers.of_page(evidence) or ASKED_FOR) if any_kind else pagetype.judge(evidence)
    if verdict and verdict.kind != ARTICLE:
        return Rejection(verdict.kind, verdict.because)
    number = 1 if any_kind else parts.part_number(evidence)
    if number > 1:
        return Rejection("part", f"page {number} of an article, which is read together with its first page")
    first = _Part.of(evidence)
    verdict = pagetype.judge_text(first.body.lines, evidence, verdict)
    if verdict.kind != ARTICLE:
        return Rejection(verdict.kind, verdict.because)
    return _compose([first, *_further(page, first, profile)], verdict)


def _parse(page: Page, profile: Profile | None) -> Evidence | Rejection:
    refused = response.refuse(page)
    if refused:
        return _in_the_way(page, refused) if barriers.may_hide(page) else refused
    text = decode_text(page.body, response.content_type(page))
    root, cut = markup.parse(text)
    if root is None:
        return Rejection("empty", "the document has no elements")
    if cut:
        return Rejection("too_deep", "elements nested deeper than 256 levels; the parser stops there")
    if markup.has_more(root, _MOST_ELEMENTS):
        return Rejection("too_large", f"more than {_MOST_ELEMENTS:,} elements; no article's page has a tenth of them")
    return collect(page, markup.gather(root, page.url, text), profile)


def _in_the_way(page: Page, refused: Rejection) -> Rejection:
    """An answer other than 200 may be no word of the site's: then what stands before it is why it is refused."""
    shown = _parse(replace(page, status=200), None)
    verdict = barriers.of_headers(page) if isinstance(shown, Rejection) else barriers.of_page(shown)
    return Rejection(verdict.kind, verdict.because) if verdict else refused


class _Part(NamedTuple):
    """One page of an article, read, and the address of the next one."""

    evidence: Evidence
    body: body.Body
    following: str | None

    @classmethod
    def of(cls, evidence: Evidence) -> _Part:
        return cls(evidence, body.read(evidence), parts.next_part(evidence))


def _further(page: Page, first: _Part, profile: Profile | None) -> Iterator[_Part]:
    """The pages behind the first, each named by the one before; up to one that is missing or cannot be read."""
    left = list(page.parts)
    last = first
    while found := next((part for part in left if last.following and _answers(part, last.following)), None):
        left.remove(found)
        evidence = _parse(found, profile)
        if isinstance(evidence, Rejection) or barriers.of_page(evidence):
            return
        last = _Part.of(evidence)
        yield last


def _answers(part: Page, address: str) -> bool:
    """Whether a page is what came of asking for an address, be it by a redirect."""
    return address in {part.url, *(link.url for link in part.links)}


def _own_lines(found: body.Body, known: metadata.Metadata) -> list[Block]:
    """The blocks of one page's text without what is a field of its own."""
    printed = known.provenance.get("description", {}).get("source") == standfirst.SOURCE
    description = known.fields.get("description") if printed else None
    return body.article_text(found, known.fields.get("title"), known.fields.get("authors", ()), description)


def _compose(pages: Sequence[_Part], verdict: Verdict) -> Article:
    evidence, found, _ = pages[0]
    shown = [images.within(part.body.elements, part.evidence, part.body.found_by) for part in pages]
    pictures = joining.once(picture for choice in shown if choice for picture in choice.value)
    lead = images.lead(evidence, pictures)
    known = metadata.read(evidence, found.lines)
    provenance = dict(known.provenance) | {"text": Choice(None, found.found_by, found.rule).origin()}
    if lead:
        provenance["image"] = lead.origin()
    if shown[0]:
        provenance["images"] = shown[0].origin()
    fields: dict[str, Any] = dict(known.fields)
    lines = joining.join([_own_lines(part.body, known) for part in pages])
    return Article(
        url=evidence.page.url,
        text=layout.plain(lines),
        markdown=layout.markdown(lines),
        image=lead.value if lead else None,
        images=pictures,
        parts=len(pages),
        missing_part=pages[-1].following,
        accepted_by=verdict.because,
        provenance=provenance,
        **fields,
    )
