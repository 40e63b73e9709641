"""What a page states of its article, field by field: each from the best witness, whose name is kept.

The order of witnesses is the same wherever nothing speaks against it. First what the publishing system says by its
API; then what the page says for machines, from the vocabulary made for articles (JSON-LD, article:*) to the ones made
for any page (OpenGraph, Dublin Core, plain meta tags); then what the template prints; then what a feed said, since
feeds shorten and lag; guesses last. A field whose order differs says why where it is read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.reading import access, addresses, authorship, headline, language, moments, preferred, sections, standfirst
from archive.reading.choice import Choice
from archive.reading.dates import Moment
from archive.reading.evidence import Evidence
from archive.reading.layout import Block


@dataclass(frozen=True, slots=True)
class Metadata:
    """Fields of `Article` by name, and for each where it was read."""

    fields: Mapping[str, Any]
    provenance: Mapping[str, Mapping[str, Any]]


def read(evidence: Evidence, lines: Sequence[Block]) -> Metadata:
    """Read every field but the text, whose lines are given, and the pictures.

    Dates come last: the guess that is left where a page states none takes the tree apart.
    """
    site = headline.site_name(evidence)
    title = preferred.title(evidence, headline.headline(evidence, site.value if site else None))
    texts = [block.text for block in lines]
    found: dict[str, Choice[Any] | None] = {
        "canonical_url": addresses.canonical(evidence),
        "shortlink": addresses.shortlink(evidence),
        "site_name": site,
        "title": title,
        "authors": preferred.authors(evidence, authorship.authors(evidence)),
        "language": language.language(evidence, "\n".join(texts)),
        "section": sections.section(evidence),
        "tags": sections.tags(evidence),
        "description": standfirst.standfirst(evidence, title.value if title else None, texts),
        "licence": access.licence(evidence),
        "free_access": access.free_access(evidence, lines),
        **_moments(evidence),
    }
    known = {name: choice for name, choice in found.items() if choice is not None}
    return Metadata(
        {"title": None} | {name: choice.value for name, choice in known.items()},
        {name: choice.origin() for name, choice in known.items()},
    )


def _moments(evidence: Evidence) -> dict[str, Choice[Any] | None]:
    modified, published = moments.modified(evidence), moments.published(evidence)
    return {
        "modified": _part(modified, "at"),
        "published": _part(published, "at"),
        "published_raw": _part(published, "raw"),
    }


def _part(choice: Choice[Moment] | None, name: str) -> Choice[Any] | None:
    return dataclasses.replace(choice, value=getattr(choice.value, name)) if choice else None
