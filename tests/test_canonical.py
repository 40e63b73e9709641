"""Under which address an article is known, and which addresses outlive a change of slug."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from archive.models import Link, Page
from archive.reading import addresses, markup
from archive.reading.choice import FIRST, ONLY
from archive.reading.evidence import Evidence, collect

URL = "https://vigie.example/mer/un-article/"


def evidence(head: str = "", url: str = URL, headers: tuple[tuple[str, str], ...] = (), *links: Link) -> Evidence:
    text = f"<html><head>{head}</head><body class='single postid-7'><h1>Un titre</h1></body></html>"
    root, _ = markup.parse(text)
    assert root is not None
    page = Page(url, 200, headers, text.encode(), datetime(2025, 12, 1, tzinfo=UTC), links)
    return collect(page, markup.gather(root, url, text))


def canonical(address: str) -> str:
    return f'<link rel="canonical" href="{address}">'


def og(address: str) -> str:
    return f'<meta property="og:url" content="{address}">'


@pytest.mark.parametrize(
    ("head", "url", "value", "source", "rule", "others"),
    [
        ("", f"{URL}?utm_source=x#top", URL, "fetched address", ONLY, ()),
        (canonical(URL), f"{URL}?ref=x", URL, "link canonical", FIRST, ("fetched address",)),
        (canonical(URL) + og(URL), URL, URL, "link canonical", FIRST, ("og:url", "fetched address")),
        (og(URL), f"{URL}amp/", URL, "og:url", FIRST, ("fetched address",)),
        (canonical("/mer/un-article/"), f"{URL}?x=1", URL, "link canonical", FIRST, ("fetched address",)),
        (canonical("https://vigie.example/"), URL, URL, "fetched address", "link canonical cannot be believed",
         ("link canonical",)),
        (canonical("https://autre.example/a/") + og(URL), URL, URL, "fetched address",
         "link canonical cannot be believed", ("link canonical", "og:url")),
        (canonical("http://[/"), URL, URL, "fetched address", ONLY, ()),
        (canonical("javascript:x()") + og("data:x"), URL, URL, "fetched address", ONLY, ()),
    ],
)  # fmt: skip
def test_canonical_is_the_first_that_can_be_believed(
    head: str, url: str, value: str, source: str, rule: str, others: tuple[str, ...]
) -> None:
    found = addresses.canonical(evidence(head, url))
    assert (found.value, found.source, found.rule, found.others) == (value, source, rule, others)


API = '<link rel="https://api.w.org/" href="https://vigie.example/wp-json/"><script src="/wp-content/a.js"></script>'


@pytest.mark.parametrize(
    ("head", "headers", "source", "others"),
    [
        ('<link rel="shortlink" href="/?p=7">', (), "link shortlink", ()),
        ("", (("Link", "<https://vigie.example/?p=7>; rel=shortlink"),), "Link header", ()),
        ("", (("Link", '<https://vigie.example/wp-json/>; rel="x", <https://vigie.example/?p=7>; rel=shortlink'),),
         "Link header", ()),
        (API, (), "body class", ()),
        ('<link rel="shortlink" href="/?p=7">' + API, (("link", "<https://vigie.example/?p=7>;rel='shortlink'"),),
         "Link header", ("link shortlink", "body class")),
    ],
)  # fmt: skip
def test_shortlink_is_named_by_many(
    head: str, headers: tuple[tuple[str, str], ...], source: str, others: tuple[str, ...]
) -> None:
    found = addresses.shortlink(evidence(head, URL, headers))
    assert found is not None
    assert (found.value, found.source, found.others) == ("https://vigie.example/?p=7", source, others)


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<link rel="shortlink" href="https://autre.example/?p=7">',
        '<link rel="shortlink" href="https://vig.ie/x7">',
        '<link rel="shortlink" href="http://[/?p=7">',
    ],
)
def test_shortlink_of_another_site_or_form_is_none(head: str) -> None:
    assert addresses.shortlink(evidence(head)) is None


def test_api_names_the_shortlink_first() -> None:
    rest = Link(URL, "rest", "https://vigie.example/wp-json/", shortlink="https://vigie.example/?p=7")
    found = addresses.shortlink(evidence('<link rel="shortlink" href="/?p=8">', URL, (), rest))
    assert found is not None
    assert (found.value, found.source, found.others) == ("https://vigie.example/?p=7", "rest", ("link shortlink",))


@pytest.mark.parametrize("unit", ["<", "<a>;", "<a", "; rel=", ","])
def test_hostile_header_takes_no_time(unit: str) -> None:
    stated = evidence("", URL, (("Link", unit * 30_000),))
    start = time.process_time()
    assert addresses.shortlink(stated) is None
    assert time.process_time() - start < 1
