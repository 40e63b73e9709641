"""What the newspaper prints: its articles, and what a reader of its pages should find in them."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crawler.demo import peculiarities as odd

NAME = "La Gazette de Valmont"
SECTIONS = {
    "politique": "Politique",
    "economie": "Économie",
    "culture": "Culture",
    "sport": "Sport",
    "environnement": "Environnement",
    "english": "In English",
}
ARTICLES = Path(__file__).parent / "articles"

_READ_ALSO = re.compile(r"\[\[lire-aussi:([a-z0-9-]+)\]\]")
_EMPHASIS = re.compile(r"\*([^*]+)\*")
_KINDS = {"## ": "heading", "> ": "quote", "- ": "item"}
_HEADLINE = "Deux aigles font dévier le Trail des Trois Crêtes"
_SENTENCE = "Quarante-six contrôles ont été menés le week-end dernier\u00a0; neuf ont donné lieu à procès-verbal"
_CORRECTION = "Cinquante-deux contrôles, et non quarante-six, ont été menés ce week-end\u00a0; onze ont été verbalisés"


class Block(NamedTuple):
    """One line of an article: `kind` is "p", "heading", "quote", "item" or "read-also" (then `text` is a slug)."""

    kind: str
    text: str  # with *emphasis*


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoArticle:
    """One article, as a faithful extraction of its page would give it.

    `section` is the printed name; `canonical` what the page states, a path or, if off-site, a whole URL. `archived`
    is false for what a crawl must leave alone, and `why_not` says why. `blocks` is what the page is made from.
    """

    slug: str
    path: str
    title: str
    authors: tuple[str, ...]
    published: datetime
    modified: datetime | None
    section: str
    tags: tuple[str, ...]
    language: str
    standfirst: str
    image_path: str | None
    caption: str
    credit: str
    blocks: tuple[Block, ...]
    canonical: str
    free: bool = True
    archived: bool = True
    why_not: str = ""

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Lines of text: paragraphs, subheadings, list items, quotations; nothing that stands around them."""
        return tuple(_EMPHASIS.sub(r"\1", block.text) for block in self.blocks if block.kind != "read-also")

    @property
    def section_path(self) -> str:
        return f"/{next(key for key, name in SECTIONS.items() if name == self.section)}/"

    @property
    def changed(self) -> datetime:
        return self.modified or self.published


class Newspaper:
    """The newspaper as one edition prints it; set `edition` to 2 to publish the corrections.

    With `faults`, a sitemap also lists addresses whose answers are broken on purpose.
    """

    def __init__(self, edition: int = 1, *, faults: bool = False) -> None:
        self.edition = edition
        self.faults = faults

    def articles(self) -> tuple[DemoArticle, ...]:
        """All articles, newest first, those that a crawl must not archive included."""
        return _edition(self.edition)

    def article(self, slug: str) -> DemoArticle:
        return {article.slug: article for article in self.articles()}[slug]

    def at(self, path: str) -> DemoArticle | None:
        return next((article for article in self.articles() if article.path == path), None)

    def section(self, key: str) -> tuple[DemoArticle, ...]:
        return tuple(article for article in self.articles() if article.section == SECTIONS[key])

    def listed(self) -> tuple[DemoArticle, ...]:
        """What the front page, the lists and the feed show: all but what is private."""
        return tuple(article for article in self.articles() if not article.path.startswith(odd.PRIVATE_PREFIX))

    def last_change(self) -> datetime:
        return max(article.changed for article in self.articles())

    def readings(self, article: DemoArticle) -> int:
        """The number printed beside an article; in edition 2 one of them has moved on, and nothing else on its page."""
        moved_on = self.edition > 1 and article.slug == odd.NEW_COUNTER
        return 300 + sum(article.slug.encode()) % 4000 + (17 if moved_on else 0)


def slugify(text: str) -> str:
    """ASCII words with hyphens: "Noémie Saint-Prix" becomes "noemie-saint-prix"."""
    spelt = text.lower().replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@cache
def _edition(number: int) -> tuple[DemoArticle, ...]:
    articles = sorted(map(_read, ARTICLES.glob("*.md")), key=lambda article: article.published, reverse=True)
    return tuple(map(_corrected, articles)) if number > 1 else tuple(articles)


def _corrected(article: DemoArticle) -> DemoArticle:
    if article.slug == odd.NEW_HEADLINE:
        return dataclasses.replace(article, title=_HEADLINE, modified=odd.CORRECTED_AT)
    if article.slug == odd.NEW_PARAGRAPH:
        blocks = tuple(block._replace(text=block.text.replace(_SENTENCE, _CORRECTION)) for block in article.blocks)
        return dataclasses.replace(article, blocks=blocks, modified=odd.CORRECTED_AT)
    return article


def _read(file: Path) -> DemoArticle:
    _, head, body = file.read_text(encoding="utf-8").split("+++\n", 2)
    fields = tomllib.loads(head)
    slug = file.stem
    section = fields["section"]
    private, paid = slug == odd.PRIVATE, slug == odd.PAYWALLED
    path = f"{odd.PRIVATE_PREFIX}{slug}/" if private else f"/{section}/{slug}/"
    blocks = tuple(_block(line) for line in body.splitlines() if line.strip())
    return DemoArticle(
        slug=slug,
        path=path,
        title=fields["title"],
        authors=tuple(fields["authors"]),
        published=fields["published"],
        modified=fields.get("modified"),
        section=SECTIONS[section],
        tags=tuple(fields["tags"]),
        language=fields["language"],
        standfirst=fields["standfirst"],
        image_path=f"/images/{slug}.png" if fields["caption"] else None,
        caption=fields["caption"],
        credit=fields["credit"],
        blocks=blocks[: odd.PAYWALLED_AFTER] if paid else blocks,
        canonical=odd.OFFSITE_URL if slug == odd.OFFSITE_CANONICAL else path,
        free=not paid,
        archived=not private,
        why_not=f"robots.txt forbids {odd.PRIVATE_PREFIX}" if private else "",
    )


def _block(line: str) -> Block:
    line = line.strip()
    if match := _READ_ALSO.fullmatch(line):
        return Block("read-also", match[1])
    kind = _KINDS.get(line[:3], _KINDS.get(line[:2], "p"))
    return Block(kind, line if kind == "p" else line.partition(" ")[2])
