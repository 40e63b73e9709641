"""CDXJ: the index by which replay programs find records. A line is `KEY TIMESTAMP {JSON}`; lines are sorted by bytes.

See the CDXJ of pywb and of WACZ 1.1.1 (specs.webrecorder.net/wacz/1.1.1, 5.2.3). Their keys are SURTs in lower case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Self
from urllib.parse import unquote_to_bytes, urlsplit

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # the module it chose

from archive.urls import canonicalise

_WWW = re.compile(r"www\d*\.")
_SLASHES = re.compile("//+")
_SESSION = re.compile(r"(?:jsessionid|phpsessid|sid)=[0-9a-z]{32}")  # of the visit, not of the page
_ROUNDS = 8  # of percent-encoding over percent-encoding
_PORTS = {"http": 80, "https": 443}


def write(out: BinaryIO, captures: Iterable[dict[str, Any]]) -> None:
    """Write the index of captures where they lie in their archive; file names are those in its folder warc/."""
    with Sorted() as lines:
        for row in captures:
            lines.add(line(row))
        out.writelines(lines)


def line(row: dict[str, Any], **instead: Any) -> bytes:
    """Return one line; `instead` gives the file, offset and length of a copy."""
    moment = datetime.fromisoformat(row["timestamp"])
    said = {
        "url": row["url"],
        "mime": "warc/revisit" if row["kind"] == "revisit" else row["mime"] or "unk",
        "status": str(row["status"]),
        "digest": row["digest"],
        **{name: str(instead.get(name, row[name])) for name in ("length", "offset")},
        "filename": instead.get("filename", row["filename"]),
    }
    return f"{key(row['url'])} {moment:%Y%m%d%H%M%S} {json.dumps(said, ensure_ascii=False)}\n".encode()


def key(url: str) -> str:
    """Return the key replay programs look an http(s) URL up by: its SURT, in lower case, without a session's id.

    Ours (`archive.urls.urlkey`) tells capitals apart and drops tracking parameters, which they would not find.
    """
    parts = urlsplit(url)
    host = _WWW.sub("", urlsplit(canonicalise(url)).hostname or "", count=1)
    port = "" if parts.port in (None, _PORTS.get(parts.scheme.lower())) else f":{parts.port}"
    path = _without_dots(_SLASHES.sub("/", _escaped(parts.path))).rstrip("/") or "/"
    given = (pair for pair in _escaped(parts.query).split("&") if not _SESSION.fullmatch(pair))
    pairs = sorted(tuple(pair.split("=", 1)) for pair in given)
    query = "&".join(map("=".join, pairs))
    return f"{','.join(reversed(host.split('.')))}{port}){path}{'?' + query if query else ''}"


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]  # the empty one before the first slash stays
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept)


def _escaped(text: str) -> str:
    """Undo percent-encoding as often as it was applied, write again only what has to be, in lower case."""
    data = text.encode("utf-8", "surrogateescape")
    for _ in range(_ROUNDS):
        plain = unquote_to_bytes(data)
        if plain == data:
            break
        data = plain
    return "".join(chr(byte) if 0x20 < byte < 0x7F and byte not in b"#%" else f"%{byte:02x}" for byte in data).lower()


class Sorted:
    """Lines of an index, sorted on disk: a million of them would fill the memory."""

    def __enter__(self) -> Self:
        # A real file: the SQLite we have was built to keep all that is temporary in memory.
        self.folder = TemporaryDirectory(prefix="marbre-index-")
        self.db = sqlite3.connect(Path(self.folder.name) / "lines.db", isolation_level=None)
        self.db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000")
        self.db.execute("CREATE TABLE lines (line BLOB PRIMARY KEY) WITHOUT ROWID")
        self.db.execute("BEGIN")
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()
        self.folder.cleanup()

    def add(self, line: bytes) -> None:
        self.db.execute("INSERT OR IGNORE INTO lines VALUES (?)", [line])

    def __iter__(self) -> Iterator[bytes]:
        return (line for (line,) in self.db.execute("SELECT line FROM lines ORDER BY line"))
