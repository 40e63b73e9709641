"""A post as WordPress's REST API gives it, written out as the page that any theme makes of it.

The readers then read it as they read every page; what the API says of dates and names is the evidence of discovery,
which they have in any case. See developer.wordpress.org/rest-api/reference/posts/ for the fields.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from html import escape
from typing import Any

from archive.models import Page

ACCEPTED_BY = "rest: a post of the site's API"
_OURS = {"link canonical", "fetched address", "wordpress post", "wp-post-image", "first image", "h1", "entry-title"}
_LARGEST_HEAD = 256 * 1024  # characters; an SEO plugin's head is a tenth of it


def as_html(page: Page) -> Page | None:
    """Return a page that holds a post's JSON as the HTML page that says the same; None if it holds no such thing."""
    document = _document(page)
    if document is None:
        return None
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return dataclasses.replace(page, headers=headers, body=document.encode("utf-8", "replace"))


def sources(provenance: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return where the fields of such a page were read: what stands in the markup that we wrote, the API said."""
    return {
        field: {**origin, "source": "rest"} if origin["source"] in _OURS else dict(origin)
        for field, origin in provenance.items()
    }


def _document(page: Page) -> str | None:
    kind = next((value for name, value in page.headers if name.lower() == "content-type"), "")
    if not kind.startswith("application/json"):
        return None
    try:
        post = json.loads(page.body)
    except (ValueError, RecursionError):  # a stranger's JSON that is none
        return None
    number, content = _at(post, "id"), _text(post, "content", "rendered")
    if not isinstance(number, int) or content is None:
        return None
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8>{_head(post, page.url)}</head>"
        f'<body class="wp-singular single single-post postid-{number}"><article class="post type-post hentry">'
        f'<h1 class="entry-title">{_text(post, "title", "rendered") or ""}</h1>{_picture(post)}'
        f'<div class="entry-content wp-block-post-content">{content}</div></article></body></html>'
    )


def _head(post: Any, url: str) -> str:
    """What an SEO plugin prints (canonical address, OpenGraph, JSON-LD), where the API gives it along."""
    head = _text(post, "yoast_head") or _text(post, "rank_math_head") or ""
    canonical = "" if "canonical" in head else f'<link rel="canonical" href="{escape(url)}">'
    api = '<link rel="https://api.w.org/" href="/wp-json/">'  # what tells the readers that it is WordPress
    return api + canonical + (head if len(head) <= _LARGEST_HEAD else "")


def _picture(post: Any) -> str:
    media = _at(post, "_embedded", "wp:featuredmedia")
    picture = media[0] if isinstance(media, list) and media else None
    source = _text(picture, "source_url")
    if not source:
        return ""
    caption = _text(picture, "caption", "rendered") or ""
    alt = escape(_text(picture, "alt_text") or "")
    return (
        f'<figure class="post-thumbnail"><img class="wp-post-image" src="{escape(source)}" alt="{alt}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _text(value: Any, *path: str) -> str | None:
    found = _at(value, *path)
    return found if isinstance(found, str) else None


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
