"""A newspaper takes articles down, in every way there is, between visits by the plan: what the archive tells of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archive import Archive
from tests import clocked
from tests.conftest import run_marbre
from tests.kiosk import Answer, Kiosk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BUDGET = 8  # of requests, one for each article and one more for each of two redirects to what they lead to: nine
WALLED, PLAIN = "/ville/halle/", "/ville/gare/"
GOES = {
    "/ville/pont/": Answer(404, b"<h1>Page introuvable</h1>"),
    "/ville/lavoir/": Answer(410),
    "/ville/digue/": Answer(301, headers={"Location": "/"}),
    "/ville/ecole/": Answer(302, headers={"Location": "/ville/"}),
    "/ville/moulin/": Answer(
        body=b"<title>Le Kiosque</title><h1>Cet article n'existe plus</h1><p>Cherchez ailleurs.</p>"
    ),
    WALLED: Answer(),  # made of what it was
}
SECTION = "<title>Ville</title><h1>Ville</h1>" + "".join(
    f'<article><h2><a href="{path}">Un article de la ville, où il est question de {path}</a></h2></article>'
    for path in (*GOES, PLAIN)
)
_LOCKED = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script></head>'


class Story(NamedTuple):
    """What came of it: the crawls' moments with the requests each made for articles, and the archive."""

    url: str
    directory: Path
    visits: list[tuple[datetime, int]]
    titles: dict[str, str]


def behind_a_wall(body: bytes) -> Answer:
    """The page as it was, cut behind its first paragraph, with the words of a wall and what says so to machines."""
    before, _, _ = body.decode().partition("</p>")
    wall = '</p><div class="paywall"><p>La suite est réservée aux abonnés.</p></div></article></body></html>'
    return Answer(body=(before.replace("</head>", _LOCKED) + wall).encode())


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("events")
    with Kiosk() as kiosk:
        sites = kiosk.sites(folder, f"revisit_budget = {BUDGET}", 'revisit = ["1 hour", "1 day", "1 week"]')
        kiosk.answers["/ville/"] = Answer(body=SECTION.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
        titles = {path: f"Ce que devient {path.split('/')[2]} après l'hiver" for path in (*GOES, PLAIN)}
        for path, title in titles.items():
            kiosk.publish(path, title)
        as_they_were = dict(kiosk.answers)
        visits = []

        def crawl(after: timedelta) -> None:
            kiosk.requests.clear()
            moment = clocked.START + after
            clocked.run(moment, "crawl", "kiosk", "--archive", folder / "archive", sites=sites)
            visits.append((moment, len(kiosk.asked(*titles))))

        crawl(timedelta())
        for path, answer in GOES.items():
            kiosk.answers[path] = behind_a_wall(as_they_were[path].body) if path == WALLED else answer
        for hours in (1, 2, 3, 25, 26, 27, 49, 50):
            crawl(hours * HOUR + timedelta(minutes=5))
        kiosk.answers |= as_they_were
        for days in (7, 8, 9):
            crawl(days * DAY + HOUR)
        yield Story(kiosk.url, folder / "archive", visits, titles)


def events(directory: Path, *arguments: str) -> list[dict[str, Any]]:
    done = run_marbre("events", "--json", *arguments, "--archive", directory)
    return [json.loads(line) for line in done.stdout.splitlines()]


def by_path(story: Story, found: list[dict[str, Any]]) -> dict[str, str]:
    return {one["canonical_url"].removeprefix(story.url[:-1]): one["kind"] for one in found}


def test_each_way_of_going_is_told(story: Story) -> None:
    found = events(story.directory)
    gone = by_path(story, [one for one in found if one["kind"] != "returned"])
    assert gone == {
        "/ville/pont/": "removed",
        "/ville/lavoir/": "removed",
        "/ville/digue/": "redirected",
        "/ville/ecole/": "redirected",
        "/ville/moulin/": "soft_404",
        WALLED: "walled",
    }
    assert by_path(story, [one for one in found if one["kind"] == "returned"]).keys() == gone.keys()
    assert len(found) == 2 * len(GOES)


def test_the_capture_shows_it(story: Story) -> None:
    with Archive(story.directory) as archive:
        for event in archive.events():
            row = archive.db.execute("SELECT url, status, timestamp FROM captures WHERE id = ?", [event.capture])
            url, status, timestamp = row.fetchone()
            assert (url, datetime.fromisoformat(timestamp)) == (event.url, event.timestamp)
            assert status in {"removed": (404, 410)}.get(event.kind, (200, 304))


def test_the_articles_stay_as_they_were(story: Story) -> None:
    with Archive(story.directory) as archive:
        found = {article.canonical_url.removeprefix(story.url[:-1]): article for article in archive.articles()}
        assert {path: article.title for path, article in found.items()} == story.titles
        assert len({len(article.text.split("\n")) for article in found.values()}) == 1
        for path in story.titles:
            assert len(archive.versions(story.url + path[1:])) == 1


def test_the_budget_holds_over_any_day(story: Story) -> None:
    visits = story.visits[1:]  # the first crawl is no revisit
    assert sum(count for _, count in visits) > 2 * len(GOES)
    for start, _ in visits:
        assert sum(count for moment, count in visits if start <= moment < start + DAY) <= BUDGET


def test_a_rebuild_tells_the_same(story: Story) -> None:
    before = events(story.directory)
    run_marbre("rebuild", "--archive", story.directory)
    assert events(story.directory) == before


def test_filters(story: Story) -> None:
    assert {one["kind"] for one in events(story.directory, "--kind", "walled")} == {"walled"}
    assert {one["kind"] for one in events(story.directory, "--since", "2026-03-08")} == {"returned"}
