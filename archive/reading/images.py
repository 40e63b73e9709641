"""The pictures of an article: its lead image, and those within it with what is printed beside them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import islice
from urllib.parse import urlsplit

from archive.models import Image
from archive.reading import captions, container, imageobjects, jsonld, pictures, shapes
from archive.reading.choice import Choice, Claim, choose
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Markup, absolute, clean

_NOT_THE_LEAD = re.compile(
    r"(?<![a-z])logos?(?![a-z])|favicon|(?<![a-z])icons?(?![a-z])|placeholder|fallback|default[-_.]|no[-_]?image"
    r"|gravatar|(?:og|social|share|sharing)[-_]?(?:image|default|logo)?\.(?:png|jpe?g|webp|gif)$",
    re.IGNORECASE,
)
# Parts within an article's element whose pictures belong to other articles, to people, or to advertisers.
_OTHERS = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|recirc\w*|teasers?|newsletters?|promos?|adverts?|advertising|advertisement"
    r"|ads?|adslot|sponsor\w*|authors?|byline|bio|comments?|share|sharing|sidebar|outbrain|taboola|breadcrumbs?"
    r"|subscri\w+|read-?more|read-?also|lire-aussi|more-stories|trending|popular|most-read|post-navigation|avatar)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_OTHER_TAGS = {"nav", "aside", "footer", "form"}
_TEXT_TAGS = ("div", "section", "article", "main", "td", "span")  # what the text may stand in
_MOST = 200  # pictures kept
_MOST_READ = 1_000  # elements read for them


def lead(evidence: Evidence, found: Sequence[Image]) -> Choice[str] | None:
    """REST's featured image, og:image, JSON-LD's image, the template's, the first within the article.

    og:image before JSON-LD: both name the lead image, but plugins put the site's logo into the second.
    What is named as a logo or a stand-in is believed only where nothing else is named.
    """
    claims = list(_leads(evidence, found))
    real = next((claim for claim in claims if not _NOT_THE_LEAD.search(claim.value.rpartition("/")[2][:200])), None)
    if claims and real not in {None, claims[0]}:
        return choose(claims, "first of the stated order that is not named as a logo or a stand-in", real)
    return choose(claims)


def _leads(evidence: Evidence, found: Sequence[Image]) -> Iterator[Claim[str]]:
    base = evidence.markup.base
    yield from (Claim(statement.value, statement.source) for statement in evidence.linked("image", "rest"))
    yield from imageobjects.leads(evidence)
    for image in _featured(evidence.markup)[:1]:
        address = pictures.address(image, base)
        if address:
            yield Claim(address, "wp-post-image")
    yield from (Claim(picture.url, "first image") for picture in found[:1])
    late = evidence.linked("image", "feed", "news-sitemap", "sitemap")
    yield from (Claim(statement.value, statement.source) for statement in late)


def within(elements: Sequence[Element], evidence: Evidence, found_by: str) -> Choice[tuple[Image, ...]] | None:
    """The lead picture where the page prints it, and those in the article's elements, each once, in reading order.

    `found_by` is the rule that found the elements. JSON-LD's ImageObject tells what is not printed: caption and credit.
    """
    markup = evidence.markup
    leads = {pictures.identity(claim.value) for claim in imageobjects.leads(evidence)}
    found = _each_once([*_printed_leads(markup, elements, leads), *_of(elements)], markup.base)
    if leads and leads.isdisjoint(found):
        found = _each_once(_first_of(markup, leads), markup.base) | found
    people = _authors(evidence) if found else set()
    found = {key: shown for key, shown in found.items() if (shown.alt or "").casefold() not in people}
    told = imageobjects.told(evidence) if found else {}
    completed = tuple(_complete(shown, told.get(key)) for key, shown in found.items())
    if not completed:
        return None
    others = ("json-ld",) if completed != tuple(found.values()) else ()
    return Choice(completed, found_by, "the printed lead image, then those in the elements of the text", others)


def picture(image: Element, base: str) -> Image | None:
    """One picture with what is printed beside it; none for icons, counters, and the thumbnail of another article."""
    url = pictures.address(image, base)
    if url is None or pictures.is_decoration(image, url):
        return None
    box = captions.frame(image)
    caption, credit = captions.printed(box) if box is not None else (None, None)
    if _leads_away(image, base, captioned=caption is not None):
        return None
    said = (caption, credit or clean(image.get("data-credit")), clean(image.get("alt")))
    return Image(url, *said, *pictures.size(image.get("width"), image.get("height")))


def is_named_other(named: str) -> bool:
    """Whether a part's classes say that it is of other articles, of people, or of advertisers."""
    return _OTHERS.search(named) is not None


def _each_once(images: Iterable[Element], base: str) -> dict[str, Image]:
    """The pictures by what all their sizes have in common; the widest size stands for them, at the first's place.

    Two in one figure with the same words for those who cannot see them are sizes of one picture, too.
    """
    found: dict[str, Image] = {}
    twins: dict[tuple[Element, str], str] = {}
    for element in islice(images, _MOST_READ):
        if len(found) == _MOST:
            break
        new = picture(element, base)
        if new is None:
            continue
        key = pictures.identity(new.url)
        figure = next(element.iterancestors("figure"), None)
        if figure is not None and new.alt:
            key = twins.setdefault((figure, new.alt), key)
        found[key] = _wider(found[key], new) if key in found else new
    return found


def _wider(old: Image, new: Image) -> Image:
    url = new.url if pictures.width(new.url) > pictures.width(old.url) > 0 else old.url
    return dataclasses.replace(_complete(old, new), url=url)


def _of(elements: Sequence[Element]) -> Iterator[Element]:
    """The picture elements that stand in no part for something else."""
    for element in elements:
        yield from _of_part(element, list(element.iter(*pictures.TAGS)))


def _of_part(part: Element, images: list[Element]) -> Iterator[Element]:
    known: dict[Element, bool] = {}
    most = container.MUCH * container.length(part) if images else 0
    for image in images:
        if not any(_is_other(around, known, most) for around in _up_to(image, part)):
            yield image


def _up_to(image: Element, element: Element) -> Iterator[Element]:
    for ancestor in image.iterancestors():
        if ancestor is element:
            return
        yield ancestor


def _is_other(element: Element, known: dict[Element, bool], most: float) -> bool:
    verdict = known.get(element)
    if verdict is None:
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        named_other = element.tag in _OTHER_TAGS or _OTHERS.search(named) is not None
        verdict = known[element] = named_other and container.length(element) <= most
    return verdict


def _leads_away(image: Element, base: str, *, captioned: bool) -> bool:
    """Whether a picture is the link to another article, or an advertiser's.

    Links to a picture's file or to its own page (WordPress: attachment) show it larger; a caption says that it is shown
    here, unless the address says that an article is there.
    """
    anchor = next(image.iterancestors("a"), None)
    if anchor is None or "attachment" in (anchor.get("rel") or ""):
        return False
    target = absolute(base, anchor.get("href"))
    if target is None or "attachment" in target or _without_query(target) == _without_query(base):
        return False
    if "sponsored" in (anchor.get("rel") or "").split() or shapes.is_article(target):
        return True
    return not captioned and shapes.is_served(target) and urlsplit(target).hostname == urlsplit(base).hostname


def _without_query(address: str) -> str:
    return re.split("[?#]", address, maxsplit=1)[0].rstrip("/")


def _featured(markup: Markup) -> list[Element]:
    """The pictures that WordPress marks as the post's own, outside of its text."""
    if not markup.wordpress:
        return []
    return [image for image in markup.root.iter("img") if "wp-post-image" in (image.get("class") or "")]


def _printed_leads(markup: Markup, elements: Sequence[Element], leads: AbstractSet[str]) -> list[Element]:
    """The pictures above the text.

    The one WordPress marks; else the figures in the article's own part before the element of the text (all of them
    where no element holds it), and the picture there that the page names for machines, too.
    """
    if featured := _featured(markup)[:1]:
        return featured
    part = _part(markup, elements)
    if part is None:
        return []
    texts = set(elements)
    found = []
    for element in part.iter(*pictures.TAGS, *_TEXT_TAGS):
        if element in texts:
            break
        if element.tag in pictures.TAGS and (_in_figure(element) or _is_one_of(element, leads, markup.base)):
            found.append(element)
    return list(_of_part(part, found))


def _first_of(markup: Markup, leads: AbstractSet[str]) -> list[Element]:
    images = markup.root.iter(*pictures.TAGS) if leads else iter(())
    return list(islice((image for image in images if _is_one_of(image, leads, markup.base)), 1))


def _part(markup: Markup, elements: Sequence[Element]) -> Element | None:
    """The `<article>` or `<main>` around the text, else around the headline."""
    headings = [heading for heading in markup.headlines[:3] if heading.tag == "h1"]
    for element in (*elements[:1], *headings):
        if element.tag == "article":
            return element
        if (part := next(element.iterancestors("article", "main"), None)) is not None:
            return part
    return None


def _in_figure(image: Element) -> bool:
    return next(image.iterancestors("figure"), None) is not None


def _is_one_of(image: Element, leads: AbstractSet[str], base: str) -> bool:
    """Whether an image is one of those; the file's name is looked for first, as reading its address is slow."""
    written = " ".join(image.attrib.values()).lower()
    if not any(_file(lead) in written for lead in leads):
        return False
    address = pictures.address(image, base)
    return address is not None and pictures.identity(address) in leads


@lru_cache(64)
def _file(identity: str) -> str:
    steps = identity.split("/")
    return next((step for step in reversed(steps) if "=" not in step), "").split(".")[0]


def _authors(evidence: Evidence) -> set[str]:
    """Whom the article is by: a picture whose only words are such a name is a portrait beside the byline."""
    named = (jsonld.string(value) for value in evidence.values("author"))
    return {name.casefold() for name in named if name}


def _complete(picture: Image, told: Image | None) -> Image:
    """A picture with what it lacks from what is told of it elsewhere."""
    if told is None:
        return picture
    names = (field.name for field in dataclasses.fields(Image))
    return Image(*(getattr(picture, name) or getattr(told, name) for name in names))
