"""What changed between two versions, word by word; and the commands that show it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from archive import changes
from archive.changes import Span
from archive.dedup import normalise
from archive.store import Reading, Store
from archive.versions_cli import diff, versions
from tests.archives import START, article, capture

_URL = "https://gazette.example/a/"
_TEXTS = ("Le pont ferme lundi.\nLa mairie confirme.", "Le pont ferme mardi.\nLa mairie confirme.")


def shown(before: str, after: str) -> str:
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(marks[operation].format(text) for operation, text in changes.spans(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("un deux trois", "un deux trois", "un deux trois"),
        ("un deux trois", "un quatre trois", "un [-deux-]{+quatre+} trois"),
        ("un deux trois quatre", "un cinq six quatre", "un [-deux trois-]{+cinq six+} quatre"),
        ("un trois", "un deux trois", "un {+deux +}trois"),
        ("un deux trois", "un trois", "un [-deux -]trois"),
        ("Il a dit : « Oui »", "Il a dit\u202f: «\u00a0Oui\u00a0»", "Il a dit\u202f: «\u00a0Oui\u00a0»"),
        ("a\nb\nc", "a\nc", "a\n[-b\n-]c"),
        ("a\nb", "a", "a[-\nb-]"),
        ("東京は雨", "東京は晴", "東京は[-雨-]{+晴+}"),
        ("", "tout neuf", "{+tout neuf+}"),
        ("l’État dit", "l'Etat dit", "l'[-État-]{+Etat+} dit"),
    ],
)
def test_spans(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


@given(st.text(alphabet="ab \n.’'東", max_size=60), st.text(alphabet="ab \n.’'東", max_size=60))
def test_spans_hold_both_texts(before: str, after: str) -> None:
    found = changes.spans(before, after)
    kept = {name: "".join(s.text for s in found if s.operation in ("equal", name)) for name in ("delete", "insert")}
    assert kept["insert"] == after
    assert normalise(kept["delete"]) == normalise(before)


def test_a_very_long_change_is_one_change() -> None:
    before, after = "un " * 15_000, "deux " * 15_000
    assert changes.spans(before, after) == (Span("delete", before), Span("insert", after))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    with Store(tmp_path) as store:
        store.begin_crawl("gazette-1", "gazette", START, {})
        told = [("Le pont ferme", _TEXTS[0]), ("Le pont ferme", _TEXTS[1]), ("Le pont reste ouvert", _TEXTS[1])]
        for number, (title, text) in enumerate(told):
            made = capture(number * 24, _URL)
            store.add_captures([made])
            published = START + timedelta(days=number // 2, minutes=5 * number)
            store.save(made, "gazette", "1", Reading.of(article(_URL, text, title=title, published=published)))
    return tmp_path


def run(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)  # type: ignore[arg-type]


def test_versions_lists_each_with_what_changed(directory: Path) -> None:
    result = run(versions, _URL, "--archive", str(directory))
    assert result.exit_code == 0
    assert "text (+1 -1 words)" in result.output
    assert "title, published" in result.output
    assert result.output.count("\n") == 6


def test_versions_by_headline_and_by_size(directory: Path) -> None:
    found = run(versions, _URL, "--headline", "--json", "--archive", str(directory)).output.splitlines()
    assert [json.loads(line)["number"] for line in found] == [1, 3]
    found = run(versions, _URL, "--min-words", "2", "--json", "--archive", str(directory)).output.splitlines()
    assert [json.loads(line)["number"] for line in found] == [1, 2]


def test_diff_shows_words(directory: Path) -> None:
    result = run(diff, _URL, "1", "--archive", str(directory))
    assert "Le pont ferme [-lundi-]{+mardi+}.\nLa mairie confirme." in result.output
    result = run(diff, _URL, "--archive", str(directory))
    assert "Le pont [-ferme-]{+reste ouvert+}" in result.output
    assert "published: 2026-03-01" in result.output
    document = json.loads(run(diff, _URL, "1", "3", "--json", "--archive", str(directory)).output)
    assert document["changed"] == ["title", "text", "published"]
    assert {"operation": "insert", "text": "mardi"} in document["spans"]["text"]


@pytest.mark.parametrize("numbers", [("1", "4"), ("2", "2"), ("9",)])
def test_diff_refuses_versions_that_are_not_there(directory: Path, numbers: tuple[str, ...]) -> None:
    result = run(diff, _URL, *numbers, "--archive", str(directory))
    assert result.exit_code == 2
    assert "versions 1 to 3" in result.output


def test_an_article_nobody_knows(directory: Path) -> None:
    result = run(versions, "https://gazette.example/b/", "--archive", str(directory))
    assert result.exit_code != 0
    assert "no such article" in str(result.exception)
