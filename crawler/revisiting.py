"""The revisits of one crawl: those that its site's plan wants now, as far as the day's budget goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive import revisits
from archive.revisits import Planned
from crawler.site import Site

_DAY = timedelta(days=1)
MOST_COUNTED = 1000  # of what is left for the next crawl: counting all that a large archive has due takes too long


class Revisits:
    """Chosen once, after discovery. `left` is how many visits are due beyond the budget, MOST_COUNTED at most."""

    def __init__(self, db: Database, site: Site, now: datetime) -> None:
        self.db = db
        self.site = site
        self.now = now
        self.left = 0

    def choose(self, wanted: Callable[[Planned], bool]) -> list[Planned]:
        """Return the most urgent visits that the budget covers, of those that are `wanted`.

        The budget is for 24 hours back from now, whatever crawls spent it: one that was killed, too.
        """
        if not self.site.plan():
            return []
        budget = self.site.revisit_budget - revisits.spent(self.db, self.site.name, self.now - _DAY)
        chosen: dict[str, Planned] = {}  # by address, which two articles may share
        for planned in filter(wanted, revisits.planned(self.db, self.site.name, self.site.plan(), self.now)):
            if planned.url in chosen:
                continue
            if planned.cost <= budget:
                budget -= planned.cost
                chosen[planned.url] = planned
            elif self.left == MOST_COUNTED:
                break
            else:
                self.left += 1
        return list(chosen.values())
