"""Pictures and embeds of an article as blocks at their places; which parts may hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from archive.reading import embeds, images, markdown, pictures
from archive.reading.layout import Block
from archive.reading.markup import Element

TAGS = embeds.TAGS | frozenset(pictures.TAGS)
POSTS = {"blockquote", "div"}
_HOLDERS = {"figure", "noscript", "picture", "header"}
_PARTS = {"div", "section", "ul", "p", "span"}
# Names that an article's own pictures and films may stand in, though their words are not the text's.
_SHOWING = re.compile(
    r"(?:^|[\s_-])(?:embeds?|media|gallery|galerie|slideshow|slider|carousel|players?|videos?|images?|img|photos?"
    r"|pictures?|captions?|figure|diaporama|bildergalerie|fotostrecke|podcast|audio)(?:$|[\s_-])",
    re.IGNORECASE,
)


def within(element: Element) -> Iterator[Element]:
    """What an element that is no text shows: itself, or what it holds if it is made for holding such."""
    tag, named = element.tag, element.get("class") or ""
    if tag in TAGS or embeds.is_post(element):
        yield element
    elif tag in _HOLDERS or (tag in _PARTS and _SHOWING.search(named) and not images.is_named_other(named)):
        if tag == "figure" and "embed" in named:
            yield element
        yield from (e for e in element.iter(*TAGS, *POSTS) if e.tag in TAGS or embeds.is_post(e))


def read(element: Element, base: str, words: Callable[[Element], str | None], level: int) -> tuple[Block, str] | None:
    """A picture or an embed as a block, and what tells it from others; `level` is how many lists it stands in.

    `words` reads what is written in a post.
    """
    if element.tag in pictures.TAGS:
        picture = images.picture(element, base)
        if picture is None:
            return None
        written = markdown.picture(picture.url, picture.alt, picture.caption, picture.credit)
        return Block("figure", "", written, level=level), pictures.identity(picture.url)
    embed = embeds.bare(element) if element.tag == "figure" else embeds.read(element, base)
    if embed is None:
        return None
    block = _written(embed, words(element), level) if element.tag in POSTS else _linked(embed, level)
    return block, embed.address


def _linked(embed: embeds.Embed, level: int) -> Block:
    named = f"{embed.name}: {embed.words}" if embed.words else embed.name
    return Block("embed", "", markdown.link(named, embed.address), level=level)


def _written(embed: embeds.Embed, words: str | None, level: int) -> Block:
    """A network's post: what was written is quoted, and is text; of pictures and films a network prints only that."""
    link = markdown.link(embed.name, embed.address)
    if words is None:
        return Block("embed", "", link, level=level)
    quoted = f"> {markdown.opened(markdown.escape(words))} ({link})"
    return Block("embed", words if embed.name in embeds.WRITTEN else "", quoted, level=level)
