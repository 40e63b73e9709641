"""What an address alone tells: article, listing, page number, archive of a day; and archives by date made from them."""

from __future__ import annotations

from datetime import date

import pytest

from archive.reading.shapes import is_article, is_served, listing_kind, period_of, split_page
from crawler.discovery import Source, listings
from crawler.discovery.calendars import MOST_PERIODS

HOST = "https://gazette.example"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/2026/03/01/ete/", True),
        ("/2026/03/ete", True),
        ("/sport/2026-03-01-ete.html", True),
        ("/ete-20260301", True),
        ("/ete-123456.html", True),
        ("/123456", True),
        ("/article/12", True),
        ("/?p=123", True),
        ("/view.php?id=7", True),
        ("/l-ete-et-la-mer/", True),
        ("/l_ete_et_la_mer.html", True),
        ("/2026/03/01/ete/?utm_source=x", True),
        ("/%D0%BB%D0%B5%D1%82%D0%BE-%D0%B8-%D0%BC%D0%BE%D1%80%D0%B5-2/", True),
        ("/夏の海がきれいです/", True),
        ("/section/mer/la-maree-monte-encore/", True),
        ("/iphone-15-contre-galaxy-p20.html", True),
        ("/category/la-mer-et-le-ciel/", False),
        ("/tag/guerre-en-ukraine-2022/", False),
        ("/2026/03/01/", False),
        ("/2026/03/", False),
        ("/2026/", False),
        ("/sport/", False),
        ("/sport/page/12345/", False),
        ("/?page=12345", False),
        ("/?cat_id=12", False),
        ("/la-vie-en-rose", True),
        ("/la-vie-rose", False),
        ("/a-b-c-d.jpg", False),
        ("/conditions-generales-d-utilisation/", False),
    ],
)
def test_the_form_of_an_articles_address(address: str, expected: bool) -> None:
    assert is_article(HOST + address) is expected


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/category/mer/", "section"),
        ("/blog/rubrique/mer/cotes/", "section"),
        ("/?cat=3", "section"),
        ("/tag/x/page/3", "tag"),
        ("/Author/anne", "author"),
        ("/2019/03/page/2/", "date"),
        ("/archives/2019", "date"),
        ("/?m=201903", "date"),
        ("/tag/1984/", "tag"),
        ("/category/", None),
        ("/category/mer/2026/03/01/ete/", None),
        ("/article/1999", None),
        ("/sport/", None),
    ],
)
def test_what_a_listings_address_says(address: str, kind: str | None) -> None:
    assert listing_kind(HOST + address) == kind


def test_sections_may_have_the_names_of_service_pages() -> None:
    assert is_served(f"{HOST}/shop/un/")
    assert not is_served(f"{HOST}/shop/")
    assert not is_served(f"{HOST}/search/un/")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/mer/page/2/", ("/mer", 2)),
        ("/mer/page-2", ("/mer", 2)),
        ("/mer-p2.html", ("/mer.html", 2)),
        ("/mer,page,3", ("/mer,page,3", None)),
        ("/index.php?b=1&paged=4&a=2", ("?a=2&b=1", 4)),
        ("/mer/?page=" + "9" * 5000, ("/mer?page=" + "9" * 5000, None)),
        ("/", ("", None)),
    ],
)
def test_pages_of_one_listing(address: str, expected: tuple[str, int | None]) -> None:
    assert split_page(HOST + address) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/2019/", "2019-01-01"),
        ("/archives/2019/3/", "2019-03-01"),
        ("/2019/03/05.html", "2019-03-05"),
        ("/archives/2019-03-05/", "2019-03-05"),
        ("/archives-du-monde/05-03-2019/", "2019-03-05"),
        ("/?m=20190305", "2019-03-05"),
        ("/?year=2019&monthnum=3", "2019-03-01"),
        ("/agenda/?tribe-bar-date=2031-05-01", "2031-05-01"),
        ("/2019/13/", None),
        ("/2019/03/05/ete/", None),
        ("/tag/1984/", None),
        ("/post/2019/", None),
        ("/?year=" + "9" * 5000, None),
        ("/?date=soon", None),
    ],
)
def test_the_day_an_archive_begins(address: str, expected: str | None) -> None:
    found = period_of(HOST + address)
    assert (found and found.isoformat()) == expected


def test_calendars_without_an_end_are_traps() -> None:
    today = date(2026, 3, 15)
    traps = [
        "/2026/04/",
        "/2027/",
        "/agenda/2031-05-01/",
        "/?m=202612",
        "/1989/12/31/",
        "/0001/01/",
        "/2026/03/16/page/2/",
    ]
    assert all(listings.is_calendar_trap(HOST + address, today) for address in traps)
    good = ["/2026/03/", "/2026/03/15/", "/1990/", "/2031/05/01/un-article/", "/sport/", "/tag/2050/"]
    assert not any(listings.is_calendar_trap(HOST + address, today) for address in good)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/#year/", ["/2026/", "/2025/"]),
        ("/#year/#month/", ["/2026/02/", "/2026/01/", "/2025/12/"]),
        ("archives/#year-#month", ["/archives/2026-02", "/archives/2026-01", "/archives/2025-12"]),
        ("https://gazette.example/?m=#year#month", ["/?m=202602", "/?m=202601", "/?m=202512"]),
        ("/#month/", []),
        ("http://[#year", []),
    ],
)
def test_calendars(template: str, expected: list[str]) -> None:
    found = listings.calendar(f"{HOST}/", template, date(2025, 12, 30), date(2026, 2, 1))
    assert list(found) == [Source(HOST + address, "listing") for address in expected]


def test_days_of_a_calendar_and_its_bounds() -> None:
    days = list(listings.calendar(f"{HOST}/", "/#year/#month/#day/", date(2025, 12, 30), date(2026, 1, 1)))
    assert [day.url.removeprefix(HOST) for day in days] == ["/2026/01/01/", "/2025/12/31/", "/2025/12/30/"]
    found = list(listings.calendar(f"{HOST}/", "/#year/#month/#day/", date.min, date(2026, 1, 1)))
    assert found[-1].url == f"{HOST}/1990/01/01/"
    assert sum(1 for _ in listings.calendar(f"{HOST}/", "/#year/#month/#day/", date.min, date.max)) == MOST_PERIODS
    assert list(listings.calendar(f"{HOST}/", "/#year/", date(2026, 1, 2), date(2026, 1, 1))) == []
