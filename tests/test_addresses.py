"""The address guard: what is public, and real crawls that must not reach a listener on this machine."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses import is_public, refusal

SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.255.255.254",
    "0.0.0.0",
    "0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[::127.0.0.1]",
    "localhost",
    "LOCALHOST",
    "127。0。0。1",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.0.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
        "64:ff9b:1::5db8:d822", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "100::1",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_never_makes_it_public(address: Any) -> None:
    number = int(address)
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1"):
        assert is_public(str(address)) or not is_public(wrapped)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://gazette.example/", "not an http:// or https:// URL"),
        ("file:///etc/passwd", "not an http:// or https:// URL"),
        ("javascript:alert(1)", "not an http:// or https:// URL"),
        ("http:///x", "not an http:// or https:// URL"),
        ("http://a:b@gazette.example/", "a URL with a name or password in it"),
        ("http://@gazette.example/", "a URL with a name or password in it"),
        ("http://gazette.example:22/", "port 22 is not one that news sites are served from"),
        ("http://gazette.example:99999/", "not a URL: Port out of range 0-65535"),
        ("http://[/", "not a URL: Invalid IPv6 URL"),
        ("http://10.0.0.1/", "10.0.0.1 is not a public address"),
        ("http://0x7f.1/", "0x7f.1 is 127.0.0.1, which is not public"),
        ("http://own.example:8001/", None),
        ("http://127.0.0.9:8001/", None),
        ("http://10.0.0.9/", "10.0.0.9 is not a public address"),
        ("https://gazette.example:8443/", None),
        ("http://93.184.216.34/", None),
    ],
)
def test_refusals(url: str, reason: str | None) -> None:
    assert refusal(url, {"own.example", "127.0.0.9", "10.0.0.9"}) == reason


@given(st.text() | st.text(alphabet="htps:/@.[]%019xaf").map("http://{}".format))
def test_any_text_is_judged(url: str) -> None:
    refusal(url)


SPIDER = """
import json, socket, sys

given = json.load(sys.stdin)
system = socket.getaddrinfo

def getaddrinfo(host, *args, **kwargs):
    told = given["names"].get(host)
    if told is None:
        return system(host, *args, **kwargs)
    addresses = told.pop(0) if len(told) > 1 else told[0]
    return [found for address in addresses for found in system(address, *args, **kwargs)]

socket.getaddrinfo = getaddrinfo

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.resolver import dnscache
from twisted.internet.address import IPv4Address
from crawler.site import Site

results = {}

class Probe(Spider):
    name = "probe"
    site = Site(**given["site"]) if given["site"] else None

    async def start(self):
        for name, address in given["cached"].items():
            dnscache[name] = [IPv4Address("TCP", address, 0)]
        for url in given["urls"]:
            yield Request(url, callback=self.came, errback=self.failed, meta={"url": url}, dont_filter=True)

    def came(self, response):
        results[response.meta["url"]] = [str(response.status), ""]

    def failed(self, failure):
        results[failure.request.meta["url"]] = [type(failure.value).__name__, str(failure.value)]

process = CrawlerProcess({
    "TWISTED_DNS_RESOLVER": "crawler.addresses.GuardedResolver",
    "DOWNLOADER_MIDDLEWARES": {"crawler.addresses.AddressMiddleware": 60} if given["middleware"] else {},
    "MARBRE_LOOPBACK_HOSTS": given["loopback_hosts"],
    "RETRY_TIMES": 1, "DOWNLOAD_TIMEOUT": given["timeout"], "DNSCACHE_ENABLED": given["cache"],
    "DNS_TIMEOUT": 10, "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "WARNING",
    "REMOTE_CONTROL_ENABLED": False, "HTTPPROXY_ENABLED": False, "DOWNLOAD_DELAY": 0,
})
process.crawl(Probe)
process.start()
print(json.dumps(results))
"""


class Listener:
    """Counts the connections made to a port of this machine, and answers each with a page or a redirect."""

    def __init__(self, location: str = "", address: str = "127.0.0.1") -> None:
        self.connections = 0
        self.location = location
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.create_server((address, 0), family=family)
        self.port: int = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        head = f"302 Found\r\nLocation: {self.location}" if self.location else "200 OK"
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:  # closed: the test is over
                return
            self.connections += 1
            with connection:
                connection.settimeout(10)
                connection.recv(65536)
                connection.sendall(f"HTTP/1.1 {head}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".encode())

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def crawl(urls: list[str], *, middleware: bool = True, **given: Any) -> dict[str, list[str]]:
    """Fetch each URL with the real Scrapy; returns the status, or class and text of the error, for each."""
    document = {"urls": urls, "middleware": middleware, "site": None, "cached": {}, "names": {}, "loopback_hosts": []}
    document |= {"timeout": 20, "cache": True} | given
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SPIDER)],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    results: dict[str, list[str]] = json.loads(ran.stdout)
    assert set(results) == set(urls), ran.stderr
    assert "while looking up" not in ran.stderr  # Twisted's complaint about a resolver's unexpected error
    return results


def test_no_spelling_of_this_machine_is_reached(listener: Listener) -> None:
    urls = [f"http://{host}:{listener.port}/" for host in SPELLINGS]
    site = {"name": "gazette", "url": f"http://gazette.example:{listener.port}/"}  # or the port alone would do it
    results = crawl(urls, site=site)
    assert {name for name, _ in results.values()} == {"RefusedAddress"}, results
    assert all(text for _, text in results.values())
    assert listener.connections == 0


def test_the_resolver_holds_alone(listener: Listener) -> None:
    results = crawl([f"http://{host}:{listener.port}/" for host in SPELLINGS], middleware=False)
    assert all("Resolve" in name or name == "ValueError" for name, _ in results.values()), results
    assert listener.connections == 0


def test_a_name_in_the_cache_is_checked_again(listener: Listener) -> None:
    url = f"http://rebound.example:{listener.port}/"
    site = {"name": "rebound", "url": url}
    cached = {"rebound.example": "127.0.0.1"}
    refused = ["RefusedAddress", "rebound.example is 127.0.0.1, which is not public"]
    assert crawl([url], site=site, cached=cached) == {url: refused}
    assert crawl([url], middleware=False, cached=cached)[url][0] == "CannotResolveHostError"
    assert listener.connections == 0


PUBLIC = "93.184.216.34"


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("middleware", [True, False])
def test_a_name_that_changes_its_address_leads_to_one_that_was_checked(
    listener: Listener, middleware: bool, cache: bool
) -> None:
    """Public when it is checked, this machine when it is connected to; and both at once, in either order."""
    names = {
        "rebound.example": [[PUBLIC], ["127.0.0.1"]],
        "mixed.example": [[PUBLIC, "127.0.0.1", "::1", "::ffff:127.0.0.1"]],
        "mixed-too.example": [["127.0.0.1", "10.0.0.1", PUBLIC]],
    }
    site = {"name": "rebound", "url": f"http://rebound.example:{listener.port}/"}
    urls = [f"http://{name}:{listener.port}/" for name in names]
    ended = crawl(urls, middleware=middleware, site=site, names=names, cache=cache, timeout=2)
    assert all(status != "200" for status, _ in ended.values()), ended
    assert listener.connections == 0


def test_a_host_with_an_address_of_the_new_kind_only_is_reached() -> None:
    listener = Listener(address="::1")
    try:
        url = f"http://own.example:{listener.port}/"
        own = {"name": "own", "url": url, "allow_loopback": True}
        for address, expected in (("::1", "200"), ("fc00::1", "RefusedAddress")):
            names = {"own.example": [[address]]}
            assert crawl([url], names=names, site=own, loopback_hosts=["own.example"])[url][0] == expected
        assert listener.connections == 1
    finally:
        listener.close()


def test_a_site_on_this_machine_is_reached_by_itself_only(listener: Listener) -> None:
    urls = [f"http://{host}:{listener.port}/" for host in ("127.0.0.1", "localhost", "127.0.0.2")]
    own = {"name": "own", "url": urls[0], "allow_loopback": True}
    hosts = ["127.0.0.1", "localhost"]
    ended = crawl(urls, site=own, loopback_hosts=hosts)
    assert [ended[url][0] for url in urls] == ["200", "RefusedAddress", "RefusedAddress"]
    assert listener.connections == 1
    other = {"name": "gazette", "url": f"http://gazette.example:{listener.port}/"}
    assert {name for name, _ in crawl(urls, site=other, loopback_hosts=hosts).values()} == {"RefusedAddress"}
    assert listener.connections == 1
    ended = crawl(urls, loopback_hosts=hosts)  # a spider without a site: the setting alone
    assert [ended[url][0] for url in urls] == ["200", "200", "RefusedAddress"]


def test_an_allowed_host_may_only_be_loopback(listener: Listener) -> None:
    url = f"http://own.example:{listener.port}/"
    site = {"name": "own", "url": url, "allow_loopback": True}
    hosts = ["own.example"]
    ended = {
        address: crawl([url], site=site, loopback_hosts=hosts, cached={"own.example": address})[url]
        for address in ("127.0.0.1", "10.0.0.1")
    }
    assert ended["127.0.0.1"][0] == "200"
    assert ended["10.0.0.1"] == ["RefusedAddress", "own.example is 10.0.0.1, which is not public"]
    assert listener.connections == 1


@pytest.mark.parametrize("host", ["127.1", "localhost", "[::ffff:127.0.0.1]"])
def test_a_redirect_does_not_lead_there(listener: Listener, host: str) -> None:
    gate = Listener(location=f"http://{host}:{listener.port}/secret")
    try:
        url = f"http://127.0.0.1:{gate.port}/"
        results = crawl([url], site={"name": "own", "url": url, "allow_loopback": True}, loopback_hosts=["127.0.0.1"])
        assert results[url][0] == "RefusedAddress"
        assert (gate.connections, listener.connections) == (1, 0)
    finally:
        gate.close()
