"""What a page states of its article, field by field: each from the best witness, whose name is kept.

The order of witnesses is the same wherever nothing speaks against it. First what the publishing system says by its
API; then what the page says for machines, from the vocabulary made for articles (JSON-LD, article:*) to the ones made
for any page (OpenGraph, Dublin Core, plain meta tags); then what the template prints; then what a feed said, since
feeds shorten and lag; guesses last. A field whose order differs says why where it is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.reading import addresses, authorship, headline, jsonld, moments, sections
from archive.reading.evidence import Evidence
from archive.reading.markup import Statement, absolute

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?:$|[-_,;.@ ])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Fields of `Article` by name, and for each where it was read."""

    fields: Mapping[str, Any]
    provenance: Mapping[str, str]


def read(evidence: Evidence) -> Metadata:
    """Read every field but the text and the pictures.

    Dates come last: the guess that is left where a page states none takes the tree apart.
    """
    site = headline.site_name(evidence)
    found: dict[str, tuple[Any, str] | None] = {
        "canonical_url": addresses.canonical(evidence),
        "shortlink": addresses.shortlink(evidence),
        "site_name": _plain(site),
        "title": _plain(headline.headline(evidence, site.value if site else None)),
        "authors": authorship.authors(evidence, site.value if site else None),
        "language": _language(evidence),
        "section": sections.section(evidence),
        "tags": sections.tags(evidence),
        "description": _plain(_description(evidence)),
        "licence": _licence(evidence),
        "free_access": _free_access(evidence),
    }
    for name, moment in (("modified", moments.modified(evidence)), ("published", moments.published(evidence))):
        found[name] = (moment.at, moment.source) if moment else None
        if moment and name == "published":
            found["published_raw"] = (moment.raw, moment.source)
    known = {name: pair for name, pair in found.items() if pair is not None}
    return Metadata(
        {"title": None} | {name: value for name, (value, _) in known.items()},
        {name: source for name, (_, source) in known.items()},
    )


def _plain(statement: Statement | None) -> tuple[str, str] | None:
    return (statement.value, statement.source) if statement else None


def _language(evidence: Evidence) -> tuple[str, str] | None:
    """`<html lang>` first: it is about the text; the others are often left at a theme's or plugin's default."""
    markup = evidence.markup
    stated = [
        Statement(markup.language or "", "html lang"),
        *markup.every_meta("og:locale", "content-language", "language", "dc.language"),
    ]
    stated += [Statement(jsonld.string(value) or "", "json-ld") for value in evidence.values("inLanguage")]
    stated += [
        Statement(v, "Content-Language header") for n, v in evidence.page.headers if n.lower() == "content-language"
    ]
    for statement in stated:
        match = _LANGUAGE.match(statement.value.strip())
        if match:
            language, script, region = match.groups()
            parts = [language.lower(), script.title() if script else None, region.upper() if region else None]
            return "-".join(part for part in parts if part), statement.source
    return None


def _description(evidence: Evidence) -> Statement | None:
    """The standfirst; REST's excerpt is left out: where nobody wrote one it is the text's beginning."""
    markup = evidence.markup
    stated = [*markup.every_meta("og:description")]
    stated += [Statement(jsonld.string(v) or "", "json-ld") for v in evidence.values("description")]
    stated += [*markup.every_meta("description", "twitter:description", "dc.description")]
    stated += [*evidence.linked("description", "feed", "rest")]
    return next((statement for statement in stated if statement.value), None)


def _licence(evidence: Evidence) -> tuple[str, str] | None:
    """A licence about this article before the page's, which may cover the template only."""
    for value in evidence.values("license"):
        text = jsonld.string(value) or (value.get("url") if isinstance(value, dict) else None)
        if isinstance(text, str) and text:
            return text, "json-ld"
    markup = evidence.markup
    linked = [
        markup.link("license"),
        *(absolute(markup.base, a.get("href")) for a in markup.anchors if "license" in a.get("rel", "").split()),
    ]
    found = next((address for address in linked if address), None)
    stated = markup.meta("dc.rights", "dcterms.license", "copyright")
    return (found, "rel=license") if found else _plain(stated if stated and stated.source != "copyright" else None)


def _free_access(evidence: Evidence) -> tuple[bool, str] | None:
    """Read isAccessibleForFree, as a truth value or as the words some sites write; the article's, then the page's."""
    nodes = [evidence.article, *evidence.graph.of_type("WebPage", "NewsArticle")]
    for node in nodes:
        value = node.get("isAccessibleForFree")
        text = str(value[0] if isinstance(value, list) and value else value).rsplit("/", 1)[-1].lower()
        if text in {"true", "false", "yes", "no"}:
            return text in {"true", "yes"}, "json-ld"
    tier = evidence.markup.meta("article:content_tier")
    if tier and tier.value.lower() in {"free", "locked", "metered"}:
        return tier.value.lower() == "free", tier.source
    return None
