"""Names of people and bodies compared and taken apart, whatever script they are in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

PARTICLES = frozenset(
    (
        *(
            "de",
            "van",
            "von",
            "di",
            "da",
            "du",
            "des",
            "del",
            "della",
            "d'",
            "dos",
            "do",
            "das",
            "le",
            "la",
            "les",
            "el",
        ),
        *(
            "al",
            "ter",
            "ten",
            "der",
            "den",
            "zu",
            "af",
            "bin",
            "ibn",
            "ben",
            "ould",
            "abu",
            "mac",
            "y",
            "e",
            "i",
            "und",
        ),
    )
)
_ENCLOSED = re.compile(r"[(\[][^()\[\]]*[)\]]")
_LONGEST = 60  # characters of one name


def same_person(one: str, other: str) -> bool:
    """Whether two names are of one person: the same words, or initials or a slug ("jdupont") for the other's."""
    first, second = _tokens(one), _tokens(other)
    if first == second or "".join(first) == "".join(second) or sorted(first) == sorted(second):
        return True
    short, full = sorted((first, second), key=lambda tokens: (len("".join(tokens)), tokens))
    if not short or len(full) < 2:
        return False
    initials = "".join(token[0] for token in full)
    return (
        "".join(short) in {initials, initials[0] + full[-1], full[0][0] + "".join(full[1:])}
        or (len(short) == len(full) and all(map(str.startswith, full, short)))
        or (len(short) > 1 and short[0] == full[0] and short[-1] == full[-1])
    )


def initials(name: str) -> str:
    """A name's initials, brackets left out, in lower case; of several words only."""
    tokens = _tokens(_ENCLOSED.sub(" ", name[:_LONGEST]))
    return "".join(token[0] for token in tokens) if len(tokens) > 1 else ""


def shares_word(name: str, organisations: Iterable[str]) -> bool:
    """Whether the name has a longer word of an organisation's: "Vigie 2" of "La Vigie"."""
    theirs = {token for organisation in organisations for token in _tokens(organisation)}
    return any(len(token) > 3 and token in theirs for token in _tokens(name))


def given_name_first(name: str) -> str:
    """A library's "Last, First" as it is printed; anything else as it is."""
    halves: Sequence[str] = [half.strip() for half in name.split(",")]
    if len(name) > _LONGEST or len(halves) != 2 or not all(halves) or any(len(half.split()) > 3 for half in halves):
        return name
    return f"{halves[1]} {halves[0]}"


def is_full_name(text: str) -> bool:
    """Whether it is written as a given name and a family name are."""
    tokens = text.split()
    return 2 <= len(tokens) <= 5 and not text[0].islower() and tokens[-1][0].isupper() == tokens[0][0].isupper()


# Particles written together with the name: d’Ormesson, l’Hermitte, al-Masri.
_JOINED = re.compile(r"(?:[dltn]['’]|(?:al|el|an|ad|as|ar|ash|at|ben|bin|ibn)[-‑])(?!\d)\w")


def is_written_as_name(text: str) -> bool:
    """Whether no word but particles is in lower case, in scripts that have it."""
    tokens = text.split()
    return len(tokens) < 2 or all(
        not token[0].islower() or token in PARTICLES or _JOINED.match(token) for token in tokens
    )


def key(name: str) -> str:
    """What is equal for two spellings of one name that differ in case, spaces or signs."""
    return "".join(re.findall(r"\w+", name.casefold())) or name


def _tokens(name: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)
