"""The plan of revisits: a pure rule, and which articles of an archive it is time for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.extraction import EXTRACTOR
from archive.models import Capture, Link, Rejection
from archive.revisits import duration, plan_of, planned, spent, step_due, unchanged_in_a_row, words
from archive.store import Reading, Store
from crawler.errors import SitesError
from crawler.sites import load_sites
from tests.archives import START, article, capture

FIRST = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
PLAN = plan_of(["1 hour", "1 day", "1 week", "1 month"])


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (0 * HOUR, 0 * HOUR, None),
        (0 * HOUR, HOUR - timedelta(microseconds=1), None),
        (0 * HOUR, HOUR, HOUR),
        (HOUR, HOUR, None),  # a visit at the very moment counts for it
        (2 * HOUR, 3 * HOUR, None),
        (2 * HOUR, 30 * HOUR, DAY),
        (0 * HOUR, 30 * HOUR, DAY),  # the hour was missed: one visit counts for both
        (0 * HOUR, 400 * DAY, timedelta(days=30)),
        (8 * DAY, 29 * DAY, None),
        (8 * DAY, 30 * DAY, timedelta(days=30)),
        (31 * DAY, 4000 * DAY, None),
    ],
)
def test_step_due(last: timedelta, now: timedelta, due: timedelta | None) -> None:
    assert step_due(FIRST, FIRST + last, FIRST + now, PLAN) == due


def test_no_plan_no_visit() -> None:
    assert step_due(FIRST, FIRST, FIRST + 1000 * DAY, ()) is None


_moments = st.timedeltas(timedelta(0), 90 * DAY).map(lambda after: FIRST + after)


@given(_moments, _moments, st.lists(st.timedeltas(timedelta(minutes=1), 60 * DAY), max_size=5).map(tuple))
def test_a_visit_settles_every_step_before_it(last: datetime, now: datetime, plan: tuple[timedelta, ...]) -> None:
    due = step_due(FIRST, last, now, plan)
    assert (due is not None) == any(last < FIRST + step <= now for step in plan)
    assert step_due(FIRST, now, now, plan) is None


@given(st.lists(st.floats(0.1, 200), max_size=40))
def test_never_more_visits_than_steps(hours: list[float]) -> None:
    last, visits, now = FIRST, 0, FIRST
    for pause in hours:
        now += pause * HOUR
        if step_due(FIRST, last, now, PLAN):
            last, visits = now, visits + 1
    assert visits <= len(PLAN)


@pytest.mark.parametrize(
    ("text", "step"),
    [("1 hour", HOUR), ("90 minutes", 1.5 * HOUR), ("1 day", DAY), ("2 weeks", 2 * WEEK), ("1 month", 30 * DAY)],
)
def test_durations(text: str, step: timedelta) -> None:
    assert duration(text) == step
    assert words(step) == text


def test_words_are_the_largest_unit() -> None:
    said = [words(duration(text)) for text in ("24 hours", "36 hours", "7 days", "60 days", "52 weeks", "365 days")]
    assert said == ["1 day", "36 hours", "1 week", "2 months", "52 weeks", "1 year"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "hour",
        "0 days",
        "-1 day",
        "1.5 days",
        "1 day ",
        "9999999 days",
        "101 years",
        "1 fortnight",
        "١ day",
        "1\nday",
    ],
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a duration|longer than 100 years"):
        duration(text)


def test_a_plan_is_in_order_and_says_nothing_twice() -> None:
    assert plan_of(["1 week", "24 hours", "1 day"]) == (DAY, WEEK)
    assert plan_of([]) == ()


PAGE = "https://gazette.example/a/"
SITEMAP = Link(PAGE, "sitemap", "https://gazette.example/sitemap.xml")
REVISIT = Link(PAGE, "revisit", "")


class Shelf:
    """An archive to put captures into, each read as the article that its address is."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.store.begin_crawl("gazette-1", "gazette", START, {})

    def put(self, number: int, url: str = PAGE, *, of: str | None = None, **given: Any) -> Capture:
        """Archive a capture made `number` hours after START, which shows the article at `of`; "" shows none."""
        captured = capture(number, url, **given)
        shown = url if of is None else of
        result = article(shown, f"Le texte de {shown}.") if shown else Rejection("http_404")
        self.store.add_captures([captured])
        self.store.save(captured, "gazette", EXTRACTOR, Reading.of(result))
        return captured

    def planned(self, hours: float) -> list[tuple[str, timedelta]]:
        found = planned(self.store.db, "gazette", PLAN, START + hours * HOUR)
        return [(visit.url.removeprefix("https://gazette.example"), visit.step) for visit in found]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.store.close()


def test_an_empty_archive_plans_nothing(shelf: Shelf) -> None:
    assert shelf.planned(5000) == []


def test_what_is_told_of_a_visit(shelf: Shelf) -> None:
    shelf.put(0, links=(SITEMAP, REVISIT, Link(PAGE, "command line", "")))
    [visit] = planned(shelf.store.db, "gazette", PLAN, START + 2 * HOUR)
    assert visit == (PAGE, HOUR, START + HOUR, (SITEMAP,), 1)
    assert list(planned(shelf.store.db, "another", PLAN, START + 2 * HOUR)) == []
    assert list(planned(shelf.store.db, "gazette", (), START + 2 * HOUR)) == []


def test_the_most_urgent_come_first(shelf: Shelf) -> None:
    for hours in (5, 0, 100, 3, 199, 197, 198, 1000):
        shelf.put(hours, f"https://gazette.example/{hours}/")
    assert shelf.planned(200) == [
        *((f"/{hours}/", HOUR) for hours in (197, 198, 199)),
        ("/100/", DAY),
        *((f"/{hours}/", WEEK) for hours in (0, 3, 5)),
    ]


def test_a_visit_counts_whatever_was_answered(shelf: Shelf) -> None:
    for number, (status, visited) in enumerate([(304, True), (404, True), (301, True), (503, False), (429, False)]):
        url = f"https://gazette.example/{status}/"
        shelf.put(number, url)
        shelf.store.add_captures([capture(100 + number, url, status=status)])
        assert ((f"/{status}/", DAY) in shelf.planned(110)) != visited


def test_what_was_not_fetched_by_us_is_not_visited(shelf: Shelf) -> None:
    shelf.put(0, "https://gazette.example/file/", source="/somewhere/old.warc.gz")
    shelf.put(1, "https://gazette.example/archive/", source="https://web.archive.example/20200101000000id_/x")
    shelf.put(2, "https://gazette.example/api/", kind="resource", mime="application/json")
    assert shelf.planned(5000) == []
    shelf.put(3, "https://gazette.example/built/", kind="resource", source="urn:marbre:built-by:chromium-1")
    assert shelf.planned(5) == [("/built/", HOUR)]


def test_an_article_counts_from_our_own_first_capture(shelf: Shelf) -> None:
    shelf.put(0, source="/somewhere/old.warc.gz")
    shelf.put(5000)
    assert shelf.planned(5000) == []
    assert shelf.planned(5002) == [("/a/", HOUR)]


def test_the_address_asked_is_the_articles_own(shelf: Shelf) -> None:
    other = "https://gazette.example/gone/"
    shelf.put(0)
    shelf.put(1, links=(Link(other, "sitemap", ""),))  # another page's address leads here now
    assert shelf.planned(30) == [("/a/", DAY)]
    moved, old = "https://gazette.example/new-place/", "https://gazette.example/old-place/"
    shelf.store.add_captures([capture(2, old, status=301)])
    shelf.put(3, moved, links=(Link(old, "sitemap", ""),))
    found = {visit.url: visit.cost for visit in planned(shelf.store.db, "gazette", PLAN, START + 30 * HOUR)}
    assert found == {PAGE: 1, old: 2}


def test_requests_that_were_spent(shelf: Shelf) -> None:
    shelf.store.add_captures(
        [
            capture(0, links=(SITEMAP, REVISIT)),
            capture(1, links=(SITEMAP,)),
            capture(2, links=(REVISIT,), status=301),
            capture(3, links=(Link(PAGE, "part", PAGE), REVISIT), role="part"),
            capture(4, links=(REVISIT,), role="page-source"),
            capture(5, links=(REVISIT,), kind="resource", source="urn:marbre:built-by:chromium-1"),
        ]
    )
    frontier = shelf.store.begin_crawl("gazette-2", "gazette", START + 6 * HOUR, {})
    frontier.discover([(PAGE, SITEMAP), (PAGE, REVISIT), ("https://gazette.example/b/", SITEMAP)])
    frontier.settle([PAGE, "https://gazette.example/b/"], "failed", "timeout")
    assert [spent(shelf.store.db, "gazette", START + hours * HOUR) for hours in (0, 1, 3, 5, 7)] == [5, 4, 3, 1, 0]
    assert spent(shelf.store.db, "another", START) == 0
    shelf.store.end_crawl("gazette-2", START + 6 * HOUR, "finished", {})
    assert spent(shelf.store.db, "gazette", START + 5 * HOUR) == 1


def test_a_page_named_in_many_places_is_counted_all_the_same(shelf: Shelf) -> None:
    frontier = shelf.store.begin_crawl("gazette-2", "gazette", START, {})
    many = [(PAGE, Link(PAGE, "feed", f"https://gazette.example/{number}/feed/")) for number in range(40)]
    frontier.discover([*many, (PAGE, REVISIT)])
    _, links = frontier.found(PAGE) or ("", ())
    assert REVISIT in links


def test_unchanged_in_a_row(shelf: Shelf) -> None:
    add = shelf.store.add_captures
    assert unchanged_in_a_row(shelf.store.db, PAGE) == 0
    add([capture(0), capture(1, status=304, kind="revisit"), capture(2, status=304, kind="revisit")])
    assert unchanged_in_a_row(shelf.store.db, PAGE) == 2
    add([capture(3, kind="resource", source="urn:marbre:built-by:chromium-1"), capture(4, status=404)])
    assert unchanged_in_a_row(shelf.store.db, PAGE) == 2
    add([capture(5, kind="revisit"), capture(6, status=304, kind="revisit")])
    assert unchanged_in_a_row(shelf.store.db, PAGE) == 1
    assert unchanged_in_a_row(shelf.store.db, PAGE + "?page=2") == 0


def sites(path: Path, line: str) -> Path:
    path.write_text(f'[sites.gazette]\nurl = "https://gazette.example/"\n{line}\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "plan"),
    [
        ("", PLAN),
        ("revisit = true", PLAN),
        ("revisit = false", ()),
        ("revisit = []", ()),
        ('revisit = ["1 day", "90 minutes"]', (1.5 * HOUR, DAY)),
    ],
)
def test_plans_of_sites(tmp_path: Path, line: str, plan: tuple[timedelta, ...]) -> None:
    site = load_sites(sites(tmp_path / "sites.toml", line))["gazette"]
    assert site.plan() == plan
    assert (site.revisit_budget, site.unconditional_every) == (200, 3)


LIST = 'expected a list of durations such as "1 hour" or "2 weeks", or false for none'
ONE = 'expected a duration such as "1 hour" or "2 weeks"'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("revisit = 3", f"revisit: {LIST}, got 3"),
        ('revisit = "1 day"', f'revisit: {LIST}, got "1 day"'),
        ('revisit = ["1 day", 7]', f"revisit: {LIST}, got ['1 day', 7]"),
        ('revisit = ["1 day", "soon"]', f'revisit[1]: {ONE}, got "soon"'),
        ('revisit = ["0 days"]', f'revisit[0]: {ONE}, got "0 days"'),
        ('revisit = ["101 years"]', f'revisit[0]: {ONE}, got "101 years"'),
        ("revisit_budget = -1", "revisit_budget: expected a number of requests a day, from 0 to 1000000, got -1"),
        ("revisit_budget = 1.5", "revisit_budget: expected a number of requests a day, from 0 to 1000000, got 1.5"),
        ("revisit_budget = true", "revisit_budget: expected a number of requests a day, from 0 to 1000000, got true"),
        ("unconditional_every = 0", "unconditional_every: expected a number of visits, from 1 to 1000, got 0"),
        ('unconditional_every = "3"', 'unconditional_every: expected a number of visits, from 1 to 1000, got "3"'),
        ("revisits = []", 'unknown key "revisits"; did you mean "revisit"?'),
    ],
)
def test_every_mistake_is_one_sentence(tmp_path: Path, line: str, said: str) -> None:
    path = sites(tmp_path / "sites.toml", line)
    with pytest.raises(SitesError) as caught:
        load_sites(path)
    assert str(caught.value) == f'{path}: site "gazette": {said}'
