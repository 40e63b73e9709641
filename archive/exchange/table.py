"""CSV (RFC 4180): UTF-8, a header line, lines end in CR LF. Lists and objects are JSON; what is missing is empty.

A text that a spreadsheet would take for a formula, and run, has an apostrophe before it, as spreadsheets write it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any, BinaryIO

from archive.exchange.selection import Document

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # CWE-1236


def write(out: BinaryIO, documents: Iterable[Document], columns: dict[str, str]) -> None:
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    writer.writerow(columns)
    for document in documents:
        writer.writerow([_cell(document[name]) for name in columns])
        out.write(line.getvalue().encode())
        line.seek(0)
        line.truncate()
    out.write(line.getvalue().encode())  # the header, if nothing was chosen


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
