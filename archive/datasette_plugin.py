"""The reading room: what Datasette is told of an archive, and the headers that keep its pages harmless."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette import hookimpl

from archive.schema import ABOUT

# Archived text is hostile; nothing on these pages may load from elsewhere, be framed, or tell where a reader came from.
_HEADERS = (
    (
        b"content-security-policy",
        b"; ".join(
            (
                b"default-src 'self'",
                b"script-src 'self' 'unsafe-inline'",
                b"style-src 'self' 'unsafe-inline'",
                b"img-src 'self' data:",
                b"frame-ancestors 'none'",
                b"base-uri 'none'",
                b"form-action 'self'",
            )
        ),
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
)
_FACETS: dict[str, list[str | dict[str, str]]] = {
    "articles": ["site", "section", "language", {"array": "authors"}, {"array": "tags"}],
    "captures": ["status", "kind", "role", "mime"],
    "frontier": ["outcome", "reason", "crawl"],
    "extractions": ["outcome", "reason", "extractor"],
    "crawls": ["site", "reason"],
    "events": ["kind"],
    "versions": [{"array": "changed"}],
}
_ORDER = {
    "articles": "published",
    "captures": "timestamp",
    "crawls": "started",
    "versions": "first_seen",
    "events": "timestamp",
}
_LABELS = {"articles": "title", "captures": "url", "crawls": "id"}
_Message = MutableMapping[str, Any]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, Callable[[], Awaitable[_Message]], _Send], Awaitable[None]]


def describe(name: str = "archive") -> dict[str, Any]:
    """Return Datasette metadata for the database `name`: plain words for tables and columns, facets, questions."""
    tables = {
        table: {
            "description": about,
            "columns": columns,
            **({"facets": _FACETS[table]} if table in _FACETS else {}),
            **({"sort_desc": _ORDER[table]} if table in _ORDER else {}),
            **({"label_column": _LABELS[table]} if table in _LABELS else {}),
        }
        for table, (about, columns) in ABOUT.items()
    }
    return {
        "title": "Marbre: a news archive",
        "description_html": _WELCOME.format(name=name),
        "extra_css_urls": [f"/{STATIC}/marbre.css"],
        "databases": {name: {"tables": tables, "queries": _QUESTIONS}},
    }


STATIC = "marbre-static"  # where `marbre serve` mounts archive/static
_WELCOME = (
    "<p>What the archived sites published, when, and how we know.</p>"
    '<p><a href="/{name}/articles">All articles</a>, newest first, with search and facets ·'
    ' <a href="/{name}/changed_after_publication">What was changed after it was published?</a> ·'
    ' <a href="/{name}/gone_or_back">What is gone, or back?</a> ·'
    ' <a href="/{name}/why_not_archived">Which URLs are not archived, and why?</a> ·'
    ' <a href="/{name}">Everything else</a></p>'
)
_QUESTIONS = {
    "changed_after_publication": {
        "title": "What was changed after it was published?",
        "sql": "select article, versions.first_seen as seen, changed, versions.title, site from versions"
        " join articles on articles.id = article where previous is not null order by versions.first_seen desc",
    },
    "gone_or_back": {
        "title": "What was removed, redirected, walled or brought back?",
        "sql": "select events.timestamp, kind, site, title, canonical_url, detail, article from events"
        " join articles on articles.id = article order by events.timestamp desc",
    },
    "why_not_archived": {
        "title": "Which URLs are not in the archive, and why?",
        "sql": "select url, outcome, reason, detail, crawl from frontier where outcome in"
        " ('skipped', 'rejected', 'failed') and reason != 'not_due' order by crawl desc, outcome, reason",
    },
    "same_text_elsewhere": {
        "title": "Which articles have the same text under another URL?",
        "sql": "select a.title, a.canonical_url, o.canonical_url as seen_first_at, a.first_seen from exact_duplicates"
        " join articles as a on a.id = article join articles as o on o.id = original order by a.first_seen desc",
    },
    "articles_per_day": {
        "title": "How many articles were published a day?",
        "sql": "select substr(published, 1, 10) as day, site, count(*) as articles from articles"
        " where published is not null group by 1, 2 order by 1 desc",
    },
}


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper() -> Callable[[_App], _App]:
    def wrap(app: _App) -> _App:
        async def with_headers(scope: _Message, receive: Any, send: _Send) -> None:
            async def send_with_headers(message: _Message) -> None:
                if message["type"] == "http.response.start":
                    sent = {name.lower() for name, _ in message.get("headers", [])}
                    added = [list(pair) for pair in _HEADERS if pair[0] not in sent]
                    message = {**message, "headers": [*message.get("headers", []), *added]}
                await send(message)

            await app(scope, receive, send_with_headers)

        return with_headers

    return wrap
