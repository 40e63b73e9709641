"""WordPress's REST API: every post with its dates, authors, sections and pictures, a hundred a page.

See developer.wordpress.org/rest-api/reference/posts/ and .../using-the-rest-api/global-parameters/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
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
_ROUTE = "/wp/v2/"
# Types of content that WordPress itself, or a page builder, keeps beside posts: none is an article.
_OWN_TYPES = {"post", "page", "attachment", "nav_menu_item"}
_INTERNAL = re.compile(r"(?:wp|elementor|e|jp|acf|oembed)[_-]")
_MAX_PAGES = 10_000  # a million posts; a server may say anything
_FAR = timedelta(hours=14)  # no zone is further from UTC
# _links and _embedded must be asked for, or _embed has nothing to fill.
_FIELDS = (
    "id,date,date_gmt,modified,modified_gmt,link,slug,title,excerpt,content.protected,guid,categories,tags,author,"
    "_links,_embedded"
)
_WHOLE = "content,yoast_head,rank_math_head"  # what an article is read from, besides
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


def posts_source(
    root: str, page: int = 1, *, base: str = "posts", whole: bool = False, asked: Mapping[str, str] | None = None
) -> Source:
    """Return one page of posts, counted from 1, below an API root in either form: `/wp-json/` or `?rest_route=/`.

    `base` is where the API keeps a type of content, `whole` asks for texts too; `asked` are further parameters.
    """
    fields = {"_fields": _FIELDS.replace("content.protected", _WHOLE)} if whole else {}
    return Source(_address(root, base, _QUERY | fields | dict(asked or {}) | {"page": str(page)}), "rest")


def edits_source(root: str, since: datetime, *, base: str = "posts", whole: bool = False) -> Source:
    """Return the first page of posts changed since an aware moment (WordPress 5.7; older ones give all posts)."""
    after = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"  # without a zone it would be the site's clock
    return posts_source(root, base=base, whole=whole, asked={"orderby": "modified", "modified_after": after})


def count_source(root: str) -> Source:
    """Return the smallest question whose answer says how many posts there are."""
    return Source(_address(root, "posts", {"per_page": "1", "_fields": "id"}), "rest")


def types_source(root: str) -> Source:
    """Return where the API tells which types of content the site has."""
    return Source(_address(root, "types", {}), "types")


def _address(root: str, base: str, asked: Mapping[str, str]) -> str:
    parts = urlsplit(root)
    query = dict(parse_qsl(parts.query))
    path = parts.path
    if "rest_route" in query:
        query["rest_route"] = _ROUTE + base
    else:
        path = path.rstrip("/") + _ROUTE + base
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query | dict(asked), safe="/:,"), ""))


def types(body: bytes) -> tuple[str, ...]:
    """Return where the API keeps the site's own types of articles: those filed under categories or tags, as posts are.

    Of a `/wp/v2/types` answer; `rest_base` of each. Products, pages, forms and templates are none.
    """
    found = json_object(unpacked(body))
    kinds = found.items() if isinstance(found, dict) else ()
    bases = [
        dig(kind, "rest_base")
        for name, kind in kinds
        if name not in _OWN_TYPES
        and not _INTERNAL.match(name)
        and not dig(kind, "hierarchical")
        and {"category", "post_tag"} & {term for term in items(dig(kind, "taxonomies")) if isinstance(term, str)}
        and dig(kind, "rest_namespace") in {None, "wp/v2"}
    ]
    return tuple(base for base in bases if isinstance(base, str) and re.fullmatch(r"[\w-]{1,80}", base))


def is_closed(status: int, body: bytes) -> bool:
    """Whether the API does not answer the public: an error, or a page of HTML in place of JSON."""
    return status in {401, 403, 404, 410} or json_object(unpacked(body)) is None


def is_count(url: str) -> bool:
    """Whether a URL is that of `count_source`."""
    return dict(parse_qsl(urlsplit(url).query)).get("per_page") == "1"


def is_edits(url: str) -> bool:
    """Whether a URL is that of `edits_source`, or of a page after it."""
    return "modified_after" in dict(parse_qsl(urlsplit(url).query))


def is_since(url: str) -> bool:
    """Whether a URL asks for posts published after a moment only."""
    return "after" in dict(parse_qsl(urlsplit(url).query))


def total(headers: Iterable[tuple[str, str]]) -> int | None:
    """Return how many posts the site says that its answer is a part of (X-WP-Total); None if it does not say."""
    return next((_number(value) for name, value in headers if name.lower() == "x-wp-total"), None)


def protected(body: bytes) -> int:
    """Return how many posts of an answer are behind a password: they count in X-WP-Total."""
    return sum(bool(_is_protected(post)) for post in items(json_object(unpacked(body))))


def posts(body: bytes, base_url: str) -> Iterator[tuple[Link, bytes]]:
    """Yield each post whose text the answer gives: what is known of it, and its JSON alone."""
    for post in items(json_object(unpacked(body))):
        link = _link(post, base_url)
        if link and isinstance(dig(post, "content", "rendered"), str) and not _is_protected(post):
            yield link, json.dumps(post, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _is_protected(post: Any) -> bool:
    return bool(dig(post, "content", "protected") or dig(post, "excerpt", "protected"))


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
    figures = (text or "").strip(" \t")  # all that is white space in a header; strip() and int() differ on the rest
    return int(figures) if re.fullmatch(r"[0-9]{1,6}", figures) else None


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
        description=None if _is_protected(post) else plain(dig(post, "excerpt", "rendered")),
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
