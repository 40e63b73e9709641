"""The words and the markup by which a page says that it, or the rest of it, is for those who pay.

A wall speaks of this article or of its rest ("Cet article est réservé aux abonnés", "Subscribe to continue reading").
An invitation to subscribe that names neither is an advertisement, which free articles bear too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, islice

from archive.reading import container
from archive.reading.blocks import Block
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, clean

# Classes and ids that publishers' own templates and the makers of paywalls give to their parts.
_NAMES = (
    "wall", "premium", "subscri", "abonn", "abonad", "abbonat", "suscri", "assinant", "prenumerat", "locked",
    "restrict", "metered", "piano", "tinypass", "poool", "member", "reserv", "barrier", "upgrade-cta", "pelcro",
    "leaky", "steady", "pmpro_", "mepr-", "swpm-",
)  # fmt: skip
# Plugins that print these instead of the text that is withheld, and never otherwise.
_WITHHELD = re.compile(
    r"(?:^|\s)(?:pmpro_content_message|mepr-unauthorized-(?:message|excerpt)|rcp_restricted|leaky_paywall_message"
    r"|wc-memberships-(?:content-restricted-message|message-wrapper)|wc-memberships-restriction-message"
    r"|gh-post-upgrade-cta|steady-paywall-container|swpm-(?:post-)?(?:not-logged-in|restricted)-msg"
    r"|s2member-(?:sp-)?access|um-locked-content|paywall-(?:message|prompt|title))(?:\s|$)"
)
_STATED = re.compile(
    # French
    r"(?:cet|ce|cette|la suite|la lecture|l['’]intégralité|le reste)\b[^.!?]{0,60}\b(?:réservée?s?|exclusi\w+"
    r"|accessible)\b[^.!?]{0,40}\b(?:abonnée?s?|adhérents|souscripteurs)"
    r"|\bil (?:vous )?reste\s+\d{1,2}(?:[.,]\d+)?\s?% (?:de|à)"
    # English
    r"|\b(?:this|the rest of this|the full|rest of the)\b[^.!?]{0,40}\b(?:is|are)\b[^.!?]{0,30}"
    r"\b(?:for|to)\b[^.!?]{0,20}\b(?:subscribers|paid|paying|premium|members)\b"
    r"|\b(?:subscriber|member|premium)[- ](?:only|exclusive) (?:article|content|story)"
    # German
    r"|\b(?:dieser|diesen|dieses|der (?:ganze|vollständige|komplette))\s[^.!?]{0,60}\b(?:nur|exklusiv|ausschließlich)"
    r"[^.!?]{0,40}(?:abonnent|abo\b|mitglieder|digitalabo)"
    # Spanish, Catalan, Portuguese, Italian
    r"|\b(?:este|esta|aquest|aquesta)\b[^.!?]{0,50}\b(?:solo|sólo|exclusiv\w+|reservad\w+|només|apenas|só)\b"
    r"[^.!?]{0,40}(?:suscriptor|subscriptor|assinante|abonado|abonats|socios)"
    r"|\b(?:questo|quest['’])[^.!?]{0,50}\b(?:riservat\w+|solo|esclusiv\w+)\b[^.!?]{0,40}abbonat"
    # Dutch
    r"|\b(?:dit|deze)\s[^.!?]{0,50}\b(?:alleen|exclusief|enkel)\b[^.!?]{0,40}(?:abonnee|leden\b)"
    # Swedish, Norwegian, Danish, Finnish
    r"|\b(?:den här|denna|denne|dette|artikeln|artikkelen|artiklen|saken)\b[^.!?]{0,50}"
    r"\b(?:bara|endast|kun|forbeholdt|exklusiv\w*|eksklusiv\w*|enbart)\b[^.!?]{0,40}(?:prenumerant|abonnent|medlem)"
    r"|\btämä\s[^.!?]{0,50}\b(?:vain|ainoastaan)\b[^.!?]{0,40}tilaaj"
    # Polish, Czech, Slovak, Hungarian, Romanian
    r"|\b(?:ten|ta|cały)\s[^.!?]{0,50}\b(?:tylko|wyłącznie)\b[^.!?]{0,40}(?:subskrybent|prenumerat)"
    r"|\btento\s[^.!?]{0,50}\b(?:jen|jenom|pouze|len|iba)\b[^.!?]{0,40}(?:předplatitel|predplatiteľ)"
    r"|\bez a (?:cikk|tartalom)[^.!?]{0,50}\bcsak\b[^.!?]{0,40}előfizető"
    r"|\bacest\s[^.!?]{0,50}\b(?:doar|numai|exclusiv|rezervat)\b[^.!?]{0,40}abonați"
    # Russian, Ukrainian, Greek, Turkish
    r"|\b(?:эт(?:от|а|и)|це[йяі]?|полный)\b[^.!?]{0,50}\b(?:только|лише|тільки)\b[^.!?]{0,40}(?:подписчик|передплатник)"
    r"|(?:αυτό|το άρθρο|το περιεχόμενο)[^.!?]{0,50}(?:μόνο|αποκλειστικά)[^.!?]{0,40}συνδρομητ"
    r"|\bbu (?:haber|içerik|yazı|makale)[^.!?]{0,50}abone(?:ler|lere|lerine)"
    # Japanese, Chinese, Korean
    r"|(?:この(?:記事|コンテンツ)|続き)は.{0,20}(?:有料|会員限定|購読)|残り\s?[\d０-９,，]{1,6}\s?文字"
    r"|(?:本文|此文|该文章|全文).{0,10}(?:仅限|僅限|只限|仅供).{0,10}(?:订阅|訂閱|付费|付費|会员|會員)"
    r"|이 (?:기사|콘텐츠)는.{0,20}(?:유료|구독자|회원)",
    re.IGNORECASE,
)
_TO_READ_ON = re.compile(
    # French
    r"\babonnez[- ]vous[^.!?]{0,50}pour (?:lire|continuer|poursuivre|accéder|découvrir|connaître)[^.!?]{0,30}"
    r"(?:la suite|article|intégralité|lecture|contenu)|pour (?:lire|découvrir|accéder à) (?:la suite|l['’]intégralité)"
    r"[^.!?]{0,60}abonn|\b(?:la suite|l['’]article complet|lire la suite) (?:est )?(?:pour|avec|en)\b[^.!?]{0,30}abonn"
    # English
    r"|\bsubscribe\b[^.!?]{0,40}\bto (?:continue|keep|finish|read|unlock|access)\b[^.!?]{0,30}"
    r"(?:reading|article|story|post|full|rest)|\bto (?:continue|keep|finish) reading\b[^.!?]{0,40}\bsubscri"
    r"|\b(?:keep|continue) reading (?:with|for) [^.!?]{0,30}(?:subscription|trial|£|\$|€)"
    # German
    r"|\b(?:weiterlesen|jetzt lesen|artikel lesen)\b[^.!?]{0,30}(?:\bmit\b|\bim\b)[^.!?]{0,25}(?:abo\b|plus|\+|probe)"
    r"|\bum (?:diesen|den) (?:ganzen |vollständigen )?(?:artikel|beitrag|text)[^.!?]{0,30}(?:zu lesen|weiterzulesen)"
    # Spanish, Portuguese, Italian
    r"|\bsuscríb\w+[^.!?]{0,40}\bpara (?:seguir|continuar|leer)\b|\bpara (?:seguir|continuar) leyendo\b[^.!?]{0,50}"
    r"suscr"
    r"|\b(?:assine|assina|subscreva)\b[^.!?]{0,40}\bpara (?:continuar|ler)\b"
    r"|\bpara (?:continuar a ler|continuar lendo|ler a matéria)\b[^.!?]{0,50}(?:assin|subscr)"
    r"|\babbonati\b[^.!?]{0,40}\bper (?:continuare|leggere|proseguire)\b|\bper (?:continuare|proseguire)\b[^.!?]{0,50}"
    r"abbon"
    # Dutch, Swedish, Norwegian, Danish, Finnish
    r"|\b(?:verder|doorlezen|verder lezen)\b[^.!?]{0,30}abonn|\bneem een abonnement[^.!?]{0,40}\bte lezen"
    r"|\b(?:läs vidare|les videre|læs videre|för att läsa|for å lese|for at læse)\b[^.!?]{0,50}"
    r"(?:prenumer|abonn|medlem)|\btilaa\b[^.!?]{0,40}(?:lukemista|lukeaksesi|juttu)|\bjatka lukemista\b[^.!?]{0,40}"
    r"tilaa"
    # Polish, Czech, Hungarian, Romanian, Russian, Ukrainian, Turkish
    r"|\b(?:czytaj dalej|aby (?:czytać dalej|przeczytać))\b[^.!?]{0,50}(?:subskry|prenumer|wykup)"
    r"|\bpokračovat ve čtení\b[^.!?]{0,50}předpl|\bfizessen elő[^.!?]{0,40}(?:olvas|cikk)"
    r"|\babonează-te[^.!?]{0,40}(?:a citi|citește)|\b(?:чтобы (?:прочитать|читать)|щоб (?:прочитати|читати))\b"
    r"[^.!?]{0,50}(?:подпи|підпи|передпла)|\bdevamını okumak\b[^.!?]{0,40}abone"
    # Japanese, Chinese, Korean
    r"|続きを(?:読む|お読み).{0,20}(?:登録|購読|会員)|(?:订阅|訂閱|付费|付費).{0,8}(?:阅读|閱讀|继续|繼續)"
    r"|구독.{0,10}계속 읽",
    re.IGNORECASE,
)
# One of these is in whatever the patterns match: looked for first, as that is a hundred times as quick.
_PAYERS = (
    "abonn", "adhérent", "souscr", "reste", "subscri", "paid", "paying", "premium", "member", "reading", "abo", "plus",
    "mitglieder", "lesen", "suscr", "socios", "assin", "subscr", "abbon", "leden", "lezen", "prenum", "medlem", "tilaa",
    "subskr", "wykup", "předpl", "predpl", "előfiz", "fizess", "подпис", "подпи", "підпи", "передпл", "συνδρομ", "有料",
    "会員", "購読", "会员", "會員", "订阅", "訂閱", "付费", "付費", "続き", "残り", "유료", "구독", "회원",
)  # fmt: skip
_LONGEST = 700  # characters of a wall's message; more is a text
_MOST = 40  # elements looked at
_MOST_STRINGS = 100  # of one message
_LAST = 3  # lines at a text's end where a wall stands
_PARAGRAPH = 140  # characters
_GOES_ON = 2  # paragraphs after a message that show that it ends no text
_QUOTED = 120  # characters kept as evidence
_ELSEWHERE = {"nav", "aside", "footer", "a", "form", "dialog"}
_PAGE = {"html", "body", "article", "main"}


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall: its words (cut), where they were read, why they count, and whether the text ends there."""

    words: str
    source: str
    reason: str
    cuts: bool


def find(evidence: Evidence, blocks: Sequence[Block] = ()) -> Wall | None:
    """The first sign in the page that this article is for those who pay; none if nothing says so."""
    marked = next(filter(None, map(_marked, _candidates(evidence))), None)
    return marked or _in_text([block.text for block in blocks if block.text])


def _candidates(evidence: Evidence) -> Iterator[Element]:
    """Elements whose class has one of the names; plain searches, as a pattern of all names is ten times as slow."""
    markup = evidence.markup
    classes = markup.classes.lower()
    names = [name for name in _NAMES if name in classes]
    if not names:
        return iter(())
    named = (element for element, own in markup.classed if any(name in own.lower() for name in names))
    return islice((element for element in named if element.tag not in _PAGE), _MOST)


def _marked(element: Element) -> Wall | None:
    """A part whose name speaks of a wall, if its words do too and a reader sees them."""
    words = _message(element)
    if words is None or _is_elsewhere(element):
        return None
    if _WITHHELD.search(element.get("class") or ""):
        return Wall(words[:_QUOTED], "wall markup", "a plugin's message instead of the text", not _goes_on(element))
    if not _speaks_of_payers(words):
        return None
    if match := _STATED.search(words):
        return Wall(_around(words, match), "wall", "the page says who may read it", not _goes_on(element))
    if (match := _TO_READ_ON.search(words)) and not _goes_on(element):
        return Wall(_around(words, match), "wall", "the text ends at an invitation to pay", cuts=True)
    return None


def _in_text(lines: list[str]) -> Wall | None:
    """A wall that the text ends at: nothing but short lines follow it; or a line above it that says who may read on."""
    for line in reversed(lines[-_LAST:]):
        if match := _match(line):
            return Wall(_around(line, match), "wall", "the text ends at a wall", cuts=True)
        if len(line) >= _PARAGRAPH:
            break
    for line in lines[:1]:
        if len(line) <= _PARAGRAPH and (match := _STATED.search(line)):
            return Wall(_around(line, match), "wall", "the text begins by saying who may read it", cuts=False)
    return None


def speaks(line: str) -> bool:
    """Whether a line of a text is a wall's: it says who may read on."""
    return _match(line) is not None


def _match(line: str) -> re.Match[str] | None:
    if len(line) > _LONGEST or not _speaks_of_payers(line):
        return None
    return _STATED.search(line) or _TO_READ_ON.search(line)


def _speaks_of_payers(words: str) -> bool:
    lowered = words.lower()
    return any(payer in lowered for payer in _PAYERS)


def _around(words: str, match: re.Match[str]) -> str:
    return words[match.start() : match.start() + max(_QUOTED, match.end() - match.start())][:_QUOTED].strip()


def _message(element: Element) -> str | None:
    """An element's words; none for one without words, and for one that holds a text rather than a message."""
    parts: list[str] = []
    size = 0
    for string in _strings(element):
        parts.append(string)
        size += len(string)
        if size > _LONGEST or len(parts) > _MOST_STRINGS:
            return None
    return clean(" ".join(parts))


def _strings(element: Element) -> Iterator[str]:
    """What a reader sees of an element, string by string."""
    for part in element.iter():
        shown = part.text if part.tag not in {"script", "style", "template"} else None
        for string in (shown, part.tail if part is not element else None):
            if string and (stripped := string.strip()):
                yield stripped


def _is_elsewhere(element: Element) -> bool:
    """Whether it is about other articles, or waits for a script to show it."""
    around = (element, *element.iterancestors())
    return any(other.tag in _ELSEWHERE or container.is_hidden(other) for other in around)


def _goes_on(element: Element) -> bool:
    """Whether the article's prose goes on after the message."""
    region = next(element.iterancestors("article", "main", "body"), None)
    if region is None:
        return False
    inner = set(element.iter("p"))
    behind = dropwhile(lambda node: node is not element, region.iter(element.tag, "p"))
    prose = (node for node in behind if node.tag == "p" and node not in inner)
    long = (node for node in prose if container.length(node) >= _PARAGRAPH)
    return sum(1 for _ in islice(long, _GOES_ON)) == _GOES_ON
