"""The pictures of an article: its lead image, and those within it with what is printed beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from archive.models import Image
from archive.reading import jsonld
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Markup, Statement, absolute, clean, content, select

_SIZE = re.compile(r"-\d{2,5}x\d{2,5}(?=\.[a-z]{3,4}$)", re.IGNORECASE)
_CANDIDATE = re.compile(r"\s*(\S+)(?:\s+([\d.]+)([wx]))?\s*(?:,|$)")
_CREDIT = re.compile(
    r"(?:^|[\s(\[|–—-])((?:©|\(c\)|crédits?\s*(?:photo)?\s*:|photo\s*:|photo by|photograph by|image\s*:|foto\s*:"
    r"|quelle\s*:|source\s*:)\s*[^()\[\]]{2,100}?)[)\]]?\s*$",
    re.IGNORECASE,
)
_caption = select(".//*[self::figcaption or contains(@class, 'caption') or contains(@class, 'legend')]")
_credit = select(
    ".//*[contains(@class, 'credit') or contains(@class, 'copyright') or contains(@itemprop, 'copyrightHolder')]"
)
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-full-url", "data-large-file", "data-orig-file")
_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_FRAMES = {"figure"}
_SMALLEST = 60  # pixels; smaller ones are icons and counters
_MOST = 200


def lead(evidence: Evidence, pictures: tuple[Image, ...]) -> Statement | None:
    """REST's featured image, og:image, JSON-LD's image, the template's, the first within the article.

    og:image before JSON-LD: both name the lead image, but plugins put the site's logo into the second.
    """
    return next(_leads(evidence, pictures), None)


def inside(elements: Sequence[Element], markup: Markup) -> tuple[Image, ...]:
    """The template's lead picture and those within the article's elements, each once, in reading order."""
    found: dict[str, Image] = {}
    for element in (*_featured(markup)[:1], *elements):
        for image in element.iter("img"):
            picture = _picture(image, markup.base)
            if picture and len(found) < _MOST:
                found.setdefault(_SIZE.sub("", picture.url), picture)
    return tuple(found.values())


def _leads(evidence: Evidence, pictures: tuple[Image, ...]) -> Iterator[Statement]:
    base = evidence.markup.base
    yield from evidence.linked("image", "rest")
    for statement in evidence.markup.every_meta(
        "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"
    ):
        address = absolute(base, statement.value)
        if address:
            yield Statement(address, statement.source)
    for value in (*evidence.values("image"), *evidence.values("thumbnailUrl")):
        address = absolute(base, _address(value, evidence.graph))
        if address:
            yield Statement(address, "json-ld")
    for image in _featured(evidence.markup)[:1]:
        address = _source(image, base)
        if address:
            yield Statement(address, "wp-post-image")
    yield from (Statement(picture.url, "first image") for picture in pictures)
    yield from evidence.linked("image", "feed", "news-sitemap", "sitemap")


def _featured(markup: Markup) -> list[Element]:
    """The pictures that WordPress marks as the post's own, outside of its text."""
    if not markup.wordpress:
        return []
    return [image for image in markup.root.iter("img") if "wp-post-image" in (image.get("class") or "")]


def _address(value: Any, graph: jsonld.Graph) -> str | None:
    """An ImageObject's address, or a plain one."""
    node = graph.resolve(value)
    if isinstance(node, dict):
        return jsonld.string(node.get("contentUrl")) or jsonld.string(node.get("url"))
    return node if isinstance(node, str) else None


def _picture(image: Element, base: str) -> Image | None:
    url = _source(image, base)
    if url is None or _is_icon(image):
        return None
    frame = _frame(image)
    caption, credit = _printed(frame) if frame is not None else (None, None)
    return Image(url, caption, credit, clean(image.get("alt")))


def _is_icon(image: Element) -> bool:
    sizes = [image.get(side) or "" for side in ("width", "height")]
    return any(size.isdecimal() and int(size[:6]) < _SMALLEST for size in sizes)


def _frame(image: Element) -> Element | None:
    """What holds a picture together with its caption: a figure, or the box classic WordPress makes."""
    for ancestor in image.iterancestors():
        classes = (ancestor.get("class") or "").split()
        if (ancestor.tag == "figure" and "wp-block-gallery" not in classes) or "wp-caption" in classes:
            return ancestor
        if ancestor.tag in {"article", "body"}:
            return None
    return None


def _printed(frame: Element) -> tuple[str | None, str | None]:
    """Caption and credit, the credit taken out of the caption where it closes it."""
    caption = next((text for element in _caption(frame) if (text := content(element))), None)
    credit = next((text for element in _credit(frame) if (text := content(element))), None)
    if caption and credit and caption != credit:
        caption = clean(caption.replace(credit, "")) or caption
    elif caption and credit is None and (match := _CREDIT.search(caption)):
        credit = clean(match[1])
        caption = clean(caption[: match.start()].rstrip(" -–—|(")) or None
    return (None if caption == credit else caption), credit


def _source(image: Element, base: str) -> str | None:
    """The largest picture the element names: lazy loading leaves a placeholder in src."""
    sets = [image.get(name) for name in _SETS]
    parent = image.getparent()
    if parent is not None and parent.tag == "picture":
        sets += [source.get(name) for source in parent.iter("source") for name in _SETS]
    sized = [candidate for value in sets if value for candidate in _candidates(value)]
    named = (absolute(base, image.get(name)) for name in (*_LAZY, "src"))
    plain = [address for address in named if address and not _is_placeholder(address)]
    largest = absolute(base, max(sized, key=lambda pair: pair[0])[1]) if sized else None
    if plain and (largest is None or not _SIZE.search(plain[0].split("?")[0])):
        return plain[0]
    return largest or next(iter(plain), None)


def _candidates(value: str) -> Iterator[tuple[float, str]]:
    for match in _CANDIDATE.finditer(value[:20_000]):
        if not match[1].startswith("data:"):
            size = float(match[2]) if match[2] and match[2].count(".") <= 1 and match[2] != "." else 0.0
            yield (size * 1000 if match[3] == "x" else size), match[1].rstrip(",")


def _is_placeholder(address: str) -> bool:
    name = urlsplit(address).path.rsplit("/", 1)[-1].lower()
    return any(
        word in name for word in ("placeholder", "spacer", "blank.", "pixel.", "1x1", "lazyload", "transparent.")
    )
