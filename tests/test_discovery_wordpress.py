"""WordPress's REST API, in the shapes it answers in."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from archive.models import Link
from crawler.discovery import Source, wordpress

HOME = "https://gazette.example/"
POSTS = "https://gazette.example/wp-json/wp/v2/posts?per_page=100&page=1"


def post(**changes: Any) -> dict[str, Any]:
    return {
        "id": 42,
        "date": "2026-03-01T10:00:00",
        "date_gmt": "2026-03-01T09:00:00",
        "modified": "2026-07-02T10:30:00",
        "modified_gmt": "2026-07-02T08:30:00",
        "link": "https://gazette.example/mer/ete/",
        "title": {"rendered": "L&#8217;été &amp; <em>la mer</em>"},
        "content": {"protected": False},
        "excerpt": {"rendered": "<p>Il fait&nbsp;beau [&hellip;]</p>\n", "protected": False},
        "_embedded": {
            "author": [{"name": "Anne Martin"}, {"code": "rest_user_invalid_id", "message": "x"}],
            "wp:featuredmedia": [{"source_url": "https://gazette.example/ete.jpg"}],
            "wp:term": [
                [
                    {"taxonomy": "category", "name": "À la une", "slug": "une"},
                    {"taxonomy": "category", "name": "Mer &amp; ciel", "slug": "mer"},
                ],
                [{"taxonomy": "post_tag", "name": "Vacances", "slug": "vacances"}],
            ],
        },
        **changes,
    }


def one(base: str = POSTS, **changes: Any) -> Link:
    (link,) = wordpress.links(json.dumps([post(**changes)]).encode(), base)
    assert isinstance(link, Link)
    return link


def test_a_post() -> None:
    link = one()
    assert (link.url, link.via, link.found_on) == ("https://gazette.example/mer/ete/", "rest", POSTS)
    assert (link.title, link.description) == ("L’été & la mer", "Il fait\xa0beau […]")
    assert str(link.published) == "2026-03-01 10:00:00+01:00"  # the publisher's winter
    assert str(link.modified) == "2026-07-02 10:30:00+02:00"  # and summer
    assert (link.authors, link.section, link.tags) == (("Anne Martin",), "Mer & ciel", ("Vacances",))
    assert (link.image, link.shortlink) == ("https://gazette.example/ete.jpg", "https://gazette.example/?p=42")


@pytest.mark.parametrize(
    ("local", "gmt", "expected"),
    [
        ("2026-03-01T10:00:00", "2026-03-01T10:00:00", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T14:45:00", "2026-03-01T09:00:00", "2026-03-01T14:45:00+05:45"),
        ("2026-02-28T23:00:00", "2026-03-01T09:00:00", "2026-02-28T23:00:00-10:00"),
        ("2026-03-01T10:00:20", "2026-03-01T09:00:00", "2026-03-01T10:00:00+01:00"),
        ("2026-03-05T10:00:00", "2026-03-01T09:00:00", "2026-03-01T09:00:00+00:00"),  # no zone is four days away
        (None, "2026-03-01T09:00:00", "2026-03-01T09:00:00+00:00"),
        ("2026-03-01T10:00:00", None, None),
        ("2026-03-01T10:00:00", "0000-00-00T00:00:00", None),
    ],
)
def test_the_publishers_offset_is_the_difference(local: str | None, gmt: str | None, expected: str | None) -> None:
    published = one(date=local, date_gmt=gmt).published
    assert (published and published.isoformat()) == expected


def test_what_is_closed_or_missing_is_left_out() -> None:
    link = one(
        content={"protected": True},
        _embedded={"author": {"code": "x"}, "wp:featuredmedia": [], "wp:term": None},
        id="42",
    )
    assert (link.description, link.authors, link.section, link.tags, link.image, link.shortlink) == (
        None,
        (),
        None,
        (),
        None,
        None,
    )
    assert one(link="https://gazette.example/autre/ete/").section == "À la une"


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":"rest_login_required","message":"x","data":{"status":401}}',
        b"<!doctype html><title>Are you human?</title>",
        b"[]",
        b"[[{}]]",
        b'[{"link": 5}]',
    ],
)
def test_what_is_no_list_of_posts_has_none(body: bytes) -> None:
    assert list(wordpress.links(body, POSTS)) == []


@pytest.mark.parametrize(
    ("root", "home"),
    [
        ("https://gazette.example/wp-json/", "https://gazette.example/"),
        ("https://gazette.example/blog/wp-json/", "https://gazette.example/blog/"),
        ("https://gazette.example/?rest_route=/", "https://gazette.example/"),
        ("https://gazette.example/blog/?rest_route=/", "https://gazette.example/blog/"),
        ("https://gazette.example/index.php?rest_route=/", "https://gazette.example/"),
        ("https://gazette.example/blog/index.php/wp-json/", "https://gazette.example/blog/"),
    ],
)
def test_every_form_of_root(root: str, home: str) -> None:
    headers = [("link", f'<{root}>; rel="https://api.w.org/", </x>; rel=shortlink')]
    assert wordpress.api_root(headers, b"", HOME) == root
    assert (
        wordpress.api_root([], f'<head><link rel="https://api.w.org/" href="{root}" /></head>'.encode(), HOME) == root
    )
    source = wordpress.posts_source(root, page=3)
    query = parse_qs(urlsplit(source.url).query)
    assert source.kind == "rest"
    assert (query["page"], query["per_page"], query["orderby"], query["order"]) == (["3"], ["100"], ["date"], ["asc"])
    assert {"_links", "_embedded"} < set(query["_fields"][0].split(","))
    assert query["_embed"] == ["author,wp:featuredmedia,wp:term"]
    if "rest_route" in root:
        assert query["rest_route"] == ["/wp/v2/posts"]
        assert urlsplit(source.url).path == urlsplit(root).path
    else:
        assert source.url.startswith(f"{root}wp/v2/posts?")
    assert one(base=source.url).shortlink == f"{home}?p=42"


def test_a_root_elsewhere_is_not_the_sites() -> None:
    assert (
        wordpress.api_root([("Link", '<https://evil.example/wp-json/>; rel="https://api.w.org/"')], b"", HOME) is None
    )
    assert (
        wordpress.api_root([("Link", "<https://[/>; rel=https://api.w.org/"), ("Link", "rubbish")], b"<", HOME) is None
    )
    www = "https://www.gazette.example/wp-json/"
    assert wordpress.api_root([("Link", f"<{www}>; rel='https://api.w.org/'")], b"", HOME) == www


@pytest.mark.parametrize(
    ("headers", "url", "page"),
    [
        ([("X-WP-TotalPages", "3")], POSTS, "2"),
        ([("x-wp-totalpages", "3")], POSTS.replace("page=1", "page=2"), "3"),
        ([("x-wp-totalpages", "3")], POSTS.replace("page=1", "page=3"), None),
        ([("x-wp-totalpages", "0")], POSTS, None),
        ([("x-wp-totalpages", "9" * 5000)], POSTS, None),
        ([("link", f'<{POSTS.replace("page=1", "page=2")}>; rel="next"')], POSTS, "2"),
        ([("link", '<https://evil.example/?page=2>; rel="next"')], POSTS, None),
        ([], POSTS, None),
    ],
)
def test_the_next_page(headers: list[tuple[str, str]], url: str, page: str | None) -> None:
    after = wordpress.next_page(headers, url)
    assert (after and parse_qs(urlsplit(after.url).query)["page"][0]) == page


def test_pages_lead_from_one_to_the_next_with_nothing_lost() -> None:
    for root in ("https://gazette.example/wp-json/", "https://gazette.example/?rest_route=/"):
        source: Source | None = wordpress.posts_source(root)
        seen = []
        while source:
            seen.append(source)
            source = wordpress.next_page([("X-WP-TotalPages", "4")], source.url)
        assert seen == [wordpress.posts_source(root, page) for page in range(1, 5)]
