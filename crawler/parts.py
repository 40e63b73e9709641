"""Articles cut into several pages: after each the next is fetched, before the article is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archive.encoding import decode_text
from archive.models import Capture, Page
from archive.reading import evidence, markup, parts, response

_MOST = 30  # parts of one article; a pager that never ends must
# What a page has that goes on: most have none of it, and need not be parsed here.
_GOES_ON = re.compile(
    rb"rel\s*=\s*[\"']?next|page-links|page-numbers|nav-links|pag(?:er|inat)|multi-?page", re.IGNORECASE
)


@dataclass
class Parts:
    """The parts of one article on their way: its first capture, and the addresses asked for so far."""

    first: Capture
    asked: set[str] = field(default_factory=set)

    def following(self, page: Page) -> str | None:
        """Return the address of the next part that a page names; None if there is none, or too many."""
        if page.status != 200 or len(self.asked) >= _MOST or not _GOES_ON.search(page.body):
            return None
        address = _next_of(page)
        if address is None or address in self.asked or address == self.first.url:
            return None
        self.asked.add(address)
        return address


def _next_of(page: Page) -> str | None:
    content_type = response.content_type(page)
    if "html" not in content_type:
        return None
    text = decode_text(page.body, content_type)
    root, _ = markup.parse(text)
    return parts.next_part(evidence.collect(page, markup.gather(root, page.url, text))) if root is not None else None
