"""Addresses, texts and dates as every way of discovery reads them."""

from __future__ import annotations

import pytest

from crawler import discovery

BASE = "https://gazette.example/rubrique/"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/a", "https://gazette.example/a"),
        (" //cdn.example/a\n", "https://cdn.example/a"),
        ("?p=1", "https://gazette.example/rubrique/?p=1"),
        ("https://e.example/?a=1&amp;b=2", "https://e.example/?a=1&b=2"),
        ("javascript:alert(1)", None),
        ("mailto:a@e.example", None),
        ("file:///etc/passwd", None),
        ("data:text/html,x", None),
        ("http://[/", None),
        ("http:///a", None),
        ("https://e.example/" + "a" * 9000, None),
        ("https://e.example/\ud800", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_absolute_urls(url: object, expected: str | None) -> None:
    assert discovery.absolute(url, BASE) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>L&rsquo;&eacute;t&eacute;\n <b>arrive</b>&nbsp;!</p>", "L’été arrive\xa0!"),
        ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
        ("a\ud800b\x00c", "a?bc"),
        ("d\ufffdj\ufffd vu", None),
        (" <br> ", None),
        ("x" * 5000, None),
        (5, None),
    ],
)
def test_plain_text(markup: object, expected: str | None) -> None:
    assert discovery.plain(markup) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T10:00:00+01:00", "2026-03-01T10:00:00+01:00"),
        ("Sun, 01 Mar 2026 10:00:00 +0100", "2026-03-01T10:00:00+01:00"),
        ("Sun, 01 Mar 2026 10:00:00 GMT", "2026-03-01T10:00:00+00:00"),
        ("Sun, 01 Mar 2026 10:00:00 -0000", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T10:00:00", None),
        ("9999-12-31T23:59:59-05:00", None),
        ("yesterday", None),
        (20260301, None),
    ],
)
def test_dates_are_aware_or_none(raw: object, expected: str | None) -> None:
    when = discovery.moment(raw)
    assert (when and when.isoformat()) == expected
