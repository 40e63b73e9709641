"""Parquet, by pyarrow, which comes with `marbre[parquet]`.

Moments are timestamps in UTC, as Parquet has no offsets; beside each date of the publisher's stands the text it was
made of (`published_iso`, `modified_iso`). Lists and images are what they are; `provenance` is a map from a field's name
to JSON, since what is known of a choice differs from field to field.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from archive.errors import ArchiveError
from archive.exchange.selection import Document
from archive.models import Image

_ROWS, _CHARACTERS = 20_000, 16 << 20  # at most, of one row group: all of one is in memory, more than once
_BATCH = 500, 2 << 20  # rows and characters that are Python objects at once
_LONG = ("text", "markdown")
# Of these the file tells the least and the greatest value in each row group; of a text that would be two whole texts.
_BOUNDED = ("id", "site", "language", "version", "published", "modified", "first_seen", "last_seen")
_STATED = ("published", "modified")  # moments whose offset says something


def write(out: BinaryIO, documents: Iterable[Document], columns: dict[str, str]) -> None:
    """Raises ArchiveError if pyarrow is not installed."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise ArchiveError('Parquet needs pyarrow: pip install "marbre[parquet]"') from None
    schema = pa.schema(_fields(pa, columns))
    pool = pa.system_memory_pool()  # Arrow's own keeps what it has had once
    bounded = [name for name in _BOUNDED if name in columns]
    options = {"compression": "zstd", "write_statistics": bounded, "memory_pool": pool}
    with parquet.ParquetWriter(out, schema, **options) as writer:
        for group in _groups(pa, (_row(document, columns) for document in documents), schema):
            writer.write_table(pa.Table.from_batches(group), row_group_size=_ROWS)


def _groups(pa: Any, rows: Iterable[Document], schema: Any) -> Iterator[list[Any]]:
    """Yield row groups, each a list of record batches."""
    group: list[Any] = []
    held, characters = 0, 0
    for piece, size in _pieces(rows):
        group.append(pa.RecordBatch.from_pylist(piece, schema=schema))
        held, characters = held + len(piece), characters + size
        if held >= _ROWS or characters >= _CHARACTERS:
            yield group
            group, held, characters = [], 0, 0
    if group:
        yield group


def _pieces(rows: Iterable[Document]) -> Iterator[tuple[list[Document], int]]:
    """Yield rows in lists that are not too long, each with how many characters its long columns have."""
    piece: list[Document] = []
    size = 0
    for row in rows:
        piece.append(row)
        size += sum(len(row.get(name) or "") for name in _LONG)
        if len(piece) == _BATCH[0] or size >= _BATCH[1]:
            yield piece, size
            piece, size = [], 0
    if piece:
        yield piece, size


def _row(document: Document, columns: dict[str, str]) -> Document:
    row = {name: _value(document[name], kind) for name, kind in columns.items()}
    return row | {f"{name}_iso": document[name] for name in _STATED}


def _value(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "moment":
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind == "mapping":
        return [(name, json.dumps(said, ensure_ascii=False)) for name, said in value.items()]
    return value


def _fields(pa: Any, columns: dict[str, str]) -> Iterator[Any]:
    text = pa.string()
    sizes = ("width", "height")
    names = [field.name for field in dataclasses.fields(Image)]
    image = pa.struct([(name, pa.int64() if name in sizes else text) for name in names])
    types = {
        "text": text,
        "number": pa.int64(),
        "flag": pa.bool_(),
        "moment": pa.timestamp("us", tz="UTC"),
        "names": pa.list_(text),
        "images": pa.list_(image),
        "mapping": pa.map_(text, text),
    }
    for name, kind in columns.items():
        yield name, types[kind]
    for name in _STATED:
        yield f"{name}_iso", text
