"""Article or listing: every rule on a page that it decides, and on one that only looks like it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.extraction import extract
from archive.models import Article, Link, Page, Rejection
from archive.reading.pagetype import RULES

HOST = "https://gazette.example"
PROSE = (
    "<p>Le conseil municipal a voté hier soir le budget de la commune, après quatre heures d’un débat animé.</p>" * 4
)
TEASER = '<li><a href="/posts/{0}/">Le canal numéro {0} est à sec</a> <time datetime="2026-03-0{0}">mars</time></li>'
TEASERS = "<ul>" + "".join(TEASER.format(number) for number in range(1, 9)) + "</ul>"
OG_ARTICLE = '<meta property="og:type" content="article">'
NIKOLA = '<meta name="generator" content="Nikola (getnikola.com)">'
LD = '<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "{}", "name": "Eau"}}</script>'


def kind_of(path: str, body: str, head: str = "", *, via: str | None = None) -> tuple[str, str]:
    """Return what a page is taken for ("article" or the reason of its rejection), and the rule that said so."""
    url = HOST + path
    html = f'<html lang="fr"><head><title>Un titre</title>{head}</head>{body}</html>'
    links = (Link(url, via, f"{HOST}/{via}"),) if via else ()
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    found = extract(Page(url, 200, headers, html.encode(), datetime(2026, 3, 1, tzinfo=UTC), links))
    if isinstance(found, Rejection):
        return found.reason, found.detail.partition(":")[0]
    assert isinstance(found, Article)
    assert found.accepted_by is not None
    return "article", found.accepted_by.partition(":")[0]


def article(headline: str = "Le canal est à sec depuis trois semaines") -> str:
    return f"<body><article><h1>{headline}</h1>{PROSE}</article></body>"


def listing(headline: str) -> str:
    return f"<body><main><h1>{headline}</h1>{TEASERS}</main></body>"


@pytest.mark.parametrize(
    ("path", "body", "head", "expected"),
    [
        # Lists as site generators write them: eight links with dates, and og:type website, article or none.
        ("/categories/eau/", listing("Articles sur l’eau"), NIKOLA, ("listing", "listing address")),
        ("/categories/cat_eau/", listing("Eau"), NIKOLA + OG_ARTICLE, ("listing", "listing address")),
        ("/authors/jeanne-roux/", listing("Articles de Jeanne Roux"), NIKOLA, ("listing", "listing address")),
        ("/author/jeanne-roux.html", listing("Jeanne Roux"), "", ("listing", "listing address")),
        ("/tag/eau.html", listing("eau"), "", ("listing", "listing address")),
        ("/category/economie.html", listing("économie"), "", ("listing", "listing address")),
        ("/archives.html", listing("Toutes les archives du site de la gazette"), "", ("listing", "listing address")),
        ("/index2.html", listing("Gazette"), "", ("listing", "listing address")),
        ("/2026/03/", listing("Mars 2026"), OG_ARTICLE, ("listing", "listing address")),
        ("/blog/page/3/", listing("Blog"), "", ("listing", "listing address")),
        # The same addresses, where the page or discovery says otherwise.
        ("/themen/le-canal/", article(), "", ("article", "text")),
        ("/meldungen/29-10-2021", article(), "", ("article", "text")),
        ("/tag/eau/", article(), LD.format("NewsArticle"), ("article", "json-ld")),
        ("/2026/03/le-canal-est-a-sec/", article(), "", ("article", "text")),
        ("/archives/2026/03/le-canal-est-a-sec/", article(), OG_ARTICLE, ("article", "markup")),
        # Pages about the site.
        ("/pages/a-propos/", article("À propos"), NIKOLA + OG_ARTICLE, ("static_page", "own address")),
        ("/pages/equipe.html", article("L’équipe"), "", ("static_page", "own address")),
        ("/contact.html", article("Contact"), "", ("static_page", "own address")),
        ("/equipe/", article("L’équipe"), LD.format("AboutPage"), ("static_page", "json-ld")),
        # What JSON-LD says.
        ("/eau/", listing("Eau"), LD.format("CollectionPage"), ("listing", "json-ld")),
        ("/eau/le-canal/", article(), LD.format("BlogPosting"), ("article", "json-ld")),
        # What the text shows, where nothing is said.
        ("/eau/", listing("Eau"), "", ("listing", "text")),
        ("/le-canal/", article(), "", ("article", "text")),
        ("/le-canal/", "<body><p>Bientôt ici.</p></body>", "", ("no_text", "text")),
        # A brief of two sentences that calls itself an article.
        (
            "/breves/le-canal/",
            "<body><h1>Le canal</h1><p>Le canal est à sec.</p></body>",
            OG_ARTICLE,
            ("article", "markup"),
        ),
    ],
)
def test_decision(path: str, body: str, head: str, expected: tuple[str, str]) -> None:
    assert kind_of(path, body, head) == expected


def test_a_round_up_of_links_that_a_feed_names_is_an_article() -> None:
    assert kind_of("/revue-de-presse/", listing("Revue de presse"), via="feed") == ("article", "discovery")
    assert kind_of("/revue-de-presse/", listing("Revue de presse"), via="sitemap") == ("listing", "text")


@pytest.mark.parametrize("way", ["rest", "news-sitemap", "feed"])
def test_ways_that_name_articles_only_are_believed(way: str) -> None:
    assert kind_of("/pages/enquete/", article(), via=way) == ("article", "discovery")


def test_one_article_with_microdata() -> None:
    marked = article().replace("<article>", '<article itemscope itemtype="https://schema.org/NewsArticle">')
    assert kind_of("/le-canal/", marked) == ("article", "markup")


def test_the_documentation_names_every_rule_in_order() -> None:
    text = (Path(__file__).parent.parent / "docs" / "page-kinds.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
    assert rows == ["rule", *RULES, "text"]
