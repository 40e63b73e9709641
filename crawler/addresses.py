"""The address guard: the crawler connects to public addresses only, whatever a page, a redirect or a DNS answer says.

Two layers. The resolver checks every address that a connection is about to be made to, so that a name cannot be
checked as one address and connected to as another; the middleware refuses sooner, before robots.txt is asked for and
before anything is tried again, and says why.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingHostnameResolver
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet._resolver import GAIResolver
from twisted.internet.defer import Deferred

from crawler.errors import CrawlError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from ipaddress import IPv4Address, IPv6Address

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase

    from crawler.site import Site

_PORTS = {80, 443, 8080, 8443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")  # RFC 8215; older Pythons think it public
_COMPATIBLE = ipaddress.ip_network("::/96")  # RFC 4291 2.5.5.1, deprecated


_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class NoSuchHost(CrawlError, IgnoreRequest):
    """Raised for a request to a host that does not exist (NXDOMAIN, or no address): asking again soon is of no use."""


class RefusedAddress(CrawlError, IgnoreRequest):
    """Raised for a request to what is no public address, or in a way no publisher uses; nothing was sent."""


def is_public(address: str) -> bool:
    """Whether an IPv4 or IPv6 address belongs to the public internet, and so does every address wrapped in it."""
    return all(_is_plainly_public(one) for one in _unwrapped(ipaddress.ip_address(address)))


def _is_plainly_public(address: IPv4Address | IPv6Address) -> bool:
    # is_global alone is true of multicast, of fec0::/10 and of some reserved ranges.
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_private
    local = getattr(address, "is_site_local", False) or address in _LOCAL_NAT64
    return address.is_global and not (special or local)


def _unwrapped(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """Yield the IPv4 addresses an IPv6 address stands for, and itself unless it only stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
    elif address.ipv4_mapped:
        yield address.ipv4_mapped
    elif address in _NAT64 or address in _COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    else:
        yield address
        yield from filter(None, (address.sixtofour, *(address.teredo or ())))


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's resolver of IPv4 and IPv6, with a time limit, which gives no address that is not public.

    A host of the setting MARBRE_LOOPBACK_HOSTS may have loopback addresses, and no other private ones. Of several
    addresses the others are left out; a connection is made to one that was checked, and answers from the cache are
    checked like fresh ones.
    """

    loopback_hosts: frozenset[str] = frozenset()
    seconds: float = 60
    unknown: frozenset[str] = frozenset()  # hosts that the name servers say do not exist, as last asked

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        resolver.loopback_hosts = frozenset(crawler.settings.getlist("MARBRE_LOOPBACK_HOSTS"))
        resolver.seconds = crawler.settings.getfloat("DNS_TIMEOUT")
        # Twisted's own, which makes "there is no such host" and "no name server answers" one and the same.
        resolver.original_resolver = cast("Any", GAIResolver)(reactor, getaddrinfo=resolver.look_up)
        return resolver

    def look_up(self, host: Any, *args: Any) -> Any:
        """Ask the system as `socket.getaddrinfo` does, in a thread, and keep whether there is such a host."""
        try:
            found = socket.getaddrinfo(host, *args)
        except socket.gaierror as error:
            self.unknown = (self.unknown | {host}) if error.errno in _NO_SUCH_HOST else (self.unknown - {host})
            raise
        self.unknown -= {host}
        return found

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *args: Any, **kwargs: Any) -> Any:  # noqa: N802, N803
        def is_allowed(address: str) -> bool:
            return _refused(hostName.lower(), address, self.loopback_hosts) is None

        return self._resolve(_Checked(resolutionReceiver, is_allowed), hostName, *args, **kwargs)

    async def addresses(self, host: str) -> list[str]:
        """Return every address that a host has now, of whatever kind; none if it has none, or not in time."""
        found: list[str] = []
        done: Deferred[None] = Deferred()
        self._resolve(_Gathered(found, done), host)
        await maybe_deferred_to_future(done)
        return found

    def _resolve(self, receiver: _Once, host: str, *args: Any, **kwargs: Any) -> Any:
        receiver.timer = self.reactor.callLater(self.seconds, receiver.resolutionComplete)
        return super().resolveHostName(cast("Any", receiver), host, *args, **kwargs)


class _Once:
    """Twisted's IResolutionReceiver: what comes after the end, be it that of our patience, is not heard."""

    timer: Any = None
    ended = False

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if not self.ended:
            self.take(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self.ended:
            return
        self.ended = True
        if self.timer.active():
            self.timer.cancel()
        self.end()

    def take(self, address: Any) -> None:
        raise NotImplementedError

    def end(self) -> None:
        raise NotImplementedError


class _Checked(_Once):
    """Hands on to `receiver` what is allowed."""

    def __init__(self, receiver: Any, is_allowed: Callable[[str], bool]) -> None:
        self.receiver = receiver
        self.is_allowed = is_allowed

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self.receiver.resolutionBegan(resolution)

    def take(self, address: Any) -> None:
        if self.is_allowed(address.host):
            self.receiver.addressResolved(address)

    def end(self) -> None:
        self.receiver.resolutionComplete()


class _Gathered(_Once):
    def __init__(self, found: list[str], done: Deferred[None]) -> None:
        self.found = found
        self.done = done

    def take(self, address: Any) -> None:
        self.found.append(address.host)

    def end(self) -> None:
        self.done.callback(None)


class AddressMiddleware:
    """Refuses what no publisher's address looks like: another scheme or port, a password, an address not public."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.loopback_hosts = frozenset(crawler.settings.getlist("MARBRE_LOOPBACK_HOSTS"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        spider = self.crawler.spider
        site: Site | None = getattr(spider, "server", getattr(spider, "site", None))  # a backfill asks an archive
        hosts = self.loopback_hosts if site is None else self.loopback_hosts & _own_hosts(site)
        reason = refusal(request.url, hosts, _PORTS | _own_ports(site)) or await _resolved_refusal(request.url, hosts)
        if reason:
            raise RefusedAddress(reason)
        if is_unknown(urlsplit(request.url).hostname or ""):
            raise NoSuchHost(f"there is no host {urlsplit(request.url).hostname}")


def refusal(url: str, loopback_hosts: Collection[str] = (), ports: Collection[int] = frozenset(_PORTS)) -> str | None:
    """Return why a URL is not to be fetched, as far as its text tells, or none.

    A host of `loopback_hosts` may be this machine, at any port.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        return f"not a URL: {error}"
    if parts.scheme not in {"http", "https"} or not host:
        return "not an http:// or https:// URL"
    if "@" in parts.netloc:
        return "a URL with a name or password in it"
    if port is not None and port not in ports and host not in loopback_hosts:
        return f"port {port} is not one that news sites are served from"
    address = _literal(host)
    return address and _refused(host, address, loopback_hosts)


def _refused(host: str, address: str, loopback_hosts: Collection[str]) -> str | None:
    if is_public(address) or (host in loopback_hosts and ipaddress.ip_address(address).is_loopback):
        return None
    return f"{host} is not a public address" if host == address else f"{host} is {address}, which is not public"


def _literal(host: str) -> str | None:
    """The address that a host is, in any spelling the system's resolver knows (127.1, 0x7f000001); none for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass  # not the usual spelling; perhaps one of C's
    try:
        return socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
    except (OSError, UnicodeError):
        return None


def is_this_machine(url: str) -> bool:
    """Whether a URL names this machine itself, and not by a name that somebody else's DNS could give it."""
    host = urlsplit(url).hostname or ""
    address = _literal(host)
    return host == "localhost" or (address is not None and ipaddress.ip_address(address).is_loopback)


def is_unknown(host: str) -> bool:
    """Whether the name servers said, when last asked, that there is no such host."""
    from twisted.internet import reactor  # the one Scrapy has installed by now

    resolver = cast("Any", reactor).nameResolver
    return isinstance(resolver, GuardedResolver) and host in resolver.unknown


async def _resolved_refusal(url: str, loopback_hosts: Collection[str]) -> str | None:
    """Return why none of the addresses that a URL's host has now is to be connected to; None if one is, or it has none.

    The resolver allows what any site of this process may reach; `loopback_hosts` is what this one may.
    """
    from twisted.internet import reactor  # the one Scrapy has installed by now

    resolver = cast("Any", reactor).nameResolver
    host = urlsplit(url).hostname or ""
    if _literal(host) or not isinstance(resolver, GuardedResolver):
        return None
    reasons = [_refused(host, address, loopback_hosts) for address in await resolver.addresses(host)]
    # A host without an address the downloader will find, too, and Scrapy knows when to try again.
    return reasons[0] if reasons and all(reasons) else None


def _own_hosts(site: Site) -> set[str]:
    return {urlsplit(site.url).hostname or ""} if site.allow_loopback else set()


def _own_ports(site: Site | None) -> set[int]:
    port = urlsplit(site.url).port if site else None
    return {port} if port else set()
