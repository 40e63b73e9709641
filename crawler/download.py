"""Fetching one large file, a web archive somebody offers, to a disk: resumable, and from public addresses only.

Not Scrapy's work: it holds an answer in memory. The address guard is the same, and the connection is made to the very
address that was checked.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from crawler.addresses import is_public, refusal
from crawler.errors import CrawlError

_TIMEOUT = 60  # seconds without a byte
_REDIRECTS = 5
_ATTEMPTS = 5  # in a row without a byte more
_CHUNK = 1 << 20
_NAME = re.compile(r"[^A-Za-z0-9._-]+")

Progress = Callable[[int, int | None], None]  # bytes on disk, bytes in all if the server says


class DownloadFailed(CrawlError):
    """Raised for a file that could not be fetched whole; what came is kept, and the next attempt goes on."""


class _Interrupted(Exception):
    """The connection broke; it may go better next time."""


def name_of(url: str) -> str:
    """Return a file name made of the end of a URL's path, safe on any file system."""
    return _NAME.sub("_", urlsplit(url).path.rpartition("/")[2])[-100:].lstrip(".") or "download"


def partial_of(folder: Path, url: str) -> Path:
    """Return where a file is kept until it is whole: the same in every attempt."""
    return folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{name_of(url)}.part"


def download(
    url: str,
    partial: Path,
    user_agent: str,
    progress: Progress = lambda _, __: None,
    loopback_hosts: Collection[str] = (),
) -> None:
    """Fetch `url` into the file `partial`, going on where an earlier attempt stopped if the file is the same still.

    Raises DownloadFailed, saying why, for an address that is not public, an answer other than the file, or a
    connection that breaks again and again. Hosts in `loopback_hosts` may be this machine.
    """
    without_gain = 0
    while True:
        before = _size(partial)
        try:
            _attempt(url, partial, user_agent, progress, loopback_hosts)
        except (_Interrupted, OSError, http.client.HTTPException) as error:
            without_gain = 0 if _size(partial) > before else without_gain + 1
            # An error with a file name is the disk's, not the network's.
            hopeless = getattr(error, "filename", None) or isinstance(error, http.client.InvalidURL)
            if without_gain >= _ATTEMPTS or hopeless:
                raise DownloadFailed(f"{url}: {error or type(error).__name__}; run it again to go on") from error
            time.sleep(without_gain)
        else:
            _validator_file(partial).unlink(missing_ok=True)
            return


def _attempt(url: str, partial: Path, user_agent: str, progress: Progress, loopback_hosts: Collection[str]) -> None:
    headers = {"User-Agent": user_agent, "Accept-Encoding": "identity"}
    have, validator = _size(partial), _validator(partial)
    if have and validator:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator}
    connection, answer = _open(url, headers, loopback_hosts)
    try:
        if answer.status == 416:  # there is nothing behind what we have, or it is another file by now
            partial.unlink(missing_ok=True)
            raise _Interrupted("the server offers no such part")
        if answer.status not in {200, 206}:
            raise DownloadFailed(f"{url}: HTTP status {answer.status} {answer.reason}")
        begin = _begin_of(answer) if answer.status == 206 else 0
        if begin not in {0, have}:
            raise DownloadFailed(f"{url}: asked for what follows byte {have}, got what follows byte {begin}")
        _store(answer, partial, begin, progress)
    finally:
        connection.close()


def _store(answer: http.client.HTTPResponse, partial: Path, begin: int, progress: Progress) -> None:
    _validator_file(partial).write_text(_validator_of(answer), encoding="utf-8")
    total = begin + answer.length if answer.length is not None else None
    with partial.open("ab" if begin else "wb") as file:
        done = begin
        progress(done, total)
        while data := answer.read1(_CHUNK):
            file.write(data)
            done += len(data)
            progress(done, total)
    if total is not None and done != total:
        raise _Interrupted(f"the connection ended after {done:,} of {total:,} bytes")


def _open(
    url: str, headers: dict[str, str], loopback_hosts: Collection[str]
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    for _ in range(_REDIRECTS + 1):
        if reason := refusal(url, loopback_hosts):
            raise DownloadFailed(f"{url}: {reason}")
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        connection = (_Secure if secure else _Plain)(parts.hostname or "", parts.port, timeout=_TIMEOUT)
        connection.loopback = parts.hostname in loopback_hosts
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        if answer.status not in {301, 302, 303, 307, 308}:
            return connection, answer
        url = urljoin(url, answer.headers.get("Location", ""))
        connection.close()
    raise DownloadFailed(f"{url}: more than {_REDIRECTS} redirects")


class _Plain(http.client.HTTPConnection):
    """Connects to the address it has checked, not to whatever the name means a moment later."""

    loopback = False

    def connect(self) -> None:
        found: list[Any] = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        error: OSError | None = None
        for *_, address in found:
            if not (is_public(address[0]) or (self.loopback and _is_loopback(address[0]))):
                raise DownloadFailed(f"{self.host} is {address[0]}, which is not public")
            try:
                self.sock = socket.create_connection(address[:2], self.timeout)
            except OSError as failed:
                error = failed
            else:
                return
        raise error or OSError(f"{self.host} has no address")


class _Secure(_Plain):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def _begin_of(answer: http.client.HTTPResponse) -> int:
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _validator_of(answer: http.client.HTTPResponse) -> str:
    """Return what tells that the file is the same still (RFC 9110, 13.1.5: a weak one does not); empty if nothing."""
    tag = answer.headers.get("ETag", "")
    return tag if tag.startswith('"') else answer.headers.get("Last-Modified", "")


def _validator(partial: Path) -> str:
    with suppress(FileNotFoundError):
        return _validator_file(partial).read_text(encoding="utf-8")
    return ""


def _validator_file(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.validator")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
