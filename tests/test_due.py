"""What is fetched again, and why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.frontier import Visit
from archive.models import Link
from crawler.due import before, decide, revisit

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
THEN = NOW - timedelta(days=3)


def link(via: str = "sitemap", modified: datetime | None = None) -> Link:
    return Link("https://gazette.example/a/", via, "https://gazette.example/x", modified=modified)


def visit(
    outcome: str = "new", reason: str | None = None, links: tuple[Link, ...] = (), started: datetime = THEN
) -> Visit:
    return Visit(started, outcome, reason, links)


@pytest.mark.parametrize(
    ("links", "visited", "reason"),
    [
        ([link()], None, "new"),
        ([link(via="command line")], visit(), "asked_for"),
        ([link()], visit(), "not_due"),
        ([link(modified=NOW)], visit(), "changed"),
        ([link(modified=THEN - timedelta(days=1))], visit(), "not_due"),
        ([link(modified=THEN)], visit(links=(link(modified=THEN),)), "not_due"),
        # The site's clock is behind ours: only what the same way said before can be compared with.
        (
            [link(modified=THEN - timedelta(hours=1))],
            visit(links=(link(modified=THEN - timedelta(hours=2)),)),
            "changed",
        ),
        ([link("rest", NOW)], visit(links=(link(modified=NOW),)), "changed"),
        ([link()], visit("rejected", "http_404"), "not_due"),
        ([link()], visit("rejected", "http_404", started=NOW - timedelta(days=8)), "gone_before"),
        ([link()], visit("new", "part_missing"), "not_due"),
        ([link()], visit("new", "part_missing", started=NOW - timedelta(days=8)), "part_missing"),
        ([link()], visit("rejected", "listing", started=NOW - timedelta(days=8)), "not_due"),
    ],
)
def test_due(links: list[Link], visited: Visit | None, reason: str) -> None:
    decision = decide(links, visited, NOW)
    assert decision.reason == reason
    assert decision.due == (reason != "not_due")
    assert decision.detail


def test_a_revisit_says_which() -> None:
    assert revisit(timedelta(days=7)) == (True, "revisit", "1 week after it was first archived")


def test_before_needs_a_date() -> None:
    assert before([link(modified=THEN)], NOW)
    assert not before([link(modified=THEN), link(modified=NOW)], NOW)
    assert not before([link()], NOW)
