"""The ledger of an archive: for every capture what was said of its use, read back from the records it was said in.

What pages say is kept with their extractions; what files of a site say (robots.txt, tdmrep.json) is read from the
file's own captures, the latest before the page's: nothing has to be copied to each of a million pages.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from sqlite_utils import Database

from archive import captures, rows
from archive.database import open_for_reading
from archive.errors import DamagedRecord
from archive.models import Capture
from archive.rights.claims import Claim
from archive.rights.files import TDMREP, of_robots, of_tdmrep
from archive.rights.verdict import OURS, reserved
from archive.robots import Rules, rules
from archive.robots_kept import REDIRECTS
from archive.warc import read_page

# Where what an article's page said stands, and when its present text was captured: what `Ledger.decide` is given.
SPOKEN = (
    "(SELECT json_group_array(json_array(e.timestamp, json(e.rights))) FROM extractions AS e"
    " WHERE e.article = articles.id AND e.rights != '[]')"
)
SHOWN = "(SELECT c.timestamp FROM captures AS c WHERE c.id = articles.capture)"
_KEPT = 256  # files and their rules in memory
CONDITION = f"NOT reserved({SPOKEN}, {SHOWN}, articles.url, articles.site)"


class Said(NamedTuple):
    """A claim, and the capture (id, time as ISO 8601) it was read in."""

    claim: Claim
    capture: str
    timestamp: str


class Ledger:
    """What was said, by an archive's own records. It has a connection of its own; close it."""

    def __init__(self, directory: Path) -> None:
        self.warc = directory / "warc"
        self.db = open_for_reading(directory)
        self.left_out: Counter[str] = Counter()
        self._files: dict[str, tuple[list[str], list[Capture]]] = {}
        self._bodies: dict[str, bytes] = {}
        self._rules: dict[str, Rules] = {}
        self._applied: dict[str, list[str]] = {}
        for site, moment in self.db.execute("SELECT site, moment FROM rights_applied ORDER BY moment"):
            self._applied.setdefault(site, []).append(moment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def leave_out(self, db: Database) -> None:
        """Make the SQL function that CONDITION calls; `left_out` counts what it said yes to, by the claim's kind."""
        self.left_out.clear()
        db.register_function(self._is_reserved, name="reserved", replace=True)

    def _is_reserved(self, spoken: str, shown: str | None, url: str, site: str) -> bool:
        found = self.decide(spoken, shown, url, site)
        if found is not None:
            self.left_out[f"{found.kind} in {found.source}"] += 1
        return found is not None

    def decide(self, spoken: str, shown: str | None, url: str, site: str, *, also: str | None = None) -> Claim | None:
        """Return the claim that reserves an article whose text was captured at `shown`; None if none does.

        What was said later counts if it was applied to what is held (`marbre rights apply`), or at the moment `also`;
        what was applied once is not undone by another word of the site.
        """
        pages = [(moment, [Claim(*claim) for claim in claims]) for moment, claims in json.loads(spoken or "[]")]
        for moment in filter(None, (shown, *self._applied.get(site, ()), also)):
            claims = [said.claim for said in self.of_files(url, moment)]
            claims += max((pair for pair in pages if pair[0] <= moment), default=("", []))[1]
            if found := reserved(claims):
                return found.claim
        return None

    def of_files(self, url: str, moment: str) -> Iterator[Said]:
        """Yield what the files of a URL's origin said of it at a moment (ISO 8601, UTC)."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        for path in ("/robots.txt", TDMREP):
            capture = self._latest(origin + path, moment)
            if capture is None or not (200 <= capture.status < 300 or capture.status == 304):
                continue
            found = of_tdmrep(self._body(capture), url) if path == TDMREP else self._of_robots(capture, url)
            for claim in found:
                yield Said(claim, capture.id, rows.instant(capture.timestamp))

    def _of_robots(self, capture: Capture, url: str) -> tuple[Claim, ...]:
        if capture.id not in self._rules:
            _make_room(self._rules)
            self._rules[capture.id] = rules(self._body(capture))
        return of_robots(self._rules[capture.id], url, OURS)

    def _latest(self, address: str, moment: str) -> Capture | None:
        """Return the last answer to a question for a file up to a moment, past its redirects."""
        for _ in range(REDIRECTS + 1):
            moments, held = self._history(address)
            number = bisect_right(moments, moment)
            capture = held[number - 1] if number else None
            if capture is None or not 300 <= capture.status < 400 or capture.status == 304:
                return capture
            location = {name.lower(): value for name, value in self._headers(capture)}.get("location")
            if not location:
                return None
            address = location
        return None

    def _history(self, address: str) -> tuple[list[str], list[Capture]]:
        if address not in self._files:
            held = captures.of_file(self.db, address)
            self._files[address] = ([rows.instant(one.timestamp) for one in held], held)
        return self._files[address]

    def _body(self, capture: Capture) -> bytes:
        if capture.digest not in self._bodies:
            _make_room(self._bodies)
            try:
                page = read_page(self.warc, capture, captures.by_id(self.db, capture.refers_to))
            except DamagedRecord:
                return b""  # what cannot be read says nothing; `verify` tells of it
            self._bodies[capture.digest] = page.body
        return self._bodies[capture.digest]

    def _headers(self, capture: Capture) -> tuple[tuple[str, str], ...]:
        try:
            return tuple(read_page(self.warc, capture, captures.by_id(self.db, capture.refers_to)).headers)
        except DamagedRecord:
            return ()


def _make_room(cache: dict[str, Any]) -> None:
    """Forget everything when it is much: files of one site change rarely, and articles come site by site."""
    if len(cache) >= _KEPT:
        cache.clear()
