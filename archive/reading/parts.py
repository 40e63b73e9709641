"""Articles cut into several pages: the page's own number, and the address of the next one.

HTML's rel=next also leads to the next article, and on listings to older ones. So an address counts only if it is this
page's own with the next number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from archive.reading import shapes
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, absolute

# WordPress's wp_link_pages() for <!--nextpage-->, and what other systems call the pager of an article.
_PAGERS = re.compile(
    r"page-links|post-page-numbers|post-nav-links|article-?pagination|article-?pager|multi-?page|story-?pagination"
    r"|post-?pagination|link-pages|paginated-article",
    re.IGNORECASE,
)
_HYPHENED = re.compile(r"-\d{1,3}/?$")
_LARGEST = 100  # pages; no article has more, and a joiner must end
_MOST_LINKS = 2 * _LARGEST  # of a page's pagers: the numbers, above and below the text


def part_number(evidence: Evidence) -> int:
    """Which page of its article this is, counted from 1: by the address it was fetched from."""
    listing, number = shapes.split_page(evidence.page.url, in_pager=True)
    if number is None or not 1 < number <= _LARGEST:
        return 1
    # With "page" in it a number is sure to be a page's; a bare one may be the article's own.
    sure = shapes.split_page(evidence.page.url)[1] is not None
    return number if sure or listing in {shapes.split_page(url)[0] for url in _first_pages(evidence)} else 1


def next_part(evidence: Evidence) -> str | None:
    """The address of the article's next page; none if this is the last or the only one.

    rel=next of the head or of a link, else the next number in an article's own pager.
    """
    wanted = part_number(evidence) + 1
    if wanted > _LARGEST:
        return None
    return next((address for address in _following(evidence) if _is_part(evidence, address, wanted)), None)


def _first_pages(evidence: Evidence) -> Iterator[str]:
    """Addresses that name the article without a page number: canonical, rel=prev and the pager's links."""
    stated = (evidence.markup.link("canonical"), evidence.markup.link("prev"), *_pager(evidence))
    return (address for address in stated if address)


def _following(evidence: Evidence) -> Iterator[str]:
    markup = evidence.markup
    marked = (anchor for anchor in markup.anchors if "next" in (anchor.get("rel") or "").lower().split())
    linked = (absolute(markup.base, anchor.get("href")) for anchor in islice(marked, _MOST_LINKS))
    stated = (markup.link("next"), *linked)
    yield from (address for address in stated if address)
    yield from _pager(evidence)


def _pager(evidence: Evidence) -> Iterator[str]:
    markup = evidence.markup
    links = (anchor for element in markup.with_class(_PAGERS) for anchor in _anchors(element))
    addresses = (absolute(markup.base, anchor.get("href")) for anchor in islice(links, _MOST_LINKS))
    return filter(None, addresses)


def _anchors(element: Element) -> Iterator[Element]:
    return iter([element]) if element.tag == "a" else element.iter("a")


def _is_part(evidence: Evidence, address: str, wanted: int) -> bool:
    """Whether an address is this article's own, with the wanted page number: /2/, /page/2/, ?page=2, -2.html."""
    if (urlsplit(address).hostname or "").removeprefix("www.") != evidence.host.removeprefix("www."):
        return False
    # On the first page a number in the address is the article's own.
    own, number = shapes.split_page(evidence.page.url, in_pager=wanted > 2)
    if number == 1:  # ?page=1
        own = shapes.split_page(evidence.page.url, in_pager=True)[0]
    target, number = shapes.split_page(address, in_pager=True)
    if number != wanted or target != own or shapes.is_comment_page(address):
        return False
    # WordPress tells two posts of one title apart by -2, and writes a post's pages as /2/ or ?page=2.
    return not evidence.markup.wordpress or _HYPHENED.search(urlsplit(address).path) is None
