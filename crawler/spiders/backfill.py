"""The spider of a backfill: asks a web archive what it has of a site, and fetches what was picked, one by one.

One request at a time: an archive is a library, and when it asks to wait everything waits. What is left after a kill is
not in the frontier but in the difference between the archive's index and ours.
"""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlsplit

import msgspec
from scrapy import Request
from scrapy.exceptions import CloseSpider

from archive.models import Capture, Link
from crawler import mementos
from crawler.addresses import is_this_machine
from crawler.discovery import cdx
from crawler.failures import Reason, classify
from crawler.identity import user_agent
from crawler.mementos import Memento
from crawler.site import Site
from crawler.sites import load_sites
from crawler.spiders.archived import BUSY, ArchivedSpider, Options, Target, busy

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

logger = logging.getLogger("marbre")

_IN_VAIN = 5  # captures that could not be had before the archive is left alone


class Step(NamedTuple):
    """One capture to fetch: of which URL, and whether it is the last of it."""

    url: str
    memento: Memento
    link: Link
    last: bool


class BackfillSpider(ArchivedSpider):
    """Fetches one site's past: `scrapy crawl backfill -a site=NAME`, options as in `Options`."""

    name = "backfill"

    def __init__(self, site: Site, agent: str, options: Options, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.site = msgspec.structs.replace(site, javascript=False)  # what an archive has is built already, or never
        self.agent = agent
        self.options = options
        self.archive = cdx.Archive.at(options.place)
        self.home = self.archive.replay  # what a redirect must not leave
        # What is on this machine is asked only because a person has named it; no page and no redirect leads there.
        here = is_this_machine(self.home)
        self.server = msgspec.structs.replace(self.site, url=self.home, allow_loopback=here)
        self.robots: dict[str, bytes] = {}
        span = options.since, options.until
        self.targets = deque(Target(url, span) for url in options.urls or (site.url,))
        self.timemaps: deque[Target] = deque()
        self.listed: dict[Memento, str] = {}  # and the address that named it
        self.steps: deque[Step] = deque()
        self.due: list[tuple[str, str, str]] = []
        self.counts: Counter[str] = Counter()
        self.years: Counter[int] = Counter()
        self.failures: dict[str, Reason] = {}  # of the URL being fetched
        self.kept: dict[str, str] = {}  # its latest capture
        self.in_vain = 0  # captures that could not be had, one after the other

    @classmethod
    def from_crawler(cls, crawler: Crawler, **kwargs: Any) -> Self:
        sites = load_sites(Path(crawler.settings["MARBRE_SITES"]))
        options = msgspec.convert(kwargs, Options, strict=False)
        agent = user_agent(sites.contact)
        crawler.settings.setdict(_settings_of(crawler, agent, options.delay), priority="spider")
        return super().from_crawler(crawler, site=sites.named(options.site), agent=agent, options=options)

    def allows(self, url: str) -> bool:
        """Whether a request may go there: to the archive, and nowhere else."""
        return urlsplit(url).netloc == urlsplit(self.archive.replay).netloc

    def listed_all(self) -> Iterator[Capture | Request]:
        self.decide()
        yield from self.next_memento()

    def decide(self) -> None:
        """Queue what was picked and is not archived yet, each URL's captures one after the other, oldest first."""
        options, recorder = self.options, self.recorder
        picked = cdx.pick(self.listed, options.pick, since=options.since, until=options.until, covers=self.site.covers)
        found, held = [], []
        for url, captures in picked.items():
            link = Link(captures[0].url, "wayback", self.listed[captures[0]])
            found.append((url, link))
            missing = [memento for memento in captures if not recorder.holds(memento)]
            self.counts["picked"] += len(captures)
            self.counts["archived already"] += len(captures) - len(missing)
            held += [] if missing else [url]
            self.steps.extend(Step(url, memento, link, memento is missing[-1]) for memento in missing)
        recorder.discover(found, anew=True)
        recorder.settle(held, "skipped", "not_due", detail="all of its captures that were picked are archived")
        self.listed.clear()
        self.cut()

    def cut(self) -> None:
        """Leave what is beyond --limit, or everything in a dry run, for another time."""
        steps, limit = list(self.steps), self.options.limit
        if limit is not None and len(steps) > limit:
            within = {step.url for step in steps[:limit]}
            beyond = dict.fromkeys(step.url for step in steps[limit:] if step.url not in within)
            self.recorder.settle(list(beyond), "skipped", "not_due", detail=f"beyond the limit of {limit} captures")
            self.counts["beyond the limit"] = len(steps) - limit
            steps = steps[:limit]
            if steps:
                steps[-1] = steps[-1]._replace(last=True)
        self.years.update(step.memento.captured_at.year for step in steps)
        self.counts["to fetch"] = len(steps)
        self.recorder.note_due(len(steps))
        self.steps = deque(steps)
        if self.options.dry_run:
            self.due = list(_planned(steps))
            self.recorder.settle([url for url, *_ in self.due], "skipped", "dry_run", detail="due, but not fetched")
            self.steps.clear()

    def next_memento(self) -> Iterator[Request]:
        if not self.steps:
            return
        step = self.steps.popleft()
        yield Request(
            self.archive.raw(step.memento),
            callback=self.parse_memento,
            errback=self.memento_failed,
            cb_kwargs={"step": step},
            meta={
                "role": "page",
                "links": (step.link,),
                "memento": step.memento,
                "handle_httpstatus_list": list(BUSY),
            },
        )

    async def parse_memento(self, response: Response, step: Step) -> AsyncIterator[Capture | Request]:
        if response.status in BUSY:
            if again := await self.later(response):
                yield again
                return
            self.failed(step, busy(response))
        elif not response.meta["capture"].source and not self.is_held(response, step):
            self.failed(step, Reason("failed", "no_memento", f"the archive gave no capture at {response.url}"))
        self.compare(response, step.memento)
        for each in self.done(step, response.meta["capture"]):
            yield each

    def memento_failed(self, failure: Failure) -> Iterator[Capture | Request]:
        request: Request = failure.request  # type: ignore[attr-defined]
        step: Step = request.cb_kwargs["step"]
        capture: Capture | None = request.meta.get("capture")
        if capture is None or not capture.source:  # a page that Scrapy could not unpack is stored, and judged later
            self.failed(step, classify(failure))
        yield from self.done(step, capture)

    def is_held(self, response: Response, step: Step) -> bool:
        """Whether the archive gave a capture that is archived already in place of the one asked for."""
        said = [(name.decode("latin-1"), values[-1].decode("latin-1")) for name, values in response.headers.items()]
        memento = mementos.answered(step.memento, said, response.url)
        self.counts["given twice"] += memento is not None
        return memento is not None and response.status == 200

    def compare(self, response: Response, asked: Memento) -> None:
        """Say so if what came is not what the index has the digest of, packed or unpacked: the archive rewrote it."""
        capture: Capture = response.meta["capture"]
        if capture.timestamp != asked.captured_at or response.meta["intact"] or mementos.agrees(asked, response.body):
            return
        self.counts["rewritten"] += 1
        if self.counts["rewritten"] == 1:
            logger.warning("%s: %s is not what the archive's index has the digest of", self.site.name, response.url)

    def failed(self, step: Step, why: Reason) -> None:
        self.in_vain = 0 if why.reason == "no_memento" else self.in_vain + 1
        self.recorder.tally["failed"] += 1
        moment = mementos.timestamp(step.memento.captured_at)
        self.failures[step.url] = why._replace(detail=f"the capture of {moment}: {why.detail}")

    def done(self, step: Step, capture: Capture | None) -> Iterator[Capture | Request]:
        """Hand a capture on to be read, and settle its URL if it was the last, by the worst that came of any."""
        settle = self.recorder.frontier.settle
        good = capture if capture is not None and capture.source else None
        if good is not None:
            self.in_vain = 0
            self.kept[step.url] = good.id
        if step.last:
            kept = self.kept.pop(step.url, None)
            if why := self.failures.pop(step.url, None):
                settle([step.url], "failed", why.reason, detail=why.detail, capture=kept)
            elif good is None:
                settle([step.url], "unchanged", detail="the archive gave what is archived already", capture=kept)
        if good is not None:
            yield good if step.last else dataclasses.replace(good, links=())  # or the URL would be settled by it
        if self.in_vain >= _IN_VAIN:
            self.steps.clear()  # their URLs are settled as not come to
            raise CloseSpider("unreachable")
        yield from self.next_memento()


def _planned(steps: list[Step]) -> Iterator[tuple[str, str, str]]:
    """Yield (URL, reason, detail) of what a dry run would fetch."""
    days: dict[str, list[str]] = {}
    for step in steps:
        days.setdefault(step.url, []).append(f"{step.memento.captured_at:%Y-%m-%d}")
    for url, of_url in days.items():
        yield url, "picked", f"{len(of_url)} captures: {', '.join(of_url)}" if len(of_url) > 1 else f"of {of_url[0]}"


def _settings_of(crawler: Crawler, agent: str, delay: float) -> dict[str, Any]:
    codes = [int(code) for code in crawler.settings.getlist("RETRY_HTTP_CODES")]
    return {
        "USER_AGENT": agent,
        "MARBRE_DELAY": delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "RETRY_HTTP_CODES": [code for code in codes if code not in BUSY],  # Scrapy would not wait
    }
