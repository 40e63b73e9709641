"""How a run ended, as an exit code: see archive.exits for what each means."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive.exits import Exit

if TYPE_CHECKING:
    from crawler.run import Result

# Reasons of a crawl that was ended by a limit, the gravest first.
_LIMITS = {"disk_full": Exit.DISK_FULL, "disk": Exit.DISK, "size": Exit.SIZE}
# Reasons of failures for which a host's own wish is the cause.
_PATIENCE = ("rate_limited", "day_budget")


def code_of(results: Sequence[Result], signals: Sequence[int] = ()) -> Exit:
    """Return the exit code of crawls that `signals` (in order, none as a rule) were sent to."""
    reasons = {result.reason for result in results}
    for reason, code in _LIMITS.items():
        if reason in reasons:
            return code
    if len(signals) > 1:
        return Exit.FORCED
    if signals:
        return Exit.STOPPED if signals[0] == signal.SIGINT else Exit.OK
    if "time" in reasons:
        return Exit.TIME
    if reasons & {"interrupted", "bug"}:
        return Exit.PARTIAL
    return _of_outcomes(results)


def _of_outcomes(results: Sequence[Result]) -> Exit:
    if not any(result.failed for result in results):
        return Exit.OK
    if not all(_came_to_nothing(result) for result in results):
        return Exit.PARTIAL
    return Exit.RATE_LIMITED if all(_asked_for_patience(result) for result in results) else Exit.RETRY


def _came_to_nothing(result: Result) -> bool:
    counts = result.counts
    pages = sum(counts.get(name, 0) for name in ("new", "changed", "unchanged", "rejected"))
    answers = sum(counts.get("sources", {}).get(name, 0) for name in ("read", "unchanged", "empty"))
    return result.failed and not pages and not answers


def _asked_for_patience(result: Result) -> bool:
    failures = [reason.partition(": ")[2] for reason in result.counts.get("reasons", {}) if reason.startswith("failed")]
    return bool(failures) and all(reason in _PATIENCE for reason in failures)
