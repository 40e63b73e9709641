"""The library as docs/python.md shows it; it loads nothing that fetches."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import archive
from archive import Archive, Article
from archive.query import Hit
from tests import small_archives as small

DOC = Path(__file__).parent.parent / "docs" / "python.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
EXPORTS = """
from pathlib import Path
from archive import Archive
from archive.exchange.export import export
from archive.exchange.selection import Selection
for form in ('jsonl', 'csv', 'atom', 'warc', 'wacz', 'cdxj'):
    export(Archive(p), Selection(), form, Path('/dev/null'))
"""
HEAVY = ("scrapy", "twisted", "trafilatura", "pyarrow", "playwright")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("library")
    small.crawl(directory / "marbre-archive")
    return directory


def test_the_examples_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    names: dict[str, Any] = {}
    printed = io.StringIO()
    with redirect_stdout(printed):
        for number, example in enumerate(EXAMPLES):
            exec(compile(example, f"{DOC.name}, example {number + 1}", "exec"), names)
    assert len(EXAMPLES) > 7
    assert names["by_section"]
    assert names["result"].written == small.ARTICLES
    assert (place / "marché.csv").stat().st_size > 1000
    assert isinstance(names["found"], Article)
    assert "[marché]" in printed.getvalue()


def test_the_example_in_the_package_runs(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    assert archive.__doc__
    example = re.findall(r"((?:    .*\n|\n)+)", archive.__doc__.partition("at work:\n")[2])[0]
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec("\n".join(line.removeprefix("    ") for line in example.splitlines()), {})
    assert printed.getvalue().count("Le marché") == small.ARTICLES


def test_what_the_document_names_is_there() -> None:
    for example in EXAMPLES:
        for node in ast.walk(ast.parse(example)):
            if isinstance(node, ast.ImportFrom) and node.module == "archive":
                assert {alias.name for alias in node.names} <= set(archive.__all__)


def test_iterators_of_articles(place: Path) -> None:
    with Archive(str(place / "marbre-archive")) as opened:
        articles = opened.articles()
        assert isinstance(articles, Iterator)
        assert all(isinstance(article, Article) for article in articles)
        hits = opened.search("marché")
        assert isinstance(hits, Iterator)
        first = next(hits)
        assert isinstance(first, Hit)
        found = opened.get(first.id)
        assert found is not None
        assert opened.get(found.url) == found
        assert [len(opened.versions(small.url(number))) for number in (1, 2, 99)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("code", "also"),
    [
        ("import archive", ()),
        ("from archive import *", ("trafilatura",)),
        ("from archive import Archive; a = Archive(p); list(a.articles()); list(a.search('marché')); a.close()", ()),
        ("from archive import Archive as A; a = A(p); u = next(a.articles()).url; a.get(u); a.page(u)", ()),
        (EXPORTS, ()),
        ("import archive.exchange_cli, archive.exchange.compact", ()),
    ],
)
def test_nothing_that_fetches_is_loaded(code: str, also: tuple[str, ...], place: Path) -> None:
    script = f"p = {str(place / 'marbre-archive')!r}\n{code}\nimport sys\nprint(*{HEAVY!r} & sys.modules.keys())"
    script = script.replace("print(*(", "print(*{*(").replace(") & sys", ")} & sys")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= set(also)
