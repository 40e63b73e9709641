"""The terms of an article: which licence is its own, and what counts as a wall, in which words."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.models import Page
from archive.reading import access, body, markup
from archive.reading.choice import Choice
from archive.reading.evidence import Evidence, collect

URL = "https://www.vigie.example/mer/un-article/"
SENTENCE = "Le bateau est rentré à quai vers six heures, et son équipage a dormi jusqu’à midi passé."
PROSE = f"<p>{SENTENCE} {SENTENCE.replace('bateau', 'navire')}</p>"
MORE = "".join(f"<p>{number}. {SENTENCE} {SENTENCE}</p>" for number in range(6))


def evidence(head: str = "", content: str = PROSE) -> Evidence:
    text = f"<html><head>{head}</head><body><article><h1>Un titre</h1>{content}</article></body></html>"
    root, _ = markup.parse(text)
    assert root is not None
    page = Page(URL, 200, (), text.encode(), datetime(2025, 12, 1, tzinfo=UTC))
    return collect(page, markup.gather(root, URL, text))


def ld(**fields: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def free(head: str = "", content: str = PROSE) -> Choice[bool] | None:
    stated = evidence(head, content)
    return access.free_access(stated, body.read(stated).lines)


BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("head", "content", "value", "source"),
    [
        (ld(license=BY), "", BY, "json-ld"),
        (ld(license={"@type": "CreativeWork", "url": BY}), "", BY, "json-ld"),
        (f'<link rel="license" href="{BY}">', "", BY, "rel=license"),
        ("", f'<a rel="license noopener" href="{BY}">CC BY</a>', BY, "rel=license"),
        ("", f'<p>Texte sous <a href="{BY}">CC BY</a></p>', BY, "creative commons link"),
        ('<meta name="dc.rights" content="CC BY-SA 4.0">', "", "CC BY-SA 4.0", "dc.rights"),
        (ld(copyrightNotice="© 2025 La Vigie"), "", "© 2025 La Vigie", "json-ld copyrightNotice"),
        (ld(license=BY, copyrightNotice="© La Vigie"), "", BY, "json-ld"),
    ],
)
def test_licence_is_the_one_declared(head: str, content: str, value: str, source: str) -> None:
    found = access.licence(evidence(head, PROSE + content))
    assert found is not None
    assert (found.value, found.source) == (value, source)


@pytest.mark.parametrize(
    "content",
    [
        f'<figure><img src="/a.jpg"><figcaption>Photo <a rel="license" href="{BY}">CC BY</a></figcaption></figure>',
        '<a rel="license" href="javascript:x()">libre</a>',
        '<meta name="copyright" content="La Vigie">',
        "<p>Voir creativecommons.org/licenses/by/4.0/ pour savoir.</p>",
    ],
)
def test_licence_of_a_picture_or_of_nothing_is_none(content: str) -> None:
    assert access.licence(evidence("", PROSE + content)) is None


@pytest.mark.parametrize(
    ("head", "value", "source", "evidence_words"),
    [
        (ld(isAccessibleForFree=True), True, "json-ld", "isAccessibleForFree is true"),
        (ld(isAccessibleForFree="http://schema.org/False"), False, "json-ld", "isAccessibleForFree is false"),
        (
            ld(isAccessibleForFree="False", hasPart={"isAccessibleForFree": False, "cssSelector": ".reserve"}),
            False,
            "json-ld",
            "not free: .reserve",
        ),
        (ld(hasPart=[{"isAccessibleForFree": "False"}]), False, "json-ld hasPart", "a part without name"),
        ('<meta property="article:content_tier" content="Metered">', False, "article:content_tier", "metered"),
        ('<meta property="article:content_tier" content="free">', True, "article:content_tier", "free"),
        ('<meta itemprop="isAccessibleForFree" content="false">', False, "isaccessibleforfree", "false"),
    ],
)
def test_what_the_page_states_for_machines_is_believed(
    head: str, value: bool, source: str, evidence_words: str
) -> None:
    found = free(head)
    assert found is not None
    assert (found.value, found.source) == (value, source)
    assert evidence_words in found.rule


@pytest.mark.parametrize(
    "words",
    [
        "Cet article est réservé aux abonnés.",
        "La suite de cet article est réservée à nos abonnés",
        "Il vous reste 75 % de cet article à lire.",
        "Abonnez-vous pour lire la suite de l’article",
        "This article is for subscribers only",
        "The rest of this story is available to paying members",
        "Subscribe now to continue reading",
        "To keep reading, please subscribe",
        "Dieser Artikel ist exklusiv für Abonnentinnen",
        "Weiterlesen mit unserem Probe-Abo",
        "Este artículo es solo para suscriptores",
        "Para seguir leyendo, suscríbete",
        "Este conteúdo é exclusivo para assinantes",
        "Assine para continuar lendo",
        "Questo contenuto è riservato agli abbonati",
        "Abbonati per continuare a leggere",
        "Dit artikel is alleen voor abonnees",
        "Den här artikeln är bara för prenumeranter",
        "Denne saken er kun for abonnenter",
        "Tämä juttu on vain tilaajille",
        "Ten artykuł jest dostępny tylko dla subskrybentów",
        "Tento článek je jen pro předplatitele",
        "Ez a cikk csak előfizetőknek olvasható",
        "Этот материал доступен только подписчикам",
        "Цей матеріал доступний лише для передплатників",
        "Το άρθρο είναι διαθέσιμο μόνο σε συνδρομητές",
        "Bu haber sadece abonelere özeldir",
        "この記事は有料会員限定です",
        "残り1234文字",
        "本文仅限付费订阅者阅读",
        "이 기사는 유료 구독자 전용입니다",
    ],
)
@pytest.mark.parametrize("form", ["<div class='paywall-box'><p>{}</p></div>", "<p>{}</p>"])
def test_text_that_ends_at_a_wall_is_not_free(words: str, form: str) -> None:
    found = free("", PROSE + form.format(words))
    assert found is not None
    assert found.value is False
    assert "“" in found.rule


def test_wall_outweighs_a_template_that_calls_all_pages_free() -> None:
    found = free(ld(isAccessibleForFree=True), PROSE + "<div class='paywall'>Cet article est réservé aux abonnés</div>")
    assert found is not None
    assert (found.value, found.source, found.others) == (False, "wall", ("json-ld",))
    assert "réservé aux abonnés" in found.rule


def test_article_that_says_whom_it_is_for_is_not_free_though_all_its_text_is_there() -> None:
    found = free("", "<p class='premium-label'>Cet article est réservé aux abonnés</p>" + MORE)
    assert found is not None
    assert found.value is False


@pytest.mark.parametrize(
    "content",
    [
        PROSE + "<div class='subscribe-box'>Subscribe to our newsletter and never miss a story</div>",
        PROSE + "<div class='premium'>Abonnez-vous à partir de 1 € par mois et soutenez une presse libre</div>",
        PROSE + "<div class='subscribe'>Subscribe to continue reading</div>" + MORE,
        PROSE + "<aside class='premium'>Cet article est réservé aux abonnés</aside>",
        PROSE + "<div class='paywall' style='display:none'>Cet article est réservé aux abonnés</div>",
        PROSE + "<a class='premium' href='/autre'>Cet article est réservé aux abonnés</a>" + MORE,
        PROSE + "<div class='paywall'></div>",
        PROSE + "<div class='wallpaper'>Ein Bild</div>",
        "<p>Selon lui, le journal du club est réservé aux abonnés depuis mai.</p>" + MORE,
        PROSE + "<p>Les membres du club lisent le journal et paient peu.</p>",
        PROSE + f"<div class='member-list'>{MORE}Cet article est réservé aux abonnés</div>{MORE}",
    ],
)
def test_invitation_to_subscribe_is_no_wall(content: str) -> None:
    assert free("", content) is None


def test_plugins_message_instead_of_the_text_is_a_wall() -> None:
    found = free("", "<p>Début.</p><div class='pmpro_content_message'><p>Nur mit Konto.</p></div>")
    assert found is not None
    assert (found.value, found.source) == (False, "wall markup")


def test_hostile_wall_is_read_past() -> None:
    hostile = "<div class=paywall>" + "this is to " * 60 + "</div>"
    assert free("", PROSE + hostile * 60) is None


@pytest.mark.parametrize(
    "content",
    [
        "<div class=paywall>" * 200 + "<b>abonné</b>" * 50_000,
        ("<div class=paywall>" + "Pour lire la suite abonnez-vous " * 10 + "</div>") * 45 + PROSE * 3_000,
        ("<div class=paywall>" + "ce réservé " * 60 + "abonn</div>") * 40,
        "<div class='" + "paywall " * 100_000 + "'>Cet article</div>",
        "<a rel=license href=/x>x</a>" * 20_000,
    ],
)
def test_hostile_walls_take_no_time(content: str) -> None:
    stated = evidence("", content)
    start = time.process_time()
    access.free_access(stated)
    access.licence(stated)
    assert time.process_time() - start < 1


def test_words_of_a_wall_are_read_across_its_markup() -> None:
    scattered = (
        "<div class=paywall>\n" + "  <i> </i>\n" * 80 + "<b>Cet article</b> est réservé <i>aux abonnés</i></div>"
    )
    found = free("", PROSE + scattered)
    assert found is not None
    assert (found.value, found.source) == (False, "wall")
