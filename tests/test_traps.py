"""Addresses without an end: a crawl looks at some of them, says so, and goes on with the rest of the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.traps import ENOUGH, Traps, form_of
from tests.faults import Faults, page, says
from tests.test_pacing import became, crawl, feed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/agenda/2026/03/", "/agenda/1987/11/"),
        ("/index.php?sid=8f3a&p=2", "/index.php?p=7&sid=00ff"),
        ("/sport/le-club-gagne/", "/sport/le-maire-est-parti/"),
        ("/jour/2026-03-01", "/jour/2031-12-24"),
    ],
)
def test_what_differs_in_numbers_and_titles_is_of_one_form(one: str, other: str) -> None:
    assert form_of(f"https://example.org{one}") == form_of(f"https://example.org{other}")


def test_words_names_of_keys_and_hosts_make_another_form() -> None:
    forms = ["/sport/1", "/agenda/1", "/agenda/1/2", "/agenda/1?p=1", "/agenda/1?q=1", "/agenda/"]
    assert len({form_of(f"https://example.org{path}") for path in forms}) == len(forms)
    assert form_of("https://example.org/1") != form_of("https://other.example/1")


def test_one_article_is_enough_for_its_form() -> None:
    traps = Traps(enough=3)
    for day in range(3):
        assert not traps.holds("https://example.org/agenda/9")
        traps.note(f"https://example.org/agenda/{day}", "rejected")
    assert traps.holds("https://example.org/agenda/9")
    assert not traps.holds("https://example.org/sport/9")
    traps.note("https://example.org/agenda/4", "new")
    assert not traps.holds("https://example.org/agenda/9")


def test_a_calendar_without_an_end_does_not_keep_a_crawl_from_its_articles(tmp_path: Path) -> None:
    """The calendar is named page by page, under session ids that no two visits share."""
    days = [f"/agenda/{2000 + number}/{number % 12}?sid=x{number}" for number in range(220)]
    articles = {f"/sport/le-club-gagne-{number}": says(page(f"Le club gagne {number}")) for number in range(10)}
    calendar = {f"/agenda/{2000 + number}/{number % 12}": says(b"") for number in range(220)}
    with Faults({**articles, **calendar}) as faults:
        faults.acts |= {"/": says(b"<title>Journal</title>"), "/feed": feed(faults.url, *articles, *days)}
        crawl(tmp_path, faults.url, delay=0.01)
        assert became(tmp_path, "/sport") == {"new": 10}
        came = became(tmp_path, "/agenda")
        asked = sum(path.startswith("/agenda") for path in faults.paths())
        assert ENOUGH <= asked <= ENOUGH + 40  # what was on its way already is read
        assert came["skipped trap"] == 220 - asked
        crawl(tmp_path, faults.url, delay=0.01)
        # Nothing is lost, it takes longer.
        assert became(tmp_path, "/agenda").get("skipped trap", 0) < came["skipped trap"]
