"""What the newspapers of tests.newsland print: words from seeds, and the pages, feeds and sitemaps around them."""

from __future__ import annotations

import json
import random
import unicodedata
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.newsland import Story

_WORDS = tuple(
    """
    la ville le maire conseil municipal projet budget élus habitants quartier école transports séance vote majorité
    opposition association commission rapport travaux année prochaine décision réunion débat question réponse publique
    région président ministre loi réforme grève syndicat entreprise emploi marché hausse baisse prix énergie forêt port
    musée théâtre concert équipe saison match victoire rivière pont route gare hôpital médecin patient budget chantier
    agriculteur récolte sécheresse orage tribunal procès avocat enquête police pompier incendie lycée université halle
    """.split()  # noqa: SIM905 - a list of ninety quoted words is no easier to read
)
_PEOPLE = ("Jeanne Marc", "Paul Verdier", "Zoé Lambert", "Hugo Masson", "Inès Rolland")


def title(paper: str, number: int) -> str:
    pick = random.Random(f"{paper} title {number}")
    return " ".join(pick.sample(_WORDS, pick.randint(5, 9))).capitalize()


def slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "-".join(plain.split())


def paragraphs(paper: str, number: int, *, edited: bool) -> list[str]:
    """Return an article's text: some 150 words; of an edited one the second paragraph is another."""
    pick = random.Random(f"{paper} text {number}")
    made = [_paragraph(pick) for _ in range(4)]
    if edited:
        made[1] = f"Mise à jour. {_paragraph(random.Random(f'{paper} edit {number}'))}"
    return made


def _paragraph(pick: random.Random) -> str:
    return " ".join(" ".join(pick.choices(_WORDS, k=pick.randint(9, 18))).capitalize() + "." for _ in range(3))


def article(paper: str, url: str, story: Story, now: datetime, *, changed: bool) -> str:
    """Return an article's page; `changed`: in the paper's new template, which tells no author."""
    edited = story.edited is not None and story.edited <= now
    text = "".join(f"<p>{escape(line)}</p>" for line in paragraphs(paper, story.number, edited=edited))
    author = _PEOPLE[story.number % len(_PEOPLE)]
    told: dict[str, object] = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title}
    told |= {"datePublished": story.published.isoformat()} | ({"dateModified": _edit(story)} if edited else {})
    if not changed:
        told["author"] = [{"@type": "Person", "name": author}]
    head = (
        f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(story.title)}">'
        f'<link rel="canonical" href="{url}{story.path}">'
        f'<meta property="og:image" content="{url}/images/{story.number}.jpg">'
        f'<script type="application/ld+json">{json.dumps(told)}</script>'
    )
    heading = f"<h1>{escape(story.title)}</h1>"
    if changed:
        body = f'<section class="story"><header>{heading}</header><div class="richtext">{text}</div></section>'
    else:
        byline = f'<p class="byline">Par {author}</p>'
        body = f'<article class="post">{heading}{byline}<div class="entry">{text}</div></article>'
    return _html(paper, story.title, head, body)


def home(paper: str, listed: Sequence[Story], *, announced: bool) -> str:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed/">' if announced else ""
    items = "".join(f'<li><h2><a href="{story.path}">{escape(story.title)}</a></h2></li>' for story in listed)
    return _html(paper, paper.capitalize(), head, f"<main><ul>{items}</ul></main>")


def feed(paper: str, url: str, listed: Sequence[Story]) -> str:
    items = "".join(
        f"<item><title>{escape(story.title)}</title><link>{url}{story.path}</link><guid>{url}{story.path}</guid>"
        f"<pubDate>{format_datetime(story.published)}</pubDate>"
        f"<description>{escape(paragraphs(paper, story.number, edited=False)[0])}</description></item>"
        for story in listed
    )
    channel = f"<channel><title>{paper}</title><link>{url}/</link>{items}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'


def sitemap(url: str, listed: Sequence[Story], now: datetime) -> str:
    entries = "".join(
        f"<url><loc>{url}{story.path}</loc><lastmod>{_changed(story, now)}</lastmod></url>" for story in listed
    )
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'


def _changed(story: Story, now: datetime) -> str:
    return _edit(story) if story.edited and story.edited <= now else story.published.isoformat()


def _edit(story: Story) -> str:
    return story.edited.replace(microsecond=0).isoformat() if story.edited else ""


def _html(paper: str, name: str, head: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{escape(name)} - {paper}</title>{head}'
    around = (f'<header><nav><a href="/">{paper}</a></nav></header>', f"<footer><p>{paper}, mentions</p></footer>")
    return f'<!doctype html><html lang="fr"><head>{head}</head><body>{around[0]}{body}{around[1]}</body></html>'
