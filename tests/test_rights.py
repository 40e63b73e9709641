"""What is said of a page's use: claims from headers, markup and files, who is spoken to, and what they come to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Page
from archive.rights import Claim, of_page, of_robots, of_tdmrep, reserved
from archive.robots import rules

URL = "https://gazette.example/ville/marche/"


def page(body: str = "", *headers: tuple[str, str]) -> Page:
    return Page(URL, 200, headers, body.encode(), datetime(2026, 3, 1, tzinfo=UTC))


def claims(body: str = "", *headers: tuple[str, str]) -> list[tuple[str, str, str, str | None]]:
    return [(one.kind, one.value, one.source, one.agent) for one in of_page(page(body, *headers))]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '<meta name="robots" content="noai, NOARCHIVE">',
            [("robots:noai", "noai"), ("robots:noarchive", "noarchive")],
        ),
        ("<META CONTENT='1' NAME='tdm-reservation'>", [("tdm-reservation", "1")]),
        ("<meta name=tdm-reservation content=0>", [("tdm-reservation", "0")]),
        ('<meta name="tdm-policy" content="https://a.example/p?a&amp;b">', [("tdm-policy", "https://a.example/p?a&b")]),
        ('<link rel="canonical license" href="https://x.example/by/4.0/">', [("licence", "https://x.example/by/4.0/")]),
        ('<!-- <meta name="robots" content="noai"> -->', []),
        ('<meta name="robots" content="index, follow, max-image-preview:large">', []),
        ('<meta name="description" content="noai">', []),
    ],
)
def test_what_a_page_says(body: str, expected: list[tuple[str, str]]) -> None:
    assert [found[:3] for found in claims(body)] == [(*pair, "meta") for pair in expected]


def test_whom_a_header_speaks_to() -> None:
    found = claims("", ("X-Robots-Tag", "noarchive, otherbot: noai, nosnippet"), ("x-robots-tag", "noimageai"))
    assert found == [
        ("robots:noarchive", "noarchive", "header", None),
        ("robots:noai", "noai", "header", "otherbot"),
        ("robots:nosnippet", "nosnippet", "header", "otherbot"),
        ("robots:noimageai", "noimageai", "header", None),
    ]
    link = '<https://a.example/next>; rel=next, <https://a.example/licence>; rel="license"'
    assert claims("", ("Link", link)) == [("licence", "https://a.example/licence", "header", None)]


@pytest.mark.parametrize(
    ("location", "value"),
    [("/", "1"), ("/ville/*", "1"), ("*.pdf$", None), ("/ailleurs/", None), ("/ville/marche/$", "1")],
)
def test_what_a_file_says_of_a_page(location: str, value: str | None) -> None:
    body = f'\ufeff[{{"location": "{location}", "tdm-reservation": 1, "tdm-policy": "https://a.example/p"}}]'.encode()
    found = {claim.kind: claim.value for claim in of_tdmrep(body, URL)}
    assert found.get("tdm-reservation") == value


def test_of_rules_of_a_file_the_first_that_matches_counts() -> None:
    body = b'[{"location": "/ville/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]'
    assert [(claim.value, claim.place) for claim in of_tdmrep(body, URL)] == [("0", "rule 1")]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"[1, null, []]", b'[{"location": 5}]', b'[{"location": "/", "tdm-reservation": [1]}]'),
        *(b"[" * 100_000, b"<html>404</html>", b"\xff\xfe"),
        b'[{"location": "/", "tdm-reservation": 1}' + b" " * (2 << 20) + b"]",
    ],
)
def test_what_is_no_such_file_says_nothing(body: bytes) -> None:
    assert of_tdmrep(body, URL) == ()


def test_what_robots_txt_says_beside_its_rules() -> None:
    text = b"License: https://a.example/rsl.xml\nUser-agent: *\nContent-Signal: search=yes, ai-train=no\n"
    text += b"Disallow: /ville/\n"
    assert [(one.kind, one.value, one.place) for one in of_robots(rules(text), URL, "marbre")] == [
        ("disallow", "/ville/", "line 4"),
        ("signal:search", "yes", "line 3"),
        ("signal:ai-train", "no", "line 3"),
        ("licence", "https://a.example/rsl.xml", "line 1"),
    ]


def tdm(value: str, source: str) -> Claim:
    return Claim("tdm-reservation", value, source)


NOAI = Claim("robots:noai", "noai", "meta")


@pytest.mark.parametrize(
    ("said", "decides"),
    [
        ([], None),
        ([tdm("1", "tdmrep.json")], "tdmrep.json"),
        ([tdm("1", "tdmrep.json"), tdm("0", "header")], None),
        ([tdm("0", "tdmrep.json"), tdm("1", "header")], "header"),
        ([tdm("1", "header"), tdm("0", "meta")], None),
        ([tdm("1", "meta"), tdm("0", "header"), tdm("0", "tdmrep.json")], "meta"),
        ([tdm("yes", "meta"), tdm("1", "tdmrep.json")], "tdmrep.json"),
        ([tdm("0", "meta"), NOAI], None),
        ([NOAI], "meta"),
        ([NOAI._replace(agent="gptbot")], None),
        ([NOAI._replace(agent="marbre")], "meta"),
        ([Claim("signal:ai-train", "no", "robots.txt")], "robots.txt"),
        ([Claim("signal:ai-train", "yes", "robots.txt"), Claim("signal:search", "no", "robots.txt")], None),
        ([Claim("robots:noarchive", "noarchive", "meta"), Claim("licence", "x", "meta")], None),
    ],
)
def test_what_claims_come_to(said: list[Claim], decides: str | None) -> None:
    found = reserved(said)
    assert (found.claim.source if found else None) == decides


@given(st.binary(max_size=400), st.lists(st.tuples(st.text(max_size=20), st.text(max_size=80)), max_size=6))
def test_any_page_is_read(body: bytes, headers: list[tuple[str, str]]) -> None:
    said = (*headers, *(("X-Robots-Tag", value) for _, value in headers), *(("Link", value) for _, value in headers))
    reserved(of_page(Page(URL, 200, said, b"<meta " + body, datetime(2026, 3, 1, tzinfo=UTC))))


def test_a_page_of_nothing_but_claims_is_bounded() -> None:
    many = "".join(f'<link rel=license href="https://a.example/{number}">' for number in range(50_000))
    assert len(of_page(page(many))) == 64
    assert len(of_page(page("<!--" * 100_000 + "<meta " * 50_000))) == 0
