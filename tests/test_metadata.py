"""Who wins where a page contradicts itself, and what is refused as a name, a date or an address."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.extraction import extract
from archive.models import Article, Link, Page
from archive.reading import bylines, dates, jsonld

CAPTURED = datetime(2025, 12, 1, 12, tzinfo=UTC)
PROSE = "<p>Le bateau est rentré à quai vers six heures, et son équipage a dormi jusqu’à midi passé.</p>" * 2
URL = "https://www.vigie.example/mer/un-article/"


def read(head: str = "", body: str = "", **options: Any) -> Article:
    url = options.pop("url", URL)
    headers = options.pop("headers", (("Content-Type", "text/html; charset=utf-8"),))
    html = f"<html><head>{head}</head><body>{body}<article>{PROSE}</article></body></html>"
    result = extract(Page(url, 200, headers, html.encode(), CAPTURED, **options))
    assert isinstance(result, Article), result
    return result


def ld(**fields: Any) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def link(via: str, **fields: Any) -> Link:
    return Link(URL, via, "https://www.vigie.example/source", **fields)


@pytest.mark.parametrize(
    ("names", "people"),
    [
        (["Par Anne Roy et Luc Petit"], ("Anne Roy", "Luc Petit")),
        (["By Ann Ray and Tom Bell"], ("Ann Ray", "Tom Bell")),
        (["Par Anne Roy, avec AFP"], ("Anne Roy",)),
        (["AFP"], ("AFP",)),
        (["dpa"], ("dpa",)),
        (["La Vigie"], ()),
        (["La Vigie avec AFP"], ("AFP",)),
        (["admin"], ()),
        (["jean-dupont"], ()),
        (["https://www.facebook.com/vigie"], ()),
        (["vigie.example, Rennes, France"], ("Rennes", "France")),
        (["Anne Roy, envoyée spéciale à Brest"], ("Anne Roy",)),
        (["Anne Roy", "ANNE ROY"], ("Anne Roy",)),
        (["Jean-Éric de La Tour"], ("Jean-Éric de La Tour",)),
        (["Von Jürgen von der Lippe"], ("Jürgen von der Lippe",)),
        (["Anne Roy (avec AFP)"], ("Anne Roy",)),
        (["Anne Roy 14 mars 2025"], ("Anne Roy",)),
        (["Martin Luther King Jr."], ("Martin Luther King Jr.",)),
        (["", " ,; "], ()),
        (["渡辺洋介"], ("渡辺洋介",)),
    ],
)
def test_byline_gives_people(names: list[str], people: tuple[str, ...]) -> None:
    assert bylines.people(names, ["La Vigie"]) == people


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2025-03-14T18:05:22+01:00", "2025-03-14T18:05:22+01:00"),
        ("2025-03-14T18:05:22+0100", "2025-03-14T18:05:22+01:00"),
        ("2025-03-14T18:05:22.123456Z", "2025-03-14T18:05:22+00:00"),
        ("2025-03-14 18:05:22 UTC", "2025-03-14T18:05:22+00:00"),
        ("2025-03-14 18:05", "2025-03-14T18:05:00"),
        ("2025-03-14", "2025-03-14T00:00:00"),
        ("2025-3-4 7:05:22", "2025-03-04T07:05:22"),
        ("20250314T180522Z", "2025-03-14T18:05:22+00:00"),
        ("2025/03/14 18:05", "2025-03-14T18:05:00"),
        ("Fri, 14 Mar 2025 18:05:22 +0100", "2025-03-14T18:05:22+01:00"),
        ("1741971922", "2025-03-14T17:05:22+00:00"),
        ("1741971922000", "2025-03-14T17:05:22+00:00"),
        ("le 14 mars 2025 à 18h05", "2025-03-14T18:05:00"),
        ("Publié le 1er août 2025", "2025-08-01T00:00:00"),
        ("March 14, 2025 6:05 pm", "2025-03-14T18:05:00"),
        ("14. März 2025, 18:05 Uhr", "2025-03-14T18:05:00"),
        ("14 de marzo de 2025", "2025-03-14T00:00:00"),
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01", None),
        ("2025-02-31", None),
        ("2025-03-14T25:99", None),
        ("hier", None),
        ("", None),
    ],
)
def test_date_is_read(raw: str, expected: str | None) -> None:
    moment = dates.parse(raw)
    assert (moment.isoformat() if moment else None) == expected


@pytest.mark.parametrize(
    ("script", "headline"),
    [
        ('{"@type":"NewsArticle","headline":"A",}', "A"),
        ('<!-- {"@type":"NewsArticle","headline":"A"} -->', "A"),
        ('//<![CDATA[\n{"@type":"NewsArticle","headline":"A"}\n//]]>', "A"),
        ('{"@type":"http://schema.org/BlogPosting","headline":"A\nB"}', "A B"),
        ('[{"@type":"WebPage"},{"@type":["Thing","ReportageNewsArticle"],"headline":["A"]}]', "A"),
        ("{&quot;@type&quot;:&quot;Article&quot;,&quot;headline&quot;:&quot;A&quot;}", "A"),
        ('{"@type":"WebPage","mainEntity":{"@type":"Article","headline":"A &amp; B"}}', "A & B"),
        (
            '{"@type":"ItemList","itemListElement":[{"@type":"Article","headline":"autre","url":"/b"}]}',
            None,
        ),
        ('{"@type":"Article"', None),
        ('{"@type":"Article","headline":"' + "A" * jsonld.MAX_BLOCK + '"}', None),
    ],
)
def test_json_ld_is_read_as_it_is_written(script: str, headline: str | None) -> None:
    node = jsonld.read([script]).article([URL])
    assert (jsonld.string(node.get("headline")) if node else None) == headline


def test_json_ld_of_this_page_wins_over_another_article() -> None:
    graph = jsonld.read(
        [
            '{"@type":"NewsArticle","headline":"autre","url":"https://www.vigie.example/autre/"}',
            '{"@type":"NewsArticle","headline":"celui-ci","mainEntityOfPage":{"@id":"https://vigie.example/mer/un-article"}}',
        ]
    )
    node = graph.article([URL])
    assert node is not None
    assert node["headline"] == "celui-ci"


@pytest.mark.parametrize(
    ("head", "body", "title", "source"),
    [
        (meta("og:title", "Un titre - La Vigie") + meta("og:site_name", "La Vigie"), "", "Un titre", "og:title"),
        ("<title>Un titre assez long | La Vigie</title>", "", "Un titre assez long", "title"),
        ("<title>Un titre | La Vigie</title>", "<h1>Un titre</h1>", "Un titre", "h1"),
        ("<title>Un titre - vigie.example</title>", "", "Un titre", "title"),
        ("<title>Un beau titre | La Vigie</title>", "<h1>La Vigie</h1>", "Un beau titre", "title"),
        (ld(headline="Un titre | La Vigie", publisher={"name": "La Vigie"}), "<h1>Autre</h1>", "Un titre", "json-ld"),
        (
            meta("og:title", "Le port a rouvert"),
            "<h1>Mer Le port a rouvert</h1>",
            "Le port a rouvert",
            "h1",  # its part that og:title confirms
        ),
        (meta("og:title", "L’avenir - une affaire de tous"), "", "L’avenir - une affaire de tous", "og:title"),
    ],
)
def test_title_is_the_headline_without_the_sites_name(head: str, body: str, title: str, source: str) -> None:
    article = read(head, body)
    assert (article.title, article.provenance["title"]["source"]) == (title, source)


def test_evidence_of_the_api_wins_and_a_feeds_comes_late() -> None:
    links = (link("feed", title="Du fil", authors=("Fil",)), link("rest", title="De l’API", authors=("Anne Roy",)))
    article = read(meta("og:title", "Du partage"), links=links)
    assert (article.title, article.provenance["title"]["source"]) == ("De l’API", "rest")
    assert article.authors == ("Anne Roy",)
    assert read(meta("og:title", "Du partage"), links=links[:1]).title == "Du fil"


@pytest.mark.parametrize(
    ("head", "links", "published", "source"),
    [
        (ld(datePublished="2025-05-05T07:00:00Z") + meta("article:published_time", "2025-05-05T09:00:00+02:00"), (),
         "2025-05-05T09:00:00+02:00", "json-ld"),
        (ld(datePublished="2025-05-05T07:00:00Z") + meta("article:published_time", "2025-05-04T09:00:00+02:00"), (),
         "2025-05-05T07:00:00+00:00", "json-ld"),
        (meta("article:published_time", "2025-05-05T09:00:00+02:00"),
         (link("rest", published=datetime(2025, 5, 5, 7, 0, 41, tzinfo=UTC)),), "2025-05-05T09:00:41+02:00", "rest"),
        (ld(datePublished="2025-05-05T09:00:00", dateModified="2025-05-05T10:00:00+02:00"), (),
         "2025-05-05T09:00:00+02:00", "json-ld"),
        (ld(datePublished="2025-05-05") + meta("article:published_time", "2025-05-05T09:00:00+02:00"), (),
         "2025-05-05T09:00:00+02:00", "article:published_time"),
        (ld(datePublished="2025-05-05T09:00:00"), (), "2025-05-05T09:00:00+00:00", "json-ld"),
        (ld(datePublished="2031-01-01T00:00:00Z") + meta("date", "2025-05-05T09:00:00Z"), (),
         "2025-05-05T09:00:00+00:00", "date"),
        ('<time datetime="2025-05-01T08:00:00Z">1 mai</time>',
         (link("feed", published=datetime(2025, 5, 5, 7, 0, 41, tzinfo=UTC)),), "2025-05-05T07:00:41+00:00", "feed"),
    ],
)  # fmt: skip
def test_published_is_the_best_witness_with_the_publishers_offset(
    head: str, links: tuple[Link, ...], published: str, source: str
) -> None:
    article = read(head, links=links)
    assert article.published is not None
    assert (article.published.isoformat(), article.provenance["published"]["source"]) == (published, source)


def test_date_of_the_address_is_the_last_that_is_stated_and_never_beyond_the_capture() -> None:
    article = read(url="https://www.vigie.example/2025/05/05/un-article/")
    assert article.published == datetime(2025, 5, 5, tzinfo=UTC)
    assert article.provenance["published"] == {
        "source": "address", "rule": "the only claim; UTC assumed", "others": []
    }  # fmt: skip
    assert read(url="https://www.vigie.example/2031/05/05/un-article/").published is None


@pytest.mark.parametrize(
    ("head", "headers", "links", "shortlink"),
    [
        ('<link rel="shortlink" href="/?p=7">', (), (), "https://www.vigie.example/?p=7"),
        ("", (("Link", "<https://www.vigie.example/?p=7>; rel=shortlink"),), (), "https://www.vigie.example/?p=7"),
        ("", (("link", '<https://x.example/>; rel="api", <https://www.vigie.example/?p=8>; rel="shortlink"'),), (),
         "https://www.vigie.example/?p=8"),
        ("", (), (link("feed", shortlink="https://vigie.example/?p=9"),), "https://vigie.example/?p=9"),
        ('<link rel="shortlink" href="https://wp.me/abc">', (), (), None),
        ('<link rel="shortlink" href="https://other.example/?p=7">', (), (), None),
        ('<link rel="shortlink" href="/?p=7&amp;page=2">', (), (), None),
    ],
)  # fmt: skip
def test_shortlink_is_a_post_number_on_the_same_site(
    head: str, headers: tuple[tuple[str, str], ...], links: tuple[Link, ...], shortlink: str | None
) -> None:
    assert read(head, headers=(("Content-Type", "text/html"), *headers), links=links).shortlink == shortlink


@pytest.mark.parametrize(
    ("value", "free"), [(True, True), ("False", False), ("http://schema.org/True", True), ("?", None)]
)
def test_free_access_is_what_the_page_says(value: object, free: bool | None) -> None:
    assert read(ld(isAccessibleForFree=value)).free_access is free


@pytest.mark.parametrize(
    ("head", "language"),
    [
        (meta("og:locale", "fr_FR"), "fr-FR"),
        (meta("og:locale", "FR"), "fr"),
        (ld(inLanguage="fr-latn-ca"), "fr-Latn-CA"),
        (ld(inLanguage="zh-hant-tw"), "fr"),  # of another script than the text
        (meta("og:locale", "français"), "fr"),
        ("", "fr"),
    ],
)
def test_language_is_as_declared_or_the_texts_own(head: str, language: str) -> None:
    assert read(head).language == language


def test_section_and_tags_are_told_apart() -> None:
    article = read(
        ld(keywords="mer, météo,  Mer"),
        '<a rel="category tag" href="/mer/">Mer</a><a rel="category tag" href="/x/">Non classé</a>',
    )
    assert (article.section, article.tags) == ("Mer", ("mer", "météo"))


def test_pictures_are_largest_named_by_the_page_with_caption_and_credit() -> None:
    figure = (
        '<figure><img src="/a-300x200.jpg" srcset="/a-300x200.jpg 300w, /a-1024x683.jpg 1024w" alt="Une vague">'
        "<figcaption>La vague. © Anne Roy</figcaption></figure>"
        '<img src="data:image/gif;base64,AAAA" data-src="/b.jpg"><img src="/pixel.gif" width="1" height="1">'
    )
    html = f'<article><h1>Un titre</h1><div class="article-body">{PROSE}{figure}</div></article>'
    result = extract(Page(URL, 200, (), html.encode(), CAPTURED))
    assert isinstance(result, Article)
    assert [image.url for image in result.images] == [
        "https://www.vigie.example/a-1024x683.jpg",
        "https://www.vigie.example/b.jpg",
    ]
    assert (result.images[0].caption, result.images[0].credit, result.images[0].alt) == (
        "La vague.",
        "© Anne Roy",
        "Une vague",
    )
    assert result.image == "https://www.vigie.example/a-1024x683.jpg"
