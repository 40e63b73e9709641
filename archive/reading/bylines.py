"""The people of a byline, told apart from the publisher, the agencies and the software's accounts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archive.reading.markup import clean

_LABEL = re.compile(
    r"^\W*(?:(?:écrit|publié|rédigé|propos recueillis|texte|un article|article|written|posted|published|reported"
    r"|story|words|ein artikel"
    r"|veröffentlicht|verfasst|geschrieben|eingestellt|publicado|escrito|scritto|pubblicato|gespeichert)\s+(?=par"
    r"|by|von|por|da|di))?"
    r"(?:par|by|von|por|di|door|av|af|przez|text(?: von)?|author|auteure?s?|auteur\(s\)|autor(?:en|a)?|autore"
    r"|quelle|source)\b\s*[:\-–]?\s*(?=\S)",
    re.IGNORECASE,
)
_JOINTS = re.compile(
    r"\s*[;|/•·\n]\s*|\s*,\s*(?:et|and|und|y|avec|with|mit)\s+|\s+(?:et|and|und|y|e|en|og|och|avec|with|mit|&)\s+"
    r"|\s*,\s*"
)
_SURE_JOINTS = re.compile(r"\s*[;|]\s*|\s*,\s*(?:et|and|und)\s+|\s+(?:et|and|und|&)\s+|\s*,\s*")
_PARENTHESIS = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_DATELIKE = re.compile(
    r"\s*(?:[-–—|,]|\b(?:le|on|am|vom|stand|updated|published|publié|posted)\b:?)*\s*\d{1,4}[./:\s-].*$", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?\b|www\.|\S+@\S+\.\w+|^[\w.-]+\.(?:com|net|org|fr|de|co\.uk|info|ch|at)$", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"^(?:admin\w*|administrat\w+|webmaster|root|editor|user\d*|wordpress|null|none|undefined|anonymous|no author"
    r"|unknown)$",
    re.IGNORECASE,
)
_SLUG = re.compile(r"^[a-z0-9]+(?:[-_.][a-z0-9]+)+$|\d")
_FURNITURE = re.compile(
    r"\b(?:follow(?:ing)?|folgen|suivre|twitter|facebook|instagram|linkedin|email|e-mail|reply|antworten|répondre"
    r"|posted|published|publié|updated|read|lecture"
    r"|share|partager|archiv|archives?|anzeigen|alle|voir|view|more|mehr|comments?|kommentare?|photographs?|photo"
    r"|foto|illustration|image|copyright|login|subscribe|edit|link|abbruch|cancel|close|about|menu|veröffentlicht"
    r"|geschrieben|verfasst)\b",
    re.IGNORECASE,
)
_AGENCY = re.compile(
    r"^(?:l['’])?(?:afp|agence france[- ]presse|reuters|ap|(?:the )?associated press|dpa|apa|ansa|efe|agencia efe"
    r"|belga|ats"
    r"|keystone-ats|xinhua|tass|pa media|press association|upi|ians|pti|ani|bloomberg|kna|epd|sid|mti|anp|jiji"
    r"|kyodo|agences?|wire reports?"
    r"|staff|staff reports?|news desk|newsroom|la rédaction|rédaction|redaktion|die redaktion|redacción|redazione"
    r"|editorial (?:team|board|staff))\b.{0,20}$",
    re.IGNORECASE,
)
_PARTICLES = {"de", "van", "von", "di", "da", "d'", "le", "la", "el", "al", "ter", "ten"}
_MOST = 25  # authors; a longer list is a page's list of staff
_LONGEST = 60  # characters of one name


def people(names: Iterable[str], organisations: Iterable[str] = ()) -> tuple[str, ...]:
    """The people in these names, in order, each once.

    Left out: `organisations` (the publisher, the site), addresses, accounts and slugs, and what follows a name
    ("envoyé spécial à Kiev"). An agency or the newsroom stays only where nobody else is named.
    """
    dropped = {name.casefold() for name in organisations if name}
    persons: dict[str, str] = {}
    agencies: dict[str, str] = {}
    for name in names:
        for part in _split(name):
            if is_agency(part):
                agencies.setdefault(part.casefold(), part)
            elif _ADDRESS.search(part):
                break  # what follows the publisher's web address is its postal one
            elif part.casefold() not in dropped and _is_name(part):
                persons.setdefault(part.casefold(), part)
    return tuple((persons or agencies).values())[:_MOST]


def is_agency(name: str) -> bool:
    """Whether it is an agency's or the newsroom's name, which stands in for a person's."""
    return _AGENCY.match(name) is not None


def _split(name: str) -> list[str]:
    if len(name) > 10 * _LONGEST:
        return []
    text = clean(_PARENTHESIS.sub(" ", name)) or ""
    text = _DATELIKE.sub("", _LABEL.sub("", text))
    joints = _JOINTS if len(text.split()) > 3 or "/" in text else _SURE_JOINTS
    parts = [_LABEL.sub("", part.strip(" ,:;-–—\u00a0\u202f")) for part in joints.split(text)]
    return [
        part.rstrip(".") if part.count(".") == 1 and len(part) > 15 and not part.endswith("r.") else part
        for part in parts
        if part
    ]


def _is_name(text: str) -> bool:
    if len(text) > _LONGEST or not text[0].isalpha():
        return False
    if _ACCOUNT.match(text) or _SLUG.search(text) or _FURNITURE.search(text):
        return False
    words = text.split()
    if len(words) > 6:
        return False
    return (len(words) == 1 and text[0].isalpha()) or not text[0].islower() or words[0] in _PARTICLES
