"""What publishing systems other than WordPress tell by the classes they give `<body>` or the page's one `<article>`.

Each class is the system's own name for the template it served the page by, as its documentation or its default theme
has it; it is believed where the page bears the system's sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from archive.reading.markup import Markup


class Engine(NamedTuple):
    """A system: its sign among the classes or in the generator's name, and what kind of page each class means."""

    name: str
    sign: re.Pattern[str]
    kinds: Mapping[str, str]


def _kinds(**classes: str) -> dict[str, str]:
    return {name: kind for kind, names in classes.items() for name in names.split()}


_ENGINES = (
    Engine(  # docs.ghost.org/themes/helpers/utility/body_class
        "Ghost",
        re.compile(r"^Ghost\b"),
        _kinds(
            article="post-template",
            static_page="page-template",
            listing="home-template tag-template author-template",
        ),
    ),
    Engine(  # html.html.twig of Drupal 8 and later, html.tpl.php of 7; "article" is a type each installation has
        "Drupal",
        re.compile(r"^Drupal\b|^(?:page-node|path-node|path-taxonomy|path-frontpage|page-taxonomy-term)$"),
        _kinds(
            article="page-node-type-article node-type-article",
            listing="path-frontpage path-taxonomy page-taxonomy-term page-user path-user path-search page-search",
        ),
    ),
    Engine(  # squelettes-dist; its pages about the site are articles, too
        "SPIP",
        re.compile(r"^SPIP\b|^pas_surlignable$"),
        _kinds(
            article="page_article",
            listing="page_rubrique page_mot page_auteur page_sommaire page_recherche page_plan",
            static_page="page_contact",
        ),
    ),
    Engine(  # templates Protostar and Cassiopeia; what it calls an article may be any page
        "Joomla",
        re.compile(r"^Joomla\b|^com_(?:content|tags|contact|finder|search)$"),
        _kinds(
            listing="view-category view-categories view-featured view-archive view-tag com_tags com_finder com_search",
            static_page="com_contact",
        ),
    ),
    Engine(  # its themes base and bootstrap
        "Nikola",
        re.compile(r"^Nikola\b"),
        _kinds(article="postpage", static_page="storypage", listing="tagpage authorpage listpage"),
    ),
)


def told(markup: Markup) -> tuple[str, str] | None:
    """Return (kind, what told) of the first class that a system whose sign the page bears is known to give."""
    generator = next((meta.value for meta in markup.every_meta("generator")), "")
    classes = markup.body_classes | _article_classes(markup)
    for engine in _ENGINES:
        if engine.sign.search(generator) or any(engine.sign.search(name) for name in classes):
            known: Iterator[str] = (name for name in sorted(classes) if name in engine.kinds)
            if name := next(known, None):
                return engine.kinds[name], f"{engine.name} calls it {name}"
    return None


def _article_classes(markup: Markup) -> frozenset[str]:
    one = markup.articles[0].get("class") if len(markup.articles) == 1 else None
    return frozenset((one or "").split())
