"""What the WordPress under test is seeded with: a newspaper's year, the same for the same count and moment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.wordpress.markup import Blocks, Classic, Markup, read_also
from tests.wordpress.prose import Writer, read_bank

PARIS = ZoneInfo("Europe/Paris")
AUTHORS = (
    "Éloïse Garnier-Loÿs",
    "Jérôme Lavaudière",
    "Anaïs d'Hérouville",
    "François-Xavier Le Guédec",
    "Maëlle Cœurmont",
    "Zoé Bréchet",
    "Loïc Ñuñez-Bréhat",
)
SECTIONS = {  # name: the section it stands in
    "Actualités": None,
    "Politique locale": "Actualités",
    "Économie": None,
    "Emploi": "Économie",
    "Culture": None,
    "Sport": None,
    "Environnement": None,
    "High-tech": None,
}
SIZES = ((1200, 630), (1280, 720), (640, 360), (400, 600), (800, 800))
# Titles that WordPress must decode, dress with other quotes, or make a percent-encoded address of.
TITLES = {
    3: "Pêche &amp; cuisine : « la raie n’a pas dit son dernier mot »",
    5: "« Θάλασσα », le chœur qui chante la mer",
    8: 'Le "retour" du train : l\'enquête...',
    11: "L’œuf, la poule &#38; le marché",
    14: "3 < 4 : la leçon de calcul du maire",
}
TWO_PAGES = 17
ONE_WORD = ("Silence.", "Voilà.", "Non.", "Raté !")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post or page as seed.php wants it: dates are local, all else is by name or by index."""

    title: str
    content: str
    author: int
    sections: tuple[str, ...]
    published: str
    modified: str
    tags: tuple[str, ...] = ()
    picture: int | None = None
    excerpt: str = ""
    slug: str = ""
    status: str = "publish"
    type: str = "post"
    password: str = ""
    sticky: bool = False
    comments: tuple[dict[str, str], ...] = ()


def plan(count: int, now: datetime) -> dict[str, Any]:
    """Return `count` published posts, all of them before `now` (aware), and the few that must stay unseen."""
    rng = Random(1905)
    bank = read_bank()
    pictures = [_picture(Writer(rng, bank, "Actualités"), number) for number in range(min(max(count // 3, 8), 60))]
    newsroom = Newsroom(rng, bank, len(pictures), now.astimezone(PARIS))
    days = sorted((rng.randint(2, 364) for _ in range(count)), reverse=True)
    posts = [newsroom.post(number, day) for number, day in enumerate(days)]
    posts += [newsroom.unseen(number) for number in range(len(UNSEEN))]
    return {
        "authors": [{"login": f"auteur{n}", "name": name} for n, name in enumerate(AUTHORS)],
        "sections": [{"name": name, "parent": parent} for name, parent in SECTIONS.items()],
        "pictures": pictures,
        "posts": [asdict(post) for post in posts],
    }


def _picture(writer: Writer, number: int) -> dict[str, Any]:
    width, height = SIZES[number % len(SIZES)]
    caption = writer.one_of("Légendes")
    alt = caption.split(",")[0].rstrip(".")
    tone = number * 7 % 100
    return {"file": f"vue-{number}.jpg", "width": width, "height": height, "tone": tone, "caption": caption, "alt": alt}


# What no reader sees, and the one static page that every reader sees: the fields that differ.
UNSEEN: tuple[dict[str, Any], ...] = (
    {"status": "draft", "title": "Brouillon : le pont"},
    {"status": "draft", "title": "Brouillon sans date"},
    {"status": "pending", "title": "En attente de relecture"},
    {"status": "private", "title": "Note de la rédaction"},
    {"status": "private", "title": "Planning de l'été"},
    {"status": "publish", "password": "marais", "title": "Réservé aux abonnés : l'enquête"},
    {"status": "publish", "password": "dune", "title": "Réservé aux abonnés : la carte"},
    {"status": "future", "title": "Demain dans la Gazette"},
    {"status": "trash", "title": "Publié trop vite"},
    {"type": "page", "title": "À propos de la Gazette", "slug": "a-propos", "sections": ()},
)


class Newsroom:
    """Makes posts one after another; a later one may link to an earlier one."""

    def __init__(self, rng: Random, bank: dict[str, list[str]], pictures: int, now: datetime) -> None:
        self._rng = rng
        self._bank = bank
        self._pictures = pictures
        self._now = now
        self._titles: list[str] = []

    def post(self, number: int, days_ago: int) -> Post:
        section = self._rng.choice(list(SECTIONS))
        others = [name for name in SECTIONS if name != section]
        writer = Writer(self._rng, self._bank, section)
        title = TITLES.get(number) or writer.title()
        content = self._content(number, writer)
        self._titles.append(title)
        published, modified = self._dates(days_ago)
        return Post(
            title=title,
            content=content,
            author=self._rng.randrange(len(AUTHORS)),
            sections=(section, self._rng.choice(others)) if number % 4 == 0 else (section,),
            published=published,
            modified=modified,
            tags=tuple(self._rng.sample(self._bank["Étiquettes"], self._rng.randint(0, 4))),
            picture=None if number % 10 == 9 else self._rng.randrange(self._pictures),
            excerpt=writer.sentence() if number % 6 == 0 else "",
            sticky=number == 2,
            comments=tuple(self._comment(writer) for _ in range(self._rng.randint(1, 3))) if number % 5 == 0 else (),
        )

    def unseen(self, number: int) -> Post:
        writer = Writer(self._rng, self._bank, "Actualités")
        published, modified = self._dates(number + 2)
        fields: dict[str, Any] = {
            "content": "\n\n".join(writer.paragraph() for _ in range(4)),
            "author": 0,
            "sections": ("Actualités",),
            "published": published,
            "modified": modified,
        }
        if UNSEEN[number].get("status") == "future":
            fields["published"] = f"{self._now + timedelta(days=20):%Y-%m-%d %H:%M:%S}"
        return Post(**fields | UNSEEN[number])

    def _dates(self, days_ago: int) -> tuple[str, str]:
        """Local times, by day: clocks change at night, when an hour is missing or comes twice."""
        morning = (self._now - timedelta(days=days_ago)).replace(hour=6, minute=0, second=0)
        published = morning + timedelta(seconds=self._rng.randrange(16 * 3600))
        modified = published
        if self._rng.random() < 0.4:
            later = self._rng.randint(0, min(days_ago - 1, 20))
            modified += timedelta(days=later, seconds=self._rng.randint(40, 3600))
        return f"{published:%Y-%m-%d %H:%M:%S}", f"{modified:%Y-%m-%d %H:%M:%S}"

    def _comment(self, writer: Writer) -> dict[str, str]:
        return {"author": f"Lecteur {self._rng.randint(1, 99)}", "text": writer.one_of("Commentaires")}

    def _content(self, number: int, writer: Writer) -> str:
        markup: Markup = Blocks() if number % 5 < 3 else Classic()
        if number % 12 == 7:  # a brief
            return "\n\n".join(markup.paragraph(writer.sentence()) for _ in range(2))
        parts = [markup.paragraph(self._dress(writer.paragraph())) for _ in range(self._rng.randint(4, 9))]
        if number % 9 == 4:
            parts.insert(2, markup.paragraph(self._rng.choice(ONE_WORD)))
        for extra in self._extras(number, markup, writer):
            parts.insert(self._rng.randint(1, len(parts) - 1), extra)
        if number == TWO_PAGES:
            parts.insert(len(parts) // 2, markup.next_page())
        if number % 3 == 1 and self._titles:
            parts.insert(self._rng.choice((2, len(parts))), self._read_also(number // 3, markup))
        return "\n\n".join(parts)

    def _extras(self, number: int, markup: Markup, writer: Writer) -> list[str]:
        """What stands between the paragraphs of a post, and how often."""
        some = self._rng.sample(range(self._pictures), 3)
        caption, alt = writer.one_of("Légendes"), writer.one_of("Choses")
        points = writer.several("Points", 8)
        quote = [writer.sentence() for _ in range(1 + number % 2)]
        link = f"{{{{post {max(number - 3, 0)}}}}}"
        kinds = (
            (2, markup.heading(2, writer.one_of("Intertitres"))),
            (5, markup.heading(3, writer.one_of("Intertitres"))),
            (4, markup.quote(quote)),
            (6, markup.items("ul", points[: 2 + number % 3])),
            (8, markup.items("ol", points[5:])),
            (3, markup.picture(some[0], caption, alt)),
            (11, markup.picture(some[1], "", alt)),
            (13, markup.gallery(some)),
            (10, markup.frame(f"https://video.example/embed/{number}")),
            (14, markup.embed(link) if number >= 3 else ""),
        )
        return [html for every, html in kinds if html and number % every == every - 1]

    def _dress(self, text: str) -> str:
        """Mark up a few words, as authors do."""
        words = text.split(" ")
        start = self._rng.randrange(max(len(words) - 4, 1))
        some = " ".join(words[start : start + 3])
        forms = (
            f"<strong>{some}</strong>",
            f"<em>{some}</em>",
            f'<a href="https://voisin.example/{start}?utm_source=gazette&amp;page=2">{some}</a>',
            f"{some}<br />",
        )
        chosen = self._rng.choice((*forms, some, some, some))
        return " ".join([*words[:start], chosen, *words[start + 3 :]])

    def _read_also(self, number: int, markup: Markup) -> str:
        chosen = self._rng.sample(range(len(self._titles)), min(2, len(self._titles)))
        names = [self._titles[n].replace(" < ", " &lt; ") for n in chosen]
        links = [f'<a href="{{{{post {n}}}}}">{name}</a>' for n, name in zip(chosen, names, strict=True)]
        return read_also(markup, number, links)
