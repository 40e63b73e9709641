"""Everything a page, and what discovery knew of it, state about its article; each field's reader picks from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from archive.models import Link, Page
from archive.reading import jsonld
from archive.reading.markup import Markup, Statement
from archive.reading.profile import Known, Profile, known


@dataclass(frozen=True, slots=True)
class Evidence:
    """One page's statements: its markup, its JSON-LD, the node about the article (empty if none), and the links.

    `known` is what the site's profile says of the page.
    """

    page: Page
    markup: Markup
    graph: jsonld.Graph
    article: jsonld.Node = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    @property
    def host(self) -> str:
        return (urlsplit(self.page.url).hostname or "").lower()

    def links(self, *ways: str) -> Iterator[Link]:
        """What discovery knew, the ways in the order asked for."""
        return (link for way in ways for link in self.page.links if link.via == way)

    def linked(self, name: str, *ways: str) -> Iterator[Statement]:
        """One text field as discovery knew it."""
        return (Statement(value, link.via) for link in self.links(*ways) if (value := getattr(link, name)))

    def organisations(self) -> Iterator[tuple[str, str]]:
        """The publishers JSON-LD names, as (source, name)."""
        values = [self.article.get("publisher")] if self.article else []
        nodes = [*values, *self.graph.of_type("NewsMediaOrganization", "Organization")]
        for value in nodes:
            for node in self.graph.each(value):
                name = jsonld.string(node.get("name") if isinstance(node, dict) else node)
                if name:
                    yield "json-ld", name

    def values(self, key: str) -> Iterator[Any]:
        """The article node's values of one property, references resolved."""
        return self.graph.each(self.article.get(key))


def collect(page: Page, markup: Markup, profile: Profile | None = None) -> Evidence:
    """Read the JSON-LD and find the node that describes this page's article."""
    graph = jsonld.read(markup.scripts)
    stated = [markup.link("canonical"), page.url]
    article = graph.article([address for address in stated if address]) or {}
    return Evidence(page, markup, graph, article, known(profile, markup))
