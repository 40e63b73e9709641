"""CDX: what a web archive's index says it has, in the dialects of the Wayback Machine and of pywb; and what to take.

Pure: from a body to mementos, from mementos to those worth fetching. Nothing here raises on what a stranger wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Literal, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from archive.urls import canonicalise, registered_domain
from crawler.discovery import MAX_BYTES
from crawler.mementos import Memento, moment, timestamp

Pick = Literal["month", "digest", "all"]

_WAYBACK = "https://web.archive.org/"
_PER_PAGE = 5000  # lines asked for at a time; a MiB or less
_PER_ANSWER = 20_000  # the same where there is no resume key, and each answer costs a scan of the whole; some 4 MiB
_BEFORE_ALL, _AFTER_ALL = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_HTML = ("text/html", "application/xhtml+xml")
# A CDX line's first six fields, whether eleven follow or seven in all (https://iipc.github.io/warc-specifications).
_PLAIN = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
# Addresses that are no pages of articles, whatever media type they were captured with.
_NO_PAGE = re.compile(
    r"/?|.*/(?:wp-json|xmlrpc\.php|wp-login\.php|robots\.txt)(?:/.*)?|.*/(?:feed|rss|atom)(?:\.xml|/(?:rss2?|atom|rdf)?)?"
    r"|.*\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|json|xml|rss|txt|pdf|zip|gz|mp[34]|woff2?|ttf|docx?|xlsx?)",
    re.IGNORECASE | re.DOTALL,
)


Span = tuple[datetime | None, datetime | None]  # from the one until before the other; None is without end


class Listing(NamedTuple):
    """What one CDX answer held; with a `resume_key` there is more."""

    captures: list[Memento]
    resume_key: str | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """Where a web archive answers: `cdx` is its index, `replay` the prefix of its raw pages, `timemap` of RFC 7089's.

    `wayback`: whether its index speaks the Wayback Machine's dialect, with filters and resume keys.
    """

    cdx: str
    replay: str
    timemap: str
    wayback: bool

    @classmethod
    def at(cls, place: str) -> Archive:
        """Return the archive that "wayback", a collection's address or its index's address stands for."""
        if place == "wayback":
            return cls(f"{_WAYBACK}cdx/search/cdx", f"{_WAYBACK}web/", f"{_WAYBACK}web/timemap/link/", True)
        base, query = place.partition("?")[0].rstrip("/"), "/cdx/search/cdx"
        if base.endswith(query):
            root = base.removesuffix(query)
            return cls(base, f"{root}/web/", f"{root}/web/timemap/link/", True)
        base = base.removesuffix("/cdx") + "/"
        return cls(f"{base}cdx", base, f"{base}timemap/link/", False)

    def ask(self, url: str, *, page: bool, since: datetime | None, until: datetime | None, key: str | None) -> str:
        """Return the address to ask for captures of a site, or of one `page`; `key` resumes where an answer ended."""
        asked: list[tuple[str, str]] = [("url", url), ("output", "json")] if page else _whole(url)
        asked += [("from", timestamp(since))] if since else []
        asked += [("to", timestamp(until - timedelta(seconds=1)))] if until else []
        if self.wayback:
            # Of neighbouring lines with one digest the first is enough. To collapse by month would lose whole pages:
            # neighbours need not be of one URL.
            asked += [("fl", "timestamp,original,mimetype,statuscode,digest"), ("collapse", "digest")]
            asked += [("filter", "statuscode:200"), ("filter", "mimetype:text/html")]
            asked += [("limit", str(_PER_PAGE)), ("showResumeKey", "true")]
        else:
            asked += [("fl", "timestamp,url,mime,status,digest"), ("limit", str(_PER_ANSWER))]
        asked += [("resumeKey", key)] if key else []
        return f"{self.cdx}?{urlencode(asked, safe=':/,')}"

    def is_full(self, body: bytes) -> bool:
        """Whether an answer is as long as one may be, and there may be more that no resume key leads to."""
        return not self.wayback and len(body.splitlines()) >= _PER_ANSWER

    def raw(self, memento: Memento) -> str:
        """Return the address of a capture as it was captured: `id_` leaves out the archive's banner and rewriting."""
        return f"{self.replay}{timestamp(memento.captured_at)}id_/{memento.url}"

    def mementos_of(self, url: str) -> str:
        """Return the address of a page's TimeMap (RFC 7089, 5)."""
        return self.timemap + quote(url, safe=":/?&=%;,+@!$'()*~[]")


def _whole(url: str) -> list[tuple[str, str]]:
    """Ask for all that belongs to a site: its registered domain; of a machine without a name, what begins like it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    domain = registered_domain(host)
    if "." not in domain or domain.replace(".", "").isdigit() or ":" in domain:
        return [("url", f"{parts.netloc}/"), ("matchType", "prefix"), ("output", "json")]
    return [("url", domain), ("matchType", "domain"), ("output", "json")]


def halves(captures: list[Memento], since: datetime | None, until: datetime | None) -> list[Span]:
    """Return two spans that together are the one an answer was too long for, about half of the captures in each.

    What came is an answer's beginning, in the order of addresses: its median moment is about that of the whole. Empty
    for a span of one second, which cannot be divided.
    """
    second = timedelta(seconds=1)
    since, until = since or _BEFORE_ALL, until or _AFTER_ALL
    if until - since <= second:
        return []
    middle = sorted(map(_moment, captures))[len(captures) // 2]
    middle = min(max(middle, since + second), until - second)
    return [(since, middle), (middle, until)]


def parse(body: bytes) -> Listing:
    """Read a CDX answer: the Wayback Machine's JSON table, pywb's JSON lines, CDXJ or plain CDX lines.

    What is none of these, an error page with status 200, gives nothing.
    """
    text = body[:MAX_BYTES].decode("utf-8", "replace").strip()
    if not text.startswith("["):
        return Listing([memento for line in text.splitlines() if (memento := _memento(_fields(line)))])
    rows = _loaded(text)
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows) or not rows:
        return Listing([])
    names, *rest = rows
    end = rest.index([]) if [] in rest else len(rest)
    key = rest[end + 1][0] if len(rest) > end + 1 and rest[end + 1] else None
    found = (_memento(dict(zip(map(str, names), row, strict=False))) for row in rest[:end])
    return Listing([memento for memento in found if memento], key if isinstance(key, str) else None)


def _fields(line: str) -> Mapping[str, Any]:
    begin = line.find("{")
    if begin == 0 or (begin > 0 and line[begin - 1] == " " and line.endswith("}")):
        said = _loaded(line[begin:])
        head = dict(zip(("urlkey", "timestamp"), line[:begin].split(), strict=False))
        return {**head, **said} if isinstance(said, dict) else {}
    parts = line.split()
    return dict(zip(_PLAIN, parts, strict=False)) if len(parts) >= len(_PLAIN) else {}


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # a stranger's; what is not JSON says nothing
        return None


def _memento(fields: Mapping[str, Any]) -> Memento | None:
    def first(*names: str) -> str | None:
        found = next((fields[name] for name in names if name in fields), None)
        return str(found) if isinstance(found, str | int) and found not in ("", "-") else None

    captured, url = moment(first("timestamp") or ""), first("url", "original")
    status = first("status", "statuscode")
    if captured is None or url is None or not url.lower().startswith(("http://", "https://")):
        return None
    code = int(status) if status and status.isascii() and status.isdigit() else None
    return Memento(url, captured, first("mime", "mimetype"), code, first("digest"))


def pick(
    captures: Iterable[Memento],
    by: Pick = "month",
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    covers: Callable[[str], bool] = lambda _: True,
) -> dict[str, list[Memento]]:
    """Choose which captures to fetch, for each canonical URL, oldest first.

    "month": the last of each month; "digest": the first of each digest; "all". In none of them one that has the same
    digest as the one before it. Only HTML pages with status 200, where the index says so, on URLs that the site
    covers, captured from `since` until before `until`.
    """
    found: dict[str, list[Memento]] = {}
    for memento in captures:
        in_time = (since or memento.captured_at) <= memento.captured_at and not (until and memento.captured_at >= until)
        if in_time and _is_page(memento) and covers(memento.url):
            found.setdefault(canonicalise(memento.url), []).append(memento)
    return {url: list(_chosen(sorted(found[url], key=_moment), by)) for url in sorted(found)}


def _is_page(memento: Memento) -> bool:
    mime = (memento.mime or _HTML[0]).partition(";")[0].strip().lower()
    if mime not in _HTML or memento.status not in (None, 200) or memento.url.split() != [memento.url]:
        return False
    try:
        parts = urlsplit(canonicalise(memento.url))
    except ValueError:
        return False  # a stranger's address that is none
    feed = "feed=" in parts.query or "rest_route=" in parts.query
    return not feed and not (_NO_PAGE.fullmatch(parts.path) and not (parts.query and parts.path == "/"))


def _chosen(captures: list[Memento], by: Pick) -> Iterator[Memento]:
    if by == "month":
        months = groupby(captures, key=lambda memento: (memento.captured_at.year, memento.captured_at.month))
        captures = [list(month)[-1] for _, month in months]
    elif by == "digest":
        first: dict[str, Memento] = {}
        for memento in captures:
            first.setdefault(memento.digest or str(memento.captured_at), memento)
        captures = list(first.values())
    before: Memento | None = None
    for memento in captures:
        again = before and (before.captured_at == memento.captured_at or before.digest == memento.digest is not None)
        if not again:
            yield memento
        before = memento


def _moment(memento: Memento) -> datetime:
    return memento.captured_at
