"""Learning a site from the pages an archive holds, and trying selectors written by hand on them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from archive import captures, profiles
from archive.errors import ArchiveError, DamagedRecord
from archive.learning import FEWEST, Sample, learn, read
from archive.models import Capture, Page
from archive.reading.profile import Profile, compiled
from archive.store import Store
from archive.warc import read_page

logger = logging.getLogger("marbre")
MOST_PAGES = 150  # trees are kept while learning: some megabytes each
_MOST_BYTES = 60_000_000  # of their HTML together
# The newest page of each article, and the newest capture of it that the site's API gave.
_PAGES = (
    "SELECT article, max(captures.timestamp || ' ' || captures.id) AS newest FROM extractions"
    " JOIN captures ON captures.id = extractions.capture JOIN articles ON articles.id = article"
    " WHERE site = ? AND outcome = 'article' AND captures.kind {kind} GROUP BY article ORDER BY newest"
)
_FROM_PAGE = "!= 'revisit' AND api = 0"
_FROM_API = "= 'resource' AND api > 0"


def learn_site(
    store: Store, site: str, now: datetime, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> tuple[Profile, bool]:
    """Learn a site anew from what the archive holds and read its pages with that from now on.

    Returns the profile, and whether it says anything new. `progress` is told how many pages of how many were read.
    Raises ArchiveError if there are too few articles.
    """
    before = profiles.in_use(store.db, site)
    profile = learn(site, samples(store.db, store.warc, site, progress), before)
    if not profile.templates:
        raise ArchiveError(
            f"{site}: too few articles to learn from: {FEWEST} different ones of one template are needed"
        )
    return profile, profiles.adopt(store.db, store.warc, profile, now)


def samples(
    db: Database, warc: Path, site: str, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Iterator[Sample]:
    """Read up to MOST_PAGES articles' pages of a site, spread over all there are, oldest first."""
    told = dict(_newest(db, site, _FROM_API))
    chosen = _spread(_newest(db, site, _FROM_PAGE))
    size = 0
    for done, (article, capture) in enumerate(chosen, start=1):
        page = _page(db, warc, capture)
        if page and size + len(page.body) <= _MOST_BYTES:
            size += len(page.body)
            sample = read(page, _page(db, warc, told.get(article)))
            if sample:
                yield sample
        progress(done, len(chosen))


def matches(
    db: Database, warc: Path, site: str, selectors: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, str, int, int]]:
    """Try each selector on stored articles' pages: yield (field, selector, pages it finds something on, pages)."""
    roots = [sample.evidence.markup.root for sample in samples(db, warc, site)]
    for about, written in selectors.items():
        for selector in written:
            yield about, selector, sum(bool(compiled(selector)(root)) for root in roots), len(roots)


def _newest(db: Database, site: str, kind: str) -> list[tuple[str, str]]:
    return [(article, newest.partition(" ")[2]) for article, newest in db.execute(_PAGES.format(kind=kind), [site])]


def _spread(pages: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """As many as may be read: the newest half of them whole, for a new template to be seen, the rest in even steps."""
    if len(pages) <= MOST_PAGES:
        return pages
    half = MOST_PAGES // 2
    older = pages[:-half]
    return [older[len(older) * step // half] for step in range(half)] + pages[-half:]


def _page(db: Database, warc: Path, capture: str | None) -> Page | None:
    found: Capture | None = captures.by_id(db, capture) if capture else None
    if found is None:
        return None
    try:
        return read_page(warc, found, captures.by_id(db, found.refers_to))
    except DamagedRecord as error:
        logger.warning("%s cannot be learnt from: %s", found.url, error)
        return None
