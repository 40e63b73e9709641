"""Which section and tags are believed, and by which rule."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.models import Link, Page
from archive.reading import markup, sections
from archive.reading.choice import FIRST, Choice
from archive.reading.evidence import Evidence, collect

URL = "https://vigie.example/mer/un-article/"


def evidence(head: str = "", content: str = "", *links: Link) -> Evidence:
    text = f"<html><head>{head}</head><body><article><h1>Un titre</h1>{content}</article></body></html>"
    root, _ = markup.parse(text)
    assert root is not None
    page = Page(URL, 200, (), text.encode(), datetime(2025, 12, 1, tzinfo=UTC), links)
    return collect(page, markup.gather(root, URL, text))


def ld(kind: str = "NewsArticle", **fields: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": kind, **fields})}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def step(position: int, name: str) -> dict[str, Any]:
    return {"@type": "ListItem", "position": position, "name": name}


TRAIL = '<nav class="breadcrumbs"><a href="/">Accueil</a><a href="/mer/">Mer</a></nav>'


@pytest.mark.parametrize(
    ("head", "content", "name", "source", "others"),
    [
        (meta("article:section", "Mer"), "", "Mer", "article:section", ()),
        (ld(articleSection="Mer"), "", "Mer", "json-ld", ()),
        (ld(articleSection=["Actualité", "Mer"]), "", "Actualité", "json-ld", ("json-ld",)),
        (ld(articleSection=["Actualité", "Mer"]), TRAIL, "Mer", "json-ld", ("json-ld", "breadcrumb")),
        (meta("article:section", "Mer") + ld(articleSection="Ports"), "", "Mer", "article:section", ("json-ld",)),
        (meta("article:section", "Non classé") + ld(articleSection="Ports"), "", "Ports", "json-ld", ()),
        (meta("og:site_name", "La Vigie") + meta("article:section", "La Vigie"), TRAIL, "Mer", "breadcrumb", ()),
        (meta("article:section", "https://www.facebook.example/vigie"), TRAIL, "Mer", "breadcrumb", ()),
        ("", '<span class="cat-links"><a href="/mer/">Mer</a></span>', "Mer", "category link", ()),
        ("", '<a rel="category tag" href="/mer/">Mer</a>', "Mer", "category link", ()),
        ("", TRAIL, "Mer", "breadcrumb", ()),
        (
            ld("BreadcrumbList", itemListElement=[step(3, "Un titre"), step(2, "Mer"), step(1, "Home")]),
            "",
            "Mer",
            "breadcrumb",
            (),
        ),
        (meta("parsely-section", "Mer"), "", "Mer", "parsely-section", ()),
    ],
)
def test_section_is_the_best_witness(head: str, content: str, name: str, source: str, others: tuple[str, ...]) -> None:
    found = sections.section(evidence(head, content))
    assert found is not None
    assert (found.value, found.source, found.others) == (name, source, others)


@pytest.mark.parametrize(
    ("head", "content"),
    [
        ("", ""),
        (meta("article:section", "Uncategorized"), ""),
        (meta("article:section", "未分類"), ""),
        (meta("article:section", "m" * 100), ""),
        ("", '<nav class="breadcrumb"><a href="/">ホーム</a></nav>'),
        (ld("BreadcrumbList", itemListElement=[{"name": []}, 7, {"position": "²"}]), ""),
    ],
)
def test_section_that_tells_nothing_is_none(head: str, content: str) -> None:
    assert sections.section(evidence(head, content)) is None


@pytest.mark.parametrize(
    ("head", "content", "tags", "source", "others"),
    [
        (meta("article:tag", "mer") + meta("article:tag", "port"), "", ("mer", "port"), "article:tag", ()),
        (ld(keywords=["mer", "port", "Mer"]), "", ("mer", "port"), "json-ld", ()),
        (ld(keywords="mer; port"), "", ("mer", "port"), "json-ld", ()),
        (
            meta("news_keywords", "mer, port, quai"),
            '<a rel="tag" href="/tag/mer/">#Mer</a>',
            ("Mer",),
            "rel=tag",
            ("tag addresses", "news_keywords"),
        ),
        ("", '<div class="tags-links"><a href="/x">Mer</a></div>', ("Mer",), "tag links", ()),
        (meta("keywords", "mer,port"), "", ("mer", "port"), "keywords", ()),
        (meta("keywords", "x" * 100 + ",port"), "", ("port",), "keywords", ()),
    ],
)
def test_tags_are_the_best_witness(
    head: str, content: str, tags: tuple[str, ...], source: str, others: tuple[str, ...]
) -> None:
    found = sections.tags(evidence(head, content))
    assert found is not None
    assert (found.value, found.source, found.others) == (tags, source, others)


@pytest.mark.parametrize(
    ("head", "content", "tags", "source"),
    [
        ("", '<article><a href="/tag/mer/">mer</a><a href="/mer/">Mer</a></article>', None, None),
        ("", '<a href="/tag/mer/">mer</a><a href="/mer/">Ports</a>', ("mer",), "tag addresses"),
        ("", '<p class="taxonomy-category"><a rel="tag" href="/c/mer/">Mer</a></p>', None, None),
        ("", '<a rel="category tag" href="/c/mer/">Mer</a>', None, None),
        (meta("article:tag", "mer, port"), "", ("mer", "port"), "article:tag"),
        (meta("keywords", " , ;,"), "", None, None),
        (meta("parsely-tags", "#mer,port"), "", ("mer", "port"), "parsely-tags"),
    ],
)
def test_tags_are_told_from_categories(
    head: str, content: str, tags: tuple[str, ...] | None, source: str | None
) -> None:
    found = sections.tags(evidence(head, content))
    assert (found.value if found else None, found.source if found else None) == (tags, source)


def test_feed_is_asked_after_the_page() -> None:
    feed = Link(URL, "feed", "https://vigie.example/feed/", section="Ports", tags=("quai",))
    tags, section = sections.tags(evidence("", "", feed)), sections.section(evidence("", "", feed))
    assert tags is not None
    assert section is not None
    assert (tags.value, tags.source, section.value, section.source) == (("quai",), "feed", "Ports", "feed")
    assert sections.tags(evidence(meta("article:tag", "mer"), "", feed)) == Choice(
        ("mer",), "article:tag", FIRST, ("feed",)
    )


@pytest.mark.parametrize(
    ("head", "content"),
    [
        (meta("og:site_name", "x") * 5_000 + meta("article:section", "x") * 5_000, ""),
        (meta("keywords", "a," * 500_000), ""),
        ("", "".join(f'<a rel="tag" href="/tag/{n}">{n}</a>' for n in range(20_000))),
        ("", '<div class="tags-links">' * 200 + "".join(f'<a href="/tag/{n}">{n}</a>' for n in range(20_000))),
        ("", '<div class="breadcrumb">' * 200 + '<a href="/">x</a>' * 20_000),
        (ld("BreadcrumbList", itemListElement=[{"name": str(n)} for n in range(20_000)]), ""),
    ],
)
def test_hostile_lists_are_read_past(head: str, content: str) -> None:
    stated = evidence(head, content)
    start = time.process_time()
    sections.section(stated)
    sections.tags(stated)
    assert time.process_time() - start < 1


def test_api_names_all_tags_even_when_there_are_none() -> None:
    rest = Link(URL, "rest", "https://vigie.example/wp-json/", tags=())
    assert sections.tags(evidence(meta("keywords", "mer"), "", rest)) is None
