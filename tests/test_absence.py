"""Soft 404s: pages that answer 200 and say that there is nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.extraction import extract
from archive.models import Article, Link, Page, Rejection

URL = "https://gazette.example/2026/03/le-pont-rouvre/"
PROSE = (
    "<p>"
    + "Le pont de bois a rouvert lundi matin, après onze mois de travaux que la commune a payés seule. " * 6
    + "</p>"
)
LINKS = (Link(URL, "feed", "https://gazette.example/feed/", title="Le pont rouvre"),)


def read(html: str, links: tuple[Link, ...] = LINKS) -> Article | Rejection:
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return extract(Page(URL, 200, headers, html.encode(), datetime(2026, 3, 9, tzinfo=UTC), links))


def reason(html: str) -> str | None:
    found = read(html)
    return found.reason if isinstance(found, Rejection) else None


@pytest.mark.parametrize(
    "headline",
    [
        "Page introuvable",
        "Oups ! Cette page n’existe plus",
        "Cet article n'a pas pu être trouvé",
        "Cet article a été supprimé",
        "404",
        "Erreur 404 – La Gazette",
        "404: nothing here",
        "Page not found",
        "Not Found",
        "This page could not be found.",
        "Sorry, this story is no longer available",
        "This article has been removed",
        "Seite nicht gefunden",
        "Dieser Artikel wurde gelöscht",
        "Página no encontrada",
        "Página não encontrada",
        "Pagina non trovata",
        "Pagina niet gevonden",
        "Sidan kunde inte hittas",
        "Siden ble ikke funnet",
        "Strona nie została znaleziona",
        "Stránka nenalezena",
        "Az oldal nem található",
        "Страница не найдена",
        "Сторінку не знайдено",
        "Η σελίδα δεν βρέθηκε",
        "Sayfa bulunamadı",
        "الصفحة غير موجودة",
        "页面不存在",
        "ページが見つかりません",
        "페이지를 찾을 수 없습니다",
    ],
)
def test_a_headline_says_that_nothing_is_here(headline: str) -> None:
    page = f"<title>La Gazette du canton</title><h1>{headline}</h1><p>Retour à l'accueil, ou une recherche.</p>"
    assert reason(page) == "not_found"
    assert reason(f"<title>{headline} | La Gazette</title><h1>La Gazette</h1><p>Retour à l'accueil.</p>") == "not_found"


@pytest.mark.parametrize(
    "headline",
    [
        "Le document introuvable de l’affaire des eaux refait surface à la préfecture",
        "404 logements vacants au centre",
        "Pourquoi une page de l’histoire du canton a été supprimée des manuels scolaires cet automne",
        "Missing hiker not found after third night",
        "La Peugeot 404 a soixante ans",
    ],
)
def test_headlines_of_articles_about_what_is_missing_are_headlines(headline: str) -> None:
    assert isinstance(read(f"<title>{headline}</title><h1>{headline}</h1>{PROSE * 3}"), Article)


def test_a_dated_article_may_be_called_anything() -> None:
    page = '<meta property="article:published_time" content="2026-03-01T08:00:00+01:00"><h1>Page not found</h1>'
    assert isinstance(read(page + PROSE * 3), Article)


@pytest.mark.parametrize("name", ["error404", "error-404", "page-404"])
def test_templates_of_error_pages_are_known_by_their_class(name: str) -> None:
    found = read(f'<body class="home-like {name}"><h1>La Gazette</h1>{PROSE * 3}')
    assert found == Rejection("not_found", f"not found: the page is of class {name}")


def test_a_short_text_says_that_the_article_is_gone() -> None:
    found = read("<h1>Le pont rouvre</h1><p>Cet article a été retiré à la demande d’un tiers.</p>")
    assert isinstance(found, Rejection)
    assert found.reason == "not_found"
    assert "“article a été retiré”" in found.detail


def test_a_long_text_may_speak_of_what_was_removed() -> None:
    assert isinstance(read(f"<h1>Le pont rouvre</h1><p>Cet article a été retiré des vitrines.</p>{PROSE * 3}"), Article)
