"""Which of a page's titles is its headline, in what spelling, and without what is not of it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.models import Link, Page
from archive.reading import headline, markup, sitename
from archive.reading.evidence import Evidence, collect

CAPTURED = datetime(2026, 1, 10, tzinfo=UTC)
URL = "https://www.hafenbote.example/stadt/ein-artikel-4711.html"


def evidence(head: str = "", body: str = "", links: tuple[Link, ...] = ()) -> Evidence:
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    root, _ = markup.parse(html)
    assert root is not None
    return collect(Page(URL, 200, (), html.encode(), CAPTURED, links=links), markup.gather(root, URL, html))


def read(head: str = "", body: str = "", links: tuple[Link, ...] = ()) -> tuple[str, str] | None:
    page = evidence(head, body, links)
    site = headline.site_name(page)
    found = headline.headline(page, site.value if site else None)
    return (found.value, found.source) if found else None


def ld(**fields: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def og(title: str) -> str:
    return f'<meta property="og:title" content="{title}">'


def title(text: str) -> str:
    return f"<title>{text}</title>"


SITE = '<meta property="og:site_name" content="Hafenbote">'
WORDPRESS = '<link rel="stylesheet" href="/wp-content/themes/kai/style.css">'


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        pytest.param(
            title("Fähre fällt aus: Fahrplan, Gründe, Ersatz | Hafenbote") + og("Fähre fällt aus"),
            "<h1>Die Fähre fällt bis Freitag aus</h1>",
            ("Fähre fällt aus", "og:title"),
            id="of three wordings og:title's, if nobody confirms another",
        ),
        pytest.param(
            og("Zwei Masten, ein Sturm: Tagebuch | Hafenbote") + SITE,
            "",
            ("Zwei Masten, ein Sturm: Tagebuch", "og:title"),
            id="site's name cut off",
        ),
        pytest.param(
            title("Hafenbote – Zwei Masten im Sturm") + SITE,
            "",
            ("Zwei Masten im Sturm", "title"),
            id="site's name in front",
        ),
        pytest.param(
            title("台風で欠航、島に百人残る：港日報") + '<meta property="og:site_name" content="港日報">',
            "",
            ("台風で欠航、島に百人残る", "title"),
            id="full-width colon before the site's name",
        ),
        pytest.param(
            title("Les marins votent : pour ou contre la grève ?"),
            "",
            ("Les marins votent : pour ou contre la grève ?", "title"),
            id="a French colon separates nothing",
        ),
        pytest.param(
            title("Storm closes the pier | News | Hafenbote"),
            "",
            ("Storm closes the pier", "title"),
            id="section and site",
        ),
        pytest.param(
            title("Kurze Wege – lange Leitungen am Kai") + og("Kurze Wege – lange Leitungen am Kai"),
            "",
            ("Kurze Wege – lange Leitungen am Kai", "og:title"),
            id="a dash of the headline's own",
        ),
        pytest.param(
            og("Der Kran steht still"),
            "<h1><span class='kicker'>Streik am Terminal</span> Der Kran steht still</h1>",
            ("Der Kran steht still", "h1"),
            id="kicker in the h1",
        ),
        pytest.param(
            og("La grúa se queda parada dos días"),
            "<h1>La grúa se queda parada dos días <small>El comité negocia hoy con la empresa</small></h1>",
            ("La grúa se queda parada dos días", "h1"),
            id="subtitle in the h1",
        ),
        pytest.param(
            og("Que gagne le port ?"),
            "<h1>Que gagne le port\u00a0? <em>Notre enquête sur les comptes</em></h1>",
            ("Que gagne le port\u00a0?", "h1"),
            id="the h1's own no-break space is kept when it is cut",
        ),
        pytest.param(
            og("Der Kran steht still") + title("Streik: Der Kran steht still"),
            "<h1>Streik: Der Kran steht still</h1>",
            ("Streik: Der Kran steht still", "h1"),
            id="the whole h1 is confirmed",
        ),
        pytest.param(
            og("Das Ende der Werft"),
            "<h1>Das Ende der Werft naht nun doch schneller</h1>",
            ("Das Ende der Werft naht nun doch schneller", "h1"),
            id="og:title shortened, the h1 in one piece",
        ),
        pytest.param(
            og("Das Ende der Werft kommt nun doch schneller als ..."),
            "",
            ("Das Ende der Werft kommt nun doch schneller als ...", "og:title"),
            id="cut short, and nobody knows the rest",
        ),
        pytest.param(
            og("Das Ende der Werft kommt nun doch schneller als gep…")
            + '<meta name="twitter:title" content="Das Ende der Werft kommt nun doch schneller als geplant">',
            "",
            ("Das Ende der Werft kommt nun doch schneller als geplant", "twitter:title"),
            id="cut short, and another goes on",
        ),
        pytest.param(
            ld(headline="„Wir bleiben“, sagt die Crew") + og("'Wir bleiben', sagt die Crew"),
            "",
            ("„Wir bleiben“, sagt die Crew", "json-ld"),
            id="typeset quotation marks",
        ),
        pytest.param(
            ld(headline="Streik am Kai: Der Kran steht still"),
            "<h1><b>Streik am Kai</b><br>Der Kran steht still</h1>",
            ("Streik am Kai: Der Kran steht still", "json-ld"),
            id="the colon that a style sheet prints",
        ),
        pytest.param(
            ld(headline="Lotsen fordern mehr Geld") + title("Lotsen: Was verdient man auf See?"),
            "<h1>Lotsen: Was verdient man auf See?</h1>",
            ("Lotsen fordern mehr Geld", "json-ld"),
            id="an h1 nobody marks, of other words than JSON-LD",
        ),
        pytest.param(
            ld(headline="Lotsen: Was verdient man auf See?"),
            "<h1 itemprop='headline'>Lotsen fordern mehr Geld</h1>",
            ("Lotsen: Was verdient man auf See?", "json-ld"),
            id="an h1 that microdata marks, of other words than JSON-LD",
        ),
        pytest.param(
            WORDPRESS + ld(headline="Lotsen: Was verdient man auf See?"),
            "<h1 class='entry-title'>Lotsen fordern mehr Geld</h1>",
            ("Lotsen: Was verdient man auf See?", "json-ld"),
            id="JSON-LD's headline and a WordPress template's",
        ),
        pytest.param(
            WORDPRESS + og("Lotsen: Was verdient man auf See?"),
            "<h1 class='entry-title'>Lotsen fordern mehr Geld</h1>",
            ("Lotsen fordern mehr Geld", "h1"),
            id="an h1 that a WordPress template marks, and a title for sharing",
        ),
        pytest.param(
            ld(headline="Lotsen: Was verdient man auf See?") + og("Lotsen fordern mehr Geld"),
            "<h1>Lotsen fordern mehr Geld</h1>",
            ("Lotsen fordern mehr Geld", "og:title"),
            id="h1 and og:title agree against JSON-LD",
        ),
        pytest.param(
            og("Wer den Hafen jetzt verlässt") + title("Hafen News: Schiffe, Abfahrten, Gründe"),
            "<nav><h1>Hafen News: Schiffe, Abfahrten, Gründe</h1></nav><h2>Wer den Hafen jetzt verlässt</h2>",
            ("Wer den Hafen jetzt verlässt", "h2"),
            id="an h1 in the breadcrumb, the headline in an h2",
        ),
        pytest.param(
            og("Wer den Hafen jetzt verlässt"),
            "<h1 class='logo'>Hafenbote</h1><h1 class='site-title'>Wer den Hafen liebt</h1>",
            ("Wer den Hafen jetzt verlässt", "og:title"),
            id="branding",
        ),
        pytest.param(
            og("Neues vom Kai und von den Inseln"),
            "<h1><a href='/'>Neues vom Kai</a></h1><h1>Neues vom Kai und von den Inseln</h1>",
            ("Neues vom Kai und von den Inseln", "h1"),
            id="an h1 that leads to the front page",
        ),
        pytest.param(
            og("Geschenke zum Fest | Stöbern!"),
            "<h1>Mein Kai im Winter: Geschenke für Seebären</h1>",
            ("Geschenke zum Fest | Stöbern!", "og:title"),
            id="an h1 that nobody confirms but by a word",
        ),
        pytest.param(
            og("Tom &amp;amp; Jan: &amp;#8222;Wir fahren&amp;#8220;"),
            "",
            ("Tom & Jan: „Wir fahren“", "og:title"),
            id="escaped twice",
        ),
        pytest.param(
            ld(headline="Die <em>Gorch</em> läuft <br/>aus"),
            "",
            ("Die Gorch läuft aus", "json-ld"),
            id="tags in JSON-LD",
        ),
        pytest.param(
            og("Schiff\u00adfahrts\u00adgericht tagt"),
            "<h1>Schiff\u00adfahrts\u00adgericht \u200btagt</h1>",
            ("Schifffahrtsgericht tagt", "h1"),
            id="hyphenation hints",
        ),
        pytest.param("", "<h1>Brève</h1>", ("Brève", "h1"), id="nothing but an h1"),
        pytest.param("", "<h1> </h1>", None, id="nothing"),
        pytest.param(title("·"), "", None, id="no words"),
        pytest.param(
            og("عودة العبارة إلى الجزيرة بعد العاصفة") + SITE,
            "<h1>عودة العبارة إلى الجزيرة بعد العاصفة</h1>",
            ("عودة العبارة إلى الجزيرة بعد العاصفة", "h1"),
            id="Arabic",
        ),
        pytest.param(
            og("태풍으로 여객선 결항, 승객 백 명 섬에 남아 ㅣ 항구일보")
            + '<meta property="og:site_name" content="항구일보">',
            "",
            ("태풍으로 여객선 결항, 승객 백 명 섬에 남아", "og:title"),
            id="Korean",
        ),
    ],
)
def test_headline_is_the_printed_one(head: str, body: str, expected: tuple[str, str] | None) -> None:
    assert read(head, body) == expected


def test_the_api_wins_and_a_feed_comes_behind_json_ld() -> None:
    feed = Link(URL, "feed", URL, title="Titel im Feed")
    rest = Link(URL, "rest", URL, title="Titel der API")
    assert read(og("Geteilter Titel"), "<h1>Geteilter Titel</h1>", (feed, rest)) == ("Titel der API", "rest")
    assert read(ld(headline="Ganz anderes Wort"), "", (feed,)) == ("Ganz anderes Wort", "json-ld")
    assert read(og("Geteilter Titel"), "", (feed,)) == ("Titel im Feed", "feed")


def test_the_feed_tells_the_headline_from_the_title_for_search_results() -> None:
    told = (Link(URL, "feed", URL, title="Die Fähre fällt bis Freitag aus"),)
    head = ld(headline="Fähre: Fahrplan, Gründe, Ersatz") + og("Fähre: Fahrplan, Gründe, Ersatz")
    assert read(head, "<h1>Die Fähre fällt bis Freitag aus</h1>", told) == ("Die Fähre fällt bis Freitag aus", "h1")


def test_every_witness_is_named_once_in_its_order() -> None:
    page = evidence(
        ld(headline="Der Kran steht still")
        + og("Der Kran steht still | Hafenbote")
        + '<meta name="twitter:title" content="Kran: Stillstand"><meta name="dc.title" content="Kran">'
        + title("Der Kran steht still - Hafenbote")
        + SITE,
        "<h1>Der Kran steht still</h1>",
        (Link(URL, "feed", URL, title="Kran steht"),),
    )
    assert [(claim.source, claim.value) for claim in headline.claims(page)] == [
        ("h1", "Der Kran steht still"),
        ("json-ld", "Der Kran steht still"),
        ("feed", "Kran steht"),
        ("og:title", "Der Kran steht still"),
        ("twitter:title", "Kran: Stillstand"),
        ("dc.title", "Kran"),
        ("title", "Der Kran steht still"),
    ]
    chosen = headline.headline(page, "Hafenbote")
    assert chosen is not None
    assert chosen.others == ("h1", "feed", "og:title", "twitter:title", "dc.title", "title")


def test_site_name_has_all_its_witnesses() -> None:
    page = evidence(
        SITE + ld(publisher={"@type": "Organization", "name": "Hafenbote Verlag"})
        + '<meta name="application-name" content="HB">'
    )  # fmt: skip
    found = headline.site_name(page)
    assert found is not None
    assert (found.value, found.source) == ("Hafenbote", "og:site_name")
    assert found.others == ("json-ld", "application-name")
    assert headline.site_name(evidence()) is None


@pytest.mark.parametrize(
    ("part", "names", "expected"),
    [
        ("Hafen-Bote", ["Hafenbote"], True),
        ("HAFEN BOTE", ["Hafenbote"], True),
        ("hafenbote", ["hafenbote.example"], True),
        ("Hafenbote.example", ["hafenbote.example"], True),
        ("Bote", ["Hafenbote", ""], False),
        ("", [""], False),
    ],
)
def test_a_sites_name_is_known_however_it_is_spaced(part: str, names: list[str], expected: bool) -> None:
    assert sitename.is_site(part, names) is expected


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (title("a | " * 300_000), ""),
        (og("&amp;" * 200_000), "<h1>" + "x " * 500_000 + "</h1>"),
        ("", "<h1>Wort " + "<b>" * 150 + "tief</h1>"),
        ("", "<h1>Ein Titel von vielen</h1>" * 20_000),
        (og("Ein Titel - von vielen…") * 20_000, "<h1>Ein Titel</h1>"),
        (og("Ein Titel von vielen hier"), "<h2>Ein Titel von vielen</h2>" * 20_000),
    ],
)
def test_hostile_titles_take_little_time(head: str, body: str) -> None:
    page = evidence(head, body)
    begun = time.process_time()
    headline.headline(page, None)
    assert time.process_time() - begun < 5.0  # of processor time: what a page may take in all
