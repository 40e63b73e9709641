"""Doing damage to archives, and telling what of them can still be read."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

from archive import captures, rows, warc
from archive.database import open_for_reading, open_for_writing
from archive.errors import DamagedRecord
from archive.models import Capture


def files(directory: Path) -> list[Path]:
    return sorted((directory / "warc").glob("*.warc.gz"))


def members(path: Path) -> list[tuple[int, int]]:
    """Return (offset, length) of each gzip member of a sound file."""
    data, found, offset = path.read_bytes(), [], 0
    while offset < len(data):
        length = length_of(data[offset:])
        found.append((offset, length))
        offset += length
    return found


def length_of(data: bytes) -> int:
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    inflate.decompress(data)
    return len(data) - len(inflate.unused_data)


def readable(directory: Path) -> dict[str, bytes]:
    """Return the bodies of all captures that can be read by their rows."""
    db = open_for_reading(directory)
    found = {}
    for row in db.query("SELECT * FROM captures"):
        capture = rows.capture_of(row)
        try:
            found[capture.id] = warc.read_page(directory / "warc", capture, captures.by_id(db, capture.refers_to)).body
        except DamagedRecord:
            continue
    db.close()
    return found


def hit(path: Path, offset: int, mask: int = 0xFF) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ mask]))


def member_of(path: Path, capture: Capture, kind: str) -> tuple[int, int]:
    """Return where the record of a kind lies that belongs to a capture."""
    places = members(path)
    index = next(number for number, (offset, _) in enumerate(places) if offset == capture.offset)
    return places[index - {"response": 0, "request": 1, "metadata": 2}[kind]]


def third(directory: Path) -> Capture:
    return [entry for entry in warc.index(files(directory)[0]) if isinstance(entry, Capture)][2]


def change(directory: Path, sql: str, *values: Any) -> None:
    """Change the database behind Marbre's back."""
    db = open_for_writing(directory)
    db.execute("PRAGMA foreign_keys = OFF")
    assert db.execute(sql, values).rowcount != 0
    db.close()
