"""Chromium, building one page at a time, without a network of its own.

Playwright can hand every request of a page to us, but not quite every one: WebSockets, WebRTC and some requests of
workers pass it by. So the browser is started with nowhere to connect to, and what a page gets, it gets from `Fetch`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.errors import CrawlError

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, Page, Playwright, Request, Route

logger = logging.getLogger("marbre")

# A proxy whose name means nothing, and no name or address means anything: each alone leaves nowhere to connect to.
_NO_NETWORK = (
    "--proxy-server=socks5://nowhere.invalid:1",
    "--proxy-bypass-list=<-loopback>",  # Chromium goes to this machine past every proxy otherwise
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # WebRTC would go past the proxy
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in older versions
    "--disable-quic",
    "--dns-prefetch-disable",
)
_SMALL = (
    "--no-pings",
    "--block-new-web-contents",  # no second window
    "--js-flags=--max-old-space-size=512",  # MiB of JavaScript's objects for a page
)
_PAGES = 2  # built at a time
_CLOSING = 5.0  # seconds for a page to close; after that the browser is ended
# Runs in a world of its own, where a page's scripts cannot have replaced what it calls.
_DOM = """(() => {
  const type = document.doctype ? `<!DOCTYPE ${document.doctype.name}>` : "";
  const text = type + (document.documentElement ? document.documentElement.outerHTML : "");
  return text.length > %d ? null : text;
})()"""


class NotRendered(CrawlError):
    """Raised for a page that the browser did not finish, with why; the browser is ready for the next."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request of a page: `kind` is Playwright's resource type ("script", "fetch", ...); header names are lower."""

    url: str
    method: str
    kind: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page is given for a request; `body` has its Content-Encoding undone."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Fetch = Callable[[Wanted], Awaitable[Answer | None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """For one page: seconds in all, seconds to wait for it to fall silent once loaded, characters of its DOM."""

    seconds: float = 30.0
    settling: float = 10.0
    characters: int = 16 * 1024 * 1024


class Browser:
    """One Chromium, started when first needed and again if it has died; for one event loop."""

    def __init__(self, executable: str, agent: str, language: str | None = None, limits: Limits | None = None) -> None:
        self.executable = executable
        self.agent = agent
        self.language = language
        self.limits = limits or Limits()
        self.version = ""
        self._driver: Playwright | None = None
        self._chromium: Chromium | None = None
        self._starting = asyncio.Lock()
        self._room = asyncio.Semaphore(_PAGES)

    async def render(self, url: str, document: Answer, fetch: Fetch) -> str:
        """Return the DOM, as HTML, that a page's scripts have built of `document`; `fetch` answers what they ask for.

        Raises NotRendered if the page takes too long, grows too large or leaves its site, or the browser dies of it.
        """
        from playwright.async_api import Error

        async with self._room:
            try:
                chromium = await self._running()
                async with asyncio.timeout(self.limits.seconds), self._context(chromium) as context:
                    return await self._built(context, url, document, fetch)
            except TimeoutError:
                raise NotRendered(f"not built within {self.limits.seconds:g} seconds") from None
            except Error as error:
                raise NotRendered(f"the browser says: {error.message.partition(chr(10))[0]}") from error

    async def close(self) -> None:
        """End the browser; it is started again by the next `render`."""
        driver, self._driver, self._chromium = self._driver, None, None
        if driver:
            with suppress(Exception):  # it may be dead already, which is what is wanted
                await driver.stop()

    async def _built(self, context: BrowserContext, url: str, document: Answer, fetch: Fetch) -> str:
        from playwright.async_api import TimeoutError as StillBusy

        page = await context.new_page()
        await context.route("**/*", _Guard(document, fetch).answer)
        # Not "load": it never comes to a page that stopped loading, or tried to go elsewhere, by its own script.
        await page.goto(url, wait_until="commit", timeout=self.limits.seconds * 1000)
        with suppress(StillBusy):  # one that asks for something for ever is taken as it is
            await page.wait_for_load_state("networkidle", timeout=self.limits.settling * 1000)
        if urlsplit(page.url)[:2] != urlsplit(url)[:2]:
            raise NotRendered(f"the page left its site for {page.url[:200]}")
        return await self._dom(context, page)

    async def _dom(self, context: BrowserContext, page: Page) -> str:
        session = await context.new_cdp_session(page)
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = (await session.send("Page.createIsolatedWorld", {"frameId": frame}))["executionContextId"]
        asked = {"contextId": world, "expression": _DOM % self.limits.characters, "returnByValue": True}
        text: str | None = (await session.send("Runtime.evaluate", asked))["result"].get("value")
        if text is None:
            raise NotRendered(f"the page has grown past {self.limits.characters} characters")
        return text

    @asynccontextmanager
    async def _context(self, chromium: Chromium) -> AsyncIterator[BrowserContext]:
        """Yield a profile without a past: no cookies, no storage, no cache, no service workers, no downloads."""
        context = await chromium.new_context(
            user_agent=self.agent, locale=self.language, service_workers="block", accept_downloads=False
        )
        try:
            yield context
        finally:
            await self._closed(context)

    async def _closed(self, context: BrowserContext) -> None:
        from playwright.async_api import Error

        try:
            await asyncio.wait_for(context.close(), _CLOSING)
        except (TimeoutError, Error):
            logger.warning("Chromium does not let go of a page; ending it and starting another")
            await self.close()

    async def _running(self) -> Chromium:
        async with self._starting:
            if self._chromium is None or not self._chromium.is_connected():
                await self.close()
                self._chromium = await self._started()
                self.version = self._chromium.version
            return self._chromium

    async def _started(self) -> Chromium:
        from playwright.async_api import Error, async_playwright

        self._driver = await async_playwright().start()
        try:
            return await self._driver.chromium.launch(
                executable_path=self.executable,
                headless=True,
                args=[*_NO_NETWORK, *_SMALL],
                chromium_sandbox=os.geteuid() != 0,  # Chromium does not start as root with its sandbox
                handle_sigint=False,  # the first Ctrl-C lets the pages in hand be finished
            )
        except Error as error:
            said = [line for line in error.message.splitlines() if "FATAL" in line or "sandbox!" in line]
            raise NotRendered(": ".join([f"{self.executable} does not start", *said[:1]])) from error


class _Guard:
    """Answers the requests of one page: its document once, and what `fetch` gives."""

    def __init__(self, document: Answer, fetch: Fetch) -> None:
        self.document: Answer | None = document
        self.fetch = fetch

    async def answer(self, route: Route, request: Request) -> None:
        from playwright.async_api import Error

        given = self._next_document() if request.is_navigation_request() else await self.fetch(_wanted(request))
        with suppress(Error):  # the page has gone: nobody waits for this answer
            if given is None:
                await route.abort("aborted")  # by any other name, a page kept from leaving is replaced by an error page
            else:
                await route.fulfill(status=given.status, headers=dict(given.headers), body=given.body)

    def _next_document(self) -> Answer | None:
        # Every later one is a frame, another window, or a page that its own script wants to leave.
        document, self.document = self.document, None
        return document


def _wanted(request: Request) -> Wanted:
    headers: Mapping[str, Any] = request.headers
    return Wanted(request.url, request.method, request.resource_type, headers, request.post_data_buffer or b"")
