"""Documentation that is not true fails here."""

from __future__ import annotations

import dataclasses
import re
import runpy
from pathlib import Path

import pytest

from archive.database import open_for_writing
from archive.models import Article
from archive.schema import ABOUT
from crawler import settings
from crawler.cli import main
from crawler.site import Site

DOCS = Path(__file__).parent.parent / "docs"


def test_generated_pages_are_fresh() -> None:
    assert runpy.run_path(str(DOCS / "generate.py"))["stale"]() == []


@pytest.mark.parametrize("command", main.commands)
def test_every_command_is_documented(command: str) -> None:
    assert f"## marbre {command}\n" in (DOCS / "cli.md").read_text(encoding="utf-8")
    assert main.commands[command].help


def test_every_setting_is_documented() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert [name for name in dir(settings) if name.startswith("MARBRE_") and f"`{name}`" not in page] == []


def test_every_site_key_is_documented() -> None:
    page = (DOCS / "sites.md").read_text(encoding="utf-8")
    assert [key for key in Site.__struct_fields__ if key != "name" and f"| `{key}` |" not in page] == []


def test_every_table_and_column_is_described(tmp_path: Path) -> None:
    db = open_for_writing(tmp_path)
    held = {name for name in (*db.table_names(), *db.view_names()) if "_fts" not in name and not name.startswith("_")}
    assert held == set(ABOUT)
    for name in held:
        assert [column.name for column in db[name].columns if column.name not in ABOUT[name][1]] == []
        assert set(ABOUT[name][1]) == {column.name for column in db[name].columns}


def test_the_table_of_articles_has_every_field() -> None:
    assert {field.name for field in dataclasses.fields(Article)} <= set(ABOUT["articles"][1])


def test_links_lead_somewhere() -> None:
    for page in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


_FAULTS = {"C": 15, "N": 12, "M": 15, "S": 12, "L": 6, "K": 8, "U": 8, "D": 12}


def test_every_fault_names_tests_that_there_are_or_says_why_not() -> None:
    page = (DOCS / "reliability.md").read_text(encoding="utf-8")
    faults = re.findall(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    assert [name for name, *_ in faults] == [f"{kind}{n}" for kind, last in _FAULTS.items() for n in range(1, last + 1)]
    for name, *_, shown in faults:
        tests = re.findall(r"`(test_\w+\.py)::(test_\w+)`", shown)
        assert tests or "No test: " in shown or re.search(r"`benchmarks/\w+\.py`", shown), f"{name} is not shown"
        assert all(is_there(*test) for test in tests), name


def test_the_security_page_names_tests_that_there_are() -> None:
    page = (DOCS.parent / "SECURITY.md").read_text(encoding="utf-8")
    named = 0
    for line in page.splitlines():
        file = ""
        for found in re.finditer(r"`(test_\w+\.py)?(?:::(test_\w+))?`", line):
            file = found[1] or file
            assert is_there(file, found[2] or r"test_\w+"), found[0]
            named += 1
    assert named > 20


def is_there(file: str, test: str) -> bool:
    text = (DOCS.parent / "tests" / file).read_text(encoding="utf-8")
    return re.search(rf"^(async )?def {test}\(", text, re.MULTILINE) is not None
