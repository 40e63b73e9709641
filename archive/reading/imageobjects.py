"""What a page states of its pictures for machines: og:image, twitter:image, JSON-LD's image and ImageObjects."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import islice
from typing import Any

from archive.models import Image
from archive.reading import captions, jsonld, pictures
from archive.reading.choice import Claim
from archive.reading.evidence import Evidence
from archive.reading.markup import absolute

_STATED = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_MOST_LEADS = 30
_MOST_NODES = 100


def leads(evidence: Evidence) -> Iterator[Claim[str]]:
    """The addresses stated for the lead image, the first thirty: OpenGraph's, Twitter's, then schema.org's."""
    return islice(_leads(evidence), _MOST_LEADS)


def _leads(evidence: Evidence) -> Iterator[Claim[str]]:
    base = evidence.markup.base
    for statement in evidence.markup.every_meta(*_STATED):
        if address := absolute(base, statement.value):
            yield Claim(address, statement.source)
    for value in (*evidence.values("image"), *evidence.values("thumbnailUrl")):
        if address := absolute(base, _address(evidence.graph.resolve(value))):
            yield Claim(address, "json-ld")


def told(evidence: Evidence) -> dict[str, Image]:
    """What machine-readable statements tell of pictures, by identity: ImageObject, then og:image:alt."""
    told: dict[str, Image] = {}
    nodes = [evidence.graph.resolve(value) for value in evidence.values("image")]
    for node in [*nodes, *evidence.graph.of_type("ImageObject")][:_MOST_NODES]:
        address = absolute(evidence.markup.base, _address(node))
        if address and isinstance(node, dict):
            sides = pictures.size(jsonld.string(_value(node.get("width"))), jsonld.string(_value(node.get("height"))))
            said = Image(address, *_node_says(node, evidence.graph), None, *sides)
            told.setdefault(pictures.identity(address), said)
    markup = evidence.markup
    address = absolute(markup.base, next(iter(markup.metas.get("og:image", ())), None))
    alt = next(iter(markup.metas.get("og:image:alt", ())), None)
    if address and alt:
        key = pictures.identity(address)
        told[key] = dataclasses.replace(told.get(key) or Image(address), alt=alt)
    return told


def _address(node: Any) -> str | None:
    """An ImageObject's address, or a plain one."""
    if isinstance(node, dict):
        return jsonld.string(node.get("contentUrl")) or jsonld.string(node.get("url"))
    return node if isinstance(node, str) else None


def _value(side: Any) -> Any:
    """A number, or schema.org's QuantitativeValue of one."""
    return side.get("value") if isinstance(side, dict) else side


def _node_says(node: jsonld.Node, graph: jsonld.Graph) -> tuple[str | None, str | None]:
    """Caption and credit of a schema.org ImageObject; for the credit the properties of Google's image metadata."""
    named = [
        jsonld.string(graph.resolve(node.get(key))) for key in ("creditText", "creator", "author", "copyrightNotice")
    ]
    caption, credit = captions.split(jsonld.string(node.get("caption")))
    return caption, next(filter(None, named), None) or credit
