"""A newspaper made to test what is learnt of a site: class names that no rule knows, boxes in every article."""

from __future__ import annotations

import dataclasses
import json
import random
from datetime import UTC, datetime, timedelta

from archive.models import Link, Page

SITE = "feuille"
SUFFIX = " ~ Région ~ La Feuille de Bellon"
ALERT = "Recevez chaque matin nos alertes sur votre téléphone, sans engagement et sans publicité."
END = "Dans nos colonnes aussi"
OWNER = "La Feuille de Bellon appartient à ses lecteurs depuis 1931 et ne reçoit aucune subvention de la commune."
_WHO = ("Odile Ferrand", "Marius Tabouret", "Inès Caldeira", "Paul-Henri Vasseur", "Jeanne Le Goff")
_WHAT = ("le lavoir", "la halle", "le pont de bois", "l’école", "la gare", "le moulin", "la digue", "la piscine")
_SLUGS = ("lavoir", "halle", "pont", "ecole", "gare", "moulin", "digue", "piscine")
_DOES = ("rouvre", "sera repeint", "change de mains", "attend sa toiture", "accueille une exposition", "ferme")
_WHERE = ("rue des Tanneurs", "place du Marché", "quai Nord", "au hameau de Sauve", "sous la mairie", "près du canal")
_VERBS = ("ont examiné", "ont refusé", "ont salué", "ont chiffré", "ont reporté", "ont visité")
START = datetime(2026, 3, 1, 6, tzinfo=UTC)


@dataclasses.dataclass(frozen=True)
class Story:
    """One article as the newsroom wrote it; `number` decides everything.

    `closing` are last paragraphs, `length` how many there are before them.
    """

    number: int
    closing: tuple[str, ...] = ()
    length: int = 7

    @property
    def url(self) -> str:
        return f"https://feuille.example/articles/{self.number}-{_SLUGS[self.number % 8]}.html"

    @property
    def title(self) -> str:
        what, does, where = (group[self.number % len(group)] for group in (_WHAT, _DOES, _WHERE))
        return f"{what[0].upper()}{what[1:]} {does} {where} : dossier {self.number}"

    @property
    def author(self) -> str:
        return _WHO[self.number % len(_WHO)]

    @property
    def published(self) -> datetime:
        return START + timedelta(hours=7 * self.number)

    @property
    def paragraphs(self) -> list[str]:
        dice = random.Random(self.number)
        written = [
            f"Les élus {dice.choice(_VERBS)} {dice.choice(_WHAT)} {dice.choice(_WHERE)} pour {dice.randrange(10**6)} "
            f"euros ; {dice.choice(_WHO)} y voit {dice.choice(('une chance', 'un risque', 'un pari'))} pour tous, "
            f"après {dice.randrange(2, 90)} jours de débats et {dice.randrange(3, 40)} réunions dans le quartier."
            for _ in range(self.length)
        ]
        return [*written, *self.closing]

    def page(self, *, design: str = "old", feed: bool = False) -> Page:
        html = {"old": _old, "new": _new}[design](self)
        links = (
            (
                Link(
                    self.url,
                    "feed",
                    "https://feuille.example/flux",
                    title=self.title,
                    published=self.published,
                    authors=(self.author,),
                ),
            )
            if feed
            else ()
        )
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        return Page(self.url, 200, headers, html.encode(), self.published + timedelta(days=1), links)

    def api(self) -> Page:
        """The same article as WordPress's API gives it."""
        content = "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)
        post = {"id": self.number + 1, "title": {"rendered": self.title}, "content": {"rendered": content}}
        headers = (("Content-Type", "application/json"),)
        return Page(self.url, 200, headers, json.dumps(post).encode(), self.published + timedelta(hours=1))


def _old(story: Story) -> str:
    """A template without a word for machines: everything stands in parts that nobody else names so."""
    text = [f"<p>{paragraph}</p>" for paragraph in story.paragraphs]
    text.insert(3, f'<div class="encart-alerte"><p>{ALERT}</p></div>')
    others = "".join(f"<p>{Story(story.number * 3 + more).title} : lisez notre enquête.</p>" for more in (1, 2, 5))
    return (
        f"<!DOCTYPE html><html lang=fr><head><title>{story.title}{SUFFIX}</title></head><body class=papier>"
        '<div class="bandeau"><p class="devise">Le journal de la vallée</p></div><div class="page-entiere">'
        f'<h1 class="manchette">{story.title}</h1><p class="plume">{story.author}</p>'
        f'<div class="colonne-une">{"".join(text)}<p>{OWNER}</p><p>{END}</p>{others}</div>'
        '</div><div class="pied-page"><p>Mentions</p></div></body></html>'
    )


def _new(story: Story) -> str:
    text = "".join(f'<p class="alinea">{paragraph}</p>' for paragraph in story.paragraphs)
    return (
        f"<!DOCTYPE html><html lang=fr><head><title>La Feuille · {story.title}</title></head><body class=ecran>"
        '<header class="barre-haute"><span class="sigle">LF</span></header><main class="grille">'
        f'<div class="entete-recit"><h1 class="grand-titre">{story.title}</h1>'
        f'<span class="signe-par">{story.author}</span></div><div class="recit">{text}'
        f'<p class="appel-abonnes">{ALERT}</p></div></main><footer class="barre-basse">LF</footer></body></html>'
    )
