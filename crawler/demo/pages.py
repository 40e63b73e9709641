"""The newspaper's pages as HTML, from its articles and the templates beside this file."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup, escape

from crawler.demo import peculiarities as odd
from crawler.demo.newspaper import NAME, SECTIONS, Block, DemoArticle, Newspaper, slugify

_HERE = Path(__file__).parent
_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
_WORDS = {
    "fr": {
        "home": "Accueil",
        "by": "Par",
        "and": " et ",
        "published": "Publié le",
        "modified": "modifié le",
        "share": "Partager",
        "copy": "Copier le lien",
        "print": "Imprimer",
        "bio": "écrit pour la Gazette depuis de longues années et connaît chaque rue de Valmont.",
        "letter": "La lettre du matin",
        "related": "Sur le même sujet",
        "also": "Lire aussi\u00a0: ",
    },
    "en": {
        "home": "Home",
        "by": "By",
        "and": " and ",
        "published": "Published on",
        "modified": "updated on",
        "share": "Share",
        "copy": "Copy link",
        "print": "Print",
        "bio": "has written for the Gazette for many years and knows every street of Valmont.",
        "letter": "The morning letter",
        "related": "Related stories",
        "also": "Read also: ",
    },
}


def article_page(newspaper: Newspaper, article: DemoArticle, base: str) -> str:
    """Return an article's page; `base` is the site's address without a slash at its end."""
    words = _WORDS[article.language]
    canonical = article.canonical if article.canonical.startswith("http") else base + article.canonical
    states_only_time = article.slug in odd.ONLY_TIME_AND_BYLINE
    return _render(
        newspaper,
        "article.html",
        base,
        title=article.title,
        language=article.language,
        section=article.section,
        article=article,
        canonical=canonical,
        amp_path=article.path + odd.AMP_SUFFIX if article.slug == odd.WITH_AMP else None,
        states={"opengraph": not states_only_time},
        json_ld=None if states_only_time or article.slug in odd.ONLY_OPENGRAPH else _json_ld(article, base, canonical),
        byline=_byline(article, words["and"]),
        body=_body(newspaper, article, words["also"]),
        related=[other for other in newspaper.listed() if other.section == article.section and other != article][:4],
        words=words,
        readings=newspaper.readings(article),
        charset=None if article.slug in (odd.NO_CHARSET, odd.WRONG_CHARSET) else "utf-8",
    )


def list_page(newspaper: Newspaper, title: str, articles: tuple[DemoArticle, ...], base: str) -> str:
    section = title if title in SECTIONS.values() else None
    return _render(newspaper, "list.html", base, title=title, articles=articles, section=section)


def about_page(newspaper: Newspaper, base: str) -> str:
    return _render(newspaper, "about.html", base, title="À propos de la Gazette")


def _render(newspaper: Newspaper, template: str, base: str, **values: object) -> str:
    most_read = sorted(newspaper.listed(), key=lambda article: article.slug)[:5]
    common = {
        "name": NAME,
        "base": base,
        "sections": SECTIONS,
        "language": "fr",
        "most_read": most_read,
        "charset": "utf-8",
    }
    return _environment().get_template(template).render(common | values)


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=select_autoescape())
    environment.globals |= {"printed": _printed, "slugify": slugify}
    return environment


def _printed(moment: datetime, language: str) -> str:
    month = _MONTHS[language].split()[moment.month - 1]
    at = f"à {moment.hour} h {moment.minute:02}" if language == "fr" else f"at {moment:%H:%M}"
    return f"{moment.day} {month} {moment.year} {at}"


def _byline(article: DemoArticle, conjunction: str) -> Markup:
    names = [Markup('<a rel="author" href="/auteurs/{}/">{}</a>').format(slugify(a), a) for a in article.authors]
    return Markup(escape(conjunction)).join(names)


def _body(newspaper: Newspaper, article: DemoArticle, also: str) -> Markup:
    parts: list[str] = []
    for position, block in enumerate(article.blocks):
        before = article.blocks[position - 1].kind if position else ""
        after = article.blocks[position + 1].kind if position + 1 < len(article.blocks) else ""
        html = _block(newspaper, block, also)
        if block.kind == "item":
            html = Markup("<ul>" if before != "item" else "") + html + Markup("</ul>" if after != "item" else "")
        parts.append(html)
    return Markup("\n".join(parts))


def _block(newspaper: Newspaper, block: Block, also: str) -> str:
    if block.kind == "read-also":
        other = newspaper.article(block.text)
        return Markup('<p class="read-also">{}<a href="{}">{}</a></p>').format(also, other.path, other.title)
    pieces = block.text.split("*")
    inline = Markup("").join(
        Markup("<em>{}</em>").format(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )
    tags = {"heading": "<h2>{}</h2>", "quote": "<blockquote><p>{}</p></blockquote>", "item": "<li>{}</li>"}
    return Markup(tags.get(block.kind, "<p>{}</p>")).format(inline)


def _json_ld(article: DemoArticle, base: str, canonical: str) -> str:
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": article.standfirst,
        "url": canonical,
        "datePublished": article.published.isoformat(),
        "dateModified": article.changed.isoformat(),
        "inLanguage": article.language,
        "articleSection": article.section,
        "keywords": list(article.tags),
        "isAccessibleForFree": article.free,
        "author": [
            {"@type": "Person", "name": name, "url": f"{base}/auteurs/{slugify(name)}/"} for name in article.authors
        ],
        "publisher": {"@type": "NewsMediaOrganization", "name": NAME},
    }
    if article.image_path:
        said["image"] = [base + article.image_path]
    text = json.dumps(said, ensure_ascii=False).replace("</", "<\\/")
    return text.replace('"headline": "', '"headline": ""', 1) if article.slug == odd.BROKEN_JSON_LD else text
