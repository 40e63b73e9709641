"""The one way from a stored page to an article: `extract(page)`.

Pure: the same page gives the same answer in any order, at any time, on any machine.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from archive.encoding import decode_text
from archive.models import Article, Page, Rejection
from archive.reading import body, images, markup, metadata, pagetype, post, response
from archive.reading.evidence import Evidence, collect
from archive.reading.verdict import ARTICLE, Verdict

# Raise the first number whenever the same page may give another answer: all captures are then read again.
EXTRACTOR = "+".join(("2", *(f"{name}-{version(name)}" for name in ("trafilatura", "htmldate", "lxml"))))
_ASKED_FOR = Verdict(ARTICLE, "any kind of page was asked for")
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page without text; we say so ourselves
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def extract(page: Page, *, any_kind: bool = False) -> Article | Rejection:
    """Read the article of a page, or say why there is none; never raises for what a page contains.

    `any_kind` takes home pages, listings and static pages for articles, too: for who knows better what a page is.
    """
    as_html = post.as_html(page)
    if as_html is None:
        return _extract(page, any_kind=any_kind)
    found = _extract(as_html, any_kind=any_kind)
    if isinstance(found, Rejection):
        return found
    return replace(found, accepted_by=post.ACCEPTED_BY, provenance=post.sources(found.provenance))


def _extract(page: Page, *, any_kind: bool) -> Article | Rejection:
    refused = response.refuse(page)
    if refused:
        return refused
    text = decode_text(page.body, response.content_type(page))
    root, cut = markup.parse(text)
    if root is None:
        return Rejection("empty", "the document has no elements")
    if cut:
        return Rejection("too_deep", "elements nested deeper than 256 levels; the parser stops there")
    evidence = collect(page, markup.gather(root, page.url, text))
    verdict = _ASKED_FOR if any_kind else pagetype.judge(evidence)
    if verdict and verdict.kind != ARTICLE:
        return Rejection(verdict.kind, verdict.because)
    return _read(evidence, verdict)


def _read(evidence: Evidence, verdict: Verdict | None) -> Article | Rejection:
    found = body.read(evidence.markup)
    verdict = pagetype.judge_text(found.blocks, evidence, verdict)
    if verdict.kind != ARTICLE:
        return Rejection(verdict.kind, verdict.because)
    pictures = images.inside(found.elements, evidence.markup)
    lead = images.lead(evidence, pictures)
    known = metadata.read(evidence)
    provenance = dict(known.provenance) | {"text": found.found_by}
    if lead:
        provenance["image"] = lead.source
    if pictures:
        provenance["images"] = found.found_by
    fields: dict[str, Any] = dict(known.fields)
    lines = body.without_title(found.blocks, fields.get("title"))
    return Article(
        url=evidence.page.url,
        text="\n".join(block.text for block in lines),
        markdown=body.markdown(lines),
        image=lead.value if lead else None,
        images=pictures,
        accepted_by=verdict.because,
        provenance=provenance,
        **fields,
    )
