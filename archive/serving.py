"""Starting Datasette on an archive."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from archive.database import FILE, open_for_reading
from archive.datasette_plugin import STATIC, describe

_SETTINGS = {
    "truncate_cells_html": "180",
    "default_page_size": "50",
    "default_facet_size": "10",
    "suggest_facets": "off",  # it would try every column for each page that is looked at; ours are chosen
    "allow_download": "off",
}


def serve(directory: Path, host: str, port: int) -> None:
    """Become a Datasette process that serves the archive read-only. Raises NotAnArchive if there is none.

    The file is opened as one that changes: `--immutable` would not see what a running crawl has written.
    """
    open_for_reading(directory).close()
    metadata = directory / "datasette.json"
    metadata.write_text(json.dumps(describe(), ensure_ascii=False), encoding="utf-8")
    command = ["serve", str(directory / FILE), "--metadata", str(metadata), "--host", host, "--port", str(port)]
    command += ["--static", f"{STATIC}:{Path(__file__).parent / 'static'}"]
    for name, value in _SETTINGS.items():
        command += ["--setting", name, value]
    os.execv(sys.executable, [sys.executable, "-m", "datasette", *command])  # noqa: S606 - our own interpreter
