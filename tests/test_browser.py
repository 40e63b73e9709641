"""The browser by itself: what its pages build, what they cannot reach, and what they cannot do to it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Self

import pytest

from crawler import browser, rendering
from crawler.browser import Answer, Browser, Limits, NotRendered, Wanted
from tests.conftest import REQUIRED

CHROMIUM = next(filter(None, map(shutil.which, rendering.BROWSERS)), "")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and rendering.has_playwright()) and not REQUIRED, reason="needs Chromium and marbre[javascript]"
)
HTML = Answer(headers={"content-type": "text/html; charset=utf-8"})

# Every way out of a page that we know of, to the URLs `there`; `port` listens for TCP and UDP.
ESCAPES = r"""
const add = (tag, how, where) => (where || document.body).append(Object.assign(document.createElement(tag), how));
const click = (how) => { add("a", how); document.body.lastChild.click(); };
const blob = (code) => URL.createObjectURL(new Blob([code]));
const ways = [];
for (const url of there) {
  ways.push(() => fetch(url, {mode: "no-cors"}), () => fetch(url, {method: "POST", body: "x", keepalive: true}));
  ways.push(() => { const x = new XMLHttpRequest(); x.open("GET", url); x.send(); });
  ways.push(() => navigator.sendBeacon(url, "x"), () => new EventSource(url), () => window.open(url));
  for (const tag of ["script", "iframe", "img", "embed", "video", "audio"]) ways.push(() => add(tag, {src: url}));
  ways.push(() => add("object", {data: url}), () => add("script", {type: "module", textContent: `import "${url}"`}));
  for (const rel of ["preconnect", "dns-prefetch", "prefetch", "preload", "prerender", "modulepreload", "icon",
                     "stylesheet", "manifest"])
    ways.push(() => add("link", {rel, href: url, as: "script"}, document.head));
  ways.push(() => add("iframe", {srcdoc: `<script>fetch("${url}")</` + `script><img src="${url}">`}));
  ways.push(() => { add("form", {action: url, target: "_blank", method: "post", id: "f"}); f.submit(); });
  ways.push(() => click({href: url, ping: url, target: "_blank"}), () => click({href: url, download: "x"}));
  const list = [{source: "list", urls: [url]}];
  const rules = JSON.stringify({prefetch: list, prerender: list});
  ways.push(() => add("script", {type: "speculationrules", textContent: rules}));
  for (const code of [`importScripts("${url}")`, `fetch("${url}")`, `new WebSocket("ws://127.0.0.1:${port}/")`])
    ways.push(() => new Worker(blob(code)), () => new SharedWorker(blob(code)));
  ways.push(() => setTimeout(() => { location.href = url; }, 300));
}
for (const scheme of ["ws", "wss"]) ways.push(() => new WebSocket(`${scheme}://127.0.0.1:${port}/`));
ways.push(() => new WebTransport(`https://127.0.0.1:${port}/`));
ways.push(() => navigator.serviceWorker.register("/worker.js"));
ways.push(() => {
  const servers = [{urls: `stun:127.0.0.1:${port}`},
                   {urls: `turn:127.0.0.1:${port}?transport=tcp`, username: "a", credential: "b"}];
  const peer = new RTCPeerConnection({iceServers: servers});
  peer.createDataChannel("x");
  peer.createOffer().then(offer => peer.setLocalDescription(offer));
});
const refused = () => {};
addEventListener("unhandledrejection", event => event.preventDefault());
for (const way of ways) try { way(); } catch { refused(); }
fetch("/done").then(() => document.body.append("done"));
"""


class Listener:
    """A port of this machine that counts who comes by, over TCP and UDP."""

    def __enter__(self) -> Self:
        self.seen: list[bytes] = []
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.threads = [threading.Thread(target=self._accept), threading.Thread(target=self._receive)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.tcp.shutdown(socket.SHUT_RDWR)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.udp.getsockname())
        for thread in self.threads:
            thread.join()
        self.tcp.close()
        self.udp.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            connection.close()
            self.seen.append(b"tcp")

    def _receive(self) -> None:
        while said := self.udp.recv(1500):
            self.seen.append(said)

    @property
    def urls(self) -> list[str]:
        """Addresses of this listener in several spellings, and what else is no page's business."""
        urls = [f"http://127.0.0.1:{self.port}/", f"http://localhost:{self.port}/", f"http://2130706433:{self.port}/"]
        urls += [f"https://127.0.0.1:{self.port}/", "http://169.254.169.254/", "file:///etc/passwd"]
        return urls

    @property
    def script(self) -> str:
        return f"const port = {self.port}, there = {self.urls};" + ESCAPES


def built(html: str, answers: dict[str, str] | None = None, limits: Limits | None = None, url: str = "") -> str:
    return in_browser(lambda one: render(one, html, answers or {}, url or "https://paper.test/1"), limits)


def in_browser(do: Callable[[Browser], Awaitable[str]], limits: Limits | None = None) -> str:
    async def main() -> str:
        one = Browser(CHROMIUM, "marbre/test", "fr", limits)
        try:
            return await do(one)
        finally:
            await one.close()

    return asyncio.run(main())


async def render(one: Browser, html: str, answers: dict[str, str], url: str = "https://paper.test/1") -> str:
    async def fetch(wanted: Wanted) -> Answer | None:
        known = answers.get(wanted.url.removeprefix("https://paper.test").removeprefix("http://paper.test"))
        return None if known is None else Answer(headers={"content-type": "text/javascript"}, body=known.encode())

    return await one.render(url, Answer(headers=HTML.headers, body=html.encode()), fetch)


def test_a_script_builds_the_page() -> None:
    script = (
        'fetch("/data").then(a => a.text()).then(t => { document.body.innerHTML = `<p>${t} ${navigator.language}`; })'
    )
    text = built('<!DOCTYPE html><body><script src="/app.js"></script>', {"/app.js": script, "/data": "l’été"})
    assert text == "<!DOCTYPE html><html><head></head><body><p>l’été fr</p></body></html>"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_page_gets_out(scheme: str) -> None:
    with Listener() as listener:
        script = {"/app.js": listener.script, "/done": ""}
        text = built('<body><script src="/app.js"></script>', script, url=f"{scheme}://paper.test/1")
        assert "done" in text
        assert "root:" not in text
        assert listener.seen == []


class _Careless(browser._Guard):
    """Lets the browser fetch everything by itself, but for the page and its script."""

    async def answer(self, route: Any, request: Any) -> None:
        if "paper.test" in request.url:
            await super().answer(route, request)
        else:
            await route.continue_()


def test_nor_does_one_that_the_guard_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_Guard", _Careless)
    with Listener() as listener:
        try_out(listener)
        assert listener.seen == []


@pytest.mark.parametrize("guarded", [False, True])
def test_the_listener_would_notice(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser with a network does reach it, and even one whose every request is asked of us."""
    monkeypatch.setattr(browser, "_NO_NETWORK", ())
    if not guarded:
        monkeypatch.setattr(browser, "_Guard", _Careless)
    with Listener() as listener:
        try_out(listener)
        assert b"tcp" in listener.seen
        assert not guarded or any(said.startswith(b"\x00\x01") for said in listener.seen), "no STUN request (RFC 8489)"


def try_out(listener: Listener) -> None:
    with contextlib.suppress(NotRendered):  # it did get away
        built(
            '<body><script src="/app.js"></script>',
            {"/app.js": listener.script, "/done": ""},
            url="http://paper.test/1",
        )


QUICK = Limits(seconds=8, settling=2, characters=100_000)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("for (;;) {}", "not built within 8 seconds"),
        ('document.body.append("x".repeat(2e6))', "the page has grown past 100000 characters"),
        ('setTimeout(() => { location.href = "about:blank" }, 100)', "the page left its site for about:blank"),
        ("for (const all = [];;) all.push(new Array(1e6).fill(0))", "not built within|crashed"),
    ],
)
def test_a_page_that_does_not_behave_costs_that_page_only(script: str, why: str) -> None:
    async def both(one: Browser) -> str:
        with pytest.raises(NotRendered, match=why):
            await render(one, f"<body><script>{script}</script>", {})
        return await render(one, "<body><script>document.body.append(1 + 1)</script>", {})

    assert in_browser(both, QUICK).endswith("2</body></html>")


RESTLESS = (
    "setInterval(() => fetch('/again'), 100)",
    "location.href = 'https://elsewhere.test/'",
    "location.reload()",
    "window.stop()",
    "alert(1)",
    "Object.defineProperty(Element.prototype, 'outerHTML', {get: () => 'a lie'})",
    "history.pushState(null, '', '/2')",
)


def test_a_page_is_taken_as_it_is() -> None:
    async def each(one: Browser) -> str:
        for script in RESTLESS:
            text = await render(one, f"<body><p>text</p><script>{script}</script>", {"/again": ""})
            assert text.startswith("<html><head></head><body><p>text</p><script>"), script
        return ""

    in_browser(each, QUICK)


def test_a_browser_that_has_died_is_started_again() -> None:
    from playwright.async_api import Error

    async def after_its_death(one: Browser) -> str:
        await render(one, "<p>first", {})
        assert one._chromium
        session = await one._chromium.new_browser_cdp_session()
        with contextlib.suppress(Error):  # it dies before it can answer
            await session.send("Browser.crash")
        return await render(one, "<p>second", {})

    assert "second" in in_browser(after_its_death)


def test_no_page_knows_of_another() -> None:
    script = "document.cookie = 'a=1'; document.body.append(`seen: ${localStorage.a}`); localStorage.a = 1"

    async def twice(one: Browser) -> str:
        await render(one, f"<body><script>{script}</script>", {})
        return await render(one, f"<body><script>{script}</script>", {})

    assert "seen: undefined" in in_browser(twice)


def test_a_browser_that_does_not_start_says_so() -> None:
    async def start(one: Browser) -> str:
        one.executable = "/bin/false"
        with pytest.raises(NotRendered, match="/bin/false"):
            await render(one, "<p>", {})
        return ""

    in_browser(start)
