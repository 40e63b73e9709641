"""One site to crawl, as a frozen value: what a table of sites.toml may say about it."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from archive import revisits
from archive.rhythm import Bounds
from archive.urls import canonicalise, registered_domain

_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z"  # BCP 47, roughly
REVISITS = ("1 hour", "1 day", "1 week", "1 month")
EVERY = ("15 minutes", "1 day")


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One site to crawl.

    `delay` is in seconds, between two requests to a host, and `timeout`, for an answer to be whole; `requests_per_day`
    is what a day (UTC) may have of them at most. `language` is a BCP 47 tag.

    `feeds` are read beside those the home page announces, `sitemaps` in place of those robots.txt names. `sections`
    are pages whose lists of articles are walked to their ends. `rest` is the root of a WordPress REST API that is not
    announced, or False not to ask one. `pages` says when the pages of articles that the REST API gave whole are
    fetched: with the others ("now"), in later crawls ("later") or "never". `javascript`: have a browser build the
    pages. `every`: the shortest and the longest time between two crawls of `marbre run`. `revisit` are the times after
    its first capture at which an article is visited again (True: REVISITS), for which `revisit_budget` requests a day
    may be spent; every Nth visit of a page (`unconditional_every`) asks for all of it, and not only whether it changed.
    `allow_loopback` lets this site, and no other, be on this machine.
    `selectors` are CSS selectors for what is read wrongly (title, author, date, body) or is none of the text (remove).
    """

    name: str
    url: str
    delay: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 2.0
    timeout: Annotated[float, msgspec.Meta(ge=1, le=600)] = 60.0
    requests_per_day: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    language: Annotated[str, msgspec.Meta(pattern=_TAG)] | None = None
    allow_loopback: bool = False
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    rest: str | bool = True
    pages: Literal["now", "later", "never"] = "now"
    javascript: bool = False
    every: tuple[str, str] = EVERY
    revisit: tuple[str, ...] | bool = True
    revisit_budget: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 200
    unconditional_every: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 3
    selectors: dict[Literal["title", "author", "date", "body", "remove"], str | tuple[str, ...]] = {}

    def plan(self) -> revisits.Plan:
        """When an article is visited again, the shortest time first; empty if never."""
        durations = self.revisit if isinstance(self.revisit, tuple) else REVISITS if self.revisit else ()
        return revisits.plan_of(durations)

    def bounds(self) -> Bounds:
        """The shortest and the longest time between two crawls that `marbre run` begins."""
        return Bounds(*map(revisits.duration, self.every))

    def by_hand(self) -> dict[str, tuple[str, ...]]:
        """The selectors as a profile keeps them: for each field a tuple."""
        return {name: (value,) if isinstance(value, str) else value for name, value in self.selectors.items()}

    def covers(self, url: str) -> bool:
        """Whether a URL is on this site: its host belongs to the same registered domain."""
        try:
            hosts = [urlsplit(canonicalise(address)).hostname or "" for address in (url, self.url)]
        except ValueError:
            return False
        return registered_domain(hosts[0]) == registered_domain(hosts[1])
