"""Which news agency an article names as its source, by its byline or by the edges of its text."""

from __future__ import annotations

import re
from collections.abc import Sequence

# An agency -> what it is called. Names that are words or initials of much else are below: as they are written, and in
# brackets or alone in a byline only.
_NAMES = {
    "AFP": ("AFP", "Agence France-Presse"),
    "Reuters": ("Reuters", "Thomson Reuters"),
    "AP": ("Associated Press", "The Associated Press"),
    "dpa": ("dpa", "Deutsche Presse-Agentur"),
    "EFE": ("EFE", "Agencia EFE"),
    "ANSA": ("ANSA",),
    "Belga": ("Belga", "Agence Belga"),
    "Keystone-ATS": ("ATS", "Keystone-ATS", "Keystone-SDA"),
    "APA": ("APA", "Austria Presse Agentur"),
    "PA Media": ("PA Media", "Press Association"),
    "Xinhua": ("Xinhua", "Chine nouvelle"),
    "TASS": ("TASS",),
    "Kyodo": ("Kyodo", "Kyodo News"),
    "Yonhap": ("Yonhap",),
    "Lusa": ("Lusa", "Agência Lusa"),
    "ANP": ("ANP",),
    "Ritzau": ("Ritzau",),
    "NTB": ("NTB",),
    "PAP": ("PAP",),
    "UPI": ("UPI", "United Press International"),
    "PTI": ("PTI", "Press Trust of India"),
    "AAP": ("AAP", "Australian Associated Press"),
    "Anadolu": ("Anadolu", "Anadolu Agency"),
    "La Presse Canadienne": ("La Presse Canadienne", "The Canadian Press"),
    "Europa Press": ("Europa Press",),
}
_KNOWN = {called.casefold(): name for name, names in _NAMES.items() for called in names}
_BRACKETED_ONLY = {"AP": "AP", "TT": "TT", "MAP": "MAP", "APS": "APS", "TAP": "TAP"}
_CALLED = "|".join(re.escape(called) for called in sorted(_KNOWN, key=len, reverse=True))
_SHORT = "|".join(_BRACKETED_ONLY)
# "PARIS (AFP) - ...", "... (avec Reuters)", "(dpa/lnw)"; below "© 2026 AFP", "Source : Belga".
_BRACKETS = re.compile(
    rf"[(\[](?:avec |with |mit |con )?(?:(?i:(?P<name>{_CALLED}))|(?P<short>{_SHORT}))(?:[/,][^)\]]{{0,40}})?[)\]]"
)
_SIGNED = re.compile(
    rf"(?i:©|\(c\)|\bsource ?:|\bavec|\bwith|\bmit|\bcon) ?(?:l['’])?(?:\d{{4}} )?(?i:(?P<name>{_CALLED}))\b"
)
# "Agence Valmont Presse", "Haut-Aurin News Agency": one that is not in the list, but says what it is.
_SAYS_SO = re.compile(r"(?i)^(agence|agencia|agenzia|agência|agentur)\s\S|\s(agency|presse-agentur)$")
# "Le Journal avec l'AFP", "By Reuters", "Jeanne Marc (dpa)".
_BETWEEN = re.compile(r"(?i)[,/()|]|\b(?:et|and|und|y|e|avec|with|mit|con|by|par|von|por)\b|\bl['’]")
EDGE = 200  # characters at either end of a text: a source named in the middle is quoted, not copied


def agency_of(authors: Sequence[str], text: str) -> str | None:
    """Return the agency that an article names as its source: in its byline, or in brackets at an edge of its text."""
    for author in authors:
        for part in _BETWEEN.split(author):
            if found := _KNOWN.get(part.strip().casefold()) or _BRACKETED_ONLY.get(part.strip()):
                return found
        if _SAYS_SO.search(author.strip()):
            return author.strip()
    for edge in (text[:EDGE], text[-EDGE:]):
        for pattern in (_BRACKETS, _SIGNED):
            if match := pattern.search(edge):
                named = match.groupdict()
                return _KNOWN[named["name"].casefold()] if named["name"] else named["short"]
    return None
