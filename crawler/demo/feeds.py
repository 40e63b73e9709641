"""What the newspaper tells machines: RSS, sitemaps, robots.txt."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from crawler.demo import peculiarities as odd
from crawler.demo.newspaper import NAME, SECTIONS, DemoArticle, Newspaper

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def feed(newspaper: Newspaper, base: str) -> str:
    items = "".join(_item(article, base) for article in newspaper.listed()[:15])
    return _rss(NAME, base, items)


def comments_feed(newspaper: Newspaper, base: str) -> str:
    items = "".join(
        f"<item><title>Commentaire sur {escape(article.title)}</title>"
        f"<link>{base}{article.path}#comment-{number}</link></item>"
        for number, article in enumerate(newspaper.listed()[:3], 1)
    )
    return _rss(f"Commentaires : {NAME}", base, items)


def sitemap_index(base: str) -> str:
    paths = [*(f"/sitemap-{key}.xml" for key in SECTIONS), odd.NEWS_SITEMAP_PATH]
    entries = "".join(f"<sitemap><loc>{base}{path}</loc></sitemap>" for path in paths)
    return f"{_XML}<sitemapindex {_SITEMAP}>{entries}</sitemapindex>"


def section_sitemap(newspaper: Newspaper, key: str, base: str) -> str:
    entries = [_entry(base + article.path, article.changed) for article in newspaper.section(key)]
    if key == odd.ODD_SECTION:
        paths = [odd.ABOUT_PATH, f"/{key}/", odd.MOVED_PATH, odd.GONE_PATH]
        entries += [_entry(base + path) for path in paths + list(odd.FAULT_PATHS if newspaper.faults else ())]
    return f"{_XML}<urlset {_SITEMAP}>{''.join(entries)}</urlset>"


def news_sitemap(newspaper: Newspaper, base: str) -> str:
    entries = "".join(_news_entry(article, base) for article in newspaper.listed()[:10])
    return f"{_XML}<urlset {_SITEMAP} {_NEWS}>{entries}</urlset>"


def robots(base: str) -> str:
    return f"User-agent: *\nDisallow: {odd.PRIVATE_PREFIX}\n\nSitemap: {base}{odd.SITEMAP_PATH}\n"


def _rss(title: str, base: str, items: str) -> str:
    return (
        f'{_XML}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{escape(title)}</title>'
        f"<link>{base}/</link><description>Le journal de la vallée de l’Aurine</description>{items}</channel></rss>"
    )


def _item(article: DemoArticle, base: str) -> str:
    creators = "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in article.authors)
    categories = "".join(f"<category>{escape(name)}</category>" for name in article.tags)
    return (
        f"<item><title>{escape(article.title)}</title><link>{base}{article.path}?utm_source=rss&amp;utm_medium=feed</link>"
        f'<guid isPermaLink="false">{article.slug}</guid>{creators}'
        f"<pubDate>{format_datetime(article.published)}</pubDate>{categories}"
        f"<description>{escape(article.standfirst)}</description></item>"
    )


def _entry(url: str, changed: datetime | None = None) -> str:
    lastmod = f"<lastmod>{changed.isoformat()}</lastmod>" if changed else ""
    return f"<url><loc>{escape(url)}</loc>{lastmod}</url>"


def _news_entry(article: DemoArticle, base: str) -> str:
    return (
        f"<url><loc>{base}{article.path}</loc><news:news><news:publication><news:name>{NAME}</news:name>"
        f"<news:language>{article.language}</news:language></news:publication>"
        f"<news:publication_date>{article.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(article.title)}</news:title></news:news></url>"
    )
