"""Whether a discovered URL is fetched now: a pure rule over what was known then and what is said now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from archive.frontier import LOST, Visit
from archive.models import Link
from archive.revisits import words

# A page that was gone or refused may come back, as may an article's second one; asking every day would be impolite.
_ASK_AGAIN = timedelta(days=7)


class Decision(NamedTuple):
    """`reason` is a word to count by, `detail` the sentence a person reads."""

    due: bool
    reason: str
    detail: str


def decide(links: Sequence[Link], visit: Visit | None, now: datetime) -> Decision:
    """Due if it was never fetched, if a way of discovery says it changed since, or if some of it was not to be had."""
    if any(link.via == "command line" for link in links):
        return Decision(due=True, reason="asked_for", detail="asked for by hand")
    if visit is None:
        return Decision(due=True, reason="new", detail="never fetched before")
    if visit.reason == LOST:
        return Decision(due=True, reason=LOST, detail="what was fetched is damaged or gone")
    if visit.outcome == "rejected" and (visit.reason or "").startswith("http_"):
        return _gone(visit, now)
    known = _last_said(visit)
    for link in links:
        # What the same way said then, or the start of that crawl: comparing with another clock would miss edits.
        before = known.get(link.via) or visit.started
        if link.modified is not None and link.modified > before:
            return Decision(
                due=True, reason="changed", detail=f"{link.via} says it changed on {link.modified:%Y-%m-%d %H:%M}"
            )
    return _to_come(visit, now) or Decision(
        due=False, reason="not_due", detail=f"fetched on {visit.started:%Y-%m-%d}, and nothing says it changed since"
    )


def revisit(step: timedelta) -> Decision:
    """Due though nothing says that it changed: a step of the site's plan of revisits has come."""
    return Decision(due=True, reason="revisit", detail=f"{words(step)} after it was first archived")


def _to_come(visit: Visit, now: datetime) -> Decision | None:
    """What is archived, but not whole."""
    if visit.reason == "part_missing" and now - visit.started >= _ASK_AGAIN:
        return Decision(due=True, reason="part_missing", detail="one of its pages could not be had a week ago or more")
    if visit.reason == "rest":
        return Decision(due=True, reason="page_to_come", detail="archived from the REST API so far, without its page")
    return None


def _gone(visit: Visit, now: datetime) -> Decision:
    if now - visit.started >= _ASK_AGAIN:
        return Decision(due=True, reason="gone_before", detail=f"it answered {visit.reason} a week ago or more")
    return Decision(due=False, reason="not_due", detail=f"it answered {visit.reason} on {visit.started:%Y-%m-%d}")


def _last_said(visit: Visit) -> dict[str, datetime]:
    """Return for each way the latest change it told of; two sitemaps may name one page with different dates."""
    known: dict[str, datetime] = {}
    for link in visit.links:
        if link.modified is not None:
            known[link.via] = max(link.modified, known.get(link.via, link.modified))
    return known


def before(links: Sequence[Link], since: datetime) -> bool:
    """Tell whether all that is known of a URL's dates lies before `since`; without a date it does not."""
    dates = [date for link in links for date in (link.published, link.modified) if date is not None]
    return bool(dates) and max(dates) < since
