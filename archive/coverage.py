"""What a site says it holds, what the archive holds of it, and the difference, URL by URL.

Every URL that a way of discovery ever named is one of three: archived (it led to an article), no article (it was read,
and is a listing or another kind of page), or missing. Two URLs that led to one article are one article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from archive import rows
from archive.errors import InvalidQuery
from archive.models import Link

# Refused before they were asked for: what they name is not on this site.
_ELSEWHERE = ("off_site", "bad_url")


@dataclass(frozen=True, slots=True)
class Way:
    """One way of discovery: how many URLs it named, what became of them, and how many it alone named."""

    name: str
    known: int
    archived: int
    no_article: int
    missing: int
    only_here: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A URL that is not in the archive: why, which ways named it, and when they say it was published (if they do)."""

    url: str
    reason: str
    detail: str | None
    ways: tuple[str, ...]
    title: str | None
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What the site itself says it holds: how many, who said so, when (aware)."""

    kind: str
    said_by: str
    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Month:
    """A month of publishing, as YYYY-MM: articles archived, and URLs missing that are dated in it."""

    name: str
    archived: int
    missing: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """One site's whole account. `no_article` counts URLs by reason; `undated` are articles and gaps without a date."""

    site: str
    articles: int
    missing: tuple[Missing, ...]
    no_article: dict[str, int]
    ways: tuple[Way, ...]
    claims: tuple[Claim, ...]
    months: tuple[Month, ...]
    undated: Month

    @property
    def held_by_site(self) -> int:
        """How many articles the site holds, as far as any way of discovery knows."""
        return self.articles + len(self.missing)


def coverage(db: Database, site: str) -> Coverage:
    """Return the account of one site. Raises InvalidQuery for a site the archive has no crawl of."""
    if not db.execute("SELECT 1 FROM crawls WHERE site = ?", [site]).fetchone():
        known = ", ".join(name for (name,) in db.execute("SELECT DISTINCT site FROM crawls ORDER BY 1"))
        raise InvalidQuery(f"no crawl of {site} in this archive; it has {known or 'none'}")
    fates = _fates(db, site)
    imported = _imported(db, site)
    fates = imported | fates
    ways = _ways(db, site, fates)
    if imported:
        ways["import"] |= imported.keys()
    missing = tuple(_missing(db, site, fates, ways))
    no_article = Counter(fate.reason for fate in fates.values() if fate.kind == "no_article")
    archived = db.execute("SELECT substr(published, 1, 7), count(*) FROM articles WHERE site = ? GROUP BY 1", [site])
    months, undated = _months(dict(archived), missing)
    return Coverage(
        site=site,
        articles=db.execute("SELECT count(*) FROM articles WHERE site = ?", [site]).fetchone()[0],
        missing=missing,
        no_article=dict(no_article.most_common()),
        ways=tuple(_counted(fates, ways)),
        claims=tuple(_claims(db, site)),
        months=months,
        undated=undated,
    )


@dataclass(frozen=True, slots=True)
class _Fate:
    kind: str  # archived, no_article or missing
    reason: str
    detail: str | None


# Of several crawls' words on a URL the latest counts that says more than "known, and not due".
_LATEST = """
    SELECT url, state, outcome, frontier.reason, detail,
        max((coalesce(outcome, '') != 'skipped' OR frontier.reason != 'not_due') || started)
    FROM frontier JOIN crawls ON crawls.id = crawl WHERE site = ? GROUP BY url"""
# What a URL led to: by the capture it was fetched as, in any crawl, or as the canonical address of an article.
_ARCHIVED = """
    SELECT frontier.url FROM frontier JOIN crawls ON crawls.id = crawl AND site = :site
    JOIN extractions ON extractions.capture = frontier.capture AND article IS NOT NULL
    UNION SELECT canonical_url FROM extractions WHERE article IS NOT NULL
    UNION SELECT shortlink FROM extractions WHERE article IS NOT NULL"""


def _fates(db: Database, site: str) -> dict[str, _Fate]:
    archived = {url for (url,) in db.execute(_ARCHIVED, {"site": site})}
    fates = {}
    for url, state, outcome, reason, detail, _ in db.execute(_LATEST, [site]):
        if url in archived:
            fates[url] = _Fate("archived", "archived", None)
        elif reason not in _ELSEWHERE:
            fates[url] = _fate(state, outcome, reason, detail)
    return fates


def _imported(db: Database, site: str) -> dict[str, _Fate]:
    """What files of others held: no crawl discovered those URLs, they came with their pages."""
    found = db.execute(
        "SELECT coalesce(extractions.canonical_url, captures.url), outcome, extractions.reason, detail FROM captures"
        " JOIN crawls ON crawls.id = crawl JOIN extractions ON extractions.capture = captures.id"
        " WHERE site = ? AND source IS NOT NULL AND role = 'page'"
        " AND NOT EXISTS (SELECT 1 FROM frontier WHERE frontier.crawl = captures.crawl)"
        " ORDER BY outcome = 'article'",
        [site],
    )
    kinds = {"article": "archived", "rejected": "no_article"}
    return {
        url: _Fate(kinds.get(outcome, "missing"), reason or outcome, detail) for url, outcome, reason, detail in found
    }


def _fate(state: str, outcome: str | None, reason: str | None, detail: str | None) -> _Fate:
    if outcome is None:
        return _Fate("missing", "in_flight" if state == "in_flight" else "queued", "a crawl is about to fetch it")
    if outcome == "rejected" and not (reason or "").startswith("http_"):
        return _Fate("no_article", reason or outcome, detail)
    return _Fate("missing", reason or outcome, detail)


def _ways(db: Database, site: str, fates: dict[str, _Fate]) -> defaultdict[str, set[str]]:
    """Return for each way the URLs it ever named."""
    ways: defaultdict[str, set[str]] = defaultdict(set)
    found = db.execute(
        "SELECT DISTINCT url, link.value ->> 'via' FROM frontier JOIN crawls ON crawls.id = crawl, json_each(links) AS"
        " link WHERE site = ? AND link.value ->> 'via' != 'revisit'",
        [site],
    )
    for url, way in found:
        if url in fates:
            ways[way].add(url)
    return ways


def _counted(fates: dict[str, _Fate], ways: dict[str, set[str]]) -> Iterator[Way]:
    named = Counter(url for urls in ways.values() for url in urls)
    for way, urls in sorted(ways.items(), key=lambda pair: -len(pair[1])):
        kinds = Counter(fates[url].kind for url in urls)
        alone = sum(named[url] == 1 for url in urls)
        yield Way(way, len(urls), kinds["archived"], kinds["no_article"], kinds["missing"], alone)


def _missing(db: Database, site: str, fates: dict[str, _Fate], ways: dict[str, set[str]]) -> Iterator[Missing]:
    for url in sorted(url for url, fate in fates.items() if fate.kind == "missing"):
        said = _said(db, site, url)
        dates = [link.published or link.modified for link in said]
        yield Missing(
            url,
            fates[url].reason,
            fates[url].detail,
            tuple(sorted(way for way, urls in ways.items() if url in urls)),
            next((link.title for link in said if link.title), None),
            next((moment for moment in dates if moment), None),
        )


def _said(db: Database, site: str, url: str) -> Sequence[Link]:
    """What was said of a URL when last anybody said much."""
    row = db.execute(
        "SELECT links FROM frontier JOIN crawls ON crawls.id = crawl WHERE url = ? AND site = ?"
        " ORDER BY length(links) DESC, started DESC LIMIT 1",
        [url, site],
    ).fetchone()
    return rows.links_of(row[0]) if row else ()


def _claims(db: Database, site: str) -> Iterator[Claim]:
    """What WordPress's API says is the number of posts; how many URLs the sitemaps hold that were read last."""
    api = db.execute(
        "SELECT url, claimed, timestamp FROM sources JOIN crawls ON crawls.id = crawl WHERE site = ?"
        " AND claimed IS NOT NULL ORDER BY timestamp DESC LIMIT 1",
        [site],
    ).fetchone()
    if api:
        yield Claim("rest", api[0].partition("?")[0], api[1], datetime.fromisoformat(api[2]))
    sitemaps = db.execute(
        "SELECT count(*), sum(links), max(timestamp), min(url) FROM sources WHERE kind = 'sitemap' AND links > 0"
        " AND outcome IN ('read', 'unchanged') AND crawl = (SELECT crawl FROM sources JOIN crawls ON crawls.id = crawl"
        " WHERE site = ? AND kind = 'sitemap' AND links > 0 ORDER BY timestamp DESC LIMIT 1)",
        [site],
    ).fetchone()
    if sitemaps[0]:
        said_by = sitemaps[3] if sitemaps[0] == 1 else f"{sitemaps[0]} sitemaps"
        yield Claim("sitemap", said_by, sitemaps[1], datetime.fromisoformat(sitemaps[2]))


def _months(archived: dict[str | None, int], missing: Sequence[Missing]) -> tuple[tuple[Month, ...], Month]:
    """Return every month from the first to the last, those without anything too, and what has no date."""
    gaps = Counter(f"{each.published:%Y-%m}" if each.published else None for each in missing)
    dated = sorted(name for name in {*archived, *gaps} if name is not None)
    months = tuple(
        Month(name, archived.get(name, 0), gaps[name]) for name in (_between(dated[0], dated[-1]) if dated else ())
    )
    return months, Month("undated", archived.get(None, 0), gaps[None])


def _between(first: str, last: str) -> Iterator[str]:
    year, month = (int(part) for part in first.split("-"))
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def as_json(account: Coverage) -> dict[str, Any]:
    """Return an account as JSON-able values; docs/coverage.md describes the keys."""
    plain: dict[str, Any] = {
        "site": account.site,
        "held_by_site": account.held_by_site,
        "archived": account.articles,
        "missing": [rows.plain(each) | {"ways": list(each.ways)} for each in account.missing],
        "no_article": account.no_article,
    }
    for name in ("ways", "claims", "months"):
        plain[name] = [rows.plain(each) for each in getattr(account, name)]
    return plain | {"undated": rows.plain(account.undated)}
