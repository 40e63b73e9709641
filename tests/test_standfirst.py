"""The description: the standfirst as printed, else what is stated; never the headline or the site's slogan."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.models import Link, Page
from archive.reading import markup, standfirst
from archive.reading.evidence import Evidence, collect

CAPTURED = datetime(2026, 1, 10, tzinfo=UTC)
URL = "https://www.vigie.example/mer/un-article/"
TITLE = "La tempête contourne l’île"
CHAPO = "Attendue mercredi, la dépression est passée au large ; les ferries repartent dès ce soir."
SEO = "Météo marine : toutes les prévisions, les alertes et les horaires des ferries."
HEAD = f"<h1>{TITLE}</h1><p class='date'>8 janvier 2026</p>"
TEXT = "<p>Le vent est tombé dans la nuit, et les premiers bateaux ont quitté le port vers six heures du matin.</p>" * 3


def evidence(head: str = "", body: str = "", links: tuple[Link, ...] = ()) -> Evidence:
    html = f"<html><head>{head}</head><body><nav><p class='lead'>{SEO}</p></nav><main>{body}</main></body></html>"
    root, _ = markup.parse(html)
    assert root is not None
    return collect(Page(URL, 200, (), html.encode(), CAPTURED, links=links), markup.gather(root, URL, html))


def read(head: str = "", body: str = HEAD + TEXT, lines: Sequence[str] = ()) -> tuple[str, str] | None:
    found = standfirst.standfirst(evidence(head, body), TITLE, lines)
    return (found.value, found.source) if found else None


def meta(content: str, name: str = "og:description") -> str:
    return f'<meta property="{name}" content="{content}">'


def ld(kind: str = "NewsArticle", **fields: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": kind, **fields})}</script>'


@pytest.mark.parametrize(
    "element",
    [
        f"<p class='chapo'>{CHAPO}</p>",
        f"<p class='article-standfirst text-large'>{CHAPO}</p>",
        f"<div class='ArticleLead_lead__x7'>{CHAPO}</div>",
        f"<div class='leadIn'><p>{CHAPO}</p></div>",
        f"<h2 class='subtitle'>{CHAPO}</h2>",
        f"<div itemprop='description'>{CHAPO}</div>",
        f"<h2>{CHAPO}</h2>",
        f"<section><div class='vorspann'>{CHAPO}</div></section>",
        f"<p class='entradilla'>{CHAPO}</p>",
    ],
)
def test_the_printed_standfirst_wins(element: str) -> None:
    assert read(meta(SEO), HEAD + element + TEXT) == (CHAPO, "standfirst")


def test_an_element_is_known_by_the_description_it_prints() -> None:
    assert read(meta(CHAPO), f"{HEAD}<p class='c4fb714d'>{CHAPO}</p>{TEXT}") == (CHAPO, "standfirst")
    short = " ".join(CHAPO.split()[:13])
    assert read(meta(f"{short}…"), f"{HEAD}<p class='c4fb714d'>{CHAPO}</p>{TEXT}") == (CHAPO, "standfirst")


def test_paragraphs_of_the_same_name_are_one_standfirst() -> None:
    body = f"{HEAD}<p class='lead'>Le vent tombe enfin sur l’île.</p><p class='lead'>Les ferries repartent.</p>{TEXT}"
    assert read("", body) == ("Le vent tombe enfin sur l’île. Les ferries repartent.", "standfirst")


@pytest.mark.parametrize(
    "element",
    [
        f"<p class='lead'><a href='/autre/'>{CHAPO}</a></p>",
        f"<a href='/autre/'><p class='lead'>{CHAPO}</p></a>",
        f"<figure><p class='intro'>{CHAPO}</p></figure>",
        f"<div class='lead-image'><span>{CHAPO}</span></div>",
        f"<div class='lead-caption'>{CHAPO}</div>",
        f"<aside><p class='summary'>{CHAPO}</p></aside>",
        "<p class='intro'>En direct</p>",
        f"<p class='subtitle'>{TITLE}</p>",
        f"<p class='subtitle'>Météo : {TITLE}</p>",
        "<p class='excerpt'>4 étoiles sur 5 (12 avis)</p>",
        f"<div class='teaser-card'><p class='excerpt'>{CHAPO}</p></div>",
    ],
)
def test_other_elements_near_the_headline_are_none(element: str) -> None:
    assert read(meta(SEO), HEAD + element + TEXT) == (SEO, "og:description")


def test_a_subheading_of_the_text_is_none() -> None:
    body = f"{HEAD}{TEXT}<h2>Les ferries repartent dès ce soir vers les îles du large</h2>{TEXT}"
    assert read(meta(SEO), body) == (SEO, "og:description")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(meta(SEO) + ld(description=CHAPO), (SEO, "og:description"), id="the stated order"),
        pytest.param(ld(description=CHAPO) + meta(SEO, "description"), (CHAPO, "json-ld"), id="JSON-LD before metas"),
        pytest.param(meta(SEO, "dc.description"), (SEO, "dc.description"), id="Dublin Core"),
        pytest.param(
            meta("Attendue mercredi, la dépression est passée au large ; les ferries repartent d…")
            + ld(description=CHAPO),
            (CHAPO, "json-ld"),
            id="cut within a word, and another goes on",
        ),
        pytest.param(
            meta("Attendue mercredi, la dépression est passée au large ; les ferries repartent [...]")
            + meta(CHAPO, "twitter:description"),
            (CHAPO, "twitter:description"),
            id="cut with brackets",
        ),
        pytest.param(meta("Attendue mercredi […]"), ("Attendue mercredi […]", "og:description"), id="nobody goes on"),
        pytest.param(meta(TITLE) + meta(SEO, "description"), (SEO, "description"), id="the headline once more"),
        pytest.param(meta(TITLE), None, id="only the headline"),
        pytest.param(
            meta("Le quotidien des îles.") + ld("WebSite", description="Le quotidien des îles"), None, id="slogan"
        ),
        pytest.param(meta("Tom &amp;amp; Léa <b>ont</b> embarqué"), ("Tom & Léa ont embarqué", "og:description"),
                     id="escaped twice, and tags"),
        pytest.param(meta(" "), None, id="nothing"),
        pytest.param(meta("mot " * 100_000), None, id="too long"),
    ],
)  # fmt: skip
def test_without_a_printed_one_the_stated_order_holds(head: str, expected: tuple[str, str] | None) -> None:
    assert read(head) == expected


def test_the_feed_and_the_excerpt_come_last() -> None:
    links = (Link(URL, "rest", URL, description="De l’API"), Link(URL, "feed", URL, description="Du fil"))
    page = evidence(meta(SEO), HEAD + TEXT, links)
    found = standfirst.standfirst(page, TITLE)
    assert found is not None
    assert (found.source, found.others) == ("og:description", ("feed", "rest"))


def test_the_rule_says_whether_the_text_begins_with_it() -> None:
    def rule(lines: Sequence[str]) -> str | None:
        found = standfirst.standfirst(evidence(meta(SEO), f"{HEAD}<p class='chapo'>{CHAPO}</p>{TEXT}"), TITLE, lines)
        return found.rule if found else None

    assert rule(["Le vent est tombé."]) == standfirst.PRINTED
    assert rule([CHAPO, "Le vent est tombé."]) == standfirst.BEGINS


def test_japanese_is_counted_by_letters() -> None:
    chapo = "台風は島を避けて東へ進み、フェリーは今夜から運航を再開すると会社が発表した。"
    page = evidence("", f"<h1>台風、島を避ける</h1><p class='lead'>{chapo}</p>{TEXT}")
    found = standfirst.standfirst(page, "台風、島を避ける")
    assert found is not None
    assert (found.value, found.source) == (chapo, "standfirst")


@pytest.mark.parametrize(
    "body",
    [
        HEAD + f"<p class='lead'>{'mot ' * 500_000}</p>",
        HEAD + "<div class='intro'>" * 200 + CHAPO,
        HEAD + f"<p class='chapo'>{CHAPO}</p>" * 20_000,
        HEAD + "<p class='" + "lead-image " * 100_000 + "'>x</p>",
        (meta(SEO + "…") + ld(description=[SEO] * 100)) * 1000 + HEAD + TEXT,
        HEAD + "<a>" * 200 + "<p>x</p>" * 20_000,
    ],
)
def test_hostile_pages_take_little_time(body: str) -> None:
    page = evidence(meta(SEO + "…"), body)
    begun = time.process_time()
    standfirst.standfirst(page, TITLE)
    assert time.process_time() - begun < 1.0
