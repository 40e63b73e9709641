"""Which places of a site are asked for links, in which order, and when enough has been asked.

What names everything cheaply comes first: feeds, sitemaps, a REST API. The pages of feeds and listings are walked only
where that leaves a doubt, one after the other, so that each can stop where it brings nothing new. A site that was read
to the end before is asked for what is new: the API by date, everything else until a page has nothing unknown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from urllib.parse import urljoin

from archive.models import Link
from archive.sources import Memory
from crawler import due
from crawler.discovery import Source, feeds, listings, pages, wordpress
from crawler.site import Site

MOST = 10_000  # an endless chain of sitemaps must not keep a crawl from its pages
_DEEPEST = 5  # sitemaps that name sitemaps, one below the other; the protocol has two such levels
# Where a site that announces no sitemap or feed most often has one; not finding it there is no failure.
_GUESSES = (
    Source("/sitemap.xml", "sitemap"),
    Source("/wp-sitemap.xml", "sitemap"),
    Source("/sitemap_index.xml", "sitemap"),
    Source("/feed/", "feed"),
)
_ASK_AGAIN = timedelta(days=7)  # an API that was closed may be opened; asking every hour would be impolite
_OVERLAP = timedelta(days=1)  # clocks differ, and a post is not in the API at the moment that it says
_LONGEST_CHAIN = 2_000  # pages of one listing or feed
_BARREN = 24  # pages of a calendar in a row that bring nothing: nothing older is to come
_DAWN = date(1995, 1, 1)  # newspapers were not on the web before


@dataclass(slots=True)
class Chain:
    """The pages of one feed or listing: the URLs they named so far, and how many pages in a row named no new one."""

    seen: set[str] = field(default_factory=set)
    pages: int = 0
    barren: int = 0
    calendar: Iterator[Source] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the site. That a `guess` finds nothing is no failure; what a sitemap names is a `level` down."""

    source: Source
    guess: bool = False
    chain: Chain = field(default_factory=Chain)
    deep: bool = False  # whether it was waiting in `Ways.deep`
    level: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: where, with which headers, and what the body names; `fresh` are the URLs nobody knew."""

    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    links: Sequence[Link]
    sources: Sequence[Source]
    fresh: Sequence[str]


class Ways:
    """The plan for one site and crawl. Give it every answer; what it returns is to be asked next."""

    def __init__(self, site: Site, memory: Memory, *, whole: bool, full: bool, since: datetime | None) -> None:
        self.site = site
        self.memory = memory
        self.whole = whole  # whether the REST API is asked for texts
        self.since = since
        self.full = full
        self.complete = None if full else memory.complete()
        self.asked: set[str] = set()
        self.named: set[str] = set()  # what the site or sites.toml names: not finding it is a failure
        self.deep: deque[Ask] = deque()
        self.front: tuple[bytes, str] | None = None  # the home page, a listing too, until it is read as one
        self.proven = False  # a way was read to its end that has every article
        self.alive: set[str] = set()  # kinds of ways that named something
        self.beyond = 0  # sources left out because there were too many
        self.skipped: list[tuple[Source, str]] = []
        self.root: str | None = None
        self.count: int | None = None
        self.new_posts = 0

    def home(self, headers: Sequence[tuple[str, str]], body: bytes, url: str, robots: Iterable[Source]) -> list[Ask]:
        """Return what to ask first, after the home page (none, if it failed) has been read: announced, or guessed."""
        announced = [link for link in pages.links(body, url) if isinstance(link, Source)]
        sitemaps = [Source(address, "sitemap") for address in self.site.sitemaps] or list(robots)
        feeds_ = [*announced, *(Source(feed, "feed") for feed in self.site.feeds)]
        feeds_ = feeds_ or [Source(feed, "feed") for feed in self._feeds_of_sections()]
        self.named |= {source.url for source in (*feeds_, *sitemaps)}
        has = {"feed": bool(feeds_), "sitemap": bool(sitemaps)}
        guesses = [Source(urljoin(url, guess.url), guess.kind) for guess in _GUESSES if not has[guess.kind]]
        self.front = (body, url)
        return [*self._rest(headers, body, url), *self._asks(feeds_ + sitemaps), *self._asks(guesses, guess=True)]

    def after(self, ask: Ask, answer: Answer) -> list[Ask]:
        """Return what to ask because of an answer; further pages of feeds and listings wait in `deep`."""
        if answer.links:
            self.alive.add(ask.source.kind)
        if ask.source.kind == "rest":
            return self._after_rest(answer)
        if ask.source.kind == "types":
            return self._types(answer.body)
        following = list(answer.sources)
        if ask.source.kind == "feed" and (later := feeds.next_page(answer.body, answer.url)):
            following.append(later)
        chained = [source for source in following if source.kind == ask.source.kind and source.kind != "sitemap"]
        self._follow(ask, answer, chained)
        return self._asks((source for source in following if source not in chained), level=ask.level + 1)

    def failed(self, ask: Ask, *, gone: bool) -> None:
        """Take note that a place did not answer, or says that it is `gone`: the end of a feed, an empty month."""
        if gone and ask.source.kind == "feed" and ask.chain.pages > 1:
            self.proven = self.since is None  # its pages were walked to the end
        self._next_of_calendar(ask.chain, fruitful=False)

    def listing_links(self) -> list[Link]:
        """Return what the home page lists, once, if listings are to be walked at all; plans to walk the others.

        They are where no way has given every article, and at a site known already where no other way lives.
        """
        if self.front is None or self.proven or (self.complete and self.alive & {"feed", "sitemap", "rest"}):
            return []
        (body, url), self.front = self.front, None
        self._plan_listings(body, url)
        return [link for link in listings.links(body, url) if isinstance(link, Link)]

    def next_deep(self) -> Ask | None:
        """Return the next page of a feed or listing to walk; None when enough is known."""
        if self._is_short_of_posts():
            self.count = None
            self.deep.appendleft(Ask(self._posts()))
        while self.deep:
            ask = self.deep.popleft()
            asks = self._asks([ask.source], guess=ask.guess) if self._is_wanted(ask) else []
            if asks:
                return replace(asks[0], chain=ask.chain, deep=True)
        return None

    def _feeds_of_sections(self) -> list[str]:
        """The feeds read the last time, for a home page that announces none."""
        return self.memory.feeds() if self.complete else []

    # -- The REST API

    def _rest(self, headers: Sequence[tuple[str, str]], body: bytes, url: str) -> list[Ask]:
        """Ask the API for all posts, or for what changed since the last complete crawl and how many there are."""
        self.root = self.site.rest if isinstance(self.site.rest, str) else None
        if self.site.rest is True:
            self.root = wordpress.api_root(list(headers), body, url)
        if self.root is None:
            return []
        first = self._posts()
        when = self.memory.closed(wordpress.posts_source(self.root).url)
        if when and datetime.now(UTC) - when < _ASK_AGAIN:
            self.skipped.append((first, f"closed to the public on {when:%Y-%m-%d}; asked again after a week"))
            return []
        if self.complete is None:
            return self._asks([first, wordpress.types_source(self.root)], guess=True)
        edits = wordpress.edits_source(self.root, self.complete - _OVERLAP, whole=self.whole)
        return self._asks([edits, wordpress.count_source(self.root), wordpress.types_source(self.root)], guess=True)

    def _posts(self, base: str = "posts") -> Source:
        assert self.root is not None
        since = {"after": f"{self.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"} if self.since else {}
        return wordpress.posts_source(self.root, base=base, whole=self.whole, asked=since)

    def _after_rest(self, answer: Answer) -> list[Ask]:
        if wordpress.is_count(answer.url):
            self.count = wordpress.total(answer.headers)
            return []
        if wordpress.is_edits(answer.url):
            self.new_posts += len(answer.fresh)
        if later := wordpress.next_page(answer.headers, answer.url):
            return self._asks([later], guess=True)
        self.proven |= self.since is None and not wordpress.is_closed(200, answer.body)
        return []

    def _types(self, body: bytes) -> list[Ask]:
        assert self.root is not None
        if self.complete is None:
            return self._asks((self._posts(base) for base in wordpress.types(body)), guess=True)
        since = self.complete - _OVERLAP
        edits = (wordpress.edits_source(self.root, since, base=b, whole=self.whole) for b in wordpress.types(body))
        return self._asks(edits, guess=True)

    def _is_short_of_posts(self) -> bool:
        """Whether the API says that there are more posts than the last time and the new ones make up for."""
        if self.root is None or self.count is None:
            return False
        before = self.memory.claimed()
        return before is not None and self.count > before + self.new_posts

    # -- Pages of feeds and listings

    def _plan_listings(self, body: bytes, url: str) -> None:
        """Line up the listings: the home page's own pages, what sites.toml names, what the navigation leads to."""
        here = Chain()
        self.deep.extend(Ask(source, chain=here) for source in self._next_pages(body, url))
        for section in self.site.sections:
            self._plan_section(section)
        self.deep.extend(Ask(source, chain=Chain()) for source in listings.sections(body, url))

    def _plan_section(self, section: str) -> None:
        if "#" not in section:
            self.deep.append(Ask(Source(section, "listing")))
            return
        chain = Chain(calendar=listings.calendar(self.site.url, section, _DAWN, datetime.now(UTC).date()))
        self._next_of_calendar(chain, fruitful=True)

    def _next_pages(self, body: bytes, url: str) -> list[Source]:
        return [source for source in listings.links(body, url) if isinstance(source, Source)]

    def _follow(self, ask: Ask, answer: Answer, following: Sequence[Source]) -> None:
        """Go on with a chain while its pages bring something new: to the archive, or, at first, to the chain."""
        chain = ask.chain
        named = {link.url for link in answer.links}
        brings = bool(answer.fresh) if self._is_known() else bool(named - chain.seen)
        chain.seen |= named
        chain.pages += 1
        if self.since and answer.links and due.before(answer.links, self.since):
            brings = False
        if brings and chain.pages < _LONGEST_CHAIN:
            self.deep.extendleft(Ask(source, guess=True, chain=chain) for source in reversed(following))
        if not following:
            self._next_of_calendar(chain, fruitful=brings)

    def _next_of_calendar(self, chain: Chain, *, fruitful: bool) -> None:
        chain.barren = 0 if fruitful else chain.barren + 1
        if chain.calendar is not None and chain.barren < _BARREN:
            self.deep.extendleft(Ask(source, guess=True, chain=chain) for source in islice(chain.calendar, 1))

    def _is_known(self) -> bool:
        return self.complete is not None or self.proven

    def _is_wanted(self, ask: Ask) -> bool:
        """Once a way has given every article, only what sites.toml names is walked besides."""
        return (
            not self.proven
            or ask.source.kind == "rest"
            or ask.source.url in self.site.sections
            or ask.chain.calendar is not None
        )

    def _asks(self, sources: Iterable[Source], *, guess: bool = False, level: int = 0) -> list[Ask]:
        """Return the questions not asked yet, of this site, and not older than what is looked for."""
        asks = []
        for source in sources:
            if source.url in self.asked or not self.site.covers(source.url) or self._is_out_of_time(source):
                continue
            if len(self.asked) >= MOST or level > _DEEPEST:
                self.beyond += 1
                continue
            self.asked.add(source.url)
            if self._is_resting(source):
                continue
            asks.append(Ask(source, guess=guess and source.url not in self.named, level=level))
        return asks

    def _is_resting(self, source: Source) -> bool:
        """Whether a place has failed so often that it is left alone for a while; --full asks all the same."""
        resting = None if self.full else self.memory.resting(source.url, datetime.now(UTC))
        if resting and source.url in self.named:
            count, again = resting
            self.skipped.append((source, f"failed {count} times in a row; asked again on {again:%Y-%m-%d %H:%M}"))
        return resting is not None

    def _is_out_of_time(self, source: Source) -> bool:
        if self.since and source.modified and source.modified < self.since:
            return True
        return listings.is_calendar_trap(source.url, datetime.now(UTC).date())
