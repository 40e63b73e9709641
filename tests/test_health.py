"""Health: each site against itself; an alarm on the first day, for the right field, and none in the days before."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from archive.health import chance, flow
from archive.health.alarms import alarms
from archive.health.measures import FIELDS
from archive.health.observations import Asking, Request, Site
from archive.reading import fingerprint
from tests.newsrooms import BEGIN, Newsroom, day_of

GOOD = 30  # days; the template changes on the next
SWAPPED = day_of(GOOD)
EVERYTHING = (*FIELDS, "text", "language", "reading")


def newsroom(seed: int = 1, **given: object) -> Newsroom:
    """A daily of fourteen articles that misses a field now and then."""
    usual = {"pace": 14.0, "weekend": 0.6, "missing": dict.fromkeys(FIELDS, 0.02), "steady": True}
    return Newsroom(seed, **(usual | given))  # type: ignore[arg-type]


def until(site: Site, days: int) -> Site:
    """The same site as it was known after so many days."""
    day = day_of(days)
    now = BEGIN + timedelta(days=days) - timedelta(seconds=1)
    return site._replace(
        now=now,
        readings=tuple(row for row in site.readings if row.day < day),
        requests=tuple(row for row in site.requests if row.day < day),
        askings=tuple(row for row in site.askings if row.day < day),
        crawls=tuple(crawl for crawl in site.crawls if crawl.started.date() < day),
    )


# -- The rule


@pytest.mark.parametrize(
    ("bad", "seen", "bad_before", "before", "least", "most"),
    [
        (1, 3, 2, 30, 0.1, 1.0),  # one of three, where two of thirty were: no alarm
        (3, 3, 0, 8, 1e-3, 1e-2),  # an article a week: three in a row say little yet
        (4, 4, 0, 52, 0.0, 1e-4),
        (14, 14, 8, 420, 0.0, 1e-12),
        (0, 5, 1, 40, 0.999, 1.0),
        (2, 2, 40, 40, 0.9, 1.0),  # a site that never names an author
    ],
)
def test_small_numbers_make_no_alarm(
    bad: int, seen: int, bad_before: int, before: int, least: float, most: float
) -> None:
    assert least <= chance.at_least(bad, seen, bad_before, before) <= most


def test_chances_add_up() -> None:
    exactly = [chance.at_least(k, 9, 3, 40) - chance.at_least(k + 1, 9, 3, 40) for k in range(9)]
    assert min(exactly) >= 0
    assert chance.at_least(0, 9, 3, 40) == pytest.approx(1)
    assert chance.at_most(3, 3.0) == pytest.approx(0.6472, abs=1e-4)


def test_bad_ones_in_a_row_are_counted_over_every_window() -> None:
    assert chance.worst([False, True, True, False, True], 3) == 2
    assert chance.worst([True, True], 9) == 2
    assert chance.worst([], 3) == 0


# -- Templates


def page(*names: str, text: str = "") -> bytes:
    parts = "".join(f'<div class="{name} post-{len(text)} css-1q2w3e"><section>' for name in names)
    return f"<html><head><meta name=author></head><body>{parts}<p>{text}</p></body></html>".encode()


OLD = ("masthead", "lead", "byline", "story", "share", "related", "footer")
NEW = ("top-bar", "hero", "credits", "content", "social", "more", "bottom")


def test_what_a_newsroom_writes_does_not_change_a_fingerprint() -> None:
    one, other = (
        fingerprint.fingerprint(page(*OLD, text=text)) for text in ("Oui.", "Non, <b>et</b> <a>non</a>." * 50)
    )
    assert one == other
    assert fingerprint.likeness(one, fingerprint.fingerprint(page(*OLD[:-1]))) > fingerprint.ALIKE
    assert fingerprint.likeness(one, fingerprint.fingerprint(page(*NEW))) < fingerprint.ALIKE
    assert fingerprint.fingerprint(b"no page at all") == ""


def test_an_edited_template_is_told_from_one_that_stayed() -> None:
    old = [fingerprint.fingerprint(page(*OLD, text="x" * n)) for n in range(20)]
    edited = [fingerprint.fingerprint(page(*("credits" if name == "byline" else name for name in OLD)))] * 3
    assert fingerprint.is_edited(edited, old)
    assert not fingerprint.is_edited(old[:3], old)
    assert fingerprint.strangers(edited, old) == 0


def test_what_json_ld_tells_belongs_to_the_template_and_not_what_it_says() -> None:
    def told(**said: object) -> str:
        return fingerprint.fingerprint(
            b'<html><head><script type="application/ld+json">' + json.dumps(said).encode() + b"</script></head></html>"
        )

    before = [told(headline=f'"Un" {n}: titre', author={"name": "Jeanne"}) for n in range(20)]
    assert len(set(before)) == 1
    assert fingerprint.is_edited([told(headline="Un"), told(headline="Deux")], before)


@pytest.mark.parametrize(
    "hostile",
    [
        b"<a" * 500_000,
        b"<a class='" * 200_000,
        b"<a " + b"class=" * 400_000,
        b'<p class="' + b"x " * 900_000,
        b"ld+json" * 300_000,
    ],
)
def test_a_hostile_page_takes_no_longer_than_its_length(hostile: bytes) -> None:
    assert len(fingerprint.fingerprint(hostile)) in (0, 88)


# -- Thirty good days, then a change


@pytest.mark.parametrize("field", EVERYTHING)
def test_a_new_template_is_told_on_the_first_day_and_no_day_before(field: str) -> None:
    site = newsroom(swaps={GOOD: field}).site(GOOD + 4)
    assert alarms(until(site, GOOD)) == []
    (alarm,) = alarms(until(site, GOOD + 1))
    assert (alarm.field, alarm.since, alarm.until) == (field, SWAPPED, None)
    assert alarm.cause == "template changed"
    assert "marbre sites profile site-1 --learn" in alarm.advice
    (later,) = alarms(site)
    assert (later.field, later.since, later.until) == (field, SWAPPED, None)


@pytest.mark.parametrize("field", [field for field in EVERYTHING if field != "text"])  # some are as long as before
def test_a_day_that_has_nothing_else_is_told_without_a_sign_in_the_pages(field: str) -> None:
    site = newsroom(3, swaps={GOOD: field}, redesigned=False).site(GOOD + 1)
    assert alarms(until(site, GOOD)) == []
    (alarm,) = alarms(site)
    assert (alarm.field, alarm.since, alarm.cause) == (field, SWAPPED, "same template")


def test_the_sentence_has_the_figures() -> None:
    site = newsroom(missing=dict.fromkeys(FIELDS, 0.0), swaps={GOOD: "author"}).site(GOOD + 1)
    (alarm,) = alarms(site)
    today = [reading for reading in site.articles() if reading.day == SWAPPED]
    before = len(site.articles()) - len(today)
    assert alarm.detail == (
        f"missing in {len(today)} of {len(today)} articles since {SWAPPED}; before: 0 of {before} (0%)"
    ).replace(
        str(before), f"{sum(reading.day >= SWAPPED - timedelta(days=28) for reading in site.articles()) - len(today)}"
    )


def test_an_article_a_week_is_judged_by_months() -> None:
    room = newsroom(5, pace=0.2, weekend=0.01, missing=dict.fromkeys(FIELDS, 0.0), swaps={170: "date"})
    site = room.site(230)
    assert alarms(until(site, 170)) == []
    (alarm,) = [alarm for alarm in alarms(site) if alarm.field != "articles"]
    assert alarm.field == "date"
    assert day_of(170) <= alarm.since <= day_of(190)


def test_an_alarm_ends_when_it_is_well_again_and_does_not_blur_what_is_usual() -> None:
    room = newsroom(7, swaps={GOOD: "image"}, mended=GOOD + 8)
    site = room.site(GOOD + 20)
    (alarm,) = alarms(site)
    assert (alarm.field, alarm.since) == ("image", SWAPPED)
    assert alarm.until is not None
    assert day_of(GOOD + 8) <= alarm.until <= day_of(GOOD + 10)


def test_the_same_answer_for_a_past_day_whenever_it_is_asked() -> None:
    site = newsroom(9, swaps={GOOD: "section"}).site(GOOD + 10)
    then = alarms(until(site, GOOD + 2))
    assert then == alarms(until(until(site, GOOD + 6), GOOD + 2))
    assert [alarm.since for alarm in then] == [alarm.since for alarm in alarms(site)]


# -- How many articles


def test_a_quiet_sunday_and_a_bank_holiday_are_no_alarm() -> None:
    monday = 35  # Easter, say: nothing since Friday evening
    site = newsroom(11, weekend=0.02).site(42)
    kept = tuple(reading for reading in site.readings if reading.day != day_of(monday))
    assert alarms(site._replace(readings=kept)) == []
    assert [alarm for days in range(36, 42) for alarm in alarms(until(site._replace(readings=kept), days))] == []


def test_silence_is_told_after_days_and_says_since_when() -> None:
    site = newsroom(13).site(45)
    kept = tuple(reading for reading in site.readings if reading.day < day_of(38))
    site = site._replace(readings=kept)
    assert alarms(until(site, 40)) == []
    (alarm,) = alarms(site)
    assert (alarm.field, alarm.cause) == ("articles", "silent")
    assert alarm.since in (day_of(38), day_of(39))
    assert alarm.detail.startswith("no article since 2026-02-11")


def test_half_of_the_sections_gone_is_told_on_the_fourth_day() -> None:
    site = newsroom(15, pace=30.0, weekend=1.0).site(50)
    few = tuple(reading for at, reading in enumerate(site.readings) if reading.day < day_of(44) or at % 5 == 0)
    (alarm,) = alarms(until(site._replace(readings=few), 48))
    assert (alarm.field, alarm.since) == ("articles", day_of(44))
    assert "each day fewer than ever" in alarm.detail


def test_days_on_which_nobody_looked_are_no_silence() -> None:
    site = newsroom(17).site(60)
    again = min(reading.at for reading in site.readings if reading.day >= day_of(52))  # the first crawl finds something
    site = site._replace(
        readings=tuple(one for one in site.readings if one.day < day_of(40) or one.at >= again),
        crawls=tuple(one for one in site.crawls if one.started.date() < day_of(40) or one.started >= again),
    )
    assert [alarm for days in (45, 53, 60) for alarm in alarms(until(site, days))] == []


def test_a_sunday_is_expected_to_be_a_sunday() -> None:
    counts = Counter({day_of(day): 2 if day % 7 == 6 else 20 for day in range(60)})
    known = frozenset(counts)
    assert flow.expected(counts, day_of(62), known) == 2
    assert flow.expected(counts, day_of(63), known) == 20
    assert flow.expected(counts, day_of(14), known) is None


# -- What does not answer


def failing(site: Site, since: int, failed: str, *, kinds: tuple[str, ...] = ("feed",)) -> Site:
    def answer(asking: Asking) -> Asking:
        bad = asking.kind in kinds and asking.day >= day_of(since)
        return asking._replace(failed=failed) if bad else asking

    return site._replace(askings=tuple(map(answer, site.askings)))


@pytest.mark.parametrize(
    ("failed", "cause"),
    [
        ("http_404", "feed gone"),
        ("empty", "feed gone"),
        ("http_403", "blocked"),
        ("http_429", "blocked"),
        ("http_503", "unreachable"),
        ("no_answer", "unreachable"),
        ("robots", "robots closed"),
    ],
)
def test_a_source_that_gives_nothing_is_told_on_its_second_day(failed: str, cause: str) -> None:
    site = failing(newsroom(19).site(GOOD + 5), GOOD, failed)
    assert alarms(until(site, GOOD + 1)) == []
    (alarm,) = alarms(until(site, GOOD + 2))
    assert (alarm.field, alarm.since, alarm.cause) == ("feed", SWAPPED, cause)
    assert "https://site.example/feed gave nothing" in alarm.detail


def test_a_site_that_does_not_answer_is_one_alarm_and_not_five() -> None:
    site = failing(newsroom(21).site(GOOD + 6), GOOD, "no_answer", kinds=("feed", "home", "sitemap"))
    silent = tuple(reading for reading in site.readings if reading.day < SWAPPED)
    requests = tuple(Request(one.day, "timeout") if one.day >= SWAPPED else one for one in site.requests)
    (alarm,) = alarms(site._replace(readings=silent, requests=requests))
    assert (alarm.field, alarm.since, alarm.cause) == ("site", SWAPPED, "unreachable")


def test_pages_that_are_refused_are_told_with_the_reason() -> None:
    site = newsroom(23).site(GOOD + 3)
    requests = tuple(Request(one.day, "http_403") if one.day >= SWAPPED else one for one in site.requests)
    (alarm,) = alarms(site._replace(requests=requests))
    assert (alarm.field, alarm.since, alarm.cause) == ("pages", SWAPPED, "blocked")
    assert "not to be had (http_403)" in alarm.detail


def test_challenges_instead_of_articles_are_a_block() -> None:
    site = newsroom(25).site(GOOD + 2)
    read = tuple(
        reading._replace(outcome="rejected", reason="captcha", lacks=None) if reading.day >= SWAPPED else reading
        for reading in site.readings
    )
    (alarm,) = alarms(site._replace(readings=read))
    assert (alarm.field, alarm.since, alarm.cause) == ("reading", SWAPPED, "blocked")


# -- No false alarms


def test_many_sites_of_every_kind_have_hardly_a_false_alarm() -> None:
    sites, days = 24, 60
    false = [alarm for seed in range(sites) for alarm in alarms(Newsroom(seed, most=25.0).site(30 + days))]
    assert len(false) * 365 / (sites * days) < 1, false
