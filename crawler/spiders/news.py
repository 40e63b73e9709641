"""The spider: reads a site's ways of discovery to the end, then fetches what is due. It judges nothing."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

import msgspec
from scrapy import Request, signals
from scrapy.exceptions import DontCloseSpider

from archive import forgotten
from archive.events import GONE
from archive.models import Capture, Link
from archive.reading import barriers
from archive.revisits import VIA, Planned
from archive.urls import canonicalise
from crawler import due
from crawler.discovery import wordpress
from crawler.failures import classify
from crawler.identity import user_agent
from crawler.parts import Parts
from crawler.revisiting import Revisits
from crawler.site import Site
from crawler.sites import load_sites
from crawler.spiders.discovery import DiscoverySpider
from crawler.traps import ENOUGH, Traps
from crawler.watch import closing_when_full
from crawler.ways import Ways

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

logger = logging.getLogger("marbre")

_WINDOW = 32  # requests handed to Scrapy at a time; the rest waits in the frontier, where a kill cannot lose it


class NewsSpider(DiscoverySpider):
    """Crawls one site: `scrapy crawl news -a site=NAME`, options as in `Options`."""

    name = "news"

    def __init__(self, site: Site, agent: str, options: Options, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.site = site
        self.agent = agent
        self.options = options
        self.robots: dict[str, bytes] = {}
        self.pages = options.pages or site.pages
        self.whole = self.pages != "now"
        self.revisits: dict[str, timedelta] = {}  # by canonical URL: the step of the plan
        self.due: list[tuple[str, str, str]] = []  # URL, reason, detail: what a dry run shows
        self.fetching = False
        self.traps = Traps()

    @classmethod
    def from_crawler(cls, crawler: Crawler, **kwargs: Any) -> Self:
        sites = load_sites(Path(crawler.settings["MARBRE_SITES"]))
        options = msgspec.convert(kwargs, Options, strict=False)
        site = sites.named(options.site) if options.site else sites.site_for(options.urls[0])
        crawler.settings.setdict(_settings_of(site, user_agent(sites.contact)), priority="spider")
        spider = super().from_crawler(crawler, site=site, agent=user_agent(sites.contact), options=options)
        crawler.signals.connect(spider.idle, signals.spider_idle)
        return spider

    # -- First half: discovery, to the end, so that what is known of a page does not depend on which way was quicker

    async def start(self) -> AsyncIterator[Request]:
        options = self.options
        self.ways = Ways(self.site, self.recorder.memory, whole=self.whole, full=options.full, since=options.since)
        if self.options.urls:
            self.discover(Link(url, via="command line", found_on="") for url in self.options.urls)
            self.fetching = True
            self.decide()
            for request in self.next_pages(_WINDOW):
                yield request
        else:
            self.take_up_unfinished()
            yield self.first()
            for request in self.rights_files():
                yield request

    def take_up_unfinished(self) -> None:
        left = self.recorder.unfinished(without_page=self.pages != "never")
        self.discover(link for _, links in left for link in links if link.via != VIA)

    def posts(self, body: bytes, answer: Capture) -> Iterator[Capture]:
        """Archive posts from the API's answer, each as a record of its own, as far as they are due."""
        now = datetime.now(UTC)
        for link, post in wordpress.posts(body, answer.url):
            try:
                decision = self.judge(canonicalise(link.url), [link], now)
            except ValueError:  # a stranger's address that is none; `discover` has noted it
                continue
            wanted = decision.due and decision.reason != "page_to_come" and not self.options.dry_run
            if wanted and link.url.split() == [link.url]:  # a record cannot have another address; its page is fetched
                yield self.recorder.record_post(link, post, answer)

    # -- Second half: what is due

    @closing_when_full
    def idle(self, _: object) -> None:
        """Called by Scrapy when nothing is left to do: discovery has ended, or the pages have."""
        if not self.fetching and (asks := self.begin_to_walk()):
            self.crawler.engine.crawl(asks[0])
            raise DontCloseSpider
        if not self.fetching:
            self.fetching = True
            self.recorder.complete = not (self.options.since or self.ways.beyond)
            if self.ways.beyond:
                self.recorder.sources["beyond the limit"] = self.ways.beyond
            self.decide()
        if pages := list(self.next_pages(_WINDOW)):
            for request in pages:
                self.crawler.engine.crawl(request)
            raise DontCloseSpider

    def decide(self) -> None:
        """Settle what need not be fetched, with the reason; what stays queued is due."""
        now = datetime.now(UTC)
        if not (self.options.urls or self.options.no_revisits):
            self.plan_revisits(now)
        skipped: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for url, links in self.recorder.frontier.undecided():
            decision = self.judge(url, links, now)
            if decision.due:
                self.due.append((url, decision.reason, decision.detail))
                if url in self.revisits:
                    self.recorder.frontier.because(url, decision.reason, decision.detail)
            else:
                skipped[decision.reason, decision.detail].append(url)
        for (reason, detail), urls in skipped.items():
            self.recorder.settle(urls, "skipped", reason, detail=detail)
            if reason in ("not_due", forgotten.REASON):
                self.recorder.frontier.slim(urls)
        self.cut()
        self.recorder.note_due(len(self.due))

    def plan_revisits(self, now: datetime) -> None:
        """Put the visits that are due into the frontier, with what the last one knew of the page.

        What a feed said of it then counts for reading it: without that it would seem to have changed.
        """
        revisits = Revisits(self.recorder.known_db, self.site, now)
        for planned in revisits.choose(lambda planned: self.is_to_be_revisited(planned, now)):
            url = canonicalise(planned.url)
            _, found = self.recorder.frontier.found(url) or ("", ())
            said = {(link.via, link.found_on) for link in found}
            known = [link for link in planned.links if (link.via, link.found_on) not in said]
            self.recorder.discover([(url, link) for link in (*known, Link(planned.url, VIA, ""))], anew=True)
            self.revisits[url] = planned.step
        self.recorder.revisits_left = revisits.left

    def is_to_be_revisited(self, planned: Planned, now: datetime) -> bool:
        """Whether a visit is for the plan's budget: not if the page is fetched in any case, nor if it is not wanted."""
        url = canonicalise(planned.url)
        state, found = self.recorder.frontier.found(url) or ("queued", ())
        decision = self.judge(url, found or planned.links, now)
        if state != "queued" or (found and decision.due) or decision.reason in ("off_site", "before_since"):
            return False
        return self.pages != "never" or all(link.via != "rest" for link in (*found, *planned.links))

    def judge(self, url: str, links: Sequence[Link], now: datetime) -> due.Decision:
        if known := self.recorder.was_forgotten(url):
            return due.Decision(due=False, reason=forgotten.REASON, detail=forgotten.said(known))
        if not self.site.covers(url):
            return due.Decision(due=False, reason="off_site", detail=f"not on {urlsplit(self.site.url).netloc}")
        if self.options.since and due.before(links, self.options.since):
            detail = f"dated before {self.options.since:%Y-%m-%d}"
            return due.Decision(due=False, reason="before_since", detail=detail)
        if url in self.revisits:
            return due.revisit(self.revisits[url])
        visit = self.recorder.last_visit(url)
        decision = due.decide(links, visit, now)
        if decision.reason == "page_to_come" and self.pages == "never":
            return due.Decision(
                due=False, reason="not_due", detail="archived from the REST API; its page is not wanted"
            )
        return decision

    def cut(self) -> None:
        """Leave what is beyond --limit, or everything in a dry run, for another time."""
        self.due.sort(key=lambda one: one[1] == "revisit")  # what is new or changed comes first
        limit = len(self.due) if self.options.limit is None else self.options.limit
        beyond = [url for url, *_ in self.due[limit:]]
        self.due = self.due[:limit]
        self.recorder.settle(beyond, "skipped", "limit", detail=f"beyond the limit of {limit} pages")
        if self.options.dry_run:
            self.recorder.settle([url for url, *_ in self.due], "skipped", "dry_run", detail="due, but not fetched")

    def next_pages(self, count: int) -> Iterator[Request]:
        for url, links in self.take(count):
            meta: dict[str, Any] = {"role": "page", "links": links, "handle_httpstatus_list": [304]}
            if url in self.revisits:
                meta["dont_retry"] = True  # the budget is for one request, and tomorrow is soon enough
            yield Request(links[0].url, callback=self.parse_page, errback=self.page_failed, meta=meta)

    def take(self, count: int) -> Iterator[tuple[str, tuple[Link, ...]]]:
        """Yield up to `count` queued URLs with what is known of them; what lies in a trap is left for the next run."""
        while count and (taken := self.recorder.frontier.take(count)):
            trapped = [url for url, _ in taken if self.traps.holds(url)]
            self.recorder.settle(trapped, "skipped", "trap", detail=f"{ENOUGH} addresses of its form were no articles")
            fetched = [one for one in taken if one[0] not in trapped]
            yield from fetched
            count -= len(fetched)

    def parse_page(self, response: Response) -> Iterator[Capture | Request]:
        yield from self.go_on(response, Parts(response.meta["capture"]))

    def parse_part(self, response: Response) -> Iterator[Capture | Request]:
        yield from self.go_on(response, response.meta["parts"])

    def part_failed(self, failure: Failure) -> Iterator[Capture | Request]:
        """Archive what there is of an article one of whose parts cannot be had; the article says so itself."""
        request: Request = failure.request  # type: ignore[attr-defined]
        logger.warning("%s, a part of %s: %s", request.url, request.meta["parts"].first.url, classify(failure).detail)
        yield request.meta["parts"].first
        yield from self.next_pages(1)

    def go_on(self, response: Response, parts: Parts) -> Iterator[Capture | Request]:
        """Fetch the article's next part; hand the article on when there is none."""
        following = parts.following(self.recorder.page_of(response))
        if following is None or not self.site.covers(following):
            yield parts.first
            yield from self.next_pages(1)
            return
        revisit = any(link.via == VIA for link in parts.first.links)
        links = (Link(following, "part", parts.first.url), *([Link(following, VIA, "")] if revisit else []))
        meta = {"role": "part", "links": links, "parts": parts, "handle_httpstatus_list": [304], "dont_retry": revisit}
        yield Request(following, callback=self.parse_part, errback=self.part_failed, meta=meta)

    def page_failed(self, failure: Failure) -> Iterator[Capture | Request]:
        request: Request = failure.request  # type: ignore[attr-defined]
        why = classify(failure)
        capture: Capture | None = request.meta.get("capture")
        if capture is not None and capture.status in (200, *GONE, *barriers.STATUSES):
            # Scrapy could not unpack it, it says that nothing is there, or that we are not let in: the one way from
            # bytes to article judges it.
            yield capture
            yield from self.next_pages(1)
            return
        self.traps.note(request.meta["links"][0].url, why.outcome)
        self.recorder.settle(
            [canonicalise(request.meta["links"][0].url)],
            why.outcome,
            why.reason,
            detail=why.detail,
            capture=capture.id if capture else None,
        )
        yield from self.next_pages(1)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `-a` and the command line may say: see `marbre crawl --help`."""

    site: str = ""
    urls: tuple[str, ...] = ()
    limit: int | None = None
    since: datetime | None = None
    dry_run: bool = False
    full: bool = False
    no_revisits: bool = False
    pages: Literal["", "now", "later", "never"] = ""


def _settings_of(site: Site, agent: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"USER_AGENT": agent, "MARBRE_DELAY": site.delay}
    settings["DOWNLOAD_TIMEOUT"] = site.timeout
    if site.delay == 0:  # somebody's own server: as fast as it goes
        settings |= {"CONCURRENT_REQUESTS_PER_DOMAIN": 8, "CONCURRENT_REQUESTS": 16}
    if site.language:
        settings["DEFAULT_REQUEST_HEADERS"] = {"Accept-Language": f"{site.language}, *;q=0.5"}
    return settings
