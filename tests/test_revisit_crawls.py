"""Revisits by real crawls of a real server, at moments of our choosing."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive import Archive
from archive.frontier import OUTCOMES
from crawler import rendering
from tests import clocked
from tests.conftest import REQUIRED
from tests.kiosk import Answer, Asked, Kiosk
from tests.small_archives import SENTENCES
from tests.test_parts_crawl import part

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MARKET, BRIDGE = "/ville/marche/", "/ville/pont/"


class Desk:
    """A newspaper with one article, MARKET, and the archive that it is crawled into."""

    def __init__(self, kiosk: Kiosk, folder: Path) -> None:
        self.kiosk = kiosk
        self.folder = folder
        self.directory = folder / "archive"
        self.configure()
        kiosk.publish(MARKET, "Le marché rouvre")

    def configure(self, *lines: str) -> None:
        self.sites = self.kiosk.sites(self.folder, *lines)

    def crawl(self, after: timedelta, *options: str, code: int | None = 0, killed: tuple[str, ...] = ()) -> str:
        """Crawl so long after START; returns what was said."""
        done = self.marbre(after, "crawl", *options, code=code, killed=killed)
        return done.stdout + done.stderr

    def marbre(
        self, after: timedelta, command: str, *options: str, code: int | None = 0, killed: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        options = (*options, "--archive", str(self.directory))
        return clocked.run(clocked.START + after, command, *options, sites=self.sites, code=code, killed=killed)

    def asked(self, after: timedelta, *options: str, code: int | None = 0) -> list[Asked]:
        """Crawl so long after START; returns what was asked of articles."""
        self.kiosk.requests.clear()
        self.crawl(after, *options, code=code)
        return self.kiosk.asked()

    def titles(self, path: str = MARKET) -> list[str | None]:
        with Archive(self.directory) as archive:
            return [version.title for version in archive.versions(self.kiosk.url + path[1:])]

    def reasons(self) -> list[dict[str, int]]:
        """Why pages were fetched or skipped, crawl by crawl, the newest first."""
        with Archive(self.directory) as archive:
            found = [crawl["counts"] for crawl in archive.crawls()]
        for counts in found:
            assert counts["discovered"] == sum(counts[name] for name in OUTCOMES)
        return [counts["reasons"] for counts in found]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Kiosk() as kiosk:
        yield Desk(kiosk, tmp_path)


def test_an_article_is_visited_by_plan(desk: Desk) -> None:
    visits = {}
    for after in (
        0 * DAY,
        30 * MINUTE,
        61 * MINUTE,
        2 * HOUR,
        25 * HOUR,
        6 * DAY,
        8 * DAY,
        29 * DAY,
        31 * DAY,
        400 * DAY,
    ):
        visits[after] = [(asked.status, asked.conditional) for asked in desk.asked(after)]
    assert visits.pop(0 * DAY) == [(200, False)]
    not_due = {after: asked for after, asked in visits.items() if not asked}
    assert list(not_due) == [30 * MINUTE, 2 * HOUR, 6 * DAY, 29 * DAY, 400 * DAY]
    assert [asked for asked in visits.values() if asked] == [
        [(304, True)],
        [(304, True)],
        [(200, False)],
        [(304, True)],
    ]
    story = desk.marbre(401 * DAY, "why", desk.kiosk.url + MARKET[1:]).stdout
    for step in ("1 hour", "1 day", "1 week", "1 month"):
        assert f"unchanged: {step} after it was first archived" in story
    assert {"unchanged: revisit": 1} in desk.reasons()
    with Archive(desk.directory) as archive:
        kinds = archive.db.execute(
            "SELECT kind, status FROM captures WHERE role = 'page' ORDER BY timestamp"
        ).fetchall()
    assert kinds == [("response", 200), *[("revisit", 304)] * 2, ("revisit", 200), ("revisit", 304)]
    assert desk.titles() == ["Le marché rouvre"]


def test_several_steps_missed_are_one_visit(desk: Desk) -> None:
    desk.crawl(0 * DAY)
    assert len(desk.asked(9 * DAY)) == 1
    assert desk.asked(10 * DAY) == []
    assert "1 week after it was first archived" in desk.marbre(10 * DAY, "why", desk.kiosk.url + MARKET[1:]).stdout


def test_an_edit_that_nothing_announces_is_found(desk: Desk) -> None:
    desk.crawl(0 * DAY)
    desk.kiosk.publish(MARKET, "Le marché a rouvert")
    assert "1  changed: revisit" in desk.crawl(2 * HOUR)
    assert desk.titles() == ["Le marché rouvre", "Le marché a rouvert"]


def test_a_page_that_is_no_longer_named_is_visited_all_the_same(desk: Desk) -> None:
    desk.crawl(0 * DAY)
    desk.kiosk.listed.clear()
    assert [asked.status for asked in desk.asked(2 * HOUR)] == [304]


def test_what_a_feed_said_is_still_known(desk: Desk) -> None:
    url = desk.kiosk.url + MARKET[1:]
    item = f"<item><title>Le marché rouvre</title><link>{url}</link><author>x@y.example (Odile Ferrand)</author></item>"
    feed = f'<rss version="2.0"><channel><title>Kiosque</title>{item}</channel></rss>'
    desk.kiosk.answers["/feed/"] = Answer(body=feed.encode(), headers={"Content-Type": "application/rss+xml"})
    desk.crawl(0 * DAY)
    with Archive(desk.directory) as archive:
        before = archive.get(url)
        assert before is not None
        assert before.authors == ("Odile Ferrand",)
    empty = feed.replace(item, "").encode()
    desk.kiosk.answers["/feed/"] = Answer(body=empty, headers={"Content-Type": "application/rss+xml"})
    desk.kiosk.listed.clear()
    for after in (2 * HOUR, 2 * DAY):  # what the last visit knew comes from the one before
        desk.crawl(after)
        assert desk.reasons()[0] == {"unchanged: revisit": 1}
    with Archive(desk.directory) as archive:
        assert archive.get(url) == before


def test_every_nth_visit_sees_past_a_cache_that_lies(desk: Desk) -> None:
    desk.configure('revisit = ["1 hour", "2 hours", "3 hours", "4 hours", "5 hours", "6 hours"]')
    desk.kiosk.publish(MARKET, "Le marché rouvre", stale=True)
    desk.crawl(0 * DAY)
    desk.kiosk.publish(MARKET, "Le marché a rouvert", stale=True)
    seen = [desk.asked(hours * HOUR + MINUTE)[0] for hours in range(1, 7)]
    assert [(asked.status, asked.conditional) for asked in seen] == [(304, True), (304, True), (200, False)] * 2
    assert desk.titles() == ["Le marché rouvre", "Le marché a rouvert"]


def test_how_often_is_for_the_site_to_say(desk: Desk) -> None:
    desk.configure('revisit = ["1 hour", "2 hours", "3 hours"]', "unconditional_every = 1")
    desk.crawl(0 * DAY)
    assert [desk.asked(hours * HOUR + MINUTE)[0].conditional for hours in (1, 2)] == [False, False]
    desk.configure('revisit = ["1 hour", "2 hours", "3 hours"]', "unconditional_every = 9")
    assert desk.asked(3 * HOUR + MINUTE)[0].conditional


def test_places_that_name_articles_are_asked_whether_they_changed(desk: Desk) -> None:
    for hours in range(5):
        desk.crawl(hours * HOUR)
    sitemaps = [asked for asked in desk.kiosk.requests if asked.path == "/sitemap.xml"]
    assert [asked.status for asked in sitemaps] == [200, 304, 304, 304, 304]


def test_a_removed_article_is_asked_no_more_often_than_any_other(desk: Desk) -> None:
    desk.crawl(0 * DAY)
    desk.kiosk.answers[MARKET] = Answer(410, b"<p>Retir\xc3\xa9.</p>")
    moments = [
        61 * MINUTE,
        2 * HOUR,
        10 * HOUR,
        25 * HOUR,
        3 * DAY,
        7 * DAY + HOUR,
        20 * DAY,
        30 * DAY + HOUR,
        31 * DAY,
    ]
    desk.kiosk.listed.clear()
    visited = [after for after in moments if desk.asked(after)]
    assert visited == [61 * MINUTE, 25 * HOUR, 7 * DAY + HOUR, 30 * DAY + HOUR]
    assert desk.titles() == ["Le marché rouvre"]
    desk.kiosk.publish(MARKET, "Le marché rouvre")


def test_nor_is_one_that_leads_elsewhere_now(desk: Desk) -> None:
    desk.crawl(0 * DAY)
    desk.kiosk.answers[MARKET] = Answer(302, headers={"Location": "/"})
    assert [asked.status for asked in desk.asked(61 * MINUTE)] == [302]
    assert desk.asked(2 * HOUR) == []
    assert [asked.status for asked in desk.asked(25 * HOUR)] == [302]


def test_a_server_in_trouble_is_left_alone_for_a_day(desk: Desk) -> None:
    desk.crawl(0 * DAY)
    desk.kiosk.answers[MARKET] = Answer(503)
    assert [asked.status for asked in desk.asked(61 * MINUTE, code=None)] == [503], "nor is it asked twice in a row"
    assert desk.asked(2 * HOUR) == []
    desk.kiosk.publish(MARKET, "Le marché a rouvert")
    assert desk.asked(24 * HOUR) == []
    assert [asked.status for asked in desk.asked(26 * HOUR)] == [200]
    assert desk.titles() == ["Le marché rouvre", "Le marché a rouvert"]


def test_robots_txt_counts_for_revisits(desk: Desk) -> None:
    desk.crawl(0 * DAY)
    desk.kiosk.robots = "User-agent: *\nDisallow: /ville/\n"
    assert len(desk.asked(61 * MINUTE)) == 1  # the robots.txt of an hour ago still holds (RFC 9309, 2.4)
    assert desk.asked(25 * HOUR) == []
    assert desk.reasons()[0] == {"skipped: robots": 1}


def test_the_budget_holds_over_any_day(desk: Desk) -> None:
    desk.configure("revisit_budget = 4", 'revisit = ["1 hour", "1 day"]')
    for number in range(9):
        desk.kiosk.publish(f"/ville/{number}/", f"Le conseil, épisode {number}")
    desk.crawl(0 * DAY)
    spent: dict[timedelta, int] = {}
    for after in (61 * MINUTE, 3 * HOUR, 20 * HOUR, 25 * HOUR, 26 * HOUR, 51 * HOUR, 70 * HOUR, 76 * HOUR, 101 * HOUR):
        spent[after] = len(desk.asked(after))
        assert sum(count for moment, count in spent.items() if moment > after - DAY) <= 4
    assert list(spent.values()) == [4, 0, 0, 0, 4, 4, 0, 2, 0]
    said = desk.crawl(102 * HOUR)
    assert "revisits left for the next crawl: the day's budget is spent" not in said, (
        "a day after their first capture all ten were visited"
    )


def test_what_is_left_is_said(desk: Desk) -> None:
    desk.configure("revisit_budget = 1")
    for number in range(3):
        desk.kiosk.publish(f"/ville/{number}/", f"Le conseil, épisode {number}")
    desk.crawl(0 * DAY)
    assert "     3  revisits left for the next crawl: the day's budget is spent" in desk.crawl(2 * HOUR, "--dry-run")
    assert "     3  revisits left for the next crawl: the day's budget is spent" in desk.crawl(2 * HOUR)
    with Archive(desk.directory) as archive:
        assert next(archive.crawls())["counts"]["revisits_left"] == 3
    # An hour after the first capture goes before a day after it.
    desk.kiosk.publish(BRIDGE, "Le pont est fermé")
    desk.crawl(25 * HOUR)
    assert [asked.path for asked in desk.asked(27 * HOUR)] == [BRIDGE]


def test_no_budget_no_visit(desk: Desk) -> None:
    desk.configure("revisit_budget = 0")
    desk.crawl(0 * DAY)
    assert desk.asked(2 * HOUR) == []


def test_what_a_sitemap_says_has_changed_costs_nothing(desk: Desk) -> None:
    desk.configure("revisit_budget = 1")
    desk.kiosk.publish(BRIDGE, "Le pont est fermé")
    desk.crawl(0 * DAY)
    desk.kiosk.publish(BRIDGE, "Le pont est ouvert")
    desk.kiosk.changed[BRIDGE] = "2026-03-01T09:00:00Z"
    assert sorted(asked.path for asked in desk.asked(2 * HOUR)) == [MARKET, BRIDGE]
    assert desk.reasons()[0] == {"unchanged: revisit": 1}
    assert desk.titles(BRIDGE) == ["Le pont est fermé", "Le pont est ouvert"]


def test_redirects_and_parts_are_paid_for(desk: Desk) -> None:
    desk.kiosk.answers = {"/digue-ancienne/": Answer(301, headers={"Location": "/digue/"})}
    for number in (1, 2, 3):
        path = f"/digue/{number}/" if number > 1 else "/digue/"
        desk.kiosk.answers[path] = Answer(body=part(number).replace("BASE/", desk.kiosk.url).encode())
    desk.kiosk.listed = ["/digue-ancienne/"]
    desk.configure("revisit_budget = 3")
    assert len(desk.asked(0 * DAY)) == 4
    assert desk.asked(2 * HOUR) == []
    desk.configure("revisit_budget = 7")
    assert len(desk.asked(3 * HOUR)) == 4
    assert desk.asked(25 * HOUR) == []
    assert len(desk.asked(28 * HOUR)) == 4


@pytest.mark.parametrize("point", [("after its row", "5"), ("before its article is saved", "1")])
def test_a_killed_crawl_has_spent_what_it_spent(point: tuple[str, str], desk: Desk) -> None:
    desk.configure("revisit_budget = 5")
    for number in range(7):
        desk.kiosk.publish(f"/ville/{number}/", f"Le conseil, épisode {number}")
    desk.crawl(0 * DAY)
    desk.kiosk.requests.clear()
    desk.crawl(2 * HOUR, killed=point)  # rows come from robots.txt and three places that name articles, then pages
    before = [asked.path for asked in desk.kiosk.asked()]
    with Archive(desk.directory) as archive:
        [(kept,)] = archive.db.execute("SELECT count(*) FROM captures WHERE role = 'page' AND status = 304").fetchall()
    assert 0 < kept <= 5
    assert "was killed" in desk.crawl(3 * HOUR)
    after = [asked.path for asked in desk.kiosk.asked()][len(before) :]
    assert len(after) == 5 - kept
    with Archive(desk.directory) as archive:
        visited = archive.db.execute("SELECT url FROM captures WHERE role = 'page' AND status = 304").fetchall()
        assert len(visited) == len(set(visited)) == 5
    assert desk.asked(4 * HOUR) == []
    assert desk.reasons()[0] == {"skipped: not_due": 8}


def test_a_dry_run_shows_the_visits_and_spends_nothing(desk: Desk) -> None:
    desk.configure("revisit_budget = 1")
    desk.crawl(0 * DAY)
    url = desk.kiosk.url + MARKET[1:]
    for _ in range(2):
        assert f"{url}  (1 hour after it was first archived)" in desk.crawl(2 * HOUR, "--dry-run")
    assert len(desk.asked(2 * HOUR)) == 1


def test_none_for_whom_does_not_want_any(desk: Desk) -> None:
    desk.crawl(0 * DAY)
    assert desk.asked(2 * HOUR, "--no-revisits") == []
    desk.configure("revisit = false")
    assert desk.asked(2 * HOUR) == []
    desk.configure("revisit = []")
    assert desk.asked(2 * HOUR) == []
    desk.configure('revisit = ["3 hours"]')
    assert desk.asked(2 * HOUR) == []
    assert len(desk.asked(3 * HOUR + MINUTE)) == 1


def test_the_limit_is_for_what_is_new_first(desk: Desk) -> None:
    desk.crawl(0 * DAY)
    desk.kiosk.publish(BRIDGE, "Le pont est fermé")
    assert [asked.path for asked in desk.asked(2 * HOUR, "--limit", "1")] == [BRIDGE]
    assert desk.asked(2 * HOUR + MINUTE, "--limit", "0") == []
    assert [asked.path for asked in desk.asked(2 * HOUR + 2 * MINUTE, "--limit", "1")] == [MARKET]


def test_single_pages_and_days(desk: Desk) -> None:
    desk.kiosk.publish(BRIDGE, "Le pont est fermé")
    desk.kiosk.changed |= {BRIDGE: "2026-02-10T08:00:00Z", MARKET: "2026-02-27T08:00:00Z"}
    desk.crawl(0 * DAY)
    assert [asked.path for asked in desk.asked(2 * HOUR, "--since", "2026-02-20")] == [MARKET]
    bridge = desk.kiosk.url + BRIDGE[1:]
    assert [asked.path for asked in desk.asked(3 * HOUR, "--url", bridge)] == [BRIDGE]
    assert desk.asked(4 * HOUR) == [], "asking by hand was a visit"
    assert sorted(asked.path for asked in desk.asked(25 * HOUR, "--full")) == [MARKET, BRIDGE]


def test_rebuilt_it_knows_what_was_visited(desk: Desk) -> None:
    desk.configure("revisit_budget = 1")
    desk.kiosk.publish(BRIDGE, "Le pont est fermé")
    desk.crawl(0 * DAY)
    desk.crawl(2 * HOUR)
    before = desk.reasons()
    (desk.directory / "archive.db").unlink()
    desk.marbre(3 * HOUR, "rebuild")
    assert desk.reasons() == before
    assert desk.asked(3 * HOUR) == []


def rest_api(kiosk: Kiosk) -> None:
    """Have the kiosk give its article by a REST API, too."""
    text = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    post = {
        "id": 7,
        "link": kiosk.url + MARKET[1:],
        "date_gmt": "2026-02-20T07:15:00",
        "date": "2026-02-20T08:15:00",
        "modified_gmt": "2026-02-20T07:15:00",
        "modified": "2026-02-20T08:15:00",
        "title": {"rendered": "Le marché rouvre"},
        "content": {"rendered": text, "protected": False},
    }
    headers = {"Content-Type": "application/json", "X-WP-Total": "1", "X-WP-TotalPages": "1"}
    kiosk.answers["/wp-json/wp/v2/posts"] = Answer(body=json.dumps([post]).encode(), headers=headers)
    head = (
        f'<html><head><link rel="https://api.w.org/" href="{kiosk.url}wp-json/"></head><body>Le Kiosque</body></html>'
    )
    kiosk.answers["/"] = Answer(body=head.encode())


def test_pages_that_are_not_wanted_are_not_visited(desk: Desk) -> None:
    rest_api(desk.kiosk)
    for after in (0 * DAY, 2 * HOUR, 2 * DAY):
        desk.crawl(after, "--pages", "never")
    assert desk.kiosk.asked(MARKET) == []
    desk.crawl(3 * DAY, "--pages", "later")
    assert [asked.status for asked in desk.kiosk.asked(MARKET)] == [200]
    desk.crawl(3 * DAY + 2 * HOUR, "--pages", "never")
    assert [asked.status for asked in desk.kiosk.asked(MARKET)] == [200]
    desk.crawl(3 * DAY + 3 * HOUR, "--pages", "later")
    assert [asked.status for asked in desk.kiosk.asked(MARKET)] == [200, 304]
    assert desk.titles() == ["Le marché rouvre"]


@pytest.mark.skipif(
    not (any(map(shutil.which, rendering.BROWSERS)) and rendering.has_playwright()) and not REQUIRED,
    reason="needs Chromium and marbre[javascript]",
)
def test_pages_built_by_a_browser_are_visited_too(desk: Desk) -> None:
    desk.configure("javascript = true", "revisit_budget = 1", "unconditional_every = 2")
    desk.crawl(0 * DAY)
    seen = [[(asked.status, asked.conditional) for asked in desk.asked(hours * HOUR)] for hours in (1.5, 25, 26)]
    assert seen == [[(304, True)], [], [(200, False)]]
    assert desk.titles() == ["Le marché rouvre"]
