"""What a person sees while a crawl runs and when it has ended."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.logging import RichHandler
from rich.text import Text

from archive.frontier import OUTCOMES
from archive.render import clock
from crawler import logs
from crawler.revisiting import MOST_COUNTED

if TYPE_CHECKING:
    from crawler.run import Result

_console = Console(stderr=True)
_lines: list[Callable[[], str]] = []


def on_terminal() -> bool:
    return _console.is_terminal and not logs.for_machines()


def add(line: Callable[[], str]) -> None:
    """Show `line()` at the foot of the terminal, four times a second, until it is removed."""
    _lines.append(line)
    _live.start()


def _shown() -> Group:
    return Group(*(Text(line(), no_wrap=True, overflow="ellipsis") for line in _lines))


_live = Live(console=_console, refresh_per_second=4, transient=True, get_renderable=_shown)


def remove(line: Callable[[], str]) -> None:
    if line in _lines:
        _lines.remove(line)
        if not _lines:
            _live.stop()


def log_to_stderr(*, verbose: bool, as_json: bool = False) -> None:
    """Send the log to stderr, above the live lines on a terminal; the libraries' own only errors, if not asked.

    `as_json` makes one JSON object of each record. What is said again and again is bounded in any form.
    """
    handler: logging.Handler = RichHandler(console=_console, show_path=False, show_level=False, markup=False)
    handler.setFormatter(logs.PlainFormatter("%(message)s"))
    if as_json:
        handler = logs.json_handler()
    elif not on_terminal():
        handler = logging.StreamHandler()
        handler.setFormatter(logs.PlainFormatter("%(asctime)s %(levelname)s %(message)s"))
    least = logging.INFO if verbose else logging.ERROR
    handler.addFilter(lambda record: record.name == "marbre" or record.levelno >= least)
    logging.basicConfig(level=logging.INFO, handlers=[logs.Bounded(handler)], force=True)


def progress_line(site: str, tally: Counter[str], seconds: float) -> str:
    """Return one line of progress: what was discovered, what became of it, pages a second, time to go."""
    done = sum(tally[name] for name in ("new", "changed", "unchanged", "rejected", "failed"))
    pace = done / seconds if seconds else 0.0
    words = [f"{name} {tally[name]:,}" for name in ("discovered", *OUTCOMES)]
    fetching = f"fetched {done:,}/{tally['due']:,}" if tally["due"] else "discovering"
    to_go = f", {clock((tally['due'] - done) / pace)} to go" if tally["due"] and pace else ""
    return f"{site}: {fetching} · {' · '.join(words)} · {pace:.1f} pages/s{to_go}"


def summary(result: Result) -> Iterator[str]:
    """Yield the lines of a crawl's summary; the outcomes add up to what was discovered."""
    counts = result.counts
    sources = ", ".join(f"{count} {what}" for what, count in counts.get("sources", {}).items()) or "none"
    yield f"{result.site}: {result.reason}  (crawl {result.crawl})"
    yield f"  feeds, sitemaps, APIs  {sources}"
    if "discovered" not in counts:
        yield "  broken off; the next command finishes what it had begun"
        return
    total = " + ".join(f"{counts[name]:,} {name}" for name in OUTCOMES)
    yield f"  {counts['discovered']:,} discovered = {total}"
    for reason, count in counts["reasons"].items():
        yield f"    {count:>6,}  {reason}"
    yield from _left(counts)


def _left(counts: Mapping[str, Any]) -> Iterator[str]:
    if left := counts.get("revisits_left"):
        said = f"{left:,} or more" if left >= MOST_COUNTED else f"{left:,}"
        yield f"    {said:>6}  revisit{'s' if left > 1 else ''} left for the next crawl: the day's budget is spent"


def due(result: Result) -> Iterator[str]:
    """Yield what a dry run would have fetched, and why."""
    for url, _, detail in result.due:
        yield f"{url}  ({detail})"
    yield f"{result.site}: {len(result.due):,} to fetch, {result.counts['discovered'] - len(result.due):,} to skip"
    for reason, count in result.counts["reasons"].items():
        if not reason.endswith(": dry_run"):
            yield f"    {count:>6,}  {reason}"
    yield from _left(result.counts)
