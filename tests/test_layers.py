"""Imports point one way, and each outside library has one owner."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for folder in ("archive", "crawler") for path in (ROOT / folder).rglob("*.py"))

# Library -> the modules that may import it, as prefixes of their names.
OWNERS = {
    "warcio": ("archive.warc",),
    "trafilatura": ("archive.reading.body", "archive.extraction", "crawler.extensions"),
    "htmldate": ("archive.reading.dateclaims",),
    "datasette": ("archive.datasette_plugin",),
    "brotli": ("archive.encoding",),
    "can_ada": ("archive.urls",),
    "tldextract": ("archive.urls",),
    "playwright": ("crawler.browser",),
    "tomlkit": ("crawler.sitesfile",),
    "feedparser": ("crawler.discovery.feeds",),
    "zlib_ng": ("archive.warc",),
    "tenacity": ("archive.database",),
    "dateparser": ("archive.options", "archive.search.dates", "archive.reading.printed", "archive.reading.datewords"),
    "pytz": ("archive.reading.zones",),
    "py3langid": ("archive.reading.language",),
    "pyarrow": ("archive.exchange.parquet",),
}
# From the ground up: a module imports from its own row and from rows above it.
LAYERS = (
    ("errors", "models", "room", "exits"),
    ("urls", "encoding", "robots", "dedup", "reading", "extraction", "rows", "learning"),
    ("search",),
    ("captures", "schema", "warc", "database", "pool", "robots_kept", "rights"),
    ("forgotten", "profiles"),
    (
        "duplicates",
        "events",
        "fold",
        "frontier",
        "hosts",
        "revisits",
        "rhythm",
        "standing",
        "sources",
        "health",
        "store",
    ),
    ("query", "forgetting"),
    ("coverage", "damaged", "ingest", "imports", "import_filters", "import_evidence", "profiling", "changes"),
    ("recovery", "difference", "database_checks", "verification", "render", "coverage_view", "health_view", "options"),
    ("rights_story",),
    ("rebuild", "mending", "repair", "jobs", "import_copies", "importing", "datasette_plugin", "serving", "worker"),
    ("coverage_cli", "exchange"),
    ("rights_cli", "runs_cli"),
    ("exchange_cli", "repair_cli", "search_cli", "versions_cli", "events_cli", "forget_cli", "duplicates_cli"),
    ("cli",),
)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def row(module: str) -> int | None:
    part = module.split(".")[1] if "." in module else ""
    return next((number for number, names in enumerate(LAYERS) if part in names), None)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    module = name_of(path)
    for imported in imports(path):
        if module.startswith("archive"):
            assert not imported.startswith(("crawler", "scrapy", "twisted")), f"{module} imports {imported}"
        mine, theirs = row(module), row(imported) if imported.startswith("archive.") else None
        if module.startswith("archive.") and mine is not None and theirs is not None:
            assert theirs <= mine, f"{module} imports {imported}, which stands above it"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_each_library_has_one_owner(path: Path) -> None:
    module = name_of(path)
    for imported in imports(path):
        owners = OWNERS.get(imported.split(".")[0])
        assert owners is None or module.startswith(owners), f"{module} imports {imported}"


def test_every_module_of_the_archive_has_its_row() -> None:
    homeless = [
        name_of(path) for path in MODULES if name_of(path).startswith("archive.") and row(name_of(path)) is None
    ]
    assert homeless == []


def test_no_drawer_for_odds_and_ends() -> None:
    assert not {"utils", "helpers", "misc", "common", "manager"} & {path.stem for path in MODULES}
