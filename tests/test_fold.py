"""Articles and versions do not depend on the order in which captures are read."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.models import Article, Failure, Rejection
from archive.store import Reading, Store
from tests.archives import START, article, capture, dump

_HOST = "https://gazette.example/"
_A, _B, _C = (f"{_HOST}{name}/" for name in "abc")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as opened:
        opened.begin_crawl("gazette-1", "gazette", START, {})
        yield opened


def read(
    store: Store, number: int, result: Article | Rejection | Failure, extractor: str = "1", kind: str = "response"
) -> str:
    made = capture(number, getattr(result, "url", _A), kind=kind)
    store.add_captures([made])
    return store.save(made, "gazette", extractor, Reading.of(result))


def test_first_second_and_changed(store: Store) -> None:
    assert read(store, 1, article()) == "new"
    assert read(store, 2, article()) == "unchanged"
    assert read(store, 3, article(text="Un autre texte.")) == "changed"
    row = next(store.db["articles"].rows)
    assert (row["versions"], row["text"], row["capture"]) == (2, "Un autre texte.", capture(3).id)


def test_typography_makes_no_version(store: Store) -> None:
    read(store, 1, article(text="« Oui »\u00a0: c’est l'État &amp; la ville !"))
    assert read(store, 2, article(text="«\u202fOui\u202f» : c'est  l’État & la ville\u00a0!")) == "unchanged"


def test_shortlink_keeps_a_moved_article_one(store: Store) -> None:
    read(store, 1, article(_A, shortlink="https://gazette.example/?p=7"))
    assert read(store, 2, article(_B, shortlink="https://gazette.example/?p=7")) == "unchanged"
    rows = list(store.db["articles"].rows)
    assert [row["canonical_url"] for row in rows] == [_B]


def test_two_articles_become_one_when_an_address_joins_them(store: Store) -> None:
    read(store, 1, article(_A, text="Un."))
    read(store, 2, article(_B, text="Un.", shortlink="https://gazette.example/?p=7"))
    assert store.db["articles"].count == 2
    read(store, 3, article(_A, text="Un.", shortlink="https://gazette.example/?p=7"))
    assert store.db["articles"].count == 1
    assert store.db["versions"].count == 1


def test_a_page_that_is_no_article_any_more_leaves_no_row(store: Store) -> None:
    read(store, 1, article())
    assert read(store, 1, Rejection("listing"), extractor="2") == "rejected"
    assert store.db["articles"].count == store.db["versions"].count == 0
    assert store.db.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'texte'").fetchone()[0] == 0


def test_what_a_vanished_newest_reading_said_is_read_again(store: Store) -> None:
    read(store, 1, article(section="Un"))
    read(store, 2, article(section="Deux"))
    read(store, 2, Failure("timeout"), extractor="1")
    assert [identifier for identifier, _ in store.pending("1")] == [capture(1).id]


_READINGS = st.builds(
    lambda url, text, shortlink, tags: article(url, text, shortlink=shortlink, tags=tags, authors=("Zoé",)),
    st.sampled_from([_A, _B, _C]),
    st.sampled_from(["Un.", "Deux.", "Trois."]),
    st.sampled_from([None, "https://gazette.example/?p=1", "https://gazette.example/?p=2"]),
    st.sampled_from([(), ("eau",), ("eau", "feu")]),
)


@settings(max_examples=30, deadline=None)
@given(
    readings=st.lists(st.one_of(_READINGS, st.just(Rejection("listing"))), min_size=1, max_size=7), seed=st.integers()
)
def test_order_cannot_matter(readings: list[Article | Rejection], seed: int) -> None:
    numbered = list(enumerate(readings))
    shuffled = random.Random(seed).sample(numbered, len(numbered))
    dumps = []
    for order in (numbered, shuffled, [*shuffled, *numbered]):
        with TemporaryDirectory() as directory, Store(Path(directory)) as store:
            store.begin_crawl("gazette-1", "gazette", START, {})
            for number, result in order:
                read(store, number, result)
            dumps.append(dump(store.db))
    assert dumps[0] == dumps[1] == dumps[2]


def test_a_shortlink_that_is_no_longer_found_parts_what_it_joined(store: Store) -> None:
    joined = {1: _A, 2: _B, 3: _C}
    settled(store, {n: article(url, f"{n}.", shortlink=f"{_HOST}?p=1") for n, url in joined.items()}, [1, 2, 3])
    assert store.db["articles"].count == 1
    settled(store, {n: article(url, f"{n}.") for n, url in joined.items()}, [1, 2, 3])
    assert [(row["canonical_url"], row["versions"]) for row in store.db["articles"].rows_where(order_by="text")] == [
        (_A, 1), (_B, 1), (_C, 1)
    ]  # fmt: skip
    assert store.db.execute("SELECT count(*) FROM articles_fts").fetchone()[0] == 3


@settings(max_examples=30, deadline=None)
@given(
    readings=st.lists(st.tuples(st.sampled_from([_A, _B, _C]), _READINGS, _READINGS), min_size=1, max_size=6),
    seed=st.integers(),
)
def test_reading_all_anew_is_reading_it_for_the_first_time(
    readings: list[tuple[str, Article, Article]], seed: int
) -> None:
    """A later extractor may give any capture another canonical address, text or shortlink; its own address stays."""
    old = {number: replace(first, url=url) for number, (url, first, _) in enumerate(readings)}
    new = {number: replace(second, url=url) for number, (url, _, second) in enumerate(readings)}
    order = random.Random(seed).sample(list(new), len(new))
    dumps = []
    for shown in ([old, new], [new]):
        with TemporaryDirectory() as directory, Store(Path(directory)) as store:
            store.begin_crawl("gazette-1", "gazette", START, {})
            for results in shown:
                settled(store, results, order)
            dumps.append(dump(store.db))
    assert dumps[0] == dumps[1]


_EDITED = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_the_theme_adds_to_a_post_is_no_version(store: Store, order: tuple[int, ...]) -> None:
    """The API's text, the page's text of the same modification, and the API's again."""
    shown = [
        ("resource", article(text="Un texte.", modified=_EDITED)),
        ("response", article(text="Un texte.\nPartager", modified=_EDITED)),
        ("resource", article(text="Un texte.", modified=_EDITED)),
    ]
    outcomes = [read(store, number, shown[number][1], kind=shown[number][0]) for number in order]
    assert outcomes == ["new", "unchanged", "unchanged"]
    row = next(store.db["articles"].rows)
    assert (row["versions"], row["text"], row["capture"]) == (1, "Un texte.\nPartager", capture(1).id)
    (version,) = store.db["versions"].rows
    assert (version["first_seen"], version["last_seen"]) == (row["first_seen"], row["last_seen"])
    assert (version["digest"], version["capture"]) == (row["digest"], row["capture"])


def test_an_edit_that_the_api_tells_first_is_a_version(store: Store) -> None:
    later = _EDITED + timedelta(days=1)
    read(store, 1, article(text="Un texte.\nPartager", modified=_EDITED))
    assert read(store, 2, article(text="Un autre.", modified=later), kind="resource") == "changed"
    assert read(store, 3, article(text="Un autre.\nPartager", modified=later)) == "unchanged"
    assert [row["text"] for row in store.db.query("SELECT text FROM versions ORDER BY first_seen")] == [
        "Un texte.\nPartager",
        "Un autre.\nPartager",
    ]


def test_a_silent_edit_of_the_page_is_a_version(store: Store) -> None:
    """Same moment of modification, another text on the page."""
    read(store, 1, article(text="Un texte.", modified=_EDITED), kind="resource")
    read(store, 2, article(text="Un texte.", modified=_EDITED))
    assert read(store, 3, article(text="Un texte tu.", modified=_EDITED)) == "changed"
    assert store.db["versions"].count == 2


def test_without_its_page_the_post_stands_for_itself_again(store: Store) -> None:
    read(store, 1, article(text="Un texte.", modified=_EDITED), kind="resource")
    read(store, 2, article(text="Un texte.\nPartager", modified=_EDITED))
    assert read(store, 2, Rejection("listing", ""), "2") == "rejected"
    assert [identifier for identifier, _ in store.stale()] == [capture(1).id]
    read(store, 1, article(text="Un texte.", modified=_EDITED), "2", kind="resource")
    assert store.stale() == []
    row = next(store.db["articles"].rows)
    assert (row["versions"], row["text"], row["capture"]) == (1, "Un texte.", capture(1).id)


# -- Behind a wall

_WHOLE, _EDITED_WHOLE, _CUT = "Un début.\nUne suite.\nUne fin.", "Un début.\nUne autre.\nUne fin.", "Un début.\nUne…"


def settled(store: Store, shown: Mapping[int, Article | Rejection], order: list[int]) -> None:
    """Read captures in this order, and what has become stale until nothing is."""
    numbers = {capture(number).id: number for number in shown}
    for number in order:
        read(store, number, shown[number])
    while stale := store.stale():
        for identifier, _ in stale:
            read(store, numbers[identifier], shown[numbers[identifier]])


def test_what_a_wall_leaves_of_a_text_is_no_version_and_takes_nothing_away(store: Store) -> None:
    read(store, 1, article(text=_WHOLE))
    assert read(store, 2, article(text=_CUT, free_access=False)) == "unchanged"
    row = next(store.db["articles"].rows)
    assert (row["versions"], row["text"], row["capture"]) == (1, _WHOLE, capture(1).id)
    assert row["last_seen"] == next(store.db["versions"].rows)["last_seen"] == "2026-03-01T12:00:00.000000+00:00"


def test_an_edit_behind_a_wall_that_lets_us_through_is_a_version(store: Store) -> None:
    read(store, 1, article(text=_WHOLE))
    assert read(store, 2, article(text=_EDITED_WHOLE, free_access=False)) == "changed"
    assert next(store.db["articles"].rows)["text"] == _EDITED_WHOLE


def test_a_wall_alone_stands_for_itself_until_the_text_is_free(store: Store) -> None:
    read(store, 1, article(text=_CUT, free_access=False))
    assert next(store.db["articles"].rows)["text"] == _CUT
    assert read(store, 2, article(text=_WHOLE)) == "changed"
    row = next(store.db["articles"].rows)
    assert (row["versions"], row["text"]) == (1, _WHOLE)


def test_without_the_whole_text_the_cut_one_is_read_again(store: Store) -> None:
    read(store, 1, article(text=_WHOLE))
    read(store, 2, article(text=_CUT, free_access=False))
    read(store, 1, Rejection("listing"), "2")
    assert [identifier for identifier, _ in store.stale()] == [capture(2).id]
    read(store, 2, article(text=_CUT, free_access=False), "2")
    row = next(store.db["articles"].rows)
    assert (row["versions"], row["text"]) == (1, _CUT)


@settings(max_examples=25, deadline=None)
@given(
    walled=st.lists(
        st.sampled_from([(_WHOLE, None), (_EDITED_WHOLE, None), (_CUT, False), (_WHOLE, False), ("Un début.", False)]),
        min_size=1,
        max_size=6,
    ),
    seed=st.integers(),
)
def test_walls_stand_in_any_order(walled: list[tuple[str, bool | None]], seed: int) -> None:
    shown = {number: article(text=text, free_access=free) for number, (text, free) in enumerate(walled)}
    orders = [list(shown), random.Random(seed).sample(list(shown), len(shown))]
    dumps = []
    for order in (*orders, [*orders[1], *orders[0]]):
        with TemporaryDirectory() as directory, Store(Path(directory)) as store:
            store.begin_crawl("gazette-1", "gazette", START, {})
            settled(store, shown, order)
            dumps.append(dump(store.db))
    assert dumps[0] == dumps[1] == dumps[2]


# -- What makes a version, and what of it is kept


def changed(store: Store) -> list[list[str]]:
    return [json.loads(row["changed"]) for row in store.db.query("SELECT changed FROM versions ORDER BY first_seen")]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("title", {"title": "Un autre titre"}),
        ("text", {"text": "Un autre texte."}),
        ("authors", {"authors": ("Zoé Vasseur", "Ana Lopes")}),
        ("published", {"published": datetime(2026, 2, 28, 8, tzinfo=UTC)}),
    ],
)
def test_what_the_publisher_changed_is_kept(store: Store, field: str, given: dict[str, Any]) -> None:
    before: dict[str, Any] = {"authors": ("Zoé Vasseur",), "published": datetime(2026, 3, 1, 8, tzinfo=UTC)}
    read(store, 1, article(**before))
    assert read(store, 2, article(**before | given)) == "changed"
    assert changed(store) == [[], [field]]


@pytest.mark.parametrize(
    "given",
    [
        {"title": "Un  titre\u200b"},
        {"authors": ("ANA LOPES", "zoé vasseur")},
        {"published": datetime(2026, 3, 1, 17, 4, tzinfo=UTC)},
        {"modified": datetime(2026, 3, 2, tzinfo=UTC)},
        {"section": "Ville", "tags": ("eau",), "description": "Autre chose.", "image": "https://gazette.example/b.jpg"},
        {"provenance": {"title": {"source": "h1"}}, "language": "fr"},
    ],
)
def test_what_is_no_change_by_the_publisher_makes_no_version(store: Store, given: dict[str, Any]) -> None:
    before: dict[str, Any] = {"authors": ("Zoé Vasseur", "Ana Lopes"), "published": datetime(2026, 3, 1, 8, tzinfo=UTC)}
    read(store, 1, article(**before))
    assert read(store, 2, article(**before | given)) == "unchanged"


def test_a_version_found_between_two_tells_anew_what_changed(store: Store) -> None:
    read(store, 1, article(text="Un."))
    read(store, 5, article(text="Trois.", title="Autre"))
    read(store, 3, article(text="Deux.", title="Autre"))
    assert changed(store) == [[], ["title", "text"], ["text"]]
