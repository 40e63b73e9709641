"""docs/search.md is true: its Python runs, its searches are understood."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from archive.search.syntax import FIELDS, parse
from archive.store import Reading, Store
from tests.archives import START as DAY
from tests.archives import article, capture

PAGE = (Path(__file__).parent.parent / "docs" / "search.md").read_text(encoding="utf-8")


def test_the_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store(tmp_path) as store:
        store.begin_crawl("gazette-1", "gazette", DAY, {})
        for number, title in enumerate(("Le budget de Lyon", "Le budget", "Lyon, la nuit")):
            held = capture(number, f"https://gazette.example/{number}/")
            store.add_captures([held])
            result = article(held.url, title=title, text=f"Texte {number}.", published=DAY + timedelta(days=number))
            store.save(held, "gazette", "1", Reading.of(result))
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "docs/search.md", "exec"), {"directory": tmp_path})
    said = capsys.readouterr().out.splitlines()
    assert sorted(said[:2]) == ["2026-03-01 Le [budget] de Lyon", "2026-03-02 Le [budget]"]
    assert said[2] == "Texte 2."


@pytest.mark.parametrize(
    "query", re.findall(r"`([^`\n]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)))
)
def test_every_search_of_the_table_is_understood(query: str) -> None:
    if not query.endswith(":"):
        parse(query)
    else:
        assert query[:-1] in FIELDS


def test_every_filter_is_documented() -> None:
    assert [name for name in FIELDS if f"`{name}:" not in PAGE] == ["language"]
