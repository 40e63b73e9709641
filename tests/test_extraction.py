"""Our own pages and what they must give.

`REWRITE_PAGES=1 pytest tests/test_extraction.py` writes the expectations anew; then read the diff.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.extraction import EXTRACTOR, extract
from archive.models import Article, Link, Page, Rejection

PAGES = Path(__file__).parent / "pages"
CASES = sorted(path.name for path in PAGES.iterdir() if path.is_dir())
CAPTURED = datetime(2025, 12, 1, 12, tzinfo=UTC)


def load(case: str) -> Page:
    about = json.loads((PAGES / case / "page.json").read_text(encoding="utf-8"))
    first = _page(case, about)
    parts = tuple(_page(case, about | {"links": []} | part) for part in about.get("parts", []))
    return dataclasses.replace(first, parts=parts)


def _page(case: str, about: dict[str, Any]) -> Page:
    return Page(
        url=about["url"],
        status=about.get("status", 200),
        headers=tuple(
            (name, value) for name, value in about.get("headers", [["Content-Type", "text/html; charset=UTF-8"]])
        ),
        body=(PAGES / case / about.get("file", "page.html")).read_bytes(),
        captured_at=CAPTURED,
        links=tuple(link(**fields) for fields in about.get("links", [])),
    )


def link(**fields: Any) -> Link:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
    for name in {"published", "modified"} & values.keys():
        values[name] = datetime.fromisoformat(values[name])
    return Link(**values)


def page(html: str, url: str = "https://vigie.example/mer/un-article/", **options: Any) -> Page:
    headers = options.pop("headers", (("Content-Type", "text/html; charset=utf-8"),))
    return Page(url, options.pop("status", 200), headers, html.encode(), CAPTURED, **options)


def described(result: Article | Rejection) -> dict[str, Any]:
    return json.loads(json.dumps(dataclasses.asdict(result), default=str, ensure_ascii=False))  # type: ignore[no-any-return]


def read_article(html: str, **options: Any) -> Article:
    result = extract(page(html, **options))
    assert isinstance(result, Article), result
    return result


@pytest.mark.parametrize("case", CASES)
def test_page_gives_what_is_expected(case: str) -> None:
    result = described(extract(load(case)))
    texts = {"expected.txt": result.pop("text", None), "expected.md": result.pop("markdown", None)}
    files = {name: f"{text}\n" for name, text in texts.items() if text is not None}
    files["expected.json"] = json.dumps(result, ensure_ascii=False, indent=2) + "\n"
    for name, content in files.items():
        path = PAGES / case / name
        if os.environ.get("REWRITE_PAGES"):
            path.write_text(content, encoding="utf-8")
        assert content == path.read_text(encoding="utf-8"), name


def test_same_pages_give_the_same_in_any_order_and_survive_pickling() -> None:
    first = {case: extract(load(case)) for case in CASES}
    again = {case: extract(load(case)) for case in reversed(CASES)}
    assert again == first
    assert pickle.loads(pickle.dumps(first)) == first


def test_extractor_names_the_versions_it_depends_on() -> None:
    assert "trafilatura" in EXTRACTOR
    assert "htmldate" in EXTRACTOR


PARAGRAPH = "<p>" + "Le bateau est rentré à quai vers six heures, avec tout son équipage. " * 4 + "</p>"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ({"status": 410}, "http_410"),
        ({"html": "   \n"}, "empty"),
        ({"html": "<!-- rien -->"}, "empty"),
        ({"html": '{"posts": []}'}, "not_html"),
        ({"html": "%PDF-1.7"}, "not_html"),
        ({"headers": (("content-type", "application/json"),)}, "not_html"),
        ({"headers": (("Content-Type", "image/png"),)}, "not_html"),
        ({"html": "<p>" + "x" * 10_000_001}, "too_large"),
        ({"html": "<html><body><p>Trois petits mots.</p></body></html>"}, "no_text"),
        ({"html": '<meta property="og:type" content="article"><p></p>'}, "no_text"),
        ({"url": "https://vigie.example/"}, "listing"),
    ],
)
def test_response_is_refused_for_a_reason(response: dict[str, Any], reason: str) -> None:
    html = response.pop("html", f"<html><body><article><h1>Un titre</h1>{PARAGRAPH}</article></body></html>")
    result = extract(page(html, **response))
    assert isinstance(result, Rejection)
    assert result.reason == reason


@pytest.mark.parametrize("kind", ["home", "blog", "archive", "category", "tag", "author", "date", "search"])
def test_wordpress_listings_are_no_articles(kind: str) -> None:
    head = '<link href="/wp-content/a.css"><meta property="og:type" content="article">'
    listing = Rejection("listing", f"wordpress class: {kind}")
    assert extract(page(f'{head}<body class="{kind}">{PARAGRAPH * 3}')) == listing


def test_wordpress_attachment_page_is_no_article() -> None:
    html = f'<link href="/wp-content/a.css"><body class="attachment single single-attachment">{PARAGRAPH * 3}'
    result = extract(page(html))
    assert isinstance(result, Rejection)
    assert result.reason == "attachment"


def test_short_text_is_an_article_where_the_page_says_so() -> None:
    article = read_article(
        '<meta property="og:type" content="article"><article><h1>Brève</h1><p>Le port est rouvert.</p></article>'
    )
    assert article.text == "Le port est rouvert."


def test_long_prose_is_an_article_though_og_type_says_website() -> None:
    article = read_article(f'<meta property="og:type" content="website"><h1>Un titre</h1><div>{PARAGRAPH * 3}</div>')
    assert "équipage" in article.text


POST = (
    '<html><head><link href="/wp-content/a.css"></head><body class="single single-post postid-7">'
    '<article id="post-7"><h1 class="entry-title">Titre</h1><div class="entry-content">%s</div></article></body></html>'
)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("<p>Un.</p><p>Un.</p>", ["Un.", "Un."]),
        ("<p>Non.</p>", ["Non."]),
        ("Du texte nu<br><br>puis encore", ["Du texte nu", "puis encore"]),
        (
            "<div>Un <b>mot</b> gras<p>un paragraphe</p>et la suite</div>",
            ["Un mot gras", "un paragraphe", "et la suite"],
        ),
        ("<p>Titre</p><p>Le corps du texte.</p>", ["Le corps du texte."]),
        ("<p>Un <a href='/x'>lien</a>, puis la suite.</p>", ["Un lien, puis la suite."]),
        ("<p>Avant</p><script>x()</script><style>p{}</style><p>Après</p>", ["Avant", "Après"]),
        ("<p>Avant</p><p style='display: none'>Caché</p><p>Après</p>", ["Avant", "Après"]),
        ("<dl><dt>Mot</dt><dd>Son sens</dd></dl>", ["Mot", "Son sens"]),
        ("<p>Avant</p><ins class='adsbygoogle'>Publicité</ins><p>Publicité</p><p>Après</p>", ["Avant", "Après"]),
        (
            "<ul><li><a href='/a'>Source un</a></li><li><a href='/b'>Source deux</a></li></ul><p>Fin.</p>",
            ["Source un", "Source deux", "Fin."],
        ),
    ],
)
def test_post_is_read_line_by_line(content: str, lines: list[str]) -> None:
    assert read_article(POST % content).text.split("\n") == lines


def test_markdown_keeps_structure_and_only_web_links() -> None:
    article = read_article(
        POST % "<h2>Un *titre*</h2>"
        "<p>1. n’est pas une liste, <a href='/a b'>un lien</a>, <a href='javascript:x()'>un piège</a>.</p>"
        "<ol><li>un</li><li>deux</li></ol><blockquote>Une citation</blockquote>"
    )
    assert article.markdown == (
        "## Un \\*titre\\*\n\n\\1. n’est pas une liste, [un lien](https://vigie.example/a%20b), un piège.\n\n"
        "1. un\n1. deux\n\n> Une citation"
    )


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["text/html", "text/html; charset=utf-16", "", "text/plain"]))
def test_any_bytes_give_an_answer(body: bytes, content_type: str) -> None:
    result = extract(
        Page("https://vigie.example/x", 200, (("Content-Type", content_type),), b"<html><body><p>" + body, CAPTURED)
    )
    assert isinstance(result, Article | Rejection)


SCRIPT = '<script type="application/ld+json">%s</script>'
HOSTILE = [
    '<meta property="og:type" content="article"><link rel="canonical" href="http://[/">',
    '<link rel="shortlink" href="http://[::1?p=1"><a rel="author" href="http://[">x</a>',
    '<base href="javascript:alert(1)"><meta property="og:image" content="http://[">',
    '<img src="http://[::1" srcset=",,,  2x, a 9.9.9w"><img width="99999999999999999999" src="/a.jpg">',
    SCRIPT % ("[" * 100_000),
    SCRIPT % ('{"a":' * 5_000 + "1" + "}" * 5_000),
    SCRIPT % '{"@type":"NewsArticle","author":{"@id":"x"},"@id":"x","datePublished":{"a":[]},"image":[[]],"url":9}',
    SCRIPT % '{"@type":"NewsArticle","headline":{"@value":{}},"keywords":7,"license":[],"isAccessibleForFree":[]}',
    SCRIPT % '{"@type":["NewsArticle",{}],"datePublished":"9999-99-99T99:99:99+99:99","author":[[],null,{"name":{}}]}',
    SCRIPT % '[{"@type":"BreadcrumbList","itemListElement":[1,{"name":[]}]},{"@type":"Organization","name":{}}]',
    '<meta property="article:published_time" content="0000-00-00"><time datetime="99999999999999"></time>',
    '<meta property="og:locale" content="_"><meta name="author" content=", ; et">',
    "<table><tr><td colspan='99999999999'>x</table><ul><li><ul><li></ul><svg><title>t</title></svg>",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_hostile_markup_is_read_past(html: str) -> None:
    read_article(f"<html><head>{html}</head><body><article><h1>Un titre</h1>{PARAGRAPH * 2}</article></body></html>")
