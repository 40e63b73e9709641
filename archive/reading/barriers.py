"""Pages that stand in an article's way: block pages, CAPTCHAs, walls that ask for consent, walls with nothing behind.

They come at an article's own address, mostly with status 200, and are no word of the publisher's about it. Sites that
use these makers' products bear their scripts on every page, so a mark alone says nothing: a page is one of these if it
bears what only they bear, states no article, and shows next to nothing else (archive/reading/barrier_signs.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.models import Page
from archive.reading import barrier_signs as signs
from archive.reading import walls
from archive.reading.blocks import Block
from archive.reading.evidence import Evidence
from archive.reading.listing import count_words
from archive.reading.markup import Element, content
from archive.reading.verdict import Verdict

BLOCKED, CAPTCHA, CONSENT, PAYWALL = "blocked", "captcha", "consent_wall", "paywall"
# Of these the server has not answered what it was asked: the address is tried again, and nothing is known of it.
UNANSWERED = (BLOCKED, CAPTCHA, CONSENT)
# With these such pages come, too (RFC 9110; RFC 6585: 429); what else they answer is the server's own.
STATUSES = (401, 403, 405, 406, 429, 503)
_MOST_BLOCKED = 250  # words that a block page shows, terms and footer included
_MOST_ASKED = 120  # of one that is known by its words alone
_MOST_CONSENT = 1500  # words of purposes and partners
_MOST_CONSENT_TEXT = 400  # of a wall taken for a text
_CONSENT_SHARE = 0.8
_SENTENCE = 12  # words in a row that are not about consent: a text begins
_MOST_BESIDE = 60
_HEADLINE_SHARE = 0.6  # of a title or headline that the words must be
_MOST_BESIDE_WALL = 12  # words beside a wall's own: a date, a credit
_LONGEST_CODE = 20_000  # characters of a script that are looked at
_MOST_MARKS = 2000
_UNSEEN = {"script", "style", "template", "svg", "head", "title"}
_FRAME = {"nav", "header", "footer"}


def of_page(evidence: Evidence) -> Verdict | None:
    """Whether a page, whatever its status, is none of the site's own but stands in the way of one."""
    if blocked := of_headers(evidence.page):
        return blocked
    if _states_article(evidence):
        return None
    return _blocked(evidence) or _asks_who_you_are(evidence) or _consent(evidence)


def of_headers(page: Page) -> Verdict | None:
    """Whether a header says so, that makers of block pages send with these only."""
    maker = signs.in_headers(page.headers)
    return Verdict(BLOCKED, f"{maker} says so in a header") if maker else None


def of_text(blocks: Sequence[Block], words: int, evidence: Evidence) -> Verdict | None:
    """Whether what was read for an article's text is a wall's: who may read on, or what is to be consented to."""
    lines = [block.text for block in blocks]
    beside = sum(count_words(line) for line in lines if not walls.speaks(line))
    if words and beside <= _MOST_BESIDE_WALL and beside < words:
        return Verdict(PAYWALL, "nothing but a wall's words, no text of the article")
    if words > _MOST_CONSENT_TEXT or not signs.names_consent_tool(evidence.page.body):
        return None
    about = sum(count_words(line) for line in lines if signs.CONSENT_WORDS.search(line))
    if about >= _CONSENT_SHARE * words and (found := next(filter(None, map(signs.ASKS_CONSENT.search, lines)), None)):
        return Verdict(CONSENT, f"the text asks for consent and says nothing else: “{found[0]}”")
    return None


def may_hide(page: Page) -> bool:
    """Whether an answer other than 200 is to be looked at: it may be such a page and not the server's own word."""
    return page.status in STATUSES or 200 < page.status < 300


def _states_article(evidence: Evidence) -> bool:
    return bool(evidence.article) or evidence.markup.meta("article:published_time") is not None


# -- Block pages and CAPTCHAs


def _blocked(evidence: Evidence) -> Verdict | None:
    """What only the block pages of one maker bear, on a page with few words."""
    if not signs.names_maker(evidence.page.body):
        return None
    for mark in _marks(evidence.markup.root):
        if (maker := signs.maker_of(mark)) and shown(evidence.markup.root, _MOST_BLOCKED) is not None:
            return Verdict(BLOCKED, f"{maker}: {mark[:80]}")
    return None


def _asks_who_you_are(evidence: Evidence) -> Verdict | None:
    """A headline that refuses or asks for proof, on a page of few words; with a CAPTCHA any of its words will do."""
    markup = evidence.markup
    headlines = [line for line in (*map(content, markup.headlines), markup.page_title) if line]
    widget = signs.names_widget(evidence.page.body) and next(
        (mark for mark in _marks(markup.root) if signs.WIDGET.search(mark)), None
    )
    refused = next((line for line in headlines if _says(line)), None)
    if not widget and not refused:
        return None
    text = shown(markup.root, _MOST_ASKED)
    if text is None:
        return None
    asked = signs.PROOF.search(text)
    if widget and asked:
        return Verdict(CAPTCHA, f"“{asked[0]}”, {widget[:80]}")
    return Verdict(BLOCKED, f"“{refused[:80]}”") if refused else None


def _says(line: str) -> bool:
    parts = [part for part in signs.SEPARATOR.split(line) if part]
    return any(len(found[0]) >= _HEADLINE_SHARE * len(part) for part in parts if (found := signs.REFUSAL.search(part)))


def _marks(root: Element) -> Iterator[str]:
    """What elements are called and what they load: `src:…`, `id:…`, `class:…`, `action:…`, and scripts' own code."""
    count = 0
    for element in root.iter("*"):
        for name in ("id", "src", "action", "class", "content"):
            if value := element.get(name):
                yield f"{name}:{value[:300]}"
                count += 1
        if element.tag == "script" and element.text:
            yield f"code:{element.text[:_LONGEST_CODE]}"
        if count > _MOST_MARKS:
            return


def shown(root: Element, most: int) -> str | None:
    """What a page prints, its white space single, if it has at most so many words."""
    parts: list[str] = []
    words = 0
    for _, line in _strings(root):
        parts.extend(line.split())
        words += count_words(line)
        if words > most:
            return None
    return " ".join(parts)


def _strings(root: Element) -> Iterator[tuple[Element, str]]:
    """The strings a reader sees, each with the element it stands in."""
    for element in root.iter("*"):
        if element.tag not in _UNSEEN and element.text and (text := element.text.strip()):
            yield element, text
        parent = element.getparent()
        if parent is not None and parent.tag not in _UNSEEN and element.tail and (text := element.tail.strip()):
            yield parent, text


# -- Consent


def _consent(evidence: Evidence) -> Verdict | None:
    """A page that asks for consent, by a known tool or on a host for that alone, and shows nothing else."""
    tool = signs.names_consent_tool(evidence.page.body)
    there = signs.CONSENT_HOST.match(evidence.host)
    if not (tool or there):
        return None
    text = shown(evidence.markup.root, _MOST_CONSENT)
    found = signs.ASKS_CONSENT.search(text) if text else None
    if found is None or _goes_on_beside(evidence.markup.root):
        return None
    return Verdict(CONSENT, f"{tool or evidence.host}: “{found[0]}”")


def _goes_on_beside(root: Element) -> bool:
    """Whether anything but the frame is printed outside of what asks for consent: a text, or more than a few words."""
    beside = 0
    asking: dict[Element, bool] = {}
    for element, line in _strings(root):
        if signs.CONSENT_WORDS.search(line) or _is_asking(element, asking):
            continue
        words = count_words(line)
        beside += words
        if words >= _SENTENCE or beside > _MOST_BESIDE:
            return True
    return False


def _is_asking(element: Element, known: dict[Element, bool]) -> bool:
    """Whether an element is in a part that is named as one that asks for consent, or in the page's frame."""
    if element not in known:
        parent = element.getparent()
        names = f"{element.get('id') or ''} {element.get('class') or ''}"
        own = element.tag not in {"html", "body"} and (
            element.tag in _FRAME or signs.CONSENT_NAME.search(names) is not None
        )
        known[element] = own or (parent is not None and _is_asking(parent, known))
    return known[element]
