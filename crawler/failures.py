"""Why a request came to nothing: Scrapy's and Twisted's exceptions as reasons to count by."""

from __future__ import annotations

from http.client import responses
from typing import TYPE_CHECKING, NamedTuple

from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.addresses import RefusedAddress
from crawler.middlewares import OffSite, RobotsRefusal, RobotsUnreachable

if TYPE_CHECKING:
    from twisted.python.failure import Failure

# Part of an exception's class name -> reason. Scrapy names the same fault differently from version to version.
_FAULTS = (
    ("Timeout", "timeout"),
    ("DNSLookup", "dns"),
    ("CannotResolve", "dns"),
    ("ConnectionRefused", "refused"),
    ("DataLoss", "cut_short"),
    ("SSL", "tls"),
    ("Certificate", "tls"),
    ("ConnectionLost", "connection_lost"),
    ("ConnectionDone", "connection_lost"),
    ("ResponseNeverReceived", "connection_lost"),
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
)
_TOO_MANY_REDIRECTS = "max redirections reached"  # Scrapy's words: it has no class for it


def classify(failure: Failure) -> Reason:
    """Return outcome, reason and detail for whatever Scrapy handed to an errback."""
    error = failure.value
    if isinstance(error, HttpError):
        return _answered(error.response.status)
    if isinstance(error, IgnoreRequest):
        return _refused(error)
    name = type(error).__name__
    reason = next((reason for part, reason in _FAULTS if part in name), "error")
    return Reason("failed", reason, f"{name}: {error}".strip(": "))


def _answered(status: int) -> Reason:
    outcome = "rejected" if status < 500 and status not in _TRY_LATER else "failed"
    return Reason(outcome, f"http_{status}", f"the server answered {status} {responses.get(status, '')}".rstrip())


def _refused(error: IgnoreRequest) -> Reason:
    said = str(error)
    for kind, outcome, reason in _REFUSALS:
        if isinstance(error, kind):
            return Reason(outcome, reason, said)
    if said == _TOO_MANY_REDIRECTS:
        return Reason("failed", "redirects", "redirected again and again: a loop, or a cookie wall")
    return Reason("skipped", "refused", said or "refused before it was sent")
