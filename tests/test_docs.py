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
from crawler.sites import Site

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
