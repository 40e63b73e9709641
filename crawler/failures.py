"""Why a request came to nothing: Scrapy's and Twisted's exceptions as reasons to count by."""

from __future__ import annotations

from http.client import responses
from typing import TYPE_CHECKING, NamedTuple

from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from archive import forgotten
from archive.room import is_full
from crawler.addresses import NoSuchHost, RefusedAddress
from crawler.middlewares import ForgottenAddress, OffSite
from crawler.pacing import NotAsked
from crawler.robots import RobotsRefusal, RobotsUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.python.failure import Failure

# Part of an exception's class name -> reason. Scrapy names the same fault differently from version to version.
_FAULTS = (
    ("Timeout", "timeout"),
    ("DNSLookup", "dns_unavailable"),
    ("CannotResolve", "dns_unavailable"),
    ("ConnectionRefused", "refused"),
    ("DataLoss", "cut_short"),
    ("certificate", "certificate"),
    ("SSL", "tls"),
    ("ConnectionLost", "reset"),
    ("ConnectionDone", "connection_lost"),
    ("ResponseNeverReceived", "connection_lost"),
    ("ParseError", "bad_answer"),
    ("ValueError", "bad_answer"),
    ("Cancelled", "too_large"),
    ("NotRendered", "not_rendered"),
)
# A server that says "not for you" or "gone" has answered; one that says "not now" or fails has not.
_TRY_LATER = (408, 425, 429)


class Reason(NamedTuple):
    """What a failed request is settled as: see `archive.frontier.OUTCOMES`."""

    outcome: str
    reason: str
    detail: str


_REFUSALS = (
    (RobotsRefusal, "skipped", "robots"),
    (OffSite, "skipped", "off_site"),
    (RobotsUnreachable, "failed", "robots_unreachable"),
    (RefusedAddress, "skipped", "refused_address"),
    (NoSuchHost, "failed", "dns"),
    (ForgottenAddress, "skipped", forgotten.REASON),
)
_TOO_MANY_REDIRECTS = "max redirections reached"  # Scrapy's words: it has no class for it


def classify(failure: Failure) -> Reason:
    """Return outcome, reason and detail for whatever Scrapy handed to an errback."""
    error = failure.value
    if isinstance(error, HttpError):
        return answered(error.response.status)
    if isinstance(error, IgnoreRequest):
        return _refused(error, failure)
    if is_full(error):
        return Reason("skipped", "stopped", "the crawl found no room on the disk")
    said = " ".join(_names(error))
    reason = next((reason for part, reason in _FAULTS if part in said), "error")
    return Reason("failed", reason, f"{type(error).__name__}: {error}".strip(": "))


def _names(error: BaseException | None) -> Iterator[str]:
    """Yield the names of an error's class and of those it was made of; Scrapy wraps Twisted's, which wrap others."""
    if error is None:
        return
    yield type(error).__name__
    if type(error).__module__.startswith("OpenSSL"):
        yield "certificate" if "certificate" in str(error) else "SSL"
    for reason in getattr(error, "reasons", ()):
        yield from _names(reason.value)
    yield from _names(error.__cause__)


def answered(status: int) -> Reason:
    """Return what an answer other than the page comes to, by its status alone."""
    outcome = "rejected" if status < 500 and status not in _TRY_LATER else "failed"
    return Reason(outcome, f"http_{status}", f"the server answered {status} {responses.get(status, '')}".rstrip())


def _refused(error: IgnoreRequest, failure: Failure) -> Reason:
    said = str(error)
    if isinstance(error, NotAsked):
        tried = failure.request.meta.get("retry_times")  # type: ignore[attr-defined]
        return Reason("failed" if tried else "skipped", error.reason, said)
    for kind, outcome, reason in _REFUSALS:
        if isinstance(error, kind):
            return Reason(outcome, reason, said)
    if said == _TOO_MANY_REDIRECTS:
        return Reason("failed", "redirects", "redirected again and again: a loop, or a cookie wall")
    return Reason("skipped", "refused", said or "refused before it was sent")
