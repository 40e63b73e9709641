"""A WARC file of chosen captures: records copied as they are, behind a warcinfo record that says what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from archive import __version__
from archive.exchange.records import Copier, Row
from archive.warc.records import member, new_id, warc_date


def write(out: BinaryIO, captures: Iterable[Row], copier: Copier, title: str) -> Iterator[tuple[Row, int, int]]:
    """Write the file; yields each capture's row with offset and length of its copy, as it is written."""
    offset = _put(out, _info(title))
    for row in captures:
        for copied in copier.copy(row):
            length = _put(out, copied.member)
            if copied.capture:
                yield copied.capture, offset, length
            offset += length


def _put(out: BinaryIO, data: bytes) -> int:
    out.write(data)
    return len(data)


def _info(title: str) -> bytes:
    """WARC 1.1, 6.2. The records that follow keep the name of the warcinfo record they were written under."""
    fields = {
        "software": f"Marbre {__version__}",
        "format": "WARC File Format 1.1",
        "description": f"records copied unchanged out of an archive: {title}",
    }
    lines = (f"{name}: {' '.join(value.split())}\r\n" for name, value in fields.items())
    headers: list[tuple[str, Any]] = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", new_id()),
        ("WARC-Date", warc_date(datetime.now(UTC))),
        ("Content-Type", "application/warc-fields"),
    ]
    return member(headers, "".join(lines).encode())
