"""Passages of hostile, long and strange texts; what reaches a terminal, a JSON reader and a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.folding import same_length, searchable
from archive.search.snippets import END, START, clean, marked, pattern, plain, snippet
from archive.search.syntax import parse, terms
from archive.store import Reading, Store
from tests.archives import START as DAY
from tests.archives import article, capture
from tests.conftest import run_marbre

HOSTILE = "\x1b[31mrouge\x1b]0;titre\x07 \x9b2J[bold]Lyon[/bold] \u202etxet\u202c\r\x08 \x02faux\x03 :smile: =1+1"


def cut(text: str, query: str) -> str:
    return snippet(text, pattern(terms(parse(query)))).replace(START, "[").replace(END, "]")


def test_the_passage_with_the_most_different_words_is_chosen() -> None:
    text = f"{'budget ' * 60}{'mot ' * 200}le budget de la mairie de Lyon est voté{' fin' * 100}"
    assert "le [budget] de la [mairie] de [Lyon] est voté" in cut(text, "lyon mairie budget")


def test_a_text_without_the_words_begins_at_its_beginning() -> None:
    assert cut("Un deux trois.\nQuatre", "cinq") == "Un deux trois. Quatre"
    assert cut("", "cinq") == ""
    assert cut("mot " * 100, "cinq").endswith("mot…")


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    found = cut("雨" * 5000 + "東京" + "雪" * 5000, "東京")
    assert "雨[東京]雪" in found
    assert len(found) < 300


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("mu\u00adni\u00adci\u00adpal", "municipal", "[mu\u00adni\u00adci\u00adpal]"),
        ("e\u0301tat", "état", "[e\u0301tat]"),
        ("municipalité", "municip*", "[municipalité]"),
        ("municipalité", "municip", "municipalité"),
        ("cœur Cœur coeur", "coeur", "[cœur] [Cœur] [coeur]"),
        ("porte-parole", '"porte parole"', "[porte-parole]"),
        ("a.b*c", "b*", "a.[b]*c"),
        ("Straße", "strasse", "[Straße]"),
    ],
)
def test_what_is_marked(text: str, query: str, expected: str) -> None:
    assert cut(text, query) == expected


@given(st.text())
def test_folding_for_marks_keeps_every_place(text: str) -> None:
    assert len(same_length(text)) == len(text)


@given(st.text(), st.text(min_size=1, max_size=20))
def test_nothing_is_lost_but_what_is_unfit(text: str, wanted: str) -> None:
    assert plain(marked(text, pattern(terms(parse(f'x "{wanted.replace(chr(34), "")}"'))))) == clean(text)


@given(st.text(alphabet="\x1b[]0;m\x9b\x07\x02\x03\u202ea\r\n", max_size=40))
def test_a_terminal_gets_no_orders(text: str) -> None:
    assert not set(clean(text)) & set("\x1b\x9b\x07\x02\x03\u202e\r")


@pytest.mark.parametrize(
    "text", ["\x1b[" * 100_000, "a " * 500_000, "東" * 500_000, "\x1b]" * 100_000, "é\u0301" * 300_000]
)
def test_long_texts_take_no_time(text: str) -> None:
    wanted = pattern(terms(parse('a "a a a" é* 東 "東東東"')))
    begun = time.perf_counter()
    snippet(text, wanted)
    assert time.perf_counter() - begun < 3
    searchable(text)
    assert time.perf_counter() - begun < 5


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("hostile")
    with Store(directory) as store:
        store.begin_crawl("gazette-1", "gazette", DAY, {})
        store.add_captures([capture(1)])
        result = article(text=f"{HOSTILE} Lyon", title=HOSTILE, authors=("\x1b[1mJean",), published=DAY)
        store.save(capture(1), "gazette", "1", Reading.of(result))
    return directory


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_pages_cannot_write_to_a_terminal(hostile: Path, form: list[str]) -> None:
    done = run_marbre("search", "lyon", "--archive", hostile, *form)
    assert not set(done.stdout) & set("\x1b\x9b\x07\x02\x03\x08\u202e\u202c")
    assert "[bold]Lyon[/bold]" in done.stdout
    assert ":smile:" in done.stdout
    assert done.stderr == "1 found\n"


def test_json_and_csv(hostile: Path) -> None:
    said = json.loads(run_marbre("search", "lyon", "--archive", hostile, "--json").stdout)
    assert [list(hit) for hit in said] == [
        ["id", "site", "published", "title", "authors", "language", "url", "snippet"]
    ]
    assert said[0]["published"] == "2026-03-01T10:00:00+00:00"
    assert said[0]["authors"] == ["Jean"]
    rows = list(csv.DictReader(io.StringIO(run_marbre("search", "lyon", "--archive", hostile, "--csv").stdout)))
    assert [(row["site"], row["authors"]) for row in rows] == [("gazette", "Jean")]


def test_nothing_found_is_an_answer(hostile: Path) -> None:
    assert json.loads(run_marbre("search", "xyzzy", "--archive", hostile, "--json").stdout) == []
    done = run_marbre("search", "xyzzy", "--archive", hostile)
    assert done.stdout == ""
    assert done.stderr.startswith("nothing found: no article has 'xyzzy'; try")


def test_a_query_that_begins_with_a_dash(hostile: Path) -> None:
    assert run_marbre("search", "--archive", hostile, "--", "-xyzzy").stderr == "1 found\n"


def test_a_site_there_is_not(hostile: Path) -> None:
    done = run_marbre("search", "lyon", "--site", "gazete", "--archive", hostile, code=2)
    assert "did you mean gazette?" in done.stderr
