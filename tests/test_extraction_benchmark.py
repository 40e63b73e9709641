"""The benchmark of extraction runs, on a corpus of two pages of our own, and says what to do where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCORE = """
import json, pathlib
import trafilatura as extractor

PAGES = pathlib.Path({pages!r})

def load(dataset):
    for case in ("english", "ghost"):
        truth = json.loads((PAGES / case / "answers.json").read_text(encoding="utf-8"))
        yield {{"id": case, "url": "https://a.example/b", **truth}}, (PAGES / case / "page.html").read_bytes()

def score_page(dataset, truth, got):
    return {{"title": float(got.get("title") == truth["title"]), "f1": float(truth["text"][0] in got.get("text", ""))}}

def summary(dataset, rows):
    return {{key: sum(row[key] for row in rows) / len(rows) for key in rows[0]}}

def trafilatura(body, url):
    found = extractor.bare_extraction(body, url=url, with_metadata=True)
    return {{"title": found.title, "text": found.text}}
"""


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "extraction.py", *arguments],
        env={**os.environ, "MARBRE_CORPUS": "", **variables},
        text=True,
        capture_output=True,
        check=False,
    )


def test_table_has_every_half_and_reader(tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text(SCORE.format(pages=str(ROOT / "tests" / "pages")), encoding="utf-8")
    done = run("--dataset", "traf", "--halves", "--repeats", "1", MARBRE_CORPUS=str(tmp_path))
    assert done.returncode == 0, done.stderr
    tables = done.stdout.split("\n\n")
    assert [table.strip().split(":")[0] for table in tables] == ["half 'choose'", "half 'report'", "all"]
    lines = [line.split() for line in tables[-1].splitlines()]
    assert ["traf", "f1", "1.000", "1.000", "1.000", "0.935", "0.945"] in lines
    assert ["traf", "day", "-", "-", "-", "0.88", "0.9"] in lines
    assert any(line[:2] == ["cpu", "median"] for line in lines)
    assert "0 refused" in tables[-1]


def test_without_a_corpus_it_says_what_to_do(tmp_path: Path) -> None:
    for arguments, told in (((), "set MARBRE_CORPUS"), ((str(tmp_path),), "has no score.py")):
        done = run(*arguments)
        assert done.returncode == 2
        assert told in done.stderr
        assert "Traceback" not in done.stderr
