"""JSON-LD as news sites write it: several blocks, graphs joined by @id, broken in a few usual ways."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.reading.markup import clean

MAX_BLOCK = 1_000_000  # characters; beyond this it is data for a script, not a description of the page
_MAX_DEPTH = 12
_MAX_NODES = 5_000
_COMMENT = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
_TYPE = re.compile(r'"@type"\s*:\s*"(\w{1,40})"')
_PROPERTY = re.compile(  # at the beginning of a line or behind another property: not what a string quotes
    r'[{,]\s*"(headline|datePublished|dateModified|articleSection|inLanguage|isAccessibleForFree)"\s*:\s*'
    r'"((?:[^"\\\n]|\\["/\\bfnrtu]){1,500})"(?=\s*[,}])'
)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_POSTINGS = {"blogposting", "liveblogposting", "socialmediaposting", "report", "pressrelease"}
_BELOW_LISTS = {"itemListElement", "hasPart", "isPartOf", "mentions", "citation", "relatedLink", "isRelatedTo", "about"}

Node = dict[str, Any]


@dataclass(slots=True)
class Graph:
    """The nodes of all blocks in the page's order, each with whether a list or a relation led to it."""

    nodes: list[tuple[Node, bool]] = field(default_factory=list)
    by_id: dict[str, Node] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """A reference {"@id": ...} as the node it names; anything else as it is."""
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and "name" not in value:
            return self.by_id.get(value["@id"], value)
        return value

    def each(self, value: Any) -> Iterator[Any]:
        """A property's values, one by one, references resolved."""
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield self.resolve(item)

    def of_type(self, *types: str) -> Iterator[Node]:
        wanted = {name.lower() for name in types}
        return (node for node, _ in self.nodes if wanted & kinds(node))

    def article(self, addresses: Iterable[str]) -> Node | None:
        """The node that describes this page's article.

        One that names one of `addresses` is believed first; then the first that no list or relation led to:
        those are of other articles. Of two as good the one that says more about itself wins.
        """
        wanted = {_bare(address) for address in addresses}
        ranked = [(_names(node, wanted), not nested, node) for node, nested in self.nodes if is_article(node)]
        ranked = [(named, top, node) for named, top, node in ranked if named or top]
        if not ranked:
            return None
        return max(ranked, key=lambda entry: (entry[0], entry[1], "datePublished" in entry[2]))[2]


def read(scripts: Iterable[str]) -> Graph:
    """Read the page's blocks; what cannot be read is left out."""
    graph = Graph()
    for script in scripts:
        if len(script) <= MAX_BLOCK:
            _collect(_parse(script), graph)
    return graph


def kinds(node: Node) -> set[str]:
    """A node's types, lower-cased, without the vocabulary's address."""
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in names if isinstance(name, str)}


def is_article(node: Node) -> bool:
    return any(kind.endswith("article") or kind in _POSTINGS for kind in kinds(node))


def string(value: Any) -> str | None:
    """A property's text: some sites escape it as HTML, some wrap it in a list or in {"@value": ...}."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value", value.get("name"))
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return clean(html.unescape(str(value)))
    return None


def _parse(script: str) -> Any:
    text = _COMMENT.sub("", script)
    for attempt in (text, _TRAILING_COMMA.sub("", text), html.unescape(text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):  # a stranger's mistake, or an attack by nesting: try the next reading
            continue
    return _salvaged(text)


def _salvaged(text: str) -> Node | None:
    """The plain properties of a block that is no JSON: one string with a quotation mark in it spoils all others."""
    types = [name for name in _TYPE.findall(text) if is_article({"@type": name})]
    if not types:
        return None
    found: Node = {"@type": types[0]}
    for name, value in _PROPERTY.findall(text):
        found.setdefault(name, value.replace('\\"', '"').replace("\\/", "/"))
    return found


def _collect(value: Any, graph: Graph) -> None:
    """Walk a block breadth first, without recursion, within a bounded depth and number of nodes."""
    level = [(value, False)]
    for _ in range(_MAX_DEPTH):
        below: list[tuple[Any, bool]] = []
        for item, nested in level:
            if isinstance(item, list):
                below += [(child, nested) for child in item]
            elif isinstance(item, dict) and len(graph.nodes) < _MAX_NODES:
                _add(item, graph, nested=nested)
                below += [(child, nested or key in _BELOW_LISTS) for key, child in item.items() if _is_tree(child)]
        level = below[:_MAX_NODES]


def _is_tree(value: Any) -> bool:
    return isinstance(value, (dict, list))


def _add(node: Node, graph: Graph, *, nested: bool) -> None:
    if "@type" in node:
        graph.nodes.append((node, nested))
    identity = node.get("@id")
    if isinstance(identity, str) and len(node) > 1:
        known = graph.by_id.setdefault(identity, node)
        for key, value in node.items():
            known.setdefault(key, value)


def _names(node: Node, wanted: set[str]) -> bool:
    stated = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    stated = [part.get("@id") or part.get("url") if isinstance(part, dict) else part for part in stated]
    return any(_bare(address) in wanted for address in stated if isinstance(address, str))


def _bare(address: str) -> str:
    """An address without scheme, www., query and fragment: sites are careless with them here."""
    path = re.split("[?#]", address, maxsplit=1)[0]
    return path.rpartition("://")[2].removeprefix("www.").rstrip("/").lower()
