"""Pages that say, with status 200, that what was asked for is not there: soft 404s.

A headline or title that is such a sentence is sign enough, for an article is not called "Page not found"; further down
it counts only in a text that says nothing else. Articles about it ("404: the story of a number") are told by their
dates: an error page has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.reading.evidence import Evidence
from archive.reading.markup import content
from archive.reading.verdict import Verdict

KIND = "not_found"
_MOST_CHARACTERS = 100  # of a headline that says no more than that
_MOST_WORDS = 60  # of a text that does
_MOST_OF = 0.6  # share of a headline that the words must be
_SEPARATOR = re.compile(r"(?<!\s)\s+[|•·–—-]\s+|[!?:…]\s")
# What templates of error pages call themselves.
_CLASSES = {"error404", "error-404", "error_404", "page-404", "page404", "not-found", "http-error-404"}
_NUMBER = re.compile(
    r"\A\W*(?:(?:error|erreur|fehler|fout|errore|erro|fel|feil|chyba|błąd|ошибка|помилка|hata)\W{0,3})?404(?:\s*\Z|\s*[-–—:|!.])"
)
_MISSING = re.compile(
    # French
    r"\b(?:page|article|contenu|ressource|document)s?\b[^.!?]{0,30}\b(?:introuvables?|non trouvée?s?|inexistante?s?)\b"
    r"|\b(?:page|article|contenu)\b[^.!?]{0,40}\bn['’](?:existe (?:pas|plus)|est (?:plus|pas) disponible"
    r"|a (?:pas )?(?:pu être|été) trouvée?)"
    r"|\b(?:article|contenu|page)\b[^.!?]{0,20}\ba été (?:supprimée?|retirée?|dépubliée?)\b"
    # English
    r"|\b(?:page|article|story|content|post)\b[^.!?]{0,30}\b(?:not found|(?:can|could)(?:no|n['’])?t be found"
    r"|could not be found|does(?: not|n['’]t) exist|no longer (?:exists|available)|(?:is|was) not available"
    r"|has been (?:removed|deleted|withdrawn|taken down|unpublished))\b|\Anot found\b"
    # German
    r"|\b(?:seite|artikel|inhalt|beitrag)\b[^.!?]{0,40}\b(?:nicht (?:gefunden|vorhanden|verfügbar|mehr verfügbar)"
    r"|existiert nicht|wurde (?:gelöscht|entfernt))\b"
    # Spanish, Catalan, Portuguese, Italian
    r"|\bp[áa]gina\b[^.!?]{0,30}\bno (?:encontrada|existe|disponible|trobada)\b"
    r"|\bartículo\b[^.!?]{0,30}\bno (?:existe|disponible)\b"
    r"|\bp[áa]gina\b[^.!?]{0,30}\bnão (?:encontrada|existe)\b|\bpagina\b[^.!?]{0,30}\bnon (?:trovata|esiste)\b"
    # Dutch, Scandinavian, Finnish
    r"|\bpagina\b[^.!?]{0,20}\bniet gevonden\b|\b(?:sidan|siden)\b[^.!?]{0,30}\b(?:inte|ikke)\b[^.!?]{0,10}"
    r"\b(?:hittades|hittas|finnes|funnet|findes|fundet)\b|\bsivua ei löyt"
    # Polish, Czech, Slovak, Hungarian, Romanian
    r"|\bnie znaleziono\b[^.!?]{0,20}\bstrony\b|\bstrona\b[^.!?]{0,20}\bnie (?:istnieje|została znaleziona)\b"
    r"|\bstránka\b[^.!?]{0,30}\b(?:nenalezena|neexistuje|nebyla nalezena|sa nenašla)\b|\baz oldal nem található\b"
    r"|\bpagin[aă]\b[^.!?]{0,20}\bnu (?:a fost găsită|există)\b"
    # Russian, Ukrainian, Greek, Turkish, Arabic, Chinese, Japanese, Korean
    r"|\bстраница не (?:найдена|существует)|\bсторінк[ау] не (?:знайден|існує)|\bη σελίδα δεν (?:βρέθηκε|υπάρχει)"
    r"|\bsayfa bulunamadı\b|الصفحة (?:غير موجودة|المطلوبة غير)|页面(?:不存在|未找到)|頁面不存在"
    r"|(?:ページ|記事)[がは]?見つかりません|페이지를 찾을 수 없",
    re.IGNORECASE,
)  # fmt: skip


def of_page(evidence: Evidence) -> Verdict | None:
    """Whether a page's template or headline says that there is nothing at this address."""
    if named := {name.lower() for name in evidence.markup.body_classes} & _CLASSES:
        return Verdict(KIND, f"the page is of class {min(named)}")
    if _is_dated(evidence):
        return None
    said = next((line for line in _headlines(evidence) if _says_so(line)), None)
    return Verdict(KIND, f"“{said}”") if said else None


def of_text(text: str, words: int, evidence: Evidence) -> Verdict | None:
    """Whether a text says that what was here is gone, and nothing else."""
    found = _MISSING.search(text) if words <= _MOST_WORDS and not _is_dated(evidence) else None
    return Verdict(KIND, f"a text of {words} words says “{found[0]}”") if found else None


def _is_dated(evidence: Evidence) -> bool:
    return "datePublished" in evidence.article or evidence.markup.meta("article:published_time") is not None


def _headlines(evidence: Evidence) -> Iterator[str]:
    headings = (content(heading) for heading in evidence.markup.headlines if heading.tag == "h1")
    return (line for line in (*headings, evidence.markup.page_title) if line)


def _says_so(line: str) -> bool:
    """Whether a line says so with most of its words, a site's name aside: "The page nobody found" is a headline."""
    parts = [part for part in _SEPARATOR.split(line) if part]
    return len(line) <= _MOST_CHARACTERS and (
        _NUMBER.match(line.casefold()) is not None
        or any(len(found[0]) >= _MOST_OF * len(part) for part in parts if (found := _MISSING.search(part)))
    )
