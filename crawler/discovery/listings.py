"""Pages that list articles: home, section, tag, author and date pages, each with the page after it.

Which links of a listing are an article's, in this order; each rule asks a question that any publisher's page answers:

1. Never: another host; a file, feed, search, login or share; the home page, the listing's own pages; what its
   address or `rel` calls a section, tag, author or date; what stands in a menu, header, footer, pager or comments.
   Those lead around the site, and a page has hundreds of them.
2. An address of an article's form (a date before the slug, a number, a slug of four words and more): publishing
   software makes such addresses of headlines only. Enough anywhere else, so also in "most read" boxes.
3. In the content: what stands in a headline (h1 to h4, or a class that says so), is marked rel=bookmark, or is the one
   page an <article> leads to; unless the same address is in the page's menu, or other links lie below it: a section.

A section taken for an article costs one request, since extraction rejects it; an article not taken is lost. So rule 3
asks for no number of words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import islice
from urllib.parse import urlsplit

from archive.models import Link
from archive.reading.shapes import is_article, is_home, is_served, listing_kind, split_page
from crawler.discovery import MAX_LINKS, Source, html_root, same_host
from crawler.discovery.anchors import Anchor, Zone, walk
from crawler.discovery.calendars import calendar, is_calendar_trap
from crawler.discovery.paging import following, is_page_of

__all__ = ["calendar", "is_calendar_trap", "links", "sections"]

MOST_SECTIONS = 60  # a menu has twenty, a cloud of tags hundreds, which name the same articles again
_DEEPEST = 3  # segments of a section's path: /sport/football/coupe/
# Sections first, since every article is in one; then what reaches back furthest; tags and authors repeat them.
_RANKS = {"menu": 0, "section": 1, "date": 2, "author": 3, "tag": 4}
_NO_ARTICLE = {"tag", "category", "author", "search", "license", "prev", "next", "home", "help", "sponsored"}
_NO_TITLE = re.compile(
    r"\W*(?:\d*|(?:\d+|no|leave a|aucun|laisser un|kein)"
    r" ?(?:comments?|commentaires?|kommentare?|reply)"
    r"|(?:continue |keep )?read(?:ing)?(?: more| on| the (?:article|rest|full story))?|more|full story|learn more"
    r"|lire(?: la suite| plus| l['’]article| davantage)?|la suite|suite|en savoir plus|voir plus"
    r"|continuer la lecture|weiterlesen|mehr(?: lesen| erfahren)?|zum artikel|leer más|seguir leyendo"
    r"|leggi (?:tutto|di più)"
    r"|continua a leggere"
    r"|leia mais|continue lendo|lees (?:meer|verder)|läs mer|les mer|læs mere|czytaj (?:więcej|dalej)|читать далее)\W*",
    re.IGNORECASE,
)


def links(body: bytes, base_url: str) -> Iterator[Link | Source]:
    """Yield the articles a listing names, with the title and date of their teasers, then its following page."""
    root = html_root(body)
    if root is None:
        return
    own = base_url.partition("#")[0]
    may_be = cache(partial(_may_be_article, own=own))
    anchors = walk(root, base_url, may_be)
    articles = _articles(anchors, may_be)
    yield from islice(_links(articles, base_url), MAX_LINKS - 1)
    if after := following(root, anchors, base_url):
        yield after


def sections(body: bytes, base_url: str) -> Iterator[Source]:
    """Yield the listings that a home page leads to: its menus' pages, and sections, dates, authors and tags by address.

    At most `MOST_SECTIONS` of the same host, those of the menus first; no page of the site about itself.
    """
    root = html_root(body)
    if root is None:
        return
    ranked: dict[str, tuple[int, str]] = {}
    for anchor in walk(root, base_url, lambda _: False):
        rank = _section_rank(anchor, base_url)
        key = _key(anchor.url)
        if rank is not None and rank < ranked.get(key, (len(_RANKS), ""))[0]:
            ranked[key] = rank, anchor.url
    found = sorted(ranked.values(), key=lambda one: one[0])
    yield from (Source(url, "listing") for _, url in found[:MOST_SECTIONS])


def _section_rank(anchor: Anchor, base_url: str) -> int | None:
    url = anchor.url
    if not same_host(url, base_url) or is_home(url) or not is_served(url) or anchor.zone is Zone.COMMENTS:
        return None
    if is_page_of(url, base_url) or split_page(url)[1] is not None:
        return None
    if kind := listing_kind(url):
        return _RANKS[kind]
    if anchor.rel & {"tag", "category", "author"}:
        return _RANKS["author" if "author" in anchor.rel else "tag"]
    return _RANKS["menu"] if anchor.zone is Zone.MENU and _is_menu_section(anchor) else None


def _is_menu_section(anchor: Anchor) -> bool:
    parts = urlsplit(anchor.url)
    depth = len([segment for segment in parts.path.split("/") if segment])
    return 0 < depth <= _DEEPEST and not parts.query and not anchor.fragment and not is_article(anchor.url)


def _may_be_article(url: str, own: str) -> bool:
    return (
        same_host(url, own)
        and url != own
        and not is_home(url)
        and is_served(url)
        and listing_kind(url) is None
        and not is_page_of(url, own)
    )


def _articles(anchors: Sequence[Anchor], may_be: Callable[[str], bool]) -> dict[str, list[Anchor]]:
    """The links to each article, in the page's order."""
    pages: dict[str, list[Anchor]] = {}
    for anchor in anchors:
        if anchor.zone < Zone.MENU and not anchor.rel & _NO_ARTICLE and may_be(anchor.url):
            pages.setdefault(_key(anchor.url), []).append(anchor)
    pages = {key: same for key, same in pages.items() if is_article(same[0].url) or any(map(_is_teaser, same))}
    known = {_key(anchor.url) for anchor in anchors if anchor.zone is Zone.MENU}
    known.update(above for key in pages for above in _above(key))
    return {key: same for key, same in pages.items() if key not in known or is_article(same[0].url)}


def _is_teaser(anchor: Anchor) -> bool:
    told = anchor.headline is not None or anchor.sole or "bookmark" in anchor.rel
    return told and anchor.zone is Zone.CONTENT


def _key(url: str) -> str:
    return url.partition("://")[2].rstrip("/").removeprefix("www.")


def _above(key: str) -> Iterator[str]:
    """What lies above a page, but for its host."""
    path = key.partition("?")[0]
    while path.count("/") > 1:
        path = path.rpartition("/")[0]
        yield path


def _links(articles: dict[str, list[Anchor]], base_url: str) -> Iterator[Link]:
    for same in articles.values():
        yield Link(
            same[0].url,
            via="listing",
            found_on=base_url,
            title=_title(same),
            published=next((anchor.published for anchor in same if anchor.published), None),
            modified=next((anchor.modified for anchor in same if anchor.modified), None),
        )


def _title(same: list[Anchor]) -> str | None:
    """What its links print as a headline, else the longest of what they print or are labelled; no words of a text."""
    plain = [anchor for anchor in same if not anchor.fragment and not anchor.in_paragraph]
    headlines = [anchor.headline or "" for anchor in same]
    texts = sorted((anchor.text for anchor in plain), key=len, reverse=True)
    said = (*headlines, *texts, *(anchor.label for anchor in plain))
    return next((text for text in said if text and not _NO_TITLE.fullmatch(text)), None)
