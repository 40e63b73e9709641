"""Mementos: what a web archive kept of a page, and how to tell the page's own headers from the archive's.

Memento is RFC 7089; `X-Archive-Orig-` is how the Wayback Machine hands on the headers it once received.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from archive.urls import canonicalise, urlkey

Headers = Sequence[tuple[str, str]]

_SHA1 = re.compile(r"[A-Z2-7]{32}")

_ORIGINAL = "x-archive-orig-"
_REPLAY = re.compile(r"/([0-9]{14})(?:[a-z]{2}_)?/(https?:.*)?", re.IGNORECASE | re.DOTALL)
_GZIP = b"\x1f\x8b"
# What the archive's own server says of itself and of this answer, not what the page's server once said.
_ARCHIVES = frozenset(
    [
        "memento-datetime",
        "link",
        "server-timing",
        "x-ts",
        "x-tr",
        "x-location",
        "x-rl",
        "x-na",
        "x-nid",
        "x-app-server",
        "x-cache-key",
        "x-page-cache",
        "set-cookie",
        "x-servername",
        "x-preserved-from",
        "preference-applied",
    ]
)
# Of one connection, not of the page (RFC 9110, 7.6.1); the body has no transfer coding any more.
_HOP_BY_HOP = frozenset(
    ["transfer-encoding", "connection", "keep-alive", "proxy-connection", "upgrade", "te", "trailer"]
)
# Who asked is no part of the page; how it is packed is said by the archive, whose bytes these are.
_NOT_KEPT = _HOP_BY_HOP | {"set-cookie", "content-encoding"}


@dataclass(frozen=True, slots=True)
class Memento:
    """One capture of a page in a web archive: the page's own URL, when it was captured (UTC), and what is said of it.

    `digest` is whatever the archive calls the payload's; it is good for comparing with its neighbours only.
    """

    url: str
    captured_at: datetime
    mime: str | None = None
    status: int | None = None
    digest: str | None = None


def timestamp(moment: datetime) -> str:
    """Return a moment as replay URLs and CDX files write it: 14 digits, UTC."""
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}"


def moment(timestamp: str) -> datetime | None:
    """Return the moment that 14 digits stand for; none if they stand for none."""
    if not re.fullmatch(r"[0-9]{14}", timestamp):
        return None
    try:
        return datetime.strptime(timestamp + "+0000", "%Y%m%d%H%M%S%z").astimezone(UTC)
    except ValueError:
        return None


def captured_at(headers: Headers, url: str) -> datetime | None:
    """Return when an archive says that an answer was captured; none if it is not a memento at all.

    By Memento-Datetime (RFC 7089, 2.1.1), else by the timestamp in the final URL, but then only where the answer has
    headers of the original to show: an archive's error page has the address of the page that it has not.
    """
    said = [value for name, value in headers if name.lower() == "memento-datetime"]
    if said:
        try:
            return parsedate_to_datetime(said[0]).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # a date nobody can read; the URL has it, too
    found = _REPLAY.search(url)
    return moment(found[1]) if found and (said or _has_original(headers)) else None


def answered(asked: Memento, headers: Headers, url: str) -> Memento | None:
    """Return which capture an archive has given in place of the one `asked` for, at `url` after redirects.

    The nearest it has of the same page, with its own moment; none if the answer is no capture, or of another page.
    """
    captured = captured_at(headers, url)
    if captured is None:
        return None
    found = _REPLAY.search(url)
    given = (found and found[2]) or asked.url
    try:
        if urlkey(given) != urlkey(asked.url):
            return None
        given = asked.url if canonicalise(given) == canonicalise(asked.url) else given
    except ValueError:
        return None
    return replace(asked, url=given, captured_at=captured)


def agrees(memento: Memento, body: bytes) -> bool:
    """Whether a body is what the archive's index says of it, by SHA-1 in base 32; also if it says nothing like that."""
    stated = (memento.digest or "").removeprefix("sha1:").upper()
    if not _SHA1.fullmatch(stated):
        return True
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode() == stated


def original_headers(headers: Headers, body: bytes) -> tuple[tuple[str, str], ...]:
    """Return the headers of the page's own server from those of a raw replay, as far as the archive hands them on.

    Where the archive marks the original ones, these; else (pywb's raw replay sends them as they were) all that is not
    the archive's. Content-Encoding and Content-Length are such as agree with `body`, as received from the archive.
    """
    if _has_original(headers):
        kept = [(name[len(_ORIGINAL) :], value) for name, value in headers if name.lower().startswith(_ORIGINAL)]
        if "content-type" not in {name.lower() for name, _ in kept}:
            kept += [(name, value) for name, value in headers if name.lower() == "content-type"]
    else:
        kept = [(name, value) for name, value in headers if not _is_archives(name.lower())]
    kept = [
        (name, value) for name, value in kept if name.lower() not in _NOT_KEPT and not _is_length(name, value, body)
    ]
    codings = [(name, value) for name, value in headers if name.lower() == "content-encoding"]
    if not codings and body.startswith(_GZIP):  # kept packed, and handed on without saying so
        codings = [("Content-Encoding", "gzip")]
    return (*kept, *codings)


def _is_length(name: str, value: str, body: bytes) -> bool:
    """Whether a header states another length than the body has: the archive may have packed it, or unpacked it."""
    return name.lower() == "content-length" and value.strip() != str(len(body))


def _has_original(headers: Headers) -> bool:
    return any(name.lower().startswith(_ORIGINAL) for name, _ in headers)


def _is_archives(name: str) -> bool:
    return name in _ARCHIVES or name.startswith(("x-archive-", "x-wayback-"))
