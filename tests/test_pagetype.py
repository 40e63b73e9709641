"""Article or listing: every rule on a page that it decides, and on one that only looks like it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.extraction import extract
from archive.models import Article, Link, Page, Rejection
from archive.reading.pagetext import TEXT_RULES
from archive.reading.pagetype import RULES

HOST = "https://gazette.example"
SENTENCE = (
    "<p>Le conseil municipal a voté {0} fois le budget de la commune, après {0} heures d’un débat animé hier.</p>"
)
PROSE = "".join(SENTENCE.format(number) for number in ("deux", "trois", "quatre", "cinq"))
TEASER = '<li><a href="/posts/{0}/">Le canal numéro {0} est à sec</a> <time datetime="2026-03-0{0}">mars</time></li>'
TEASERS = "<ul>" + "".join(TEASER.format(number) for number in range(1, 9)) + "</ul>"
CARD = (
    '<div class="card"><a href="/eau/le-canal-{0}"><h3>Le canal numéro {0} est à sec</h3></a>'
    "<p>Depuis trois semaines l’écluse {0} reste fermée.</p></div>"
)
CARDS = "".join(CARD.format(number) for number in range(1, 9))
OG_ARTICLE = '<meta property="og:type" content="article">'
DATE = '<meta property="article:published_time" content="2026-03-01T00:00:00+01:00">'
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
        ("/archives/2026/03/", f"<body>{CARD.format(1)}</body>", "", ("listing", "listing address")),
        ("/elections/2026/", article(), "", ("article", "prose")),
        ("/blog/page/3/", listing("Blog"), "", ("listing", "listing address")),
        # The same addresses, where the page or discovery says otherwise.
        ("/themen/le-canal/", article(), "", ("article", "prose")),
        ("/meldungen/29-10-2021", article(), "", ("article", "prose")),
        ("/tag/eau/", article(), LD.format("NewsArticle"), ("article", "json-ld")),
        ("/2026/03/le-canal-est-a-sec/", article(), "", ("article", "prose")),
        ("/archives/2026/03/le-canal-est-a-sec/", article(), OG_ARTICLE, ("article", "og type")),
        # Pages about the site.
        ("/pages/a-propos/", article("À propos"), NIKOLA + OG_ARTICLE, ("static_page", "own address")),
        ("/pages/equipe.html", article("L’équipe"), "", ("static_page", "own address")),
        ("/contact.html", article("Contact"), "", ("static_page", "own address")),
        ("/equipe/", article("L’équipe"), LD.format("AboutPage"), ("static_page", "json-ld")),
        ("/about/", article("À propos"), OG_ARTICLE + DATE, ("static_page", "own address")),
        ("/en/about/", article("About"), "", ("static_page", "own address")),
        ("/cookies/", article("Cookies"), OG_ARTICLE, ("article", "og type")),
        # What JSON-LD says.
        ("/eau/", listing("Eau"), LD.format("CollectionPage"), ("listing", "json-ld")),
        ("/eau/le-canal/", article(), LD.format("BlogPosting"), ("article", "json-ld")),
        # What the text shows, where nothing is said.
        ("/eau/", listing("Eau"), "", ("listing", "teasers")),
        ("/le-canal/", article(), "", ("article", "prose")),
        ("/le-canal/", "<body><p>Bientôt ici.</p></body>", "", ("no_text", "little text")),
        # A brief of two sentences that calls itself an article.
        (
            "/breves/le-canal/",
            "<body><h1>Le canal</h1><p>Le canal est à sec.</p></body>",
            OG_ARTICLE,
            ("article", "og type"),
        ),
    ],
)
def test_decision(path: str, body: str, head: str, expected: tuple[str, str]) -> None:
    assert kind_of(path, body, head) == expected


def test_a_round_up_of_links_that_a_feed_names_is_an_article() -> None:
    assert kind_of("/revue-de-presse/", listing("Revue de presse"), via="feed") == ("article", "discovery")
    assert kind_of("/revue-de-presse/", listing("Revue de presse"), via="sitemap") == ("listing", "teasers")


@pytest.mark.parametrize("way", ["rest", "news-sitemap", "feed"])
def test_ways_that_name_articles_only_are_believed(way: str) -> None:
    assert kind_of("/pages/enquete/", article(), via=way) == ("article", "discovery")


def test_one_article_with_microdata() -> None:
    marked = article().replace("<article>", '<article itemscope itemtype="https://schema.org/NewsArticle">')
    assert kind_of("/le-canal/", marked) == ("article", "markup")


def test_the_documentation_names_every_rule_in_order() -> None:
    text = (Path(__file__).parent.parent / "docs" / "page-kinds.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
    assert [row for row in rows if row != "rule"] == [*RULES, *TEXT_RULES]


WHOLE = '<article class="post"><h2><a href="/posts/{0}/">Le canal numéro {0} est à sec</a></h2>{1}</article>'
WHOLES = "".join(WHOLE.format(number, PROSE) for number in range(1, 6))
ENTRY = '<article class="h-entry"><h1 class="p-name"><a href="{}">Le canal est à sec</a></h1>{}{}</article>'
DATED = '<time class="dt-published" datetime="2026-03-01">1er mars</time>'


@pytest.mark.parametrize(
    ("path", "body", "head", "expected"),
    [
        # Lists that say nothing of themselves, and those that say "article".
        ("/eau", f"<body><main><h1>Eau</h1>{CARDS}</main></body>", "", ("listing", "teasers")),
        ("/eau", f"<body><main><h1>Eau</h1>{CARDS}</main></body>", OG_ARTICLE, ("listing", "teasers")),
        ("/journal", f"<body>{WHOLES}</body>", "", ("listing", "teasers")),
        ("/index-1.html", f"<body>{WHOLES}</body>", "", ("listing", "listing address")),
        ("/journal", f"<body><h1>Le journal de la vallée et du canal</h1>{WHOLES}</body>", "", ("listing", "teasers")),
        ("/fr/", f"<body>{CARDS}</body>", "", ("listing", "listing address")),
        ("/eau", f"<body>{CARDS}</body>", '<link rel="next" href="/eau?page=2">', ("listing", "listing address")),
        ("/?s=canal", f"<body>{CARDS}</body>", "", ("listing", "listing address")),
        ("/recherche?q=canal", f"<body>{CARDS}</body>", OG_ARTICLE, ("listing", "listing address")),
        ("/eau", f"<body>{CARDS}</body>", LD.format("ItemList"), ("listing", "json-ld")),
        ("/themes/eau/", f"<body><h1>Eau</h1>{SENTENCE}{TEASERS}</body>", "", ("listing", "listing address")),
        # Articles that look like lists.
        (
            "/eau/canal",
            f"<body><h1>Le canal est à sec</h1>{PROSE}<h2>Lire</h2>{CARDS}</body>",
            "",
            ("article", "prose"),
        ),
        (
            "/eau/canal",
            f"<body><h1>Le canal est à sec</h1>{PROSE}<h2>Lire</h2>{CARDS}</body>",
            OG_ARTICLE,
            ("article", "og type"),
        ),
        ("/eau/canal", f"<body><h1>Le canal est à sec</h1>{PROSE}</body>", LD.format("ItemList"), ("article", "prose")),
        ("/themes/eau/", f"<body><h1>Le canal</h1>{PROSE}{TEASERS}</body>", "", ("article", "prose")),
        ("/eau/canal?s=09", article(), "", ("article", "prose")),
        ("/eau/canal", f"<body>{ENTRY.format('/eau/canal', DATED, PROSE)}</body>", "", ("article", "markup")),
        (
            "/eau/canal",
            f"<body>{ENTRY.format('/eau/canal', '', '<p>Le canal est à sec.</p>')}</body>",
            OG_ARTICLE,
            ("article", "og type"),
        ),
    ],
)
def test_decision_by_what_the_page_shows(path: str, body: str, head: str, expected: tuple[str, str]) -> None:
    assert kind_of(path, body, head) == expected


def test_teasers_in_menus_and_side_columns_do_not_count() -> None:
    beside = (
        f'<div class="navigation--menu">{TEASERS}</div><aside>{CARDS}</aside><div class="related-posts">{CARDS}</div>'
    )
    assert kind_of("/themes/eau", f"<body>{beside}<h1>Eau</h1>{PROSE}</body>") == ("article", "prose")


def test_a_listicle_of_linked_subheadings_is_an_article() -> None:
    places = "".join(
        f'<h2><a href="/lieux/{n}">Le refuge du lac numéro {n}</a></h2><p>On y mange bien.</p>' for n in range(9)
    )
    body = f"<body><article><h1>Neuf refuges où passer la nuit</h1><p>Notre choix.</p>{places}</article></body>"
    assert kind_of("/lieux/refuges", body) == ("article", "prose")


def test_a_press_review_with_prose_is_an_article() -> None:
    cited = '<p>Selon <a href="https://{0}.example/a">{0}</a>, le canal restera fermé tout l’été, dit le préfet.</p>'
    body = "".join(cited.format(name) for name in ("vigie", "courrier", "echo", "depeche", "hebdo"))
    assert kind_of("/revue", f"<body><h1>La revue de presse du jour</h1>{body}</body>") == ("article", "prose")


def test_a_live_blog_of_linked_hours_is_an_article() -> None:
    posts = "".join(f'<article><h3><a href="#p{n}">{n} h : le point</a></h3>{PROSE}</article>' for n in range(9))
    assert kind_of("/direct/canal", f"<body><h1>En direct, le canal</h1>{posts}</body>") == ("article", "prose")


def test_the_one_article_of_a_site_at_its_root() -> None:
    stated = '{"@type": "Article", "datePublished": "2026-03-01", "mainEntityOfPage": "https://www.gazette.example"}'
    head = f'<script type="application/ld+json">{stated}</script>'
    assert kind_of("/", article(), head) == ("article", "json-ld")
    assert kind_of("/", f"<body>{CARDS}</body>", head) == ("listing", "front page")
    assert kind_of("/", article(), LD.format("Article")) == ("listing", "front page")


def test_articles_of_other_pages_in_json_ld() -> None:
    nodes = [{"@type": "NewsArticle", "url": f"{HOST}/eau/{number}", "headline": "Un titre"} for number in range(4)]
    head = f'<script type="application/ld+json">{json.dumps(nodes)}</script>'
    assert kind_of("/eau", f"<body>{CARDS}</body>", head) == ("listing", "json-ld")
    assert kind_of("/eau", article(), head, via="feed") == ("article", "json-ld")
    assert kind_of("/eau/2", article(), head) == ("article", "json-ld")


@pytest.mark.parametrize(
    ("generator", "body", "expected"),
    [
        ("Ghost 5.130", "post-template tag-eau", "article"),
        ("Ghost 5.130", "page-template page-equipe", "static_page"),
        ("Ghost 5.130", "tag-template tag-eau", "listing"),
        ("Drupal 10 (https://www.drupal.org)", "path-node page-node-type-article", "article"),
        ("", "path-taxonomy", "listing"),
        ("", "html not-front page-node page-node-7 node-type-article", "article"),
        ("SPIP 4.2.1", "pas_surlignable page_article", "article"),
        ("", "pas_surlignable page_rubrique", "listing"),
        ("", "site com_content view-category layout-blog", "listing"),
        ("", "site com_contact view-contact", "static_page"),
    ],
)
def test_classes_of_other_engines(generator: str, body: str, expected: str) -> None:
    html = article().replace("<body>", f'<body class="{body}">')
    assert kind_of("/eau", html, f'<meta name="generator" content="{generator}">') == (expected, "engine class")


def test_an_engine_s_class_says_nothing_without_its_sign() -> None:
    assert kind_of("/eau", article().replace("<body>", '<body class="tag-template">')) == ("article", "prose")


@pytest.mark.parametrize(
    ("template", "expected"), [("postpage", "article"), ("storypage", "static_page"), ("listpage", "listing")]
)
def test_templates_of_nikola(template: str, expected: str) -> None:
    body = article().replace("<article>", f'<article class="{template}" itemtype="http://schema.org/Article">')
    assert kind_of("/x/le-canal/", body, NIKOLA + OG_ARTICLE + DATE) == (expected, "engine class")
    plain = kind_of("/pages/a-propos/", article("À propos"), NIKOLA + OG_ARTICLE + DATE)
    assert plain == ("static_page", "own address")


@pytest.mark.parametrize("href", ["http://[", "javascript:x()", "//", "/x y", "http://[::1", "?", "mailto:a@b.example"])
def test_broken_links_are_read_past(href: str) -> None:
    links = f'<h2><a href="{href}">Le canal est à sec</a></h2><ul><li><a href="{href}">Le canal est à sec</a></li></ul>'
    head = f'<link rel="next" href="{href}"><meta property="og:url" content="{href}">'
    assert kind_of("/themes/eau", f"<body>{links * 9}{PROSE}</body>", head)[0] in {"article", "listing"}
