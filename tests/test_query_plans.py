"""Every statement of a crawl, a search and an article's page finds its rows by an index: an archive may be large.

The statements are not listed here: they are what SQLite is really asked while the commands run.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from archive.database import open_for_writing
from tests import traced
from tests.clocked import START
from tests.kiosk import Answer, Kiosk

# Tables that grow with every article, page or answer.
LARGE = {
    *("captures", "frontier", "articles", "extractions", "versions", "events", "authors", "tags"),
    *("article_authors", "article_tags", "duplicate_texts", "duplicate_bands", "duplicate_pairs", "sources"),
}
_SCAN = re.compile(r"SCAN (\w+)(?! VIRTUAL)")
_ALIAS = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)(?:\s+AS)?\s+(\w+)", re.IGNORECASE)


def scanned(plan: list[str], statement: str) -> set[str]:
    """Return the large tables that a plan reads from end to end, by an index or not."""
    names = {alias: table for table, alias in _ALIAS.findall(statement)}
    read = {match[1] for step in plan if (match := _SCAN.match(step))}
    return {str(names.get(name, name)) for name in read} & LARGE


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("traced")


@pytest.fixture(scope="module")
def statements(archive: Path) -> dict[str, dict[str, str]]:
    """Two crawls, the second with visits that are due, edits and a page gone; then each way to look at an article."""
    directory, into, said = archive / "archive", archive / "sql", {}
    open_for_writing(directory).close()
    with Kiosk() as kiosk:
        for number in range(6):
            kiosk.publish(f"/ville/marche-{number}/", f"Le marché, épisode {number}", text=f"Le point {number}." * 20)
        sites = kiosk.sites(archive)
        said["first crawl"] = traced.run(START, "crawl", "--archive", directory, sites=sites, into=into)
        kiosk.publish("/ville/marche-1/", "Le marché, épisode 1, corrigé", text="Tout autre chose." * 20)
        for path in ("/ville/halle/", "/ville/halle-couverte/"):
            kiosk.publish(path, "La halle", text="La halle couverte est rendue aux commerçants de la ville. " * 9)
        kiosk.answers["/ville/marche-2/"] = Answer(410)
        later = START + timedelta(days=2)
        said["second crawl"] = traced.run(later, "crawl", "--archive", directory, sites=sites, into=into)
        url = f"{kiosk.url}ville/marche-1/"
        commands = {
            "search": ["search", "marché épisode"],
            "search of a site": ["search", "marché site:kiosk after:2026-01-01"],
            "newest first": ["search", "marché", "--sort", "date"],
            "show": ["show", url],
            "why": ["why", url],
            "versions": ["versions", url],
            "events": ["events", "--since", "2026-03-01"],
            "cluster": ["cluster", f"{kiosk.url}ville/halle/"],
        }
        for name, words in commands.items():
            said[name] = traced.run(later, *words, "--archive", directory, sites=sites, into=into)
    return said


def found(archive: Path, statements: dict[str, dict[str, str]], *, without: str | None = None) -> set[tuple[str, ...]]:
    """Return (command, tables, shape) of what reads a large table from end to end, as if one index were not there."""
    db = open_for_writing(archive / "archive")
    db.execute("BEGIN")
    if without:
        db.execute(f"DROP INDEX {without}")
    scans = {
        (name, *sorted(tables), shape)
        for name, asked in statements.items()
        for shape, statement in asked.items()
        if (tables := scanned(traced.plan(db, statement), statement))
    }
    db.execute("ROLLBACK")
    db.close()
    return scans


def test_no_statement_reads_a_large_table_from_end_to_end(statements: dict[str, dict[str, str]], archive: Path) -> None:
    assert found(archive, statements) == set()


@pytest.mark.parametrize(
    ("index", "command"),
    [
        ("captures_urlkey", "second crawl"),
        ("frontier_url", "second crawl"),
        ("articles_text_digest", "first crawl"),
        ("extractions_asked", "second crawl"),
        ("articles_dated", "search"),
    ],
)
def test_a_missing_index_would_be_seen(
    index: str, command: str, statements: dict[str, dict[str, str]], archive: Path
) -> None:
    assert command in {name for name, *_ in found(archive, statements, without=index)}
