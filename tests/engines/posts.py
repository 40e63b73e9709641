"""Sixty invented posts of an invented valley, the same every time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from crawler.demo.newspaper import slugify

COUNT = 60
SECTIONS = ("Politique", "Culture", "Sport", "Vallée")
AUTHORS = ("Élise Fontanel", "Marc Davout", "Nora Benhamed", "Tom Vasseur")
_TAGS = ("mairie", "eau", "école", "théâtre", "forêt", "transports", "budget", "musique")
_SUBJECTS = ("Le conseil", "La bibliothèque", "L’équipe de rugby", "Le marché", "La fanfare", "Le refuge", "La scierie")
_DEEDS = ("prépare", "réclame", "fête", "repousse", "inaugure", "défend", "retrouve", "abandonne", "présente")
_THINGS = ("son nouveau toit", "une saison entière", "le pont de pierre", "sa grande salle", "un accord fragile")
_PLACES = ("à Valmont", "aux Granges", "près du barrage", "sur la place Haute", "dans le bourg", "au col des Aigles")
_WHO = ("La directrice", "Un riverain", "Le trésorier", "Une bénévole", "L’adjoint", "Une élève", "Le chef d’équipe")
_SAYS = ("raconte", "estime", "rappelle", "assure", "regrette", "explique", "se souvient", "prévient")
_WHAT = (
    "que les travaux ont commencé plus tôt que prévu",
    "que personne n’avait demandé autant de chaises depuis dix ans",
    "que la neige de mars a compliqué chaque livraison",
    "que les comptes seront montrés à tous dès la rentrée",
    "que trois familles ont déjà proposé leur aide",
    "qu’il faudra attendre le printemps pour juger",
)
_ENDS = (
    "et la réunion suivante est fixée à jeudi soir.",
    "sans que cela change le calendrier annoncé.",
    "tandis que la pluie tombait sur les toits d’ardoise.",
    "comme le montre le registre tenu depuis l’automne.",
    "ce qui a fait sourire jusqu’au dernier rang.",
)


@dataclass(frozen=True, slots=True)
class Post:
    """One post as its page should read."""

    slug: str
    title: str
    author: str
    section: str
    tags: tuple[str, ...]
    published: datetime
    paragraphs: tuple[str, ...]


def posts() -> list[Post]:
    """Return the posts, oldest first, over three years."""
    chance = random.Random(20)
    return [_post(number, chance) for number in range(1, COUNT + 1)]


def _post(number: int, chance: random.Random) -> Post:
    title = f"{chance.choice(_SUBJECTS)} {chance.choice(_DEEDS)} {chance.choice(_THINGS)} {chance.choice(_PLACES)}"
    first = datetime(2021, 2, 3, 8, 15, tzinfo=timezone(timedelta(hours=1)))
    return Post(
        slug=f"billet-{number}" if number % 7 == 0 else slugify(f"{title} {number} voix"),
        title=f"{title} ({number} voix)",
        author=AUTHORS[number % len(AUTHORS)],
        section=SECTIONS[number % len(SECTIONS)],
        tags=tuple(sorted(chance.sample(_TAGS, 2))),
        published=first + timedelta(days=18 * number, minutes=7 * number),
        paragraphs=tuple(_paragraph(chance) for _ in range(5)),
    )


def _paragraph(chance: random.Random) -> str:
    return " ".join(
        f"{chance.choice(_WHO)} {chance.choice(_SAYS)} {chance.choice(_WHAT)}, {chance.choice(_ENDS)}" for _ in range(4)
    )
