"""Making WARC files for tests, and looking into them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive import warc
from archive.models import Capture, Exchange

START = datetime(2026, 3, 1, 10, 20, 30, 123456, tzinfo=UTC)
INFO = {"site": "gazette", "robots": "obey", "python": "3.14"}
URL = "https://www.gazette.example/une/titre/?b=2"
HTML = (("Content-Type", "Text/HTML; charset=utf-8"),)


def exchange(body: bytes = b"<p>Bonjour", **given: Any) -> Exchange:
    fields: dict[str, Any] = {"url": URL, "status": 200, "headers": HTML, "body": body, "captured_at": START}
    return Exchange(**fields | given)


def writer(directory: Path, **given: Any) -> warc.WarcWriter:
    return warc.WarcWriter(directory, "marbre", "gazette-1", INFO, **given)


def captures(path: Path) -> list[Capture]:
    return [each for each in warc.index(path) if isinstance(each, Capture)]


def only(directory: Path) -> Path:
    (path,) = directory.glob("*.warc.gz")
    return path


def only_open(directory: Path) -> Path:
    (path,) = warc.open_files(directory)
    return path
