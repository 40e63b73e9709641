"""WordPress's REST API: every post with its dates, authors, sections and pictures, a hundred a page.

See developer.wordpress.org/rest-api/reference/posts/ and .../using-the-rest-api/global-parameters/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from archive.models import Link
from crawler.discovery import (
    MAX_LINKS,
    Source,
    absolute,
    dig,
    items,
    json_object,
    plain,
    same_host,
    unique,
    unpacked,
    written,
)
from crawler.discovery.pages import head_links

_API = "https://api.w.org/"
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")  # RFC 8288: <target>; rel="relation"; ...
_ROUTE = "/wp/v2/posts"
_MAX_PAGES = 10_000  # a million posts; a server may say anything
_FAR = timedelta(hours=14)  # no zone is further from UTC
# _links and _embedded must be asked for, or _embed has nothing to fill.
_FIELDS = (
    "id,date,date_gmt,modified,modified_gmt,link,slug,title,excerpt,content.protected,guid,categories,tags,author,"
    "_links,_embedded"
)
# Oldest first: a post published while the pages are read is added behind, and moves nothing from page to page.
_QUERY = {
    "per_page": "100",
    "orderby": "date",
    "order": "asc",
    "_fields": _FIELDS,
    "_embed": "author,wp:featuredmedia,wp:term",
}


def api_root(headers: Iterable[tuple[str, str]], body: bytes, url: str) -> str | None:
    """Return the root of a site's REST API as a page's headers or HTML head announce it; on the same host only."""
    in_headers = [target for target, relation in _header_links(headers) if relation == _API]
    in_head = [link.get("href") for link in head_links(body) if link.get("rel", "").strip() == _API]
    roots = (absolute(target, url) for target in (*in_headers, *in_head))
    return next((root for root in roots if root and same_host(root, url)), None)


def posts_source(root: str, page: int = 1) -> Source:
    """Return one page of posts, counted from 1, below an API root in either form: `/wp-json/` or `?rest_route=/`."""
    parts = urlsplit(root)
    query = dict(parse_qsl(parts.query))
    path = parts.path
    if "rest_route" in query:
        query["rest_route"] = _ROUTE
    else:
        path = path.rstrip("/") + _ROUTE
    query |= {**_QUERY, "page": str(page)}
    return Source(urlunsplit((parts.scheme, parts.netloc, path, urlencode(query, safe="/:,"), "")), "rest")


def next_page(headers: Iterable[tuple[str, str]], url: str) -> Source | None:
    """Return the page after `url`, if X-WP-TotalPages or a Link header says that there is one."""
    headers = list(headers)
    page = _number(dict(parse_qsl(urlsplit(url).query)).get("page")) or 1
    total = next((_number(value) for name, value in headers if name.lower() == "x-wp-totalpages"), None)
    if total is None:
        targets = (absolute(target, url) for target, relation in _header_links(headers) if relation == "next")
        following = next((target for target in targets if target and same_host(target, url)), None)
        return Source(following, "rest") if following and page < _MAX_PAGES else None
    if page >= min(total, _MAX_PAGES):
        return None
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {"page": str(page + 1)}
    return Source(urlunsplit(parts._replace(query=urlencode(query, safe="/:,"))), "rest")


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,6}", text.strip()) else None


def _header_links(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        if name.lower() == "link":
            for target, parameters in _LINK.findall(value):
                relation = re.search(r""";\s*rel\s*=\s*["']?([^"';,\s]+)""", parameters, re.IGNORECASE)
                yield target, relation[1] if relation else ""


def links(body: bytes, base_url: str) -> Iterator[Link | Source]:
    """Yield the posts of one answer of `/wp/v2/posts`; an error, or a page in its place, has none."""
    posts = (_link(post, base_url) for post in items(json_object(unpacked(body))))
    return islice((link for link in posts if link), MAX_LINKS)


def _link(post: Any, base_url: str) -> Link | None:
    url = absolute(dig(post, "link"), base_url)
    if url is None:
        return None
    embedded = dig(post, "_embedded")
    categories, tags = _terms(embedded, "category"), _terms(embedded, "post_tag")
    media = items(dig(embedded, "wp:featuredmedia"))[:1]
    protected = dig(post, "content", "protected") or dig(post, "excerpt", "protected")
    return Link(
        url,
        via="rest",
        found_on=base_url,
        title=plain(dig(post, "title", "rendered")),
        published=_moment(dig(post, "date"), dig(post, "date_gmt")),
        modified=_moment(dig(post, "modified"), dig(post, "modified_gmt")),
        authors=unique(plain(dig(author, "name")) for author in items(dig(embedded, "author"))),
        section=_section(url, categories),
        tags=unique(plain(dig(tag, "name")) for tag in tags),
        description=None if protected else plain(dig(post, "excerpt", "rendered")),
        image=absolute(dig(media[0], "source_url"), base_url) if media else None,
        shortlink=_shortlink(dig(post, "id"), base_url),
    )


def _terms(embedded: Any, taxonomy: str) -> list[Any]:
    groups = items(dig(embedded, "wp:term"))
    return [term for group in groups for term in items(group) if dig(term, "taxonomy") == taxonomy]


def _section(url: str, categories: list[Any]) -> str | None:
    """The category that the permalink names, else the first."""
    by_slug = {slug: category for category in categories if isinstance(slug := dig(category, "slug"), str)}
    named = [by_slug[part] for part in urlsplit(url).path.split("/")[:-1] if part in by_slug]
    return next(iter(unique(plain(dig(category, "name")) for category in named + categories)), None)


def _moment(local: Any, gmt: Any) -> datetime | None:
    """WordPress writes the site's clock without a zone beside GMT: their difference is the publisher's offset."""
    instant, clock = written(gmt), written(local)
    if instant is None:
        return None
    instant = instant.replace(tzinfo=UTC)
    if clock is None:
        return instant
    offset = timedelta(minutes=round((clock.replace(tzinfo=UTC) - instant).total_seconds() / 60))
    return instant.astimezone(timezone(offset)) if offset and abs(offset) <= _FAR else instant


def _shortlink(number: Any, base_url: str) -> str | None:
    """`/?p=ID` below the site's home, which lies above the API's root."""
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 10**12:
        return None
    parts = urlsplit(base_url)
    api, _, _ = parts.path.partition(_ROUTE)
    home = api.rpartition("/")[0].removesuffix("/index.php")
    return urlunsplit((parts.scheme, parts.netloc, f"{home}/", f"p={number}", ""))
