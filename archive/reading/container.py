"""Where in a page its article stands, and what in there is not the article's.

Rules go by what pages state for machines or by names a template gives its parts; none names a site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any

from lxml import etree

from archive.reading.markup import Element, Markup, select

_HTML5_ASIDES = {"nav", "aside", "footer", "form", "header", "figcaption", "dialog"}
_OTHER_ROLES = {"navigation", "complementary", "banner", "search", "dialog"}
_PARTS = {"div", "section", "ul", "ol", "table"}
_HIDDEN = re.compile(r"display:\s*none|visibility:\s*hidden", re.IGNORECASE)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
# One word of a class or an id is enough to know a part that is not the article's.
_OTHER = {
    "share", "sharing", "shares", "sharer", "sharedaddy", "sharebar", "addtoany", "addthis", "social", "socials",
    "sociable", "newsletter", "newsletters", "related",
    "relatedposts", "yarpp", "crp", "comments", "comment", "commentlist", "disqus", "respond", "promo", "promotion",
    "advert", "adverts",
    "advertisement", "advertising", "ad", "ads", "adsbygoogle", "adslot", "dfp", "sponsor", "sponsored", "outbrain",
    "taboola", "teads", "mgid",
    "breadcrumb", "breadcrumbs", "tags", "tagcloud", "taglist", "byline", "bylines", "signup", "subscribe",
    "subscription", "recommended", "recommendations", "recirc", "recirculation",
    "caption", "captions", "gallery", "carousel", "slideshow", "slider", "toc", "menu", "nav", "navigation", "navbar",
    "pagination", "sidebar",
    "popup", "modal", "cookie", "cookies", "consent", "toolbar", "print", "noprint", "copyright", "timestamp",
    "rating", "ratings", "poll", "quiz",
    "banner", "player", "login", "register", "donate", "donation", "infobox", "skip", "readmore", "teaser", "teasers",
    "trending", "popular",
    "authorbox", "saboxplugin", "bio", "biography", "wpulike", "metabar", "postmeta", "credit", "credits",
    "photocredit", "legend", "sr", "visuallyhidden", "hidden", "follow", "tooltip",
    "rollover", "popover", "hovercard", "kicker",
}  # fmt: skip
# Two neighbouring words that mean nothing alone.
_OTHER_PAIRS = {
    ("author", "box"), ("author", "bio"), ("author", "info"), ("about", "author"), ("post", "author"),
    ("entry", "author"), ("article", "author"), ("entry", "meta"), ("post", "meta"), ("article", "meta"),
    ("entry", "footer"), ("post", "footer"), ("read", "more"), ("read", "also"), ("see", "also"), ("lire", "aussi"),
    ("a", "lire"), ("more", "stories"), ("more", "from"),
    ("most", "read"), ("also", "read"), ("post", "navigation"), ("tag", "list"), ("tags", "links"), ("cat", "links"),
    ("latest", "posts"), ("block", "query"),
    ("block", "button"), ("block", "buttons"), ("screen", "reader"), ("call", "to"), ("cta", "box"),
    ("media", "credit"), ("table", "of"), ("article", "tools"), ("article", "tags"), ("post", "tags"),
    ("wp", "embedded"),  # the card of another post, which WordPress shows for its bare address
    ("sign", "up"), ("elementor", "nav"), ("up", "next"), ("keep", "reading"), ("post", "terms"), ("post", "date"),
    ("posted", "on"), ("next", "post"), ("previous", "post"), ("inline", "article"), ("pic", "box"), ("image", "box"),
    ("not", "prose"),  # Tailwind's typography: no part of the running text
}  # fmt: skip
# WordPress's own name, the block editor's, and those of the most used themes and page builders for the same place.
_POST_CONTENT = {
    "entry-content",
    "wp-block-post-content",
    "td-post-content",
    "elementor-widget-theme-post-content",
    "post-content",
}
_WORDPRESS_CONTENT = _POST_CONTENT | {
    "single-content", "post-entry", "tdb-block-inner", "the-content", "post_content", "post-body", "post-text",
    "article-content", "jeg_main_content", "content-inner", "entry", "post-inner-content", "single-post-content",
    "entry-inner",
}  # fmt: skip
_CONTENT_NAME = re.compile(
    r"(?:^|[\s_-])(?:articles?|story|post|entry|news|artikel|beitrag|noticia|nota)[\s_-]{0,2}(?:body|content|text"
    r"|bodytext|copy|maincontent|inhalt|cuerpo|contenu)(?:$|[\s_-])"
    r"|articlebody|articletext|articlecontent|storybody|storytext|storycontent|postbody|postcontent|entrycontent"
    r"|article__main|(?:^|\s)gh-content(?:$|\s)",
    re.IGNORECASE,
)
_named = select(
    ".//*[self::div or self::section or self::article or self::main or self::td or self::span]"
    "[@class or @id or @itemprop]"
)
_length: Any = etree.XPath("string-length(normalize-space(.))")
_COMMENTS = re.compile(r"comment(?!ary)|disqus|respond|related|sidebar|newsletter|cookie|consent", re.IGNORECASE)
_INLINE = {"b", "strong", "i", "em", "span", "u", "font", "q", "cite", "small", "mark", "abbr", "time"}
_WALL = re.compile(r"pay-?wall|reg(?:istration)?-?wall|subscri\w{1,6}-?wall", re.IGNORECASE)
_MESSAGE, _PARAGRAPH = 700, 200  # characters of a paywall's message, and of a paragraph that is none
_SHORTEST = 25  # characters of prose that make a paragraph
_LEAST = 0.3  # of the page's prose must stand in a container to be believed
_NEARLY_ALL = 0.9
_ENTRY = 300  # characters of an entry's heading
_TEASER = 600  # characters of an announcement
_NEAR = 5  # elements around a teaser's heading that may be its link
MUCH = 0.5  # no rule by name may take away more than this share of the container's text


def is_hidden(element: Element) -> bool:
    get = element.get
    return get("hidden") is not None or get("aria-hidden") == "true" or _HIDDEN.search(get("style") or "") is not None


def is_other(element: Element) -> bool:
    """Whether an element within an article is not of it: navigation, share buttons, boxes, captions, advertising."""
    if element.tag in _HTML5_ASIDES:
        return True
    if element.tag == "figure":
        return not _figure_of_text(element)
    if element.tag == "article" and _announces(element):
        return True
    if not element.attrib:
        return False
    return is_hidden(element) or element.get("role") in _OTHER_ROLES or _is_named_other(element) or _is_wall(element)


def _is_wall(element: Element) -> bool:
    """Whether an element is a paywall's message. What is behind the wall is called so, too: it has paragraphs."""
    if not _WALL.search(element.get("class") or "") or length(element) > _MESSAGE:
        return False
    return all(length(paragraph) < _PARAGRAPH for paragraph in element.iter("p"))


def _is_named_other(element: Element) -> bool:
    """By its classes; by its id only where that is a short name of a part: headings have ids made of their words."""
    if _other_name(element.get("class") or ""):
        return True
    identity = element.get("id") or ""
    return element.tag in _PARTS and len(_WORDS.findall(identity)) <= 2 and _other_name(identity)


def _figure_of_text(figure: Element) -> bool:
    """WordPress wraps quotations and tables in figures; they are text, pictures are not."""
    return (
        next(figure.iter("blockquote", "table", "pre"), None) is not None
        and next(figure.iter("iframe", "script"), None) is None
    )


def is_heading_of_part(element: Element) -> bool:
    """Whether a `<header>` is that of an entry, as of a live blog: a subheading and a time; not that of the page."""
    if element.tag != "header" or length(element) > _ENTRY:
        return False
    parent = element.getparent()
    entry = parent is not None and parent.tag in {"article", "section"}
    return entry and next(element.iter("h1"), None) is None and next(element.iter("h2", "h3", "h4"), None) is not None


def _announces(article: Element) -> bool:
    """Whether an `<article>` within the text is a teaser: few words, and a heading that is a link to another page."""
    heading = next(article.iter("h2", "h3", "h4", "h5", "strong"), None)
    if heading is None or length(article) > _TEASER:
        return False
    around = islice((heading, *heading.iterancestors()), _NEAR)
    links = [*heading.iter("a"), *(e for e in around if e.tag == "a")]
    return any("#" not in (link.get("href") or "#") for link in links)


@lru_cache(maxsize=4096)
def _other_name(named: str) -> bool:
    words = [[word.lower() for word in _WORDS.findall(name)] for name in named.split()]
    return any(not _OTHER.isdisjoint(name) or any(pair in _OTHER_PAIRS for pair in pairwise(name)) for name in words)


def length(element: Element) -> int:
    """Characters of an element's text."""
    return int(_length(element))


def weigh(root: Element) -> dict[Element, int]:
    """For each element the characters of prose below it: paragraphs outside of links and of other parts.

    The sums tell containers apart; they are no text of their own.
    """
    weights: dict[Element, int] = {}
    elsewhere: dict[Element, bool] = {}
    below: dict[Element, int] = {}  # a parent's paragraphs together: the way up is walked once for all of them
    for paragraph in root.iter("p", "blockquote", "h2", "h3", "li", "br"):
        own = _prose(paragraph)
        if own < _SHORTEST or _stands_elsewhere(paragraph, elsewhere):
            continue
        parent = paragraph.getparent()
        below[parent] = below.get(parent, 0) + own
    for parent, prose in below.items():
        weights[parent] = weights.get(parent, 0) + prose
        for ancestor in parent.iterancestors():
            weights[ancestor] = weights.get(ancestor, 0) + prose
    return weights


def _prose(element: Element) -> int:
    """Characters of an element's own text that stand outside of links; for a line break, of the text after it."""
    if element.tag == "br":
        return len((element.tail or "").strip())
    length = len((element.text or "").strip())
    for child in element:
        length += len((child.tail or "").strip())
        if child.tag in _INLINE:
            length += len(child.text or "")
    return length


def _stands_elsewhere(element: Element, known: dict[Element, bool]) -> bool:
    chain = []
    verdict = False
    for ancestor in element.iterancestors():
        if ancestor in known:
            verdict = known[ancestor]
            break
        chain.append(ancestor)
    for ancestor in reversed(chain):
        verdict = verdict or (ancestor.tag not in {"body", "html", "form"} and _is_elsewhere(ancestor))
        known[ancestor] = verdict
    return verdict


def _is_elsewhere(element: Element) -> bool:
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag in {"nav", "aside", "footer"} or is_hidden(element) or _COMMENTS.search(named) is not None


def find(markup: Markup, weights: dict[Element, int]) -> tuple[list[Element], str]:
    """The elements that hold the article, in order, and by which rule; none if no rule is sure.

    The rules fall in sureness: the content of a WordPress post, by the class that WordPress gives it; microdata's
    articleBody; other classes of WordPress themes; names that say "article body" in other templates. All but the
    first count only where the element holds a good part of the page's prose: templates give such names to teasers too.
    """
    body = next(markup.root.iter("body"), markup.root)
    least = weights.get(body, 0) * _LEAST
    named = list(_named(body))
    posts = [element for element in named if _is_post_content(element, markup)]
    if posts:
        return _choose(posts, weights), "wordpress post"
    for rule, candidates in _rules(markup, named):
        chosen = _choose(candidates, weights)
        if chosen and sum(weights.get(element, 0) for element in chosen) >= max(least, _SHORTEST):
            return chosen, rule
    return [], "none"


def _is_post_content(element: Element, markup: Markup) -> bool:
    """Whether WordPress marks it as the content of the one post this page is for.

    In a single post's page the post's own wrapper bears its number, as the body does, or is the only `<article>`;
    block themes have no wrapper, but give the content a class that other posts' excerpts do not have.
    """
    classes = set((element.get("class") or "").split())
    if not classes & _POST_CONTENT or not markup.wordpress_class("single", "single-post"):
        return False
    around = [*element.iterancestors(), element]
    if "wp-block-post-content" in classes:
        return not any("wp-block-query" in (other.get("class") or "").split() for other in around)
    if len(markup.articles) == 1 and markup.articles[0] in around:
        return True
    number = next((name.removeprefix("postid-") for name in markup.body_classes if name.startswith("postid-")), None)
    return any(f"post-{number}" in {other.get("id"), *(other.get("class") or "").split()} for other in around)


def heaviest(root: Element, weights: dict[Element, int]) -> tuple[Element, ...]:
    """The smallest element that has nearly all of the page's prose; the root if none has any."""
    best, most = root, weights.get(root, 0)
    while (inner := next((e for e in best if weights.get(e, 0) >= _NEARLY_ALL * most > 0), None)) is not None:
        best = inner
    return (best,)


def _rules(markup: Markup, named: list[Element]) -> Iterable[tuple[str, list[Element]]]:
    yield "articleBody", [e for e in named if "articleBody" in (e.get("itemprop") or "")]
    if markup.wordpress:
        yield "wordpress", [e for e in named if not _WORDPRESS_CONTENT.isdisjoint((e.get("class") or "").split())]
    yield "name", [e for e in named if _CONTENT_NAME.search(f"{e.get('class') or ''} {e.get('id') or ''}")]


def _choose(candidates: list[Element], weights: dict[Element, int]) -> list[Element]:
    """The candidate with most prose, and within it the smallest that still has nearly all of it.

    Some templates cut one article into several such elements side by side; they are taken together.
    """
    if not candidates:
        return []
    best = max(candidates, key=lambda element: weights.get(element, 0))
    most = weights.get(best, 0)
    while inner := [e for e in candidates if weights.get(e, 0) >= _NEARLY_ALL * most and best in e.iterancestors()]:
        best = inner[0]
    return [e for e in candidates if e is best or (_is_beside(e, best) and weights.get(e, 0))]


def _is_beside(element: Element, other: Element) -> bool:
    if element.get("class") != other.get("class") or element.tag == "article":
        return False
    parent, other_parent = element.getparent(), other.getparent()
    return parent is other_parent or (parent.tag == other_parent.tag and parent.getparent() is other_parent.getparent())
