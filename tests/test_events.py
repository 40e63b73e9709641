"""What happened to articles after they were published, from what their captures show."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.events_cli import events
from archive.models import Article, Capture, Failure, Link, Rejection
from archive.query import Archive
from archive.store import Reading, Store
from tests.archives import START, article, capture, dump

URL, OTHER, HOME = (f"https://gazette.example/{name}" for name in ("a/", "b/", ""))
GONE = Rejection("http_404", "the server answered 404 Not Found")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as opened:
        opened.begin_crawl("gazette-1", "gazette", START, {})
        yield opened


def visit(number: int, asked: str = URL, answered: str | None = None, **given: object) -> Capture:
    """The capture of what was asked for at hour `number`, and of what answered."""
    return capture(number, answered or asked, links=(Link(asked, "sitemap", f"{HOME}sitemap.xml"),), **given)


def show(store: Store, made: Capture, result: Article | Rejection | Failure) -> None:
    store.add_captures([made])
    store.save(made, "gazette", "1", Reading.of(result))


def kinds(store: Store) -> list[str]:
    return [row["kind"] for row in store.db.query("SELECT kind FROM events ORDER BY timestamp")]


@pytest.mark.parametrize(
    ("made", "result", "kind", "detail"),
    [
        (visit(2), GONE, "removed", "the server answered 404 Not Found"),
        (visit(2), Rejection("http_410", "the server answered 410 Gone"), "removed", "the server answered 410 Gone"),
        (visit(2), Rejection("http_451", "for legal reasons"), "removed", "for legal reasons"),
        (visit(2, URL, f"{HOME}404/"), GONE, "removed", "the server answered 404 Not Found"),
        (visit(2, URL, HOME), Rejection("listing", "front page"), "redirected", f"to the home page, {HOME}"),
        (visit(2, URL, f"{HOME}eau/"), Rejection("listing"), "redirected", f"to a list of articles, {HOME}eau/"),
        (visit(2, URL, OTHER), article(OTHER, "Autre."), "moved", f"another article answers: {OTHER}"),
        (visit(2), Rejection("not_found", "“Introuvable”"), "soft_404", "“Introuvable”"),
        (visit(2), Rejection("listing", "x"), "soft_404", "a list of articles is shown instead: x"),
        (visit(2), Rejection("password_protected", "a form"), "walled", "a form"),
        (visit(2), article(free_access=False), "walled", "it is not to be read freely any more"),
    ],
)
def test_what_an_answer_shows(store: Store, made: Capture, result: Article | Rejection, kind: str, detail: str) -> None:
    show(store, visit(1), article())
    show(store, made, result)
    (row,) = store.db["events"].rows
    kept = store.db.execute("SELECT id, text FROM articles WHERE canonical_url = ?", [URL]).fetchone()
    assert kept[1] == "Un texte."
    assert row == {
        "article": kept[0],
        "timestamp": "2026-03-01T12:00:00.000000+00:00",
        "kind": kind,
        "url": made.url,
        "detail": detail,
        "capture": made.id,
    }


@pytest.mark.parametrize(
    ("made", "result"),
    [
        (visit(2), Rejection("http_403", "")),
        (visit(2), Rejection("empty", "")),
        (visit(2), Rejection("no_text", "")),
        (visit(2, URL, f"{HOME}consentement"), Rejection("static_page", "")),
        (visit(2), Failure("timeout")),
        (visit(2, "http://www.gazette.example/a?utm_source=x", URL), article()),
        (visit(2, OTHER), GONE),
        (visit(2, HOME), Rejection("listing", "")),
    ],
)
def test_what_shows_nothing_about_the_article_is_no_event(
    store: Store, made: Capture, result: Article | Rejection | Failure
) -> None:
    show(store, visit(1), article())
    show(store, made, result)
    assert kinds(store) == []


def test_what_is_known_makes_no_second_event_and_what_comes_back_makes_one(store: Store) -> None:
    told: list[Article | Rejection | Failure]
    told = [article(), GONE, GONE, Failure("timeout"), GONE, article(), article(), GONE]
    for number, result in enumerate(told):
        show(store, visit(number), result)
    assert kinds(store) == ["removed", "returned", "removed"]


def test_what_was_not_there_yet_has_not_gone(store: Store) -> None:
    show(store, visit(1), GONE)
    show(store, visit(2), article())
    assert kinds(store) == []


def test_a_wall_that_was_always_there_is_no_event_and_its_fall_is(store: Store) -> None:
    show(store, visit(1), article(free_access=False))
    show(store, visit(2), article(free_access=False))
    show(store, visit(3), article(free_access=True))
    assert [(row["kind"], row["detail"]) for row in store.db["events"].rows] == [
        ("returned", "it is to be read freely again")
    ]


def test_what_an_api_gives_does_not_bring_back_what_readers_do_not_see(store: Store) -> None:
    show(store, visit(1), article())
    show(store, visit(2), GONE)
    show(store, visit(3, kind="resource", mime="application/json"), article())
    assert kinds(store) == ["removed"]


def test_an_answer_under_another_view_of_the_address_counts(store: Store) -> None:
    show(store, visit(1), article())
    show(store, visit(2, "https://m.gazette.example/a"), GONE)
    assert kinds(store) == ["removed"]


def test_events_of_articles_that_become_one_are_those_of_one(store: Store) -> None:
    show(store, visit(1), article(shortlink="https://gazette.example/?p=7"))
    show(store, visit(2), GONE)
    show(store, visit(3, OTHER), article(OTHER, shortlink="https://gazette.example/?p=7"))
    rows = list(store.db["events"].rows)
    assert [row["kind"] for row in rows] == ["removed", "returned"]
    assert {row["article"] for row in rows} == {row["id"] for row in store.db["articles"].rows}


_SHOWN = st.sampled_from(
    [
        (URL, URL, article()),
        (URL, URL, article(free_access=False)),
        (URL, URL, GONE),
        (URL, HOME, Rejection("listing", "")),
        (URL, OTHER, article(OTHER, "Autre.")),
        (OTHER, OTHER, article(OTHER, "Autre.")),
        (OTHER, OTHER, article(OTHER, "Un texte.", shortlink="https://gazette.example/?p=7")),
        (URL, URL, article(shortlink="https://gazette.example/?p=7")),
        (OTHER, URL, GONE),
    ]
)


@settings(max_examples=30, deadline=None)
@given(shown=st.lists(_SHOWN, min_size=1, max_size=7), seed=st.integers())
def test_order_cannot_matter(shown: list[tuple[str, str, Article | Rejection]], seed: int) -> None:
    numbered = list(enumerate(shown))
    shuffled = random.Random(seed).sample(numbered, len(numbered))
    dumps = []
    for order in (numbered, shuffled, [*shuffled, *numbered]):
        with TemporaryDirectory() as directory, Store(Path(directory)) as store:
            store.begin_crawl("gazette-1", "gazette", START, {})
            for number, (asked, answered, result) in order:
                show(store, visit(number, asked, answered), result)
            dumps.append(dump(store.db))
    assert dumps[0] == dumps[1] == dumps[2]


# -- The command


@pytest.fixture
def directory(store: Store) -> Path:
    show(store, visit(1), article())
    show(store, visit(2, OTHER), article(OTHER, "Autre."))
    show(store, visit(3), GONE)
    show(store, visit(4, OTHER, HOME), Rejection("listing", ""))
    show(store, visit(30), article())
    return store.directory


def run(directory: Path, *arguments: str) -> Result:
    return CliRunner().invoke(events, [*arguments, "--archive", str(directory)])


def test_the_command_tells_the_newest_first(directory: Path) -> None:
    lines = run(directory).output.splitlines()
    assert lines[0] == "2026-03-02 16:00  returned    gazette  Un titre"
    assert lines[3].split()[:3] == ["2026-03-01", "14:00", "redirected"]
    assert lines[4].strip().endswith(OTHER)
    assert lines[8].strip() == "the server answered 404 Not Found"


def test_the_command_narrows_down(directory: Path) -> None:
    found = [json.loads(line) for line in run(directory, "--json", "--kind", "removed").output.splitlines()]
    assert [(one["kind"], one["canonical_url"], one["site"]) for one in found] == [("removed", URL, "gazette")]
    assert run(directory, "--since", "2026-03-02", "--site", "gazette").output.count("\n") == 3
    nothing = run(directory, "--since", "2026-03-03")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "no such events" in nothing.stderr


def test_a_site_nobody_knows(directory: Path) -> None:
    with Archive(directory) as archive, pytest.raises(Exception, match="no site 'gazete' in this archive; it has gaz"):
        archive.events("gazete")
