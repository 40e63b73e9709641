"""French prose about an invented region, made of the sentences in sentences.txt and a seeded random choice."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

NBSP = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"
TOWNS = (
    "Brécy-le-Val",
    "Clairanges",
    "Montauriol-sur-Sève",
    "Port-Léandre",
    "Saint-Évroul-des-Landes",
    "Vernoux-l'Écluse",
    "Rochebœuf",
    "Villedieu-les-Grèves",
    "Fontcouverte",
    "Grand-Courtil",
    "Plœuc-Saint-Yves",
    "Tréhorel",
)
FIRST_NAMES = ("Élise", "Thérèse", "Inès", "Chloé", "Maïwenn", "Lætitia", "Solène", "Noëlie", "Hélène", "Zélie")
LAST_NAMES = ("Sauvageot", "Le Bihan", "Maréchaux", "d'Orbigné", "Vasseur", "Pérouze", "Cœurdray", "N'Diaye", "Hêtreau")
MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre")
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi")
SPACES = {"narrow": (NARROW, NBSP), "wide": (NBSP, NBSP), "entity": ("&nbsp;", "&nbsp;"), "plain": (" ", " ")}


def read_bank() -> dict[str, list[str]]:
    bank: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            bank[line.strip("[]")] = lines = []
        elif line and not line.startswith("#"):
            lines.append(line)
    return bank


def typeset(text: str, style: str) -> str:
    """Put the spaces French typography wants before ; ! ? : and inside guillemets, in one newsroom's style."""
    thin, wide = SPACES[style]
    text = re.sub(r" (?=[;!?])", thin, text)
    text = re.sub(r" (?=[:»%])", wide, text)
    return re.sub(r"« ", f"«{wide}", text)


class Writer:
    """Writes one post: within it no sentence comes twice, and the spaces are in one style."""

    def __init__(self, rng: Random, bank: dict[str, list[str]], section: str) -> None:
        self.rng = rng
        self.style = rng.choice(list(SPACES))
        self._bank = bank
        own, general = list(bank[section]), list(bank["Partout"])
        rng.shuffle(own)
        rng.shuffle(general)
        # Two sentences of the section for one that fits anywhere, so that a post has a subject; taken from the end.
        groups = zip(own[::2], general, own[1::2], strict=False)
        mixed = [sentence for group in groups for sentence in group]
        self._left = [*general[len(own) // 2 :], *mixed]

    def sentence(self) -> str:
        return self._finish(self._left.pop())

    def one_of(self, kind: str) -> str:
        """Return one line of a kind: Titres, Légendes, Points, ..."""
        return self._finish(self.rng.choice(self._bank[kind]))

    def several(self, kind: str, count: int) -> list[str]:
        return [self._finish(template) for template in self.rng.sample(self._bank[kind], count)]

    def paragraph(self, most: int = 4) -> str:
        return " ".join(self.sentence() for _ in range(self.rng.randint(min(2, most), most)))

    def title(self) -> str:
        thing = self.rng.choice(self._bank["Choses"])
        title = self.rng.choice(self._bank["Titres"])
        title = title.replace("{chose}", thing).replace("{chose_}", thing[0].upper() + thing[1:])
        return self._finish(title)

    def _finish(self, template: str) -> str:
        town, other = self.rng.sample(TOWNS, 2)
        values = {
            "ville": town,
            "ville2": other,
            "personne": f"{self.rng.choice(FIRST_NAMES)} {self.rng.choice(LAST_NAMES)}",
            "nombre": str(self.rng.randint(12, 480)),
            "petit": str(self.rng.randint(2, 11)),
            "mois": self.rng.choice(MONTHS),
            "jour": self.rng.choice(DAYS),
        }
        text = re.sub(r"\{(\w+)\}", lambda slot: values[slot[1]], template)
        text = re.sub(r"\bde (?=avril|août|octobre)", "d'", text)
        return typeset(text[0].upper() + text[1:], self.style)
