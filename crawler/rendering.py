"""Pages built by JavaScript, for sites with `javascript = true`: fetched by Scrapy, built by Chromium, kept as both.

The browser fetches nothing. What a page's scripts ask for is fetched by Scrapy, past the same robots.txt, address
guard, size and time limits as everything else, and lies in the same WARC file: see crawler.browser for the other half.
"""

from __future__ import annotations

import importlib.util
import logging
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import NotConfigured

from archive.errors import DamagedRecord
from archive.models import Capture, Exchange
from crawler.addresses import RefusedAddress
from crawler.browser import Answer, Browser, Limits, NotRendered, Wanted
from crawler.errors import CrawlError
from crawler.extensions import CrawlRecorder, recorder_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.site import Site

logger = logging.getLogger("marbre")

BUILT_BY = "urn:marbre:built-by:chromium-"  # and its version: the `source` of a capture that a browser has built
SLOT = "subresources"  # Scrapy's name for the queue of what pages ask for; settings.DOWNLOAD_SLOTS says how fast
_PAGE_SOURCE = "page-source"
_SUBRESOURCE = "subresource"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_HTML = ("text/html", "application/xhtml+xml")
_MOST_REQUESTS = 150  # for one page
_MOST_BYTES = 8 * 1024 * 1024  # of one script or answer
_PATIENCE = 10  # seconds for one script or answer; the page as a whole has crawler.browser.Limits
_MOST_SCRIPTS = 32 * 1024 * 1024  # bytes of scripts remembered; the pages of a site share them
_FETCHED = {"script", "fetch", "xhr"}
# What changes nothing in the text is answered here: left unanswered, its `onerror` would change the page.
_PIXEL = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
_PIXEL += b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
_STAND_INS = {
    "stylesheet": Answer(headers={"content-type": "text/css", "access-control-allow-origin": "*"}),
    "image": Answer(headers={"content-type": "image/gif", "access-control-allow-origin": "*"}, body=_PIXEL),
}
# Who asks, from where and with which cookies: Scrapy's settings decide that, and none of it is a page's business.
_OURS = {"user-agent", "accept-encoding", "accept-language", "cookie", "referer", "host", "content-length"}
# Of the bytes as they crossed the wire, which the body no longer is; and what would make the browser do more.
_SPENT = {"content-encoding", "content-length", "transfer-encoding", "set-cookie", "report-to", "nel", "link"}


class NoBrowser(CrawlError):
    """Raised for a site to be rendered where that is not installed; says what to install."""


def executable(site: Site) -> str:
    """Return the path of the system's Chromium; raises NoBrowser, naming the site, if it or Playwright is missing."""
    wanted = f"site {site.name} says javascript = true"
    if not has_playwright():
        raise NoBrowser(f"{wanted}: install marbre[javascript] and Chromium")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise NoBrowser(f"{wanted}, but there is none of {', '.join(BROWSERS)}: install Chromium")
    return found


def has_playwright() -> bool:
    return importlib.util.find_spec("playwright") is not None


class SourceMiddleware:
    """Nearest to the network: names what is to be built, before it is archived, so that nothing takes it for a page."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        _site(crawler)
        return cls()

    def process_response(self, request: Request, response: Response) -> Response:
        if request.meta.get("role") == "page" and _is_html(request, response):
            request.meta["role"] = _PAGE_SOURCE
        return response


class RenderingMiddleware:
    """Has the browser build each page's DOM and archives it, as the capture that is read, beside the page's source."""

    def __init__(self, crawler: Crawler, site: Site) -> None:
        self.crawler = crawler
        self.site = site
        self.scripts: dict[str, Answer] = {}
        self.missed: set[tuple[str, str]] = set()
        limits = Limits(characters=crawler.settings.getint("DOWNLOAD_MAXSIZE"))
        self.browser = Browser(executable(site), crawler.settings["USER_AGENT"], site.language, limits)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler, _site(crawler))
        crawler.signals.connect(middleware.browser.close, signals.spider_closed)
        return middleware

    @property
    def recorder(self) -> CrawlRecorder:
        return recorder_of(self.crawler)

    def process_request(self, request: Request) -> None:
        """Refuse what a page may not ask for; here and not in `fetch`, so that redirects are judged too."""
        if request.meta.get("role") == _SUBRESOURCE and (reason := refusal(self.site, request.method, request.url)):
            raise RefusedAddress(reason)

    async def process_response(self, request: Request, response: Response) -> Response:
        if request.meta.get("role") != _PAGE_SOURCE:
            return response
        # Should building fail, its source must not be read in its stead.
        source: Capture = request.meta.pop("capture")
        supplies = _Supplies(self)
        text = await self.browser.render(response.url, self.answer(request, response), supplies.fetch)
        request.meta["capture"] = self.record(request, source, text)
        return response

    def record(self, request: Request, source: Capture, text: str) -> Capture:
        built = Exchange(
            url=source.url,
            status=200,
            headers=(("Content-Type", "text/html; charset=utf-8"),),
            body=text.encode("utf-8", "replace"),  # a script can make half a character
            captured_at=datetime.now(UTC),
            role="page",
            links=request.meta.get("links", ()),
            source=BUILT_BY + self.browser.version,
        )
        capture = self.recorder.writer.write_resource(built, refers_to=source.id)
        self.recorder.store.add_captures([capture])
        return capture

    async def supply(self, wanted: Wanted) -> Answer | None:
        """Return what a page asks for, fetched by Scrapy or remembered from another page of this crawl, or none."""
        if wanted.kind == "script" and wanted.url in self.scripts:
            return self.scripts[wanted.url]
        try:
            request = _request(wanted)
            answer = self.answer(request, await self.crawler.engine.download_async(request))
        except Exception as error:  # noqa: BLE001 - whatever it is, a page does without, as in any browser
            self.miss(wanted.url, f"{type(error).__name__}: {error}")
            return None
        if wanted.kind == "script" and answer.status == 200:
            self.remember(wanted.url, answer)
        return answer

    def answer(self, request: Request, response: Response) -> Answer:
        """Return a response as a browser is to have it; of a 304, what is archived."""
        original: Capture | None = request.meta["original"]
        if response.status != 304 or original is None:
            return Answer(response.status, _headers(response), response.body)
        headers = {name: value for name, value in self.recorder.stored_headers(original) if name not in _SPENT}
        try:
            return Answer(200, headers, self.recorder.stored_body(original))
        except DamagedRecord as error:
            raise NotRendered(str(error)) from error

    def remember(self, url: str, answer: Answer) -> None:
        if sum(len(one.body) for one in self.scripts.values()) + len(answer.body) > _MOST_SCRIPTS:
            self.scripts.clear()
        self.scripts[url] = answer

    def miss(self, url: str, why: str) -> None:
        place = urlsplit(url).netloc, why
        if place not in self.missed and len(self.missed) < 100:
            self.missed.add(place)
            logger.info("%s: pages are built without %s: %s", self.site.name, url[:200], why)


class _Supplies:
    """What one page is given: so many scripts and answers, and no more."""

    def __init__(self, middleware: RenderingMiddleware) -> None:
        self.middleware = middleware
        self.left = _MOST_REQUESTS

    async def fetch(self, wanted: Wanted) -> Answer | None:
        if wanted.kind not in _FETCHED:
            return _STAND_INS.get(wanted.kind)
        self.left -= 1
        return await self.middleware.supply(wanted) if self.left >= 0 else None


def refusal(site: Site, method: str, url: str) -> str | None:
    """Return why a page of `site` may not ask for a URL, or none; beside what every request is refused for."""
    if method not in {"GET", "HEAD"} and not (method == "POST" and site.covers(url)):
        return f"{method} to {url[:200]}: pages may ask, and POST only to their own site"
    asked, own = urlsplit(url), urlsplit(site.url)
    if site.allow_loopback and asked.hostname == own.hostname and asked.netloc != own.netloc:
        # The crawler may be sent to another port of this machine by who writes sites.toml, but not by a page.
        return f"{asked.netloc} is not public, and not {own.netloc}"
    return None


def _site(crawler: Crawler) -> Site:
    site: Site | None = getattr(crawler.spider, "site", None)
    if site is None or not site.javascript:
        raise NotConfigured
    return site


def _is_html(request: Request, response: Response) -> bool:
    original: Capture | None = request.meta["original"]
    if response.status == 304 and original:
        return original.mime in _HTML
    stated = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return response.status == 200 and stated.partition(";")[0].strip().lower() in _HTML


def _request(wanted: Wanted) -> Request:
    kept = {name: value for name, value in wanted.headers.items() if name not in _OURS and not name.startswith("sec-")}
    meta = {
        "role": _SUBRESOURCE,
        "download_slot": SLOT,
        "download_timeout": _PATIENCE,
        "download_maxsize": _MOST_BYTES,
        "dont_retry": True,
        "autothrottle_dont_adjust_delay": True,  # else the slot without a delay would be given one
        "handle_httpstatus_list": [304],
    }
    return Request(wanted.url, method=wanted.method, headers=kept, body=wanted.body, meta=meta)


def _headers(response: Response) -> Mapping[str, str]:
    pairs = ((name.decode("latin-1").lower(), values) for name, values in response.headers.items())
    return {name: ", ".join(one.decode("latin-1") for one in values) for name, values in pairs if name not in _SPENT}
