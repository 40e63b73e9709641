"""Articles whose text stands only in a script's state, and what is no article there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archive.models import Page
from archive.reading import body, markup, scripted
from archive.reading.evidence import Evidence, collect
from tests.test_extraction import CAPTURED

TITLE = "The ferry goes back to work"
FIRST = "The ferry has gone back to work between the two banks on Tuesday morning, an hour behind the summer timetable."
SECOND = "Passengers waited on the quay, where the company had coffee and blankets brought, and some of them went home."
THIRD = "The harbour master said that nobody had been hurt, and that the boats would run until ten in the evening."
TEXTS = [FIRST, SECOND, THIRD]
HTML = "".join(f"<p>{text}</p>" for text in TEXTS)


def evidence(script: str, printed: str = "") -> Evidence:
    url = "https://courier.example/ports/ferry/"
    html = (
        f"<html><head><title>{TITLE} | Courier</title>{script}</head><body><div id='app'>{printed}</div></body></html>"
    )
    root, _ = markup.parse(html)
    assert root is not None
    page = Page(url, 200, (("Content-Type", "text/html"),), html.encode(), CAPTURED)
    return collect(page, markup.gather(root, url, html))


def lines(script: str, printed: str = "") -> list[str]:
    return [block.text for block in body.read(evidence(script, printed)).lines]


def as_json(state: Any) -> str:
    return f'<script type="application/json">{json.dumps(state)}</script>'


def article(value: Any) -> dict[str, Any]:
    return {"props": {"pageProps": {"article": {"headline": TITLE, "content": value}}}}


SHAPES: dict[str, Any] = {
    "HTML": HTML,
    "plain text": "\n\n".join(TEXTS),
    "list of texts": TEXTS,
    "list of HTML": [f"<p>{text}</p>" for text in TEXTS],
    "nodes with text": [{"type": "paragraph", "text": text} for text in TEXTS],
    "nodes with children": [{"type": "p", "children": [{"text": text}]} for text in TEXTS],
    "blocks with data": {"blocks": [{"type": "paragraph", "data": {"text": text}} for text in TEXTS]},
    "blocks with attributes": [{"name": "core/paragraph", "attributes": {"content": text}} for text in TEXTS],
    "rich text": {"nodeType": "document", "content": [
        {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": text}]} for text in TEXTS
    ]},
    "pictures between": [{"type": "p", "text": FIRST}, {"type": "image", "text": "A boat at the quay in the rain"},
                         *({"type": "p", "text": text} for text in TEXTS[1:])],
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_text_is_read_from_a_state(shape: str) -> None:
    assert lines(as_json(article(SHAPES[shape]))) == TEXTS


WRITINGS = {
    "assignment": "<script>window.__INITIAL_STATE__ = %s;</script>",
    "assignment by key": '<script>window["__STATE__"]=%s</script>',
    "variable": "<script>var state = %s;</script>",
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_state_is_found_as_scripts_write_it(writing: str) -> None:
    assert lines(WRITINGS[writing] % json.dumps(article(HTML))) == TEXTS


def test_state_as_a_string_of_json_is_read() -> None:
    written = json.dumps(json.dumps(article(HTML)))
    assert lines(f"<script>window.__PRELOADED_STATE__ = JSON.parse({written});</script>") == TEXTS


def test_streamed_state_is_read() -> None:
    row = "1:" + json.dumps(["$", "div", None, article(HTML)]) + "\n"
    parts = (json.dumps([1, part]) for part in (row[:300], row[300:]))
    assert lines("".join(f"<script>self.__next_f.push({part})</script>" for part in parts)) == TEXTS


def test_headings_quotations_and_lists_keep_their_kinds() -> None:
    nodes = [
        {"type": "p", "text": FIRST},
        {"type": "heading", "text": "An hour late"},
        {"type": "quote", "text": SECOND},
        {"type": "list", "items": ["Two boats", "One pilot"]},
        {"type": "p", "text": THIRD},
    ]
    found = body.read(evidence(as_json(article(nodes))))
    assert [block.kind for block in found.lines] == ["p", "heading", "quote", "item", "item", "p"]
    assert found.found_by == "script state"


def test_prose_near_the_pages_title_is_believed_before_longer_prose() -> None:
    other = {"headline": "Another article altogether", "content": HTML.replace("ferry", "train") * 3}
    assert lines(as_json([other, article(HTML)["props"]["pageProps"]["article"]])) == TEXTS


@pytest.mark.parametrize("key", ["comments", "relatedArticles", "footer", "translations", "cookieConsent"])
def test_prose_under_a_key_of_another_part_is_none(key: str) -> None:
    assert scripted.text(evidence(as_json({key: {"content": HTML}}))) is None


def test_page_that_prints_its_text_is_not_read_from_a_script() -> None:
    printed = f"<div class='article-body'>{HTML * 6}</div>"
    assert body.read(evidence(as_json(article(HTML * 20)), printed)).found_by == "name"


def test_page_that_prints_the_beginning_is_read_on_in_the_state() -> None:
    printed = f"<div class='article-body'><p>{FIRST}</p><p>{SECOND}</p><p>{FIRST}</p></div>"
    assert lines(as_json(article(HTML * 5)), printed) == TEXTS * 5


def test_json_ld_is_asked_where_nothing_else_has_a_text() -> None:
    node = {"@type": "NewsArticle", "headline": TITLE, "articleBody": "\n".join(TEXTS)}
    found = lines(f'<script type="application/ld+json">{json.dumps(node)}</script>')
    assert " ".join(found) == " ".join(TEXTS)


@pytest.mark.parametrize("script", ["window.x = {broken", "window.x = " + "[" * 50_000, "var x = JSON.parse('{');"])
def test_script_that_is_no_json_is_skipped(script: str) -> None:
    assert scripted.text(evidence(f"<script>{script + ' ' * 300}</script>")) is None
