"""What `marbre sites` prints of a probe: what was found, and what became of the ways that were known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from crawler import probing
from crawler.known_ways import Known
from crawler.probing import KINDS, NAMED, Probe, Way

_SHOWN_SECTIONS = 8
_WIDTH = 60  # characters of what was found in a place


def found(probe: Probe) -> Iterator[str]:
    """Yield the lines of the table of what a probe found."""
    assert probe.home is not None
    yield f"{probe.url}  (asked {probe.requests} times)"
    rows = [
        ("platform", probe.home.platform or "unknown"),
        ("name", probe.home.name or "none"),
        ("language", probe.home.language or "not said"),
        ("robots.txt", _robots(probe)),
        *(("opt-out", said) for said in dict.fromkeys(probe.opt_outs)),
    ]
    ways = sorted(probe.ways, key=lambda way: KINDS.index(way.kind))
    rows += [(way.kind, f"{_said(way):{_said_width(ways)}}  {way.found:9}  {_address(way)}") for way in ways]
    rows += [(kind, "none") for kind in KINDS if not probe.of(kind)]
    rows += [("sections", _sections(probe.sections))]
    yield from (f"  {name:10}  {said}" for name, said in rows)


def _said_width(ways: Sequence[Way]) -> int:
    return min(_WIDTH, max((len(_said(way)) for way in ways), default=0))


def _robots(probe: Probe) -> str:
    if not probe.robots:
        return "none, or empty: everything may be fetched"
    asks = f"; asks for {probe.crawl_delay:g} s between two requests" if probe.crawl_delay else ""
    return f"lets us in{asks}"


def _said(way: Way) -> str:
    if not way.lives:
        return f"{way.outcome}: {way.detail}" if way.detail else way.outcome
    what = "posts" if way.kind == "rest" else "articles" if way.kind == "listing" else "links"
    parts = [f"{way.links:,} {what}"] if way.links else []
    parts += [f"{way.children:,} sitemaps"] if way.children else []
    by_change = way.kind == "sitemap" and not way.is_news
    parts += [f"{'oldest change' if by_change else 'back to'} {way.oldest:%Y-%m-%d}"] if way.oldest else []
    return ", ".join(parts) + (" (news of two days)" if way.is_news else "")


def _address(way: Way) -> str:
    return probing.wordpress_root(way.url) if way.kind == "rest" else way.url


def _sections(urls: Sequence[str]) -> str:
    paths = [urlsplit(url).path for url in urls[:_SHOWN_SECTIONS]]
    more = f" and {len(urls) - _SHOWN_SECTIONS} more" if len(urls) > _SHOWN_SECTIONS else ""
    return f"{len(urls)} in the navigation: {' '.join(paths)}{more}" if urls else "none in the navigation"


# -- What became of the ways that were known


def checked(probe: Probe, known: Mapping[str, Known]) -> Iterator[str]:
    """Yield the lines of the table of which ways still answer."""
    yield f"{probe.site.name}  {probe.site.url}"
    if probe.failure:
        yield f"  {'home':7}  {probe.failure}"
    rows = [(way.kind, _fate(way, known), _address(way)) for way in probe.ways]
    width = max((len(fate) for _, fate, _ in rows), default=0)
    for kind, fate, address in sorted(rows, key=lambda row: KINDS.index(row[0])):
        yield f"  {kind:7}  {fate:{width}}  {address}"
    best = probing.instead(probe.ways)
    if best is None:
        yield "  no way lives: a crawl would find nothing"
    elif any(not way.lives for way in probe.ways):
        yield f"  instead  {best.kind} {_address(best)} ({_said(best)})"


def _fate(way: Way, known: Mapping[str, Known]) -> str:
    before = known.get(probing.same_place(way.kind, way.url))
    if way.lives:
        return f"answers: {_said(way)}"
    if way.outcome == "empty":
        return f"empty; it had {before.links:,} on {before.day}" if before and before.links else "empty"
    why = way.detail or way.outcome
    if before and before.answered:
        return f"died since {before.day}: {why}"
    return f"{'named in sites.toml, but ' if way.found == NAMED else ''}{way.outcome}: {why}"


def died(probe: Probe, known: Mapping[str, Known]) -> bool:
    """Whether a way that answered an earlier crawl, or that sites.toml names, does not, or no way is left."""
    dead = [way for way in probe.ways if not way.answers]
    for way in dead:
        before = known.get(probing.same_place(way.kind, way.url))
        if way.found == NAMED or (before and before.answered):
            return True
    return probe.failure is not None or probing.instead(probe.ways) is None
