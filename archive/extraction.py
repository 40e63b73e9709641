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
from archive.reading import body, images, markup, metadata, pagetype, post
from archive.reading.evidence import Evidence, collect

# Raise the first number whenever the same page may give another answer: all captures are then read again.
EXTRACTOR = "+".join(("1", *(f"{name}-{version(name)}" for name in ("trafilatura", "htmldate", "lxml"))))
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page without text; we say so ourselves
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def extract(page: Page) -> Article | Rejection:
    """Read the article of a page, or say why there is none; never raises for what a page contains."""
    as_html = post.as_html(page)
    if as_html is None:
        return _extract(page)
    found = _extract(as_html)
    if isinstance(found, Rejection):
        return found
    return replace(found, provenance=post.sources(found.provenance))


def _extract(page: Page) -> Article | Rejection:
    refused = pagetype.refuse_response(page)
    if refused:
        return refused
    text = decode_text(page.body, pagetype.content_type(page))
    root, cut = markup.parse(text)
    if root is None:
        return Rejection("empty", "the document has no elements")
    if cut:
        return Rejection("too_deep", "elements nested deeper than 256 levels; the parser stops there")
    evidence = collect(page, markup.gather(root, page.url, text))
    return pagetype.refuse_page(evidence) or _read(evidence)


def _read(evidence: Evidence) -> Article | Rejection:
    found = body.read(evidence.markup)
    refused = pagetype.refuse_text(found.blocks, evidence.markup, likely=pagetype.is_article(evidence))
    if refused:
        return refused
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
        provenance=provenance,
        **fields,
    )
