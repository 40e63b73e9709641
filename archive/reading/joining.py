"""The pages of one article that is cut into several, as one text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archive.models import Image
from archive.reading import pictures
from archive.reading.layout import Block


def join(pages: Sequence[Sequence[Block]]) -> list[Block]:
    """The blocks of all pages in order, without what each page repeats.

    A page begins with the headline and the standfirst of the first, and ends with the same lines as the one before:
    who wrote it, what the newspaper says of itself. Those stay once, at the article's end.
    """
    joined: list[Block] = []
    for page in pages:
        own = list(page)[_begins_as(joined, page) :]
        joined = joined[: len(joined) - _common_end(joined, own)] + own
    return joined


def _begins_as(before: Sequence[Block], page: Sequence[Block]) -> int:
    """How many blocks at a page's beginning stood on the pages before."""
    known = {block.markdown for block in before}
    return next((count for count, block in enumerate(page) if block.markdown not in known), len(page))


def _common_end(before: Sequence[Block], after: Sequence[Block]) -> int:
    """How many blocks at their ends are the same; a page that is nothing else adds nothing and takes nothing away."""
    count = 0
    while count < min(len(before), len(after)) and before[-1 - count].markdown == after[-1 - count].markdown:
        count += 1
    return count


def once(images: Iterable[Image]) -> tuple[Image, ...]:
    """Pictures each once: a lead picture is printed on every page."""
    found: dict[str, Image] = {}
    for image in images:
        found.setdefault(pictures.identity(image.url), image)
    return tuple(found.values())
