"""What earlier crawls learnt of the places that name a site's articles, for the next crawl to plan by."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.frontier import is_known

_DEAD = ("failed", "absent")
_TRIES = 3
_REST, _LONGEST_REST = timedelta(hours=1), timedelta(days=7)


class Memory:
    """One site's earlier crawls, as `crawl`, a new one, sees them."""

    def __init__(self, db: Database, site: str, crawl: str) -> None:
        self.db = db
        self.site = site
        self.crawl = crawl

    def complete(self) -> datetime | None:
        """Return when the last crawl began that read every way of discovery to its end; None if there was none."""
        return self._moment(
            "SELECT max(started) FROM crawls WHERE site = ? AND id != ? AND reason = 'finished'"
            " AND json_extract(counts, '$.complete')",
            self.site,
            self.crawl,
        )

    def closed(self, url: str) -> datetime | None:
        """Return when an API was last found closed to the public; None if it was not, or has answered since."""
        row = self.db.execute(
            "SELECT timestamp, outcome FROM sources WHERE url = ? AND crawl != ? AND outcome != 'skipped'"
            " ORDER BY timestamp DESC LIMIT 1",
            [url, self.crawl],
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row and row[1] == "closed" else None

    def resting(self, url: str, now: datetime) -> tuple[int, datetime] | None:
        """Return how often in a row a place has failed, and when it is to be asked again; None if that is now.

        After the third time it is left alone for an hour, then for twice as long each time, up to a week: a dead feed
        is asked ever more rarely, and never given up.
        """
        found = self.db.execute(
            "SELECT outcome, timestamp FROM sources WHERE url = ? AND crawl != ? AND outcome != 'skipped'"
            " ORDER BY timestamp DESC LIMIT 16",
            [url, self.crawl],
        ).fetchall()
        failures = next((number for number, (outcome, _) in enumerate(found) if outcome not in _DEAD), len(found))
        if failures < _TRIES:
            return None
        rest = min(_REST * (1 << (failures - _TRIES)), _LONGEST_REST)
        again = min(datetime.fromisoformat(found[0][1]), now) + rest
        return None if again <= now else (failures, again)

    def claimed(self) -> int | None:
        """Return how many posts the site last said that it has."""
        row = self.db.execute(
            "SELECT claimed FROM sources JOIN crawls ON crawls.id = crawl WHERE site = ? AND crawl != ?"
            " AND claimed IS NOT NULL AND url LIKE '%/wp/v2/posts%' ORDER BY timestamp DESC LIMIT 1",
            [self.site, self.crawl],
        ).fetchone()
        return row and int(row[0])

    def feeds(self) -> list[str]:
        """Return the feeds, without their further pages, that the last complete crawl of the site read."""
        found = self.db.execute(
            "SELECT url FROM sources WHERE kind = 'feed' AND links > 0 AND detail IS NULL AND crawl = ("
            "SELECT id FROM crawls WHERE site = ? AND id != ? AND reason = 'finished'"
            " AND json_extract(counts, '$.complete') ORDER BY started DESC LIMIT 1) ORDER BY url",
            [self.site, self.crawl],
        )
        return [url for (url,) in found]

    def knows(self, url: str) -> bool:
        """Tell whether an earlier crawl discovered a canonical URL."""
        return is_known(self.db, url, self.crawl)

    def _moment(self, sql: str, *values: str) -> datetime | None:
        found = self.db.execute(sql, list(values)).fetchone()[0]
        return datetime.fromisoformat(found) if found else None
