"""Nouns to rows and back: the one place that knows how a value is written in a column."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from archive.models import Article, Capture, Image, Link

_ARTICLE_FIELDS = dataclasses.fields(Article)


def instant(moment: datetime) -> str:
    """Return an aware datetime as UTC, ISO 8601, always with microseconds: text that sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def plain(value: Any) -> Any:
    """Return a dataclass as JSON-able builtins, without what is missing."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {name: plain(item) for name, item in given.items() if item is not None and item != ()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def to_json(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def links_of(text: str) -> tuple[Link, ...]:
    return msgspec.json.decode(text, type=tuple[Link, ...])


def names_of(text: str) -> list[str]:
    """Return a column of names (a JSON array) as a list."""
    return [str(name) for name in json.loads(text)]


def capture_row(capture: Capture) -> dict[str, Any]:
    row = {field.name: getattr(capture, field.name) for field in dataclasses.fields(Capture)}
    return row | {"timestamp": instant(capture.timestamp), "links": to_json(capture.links)}


def capture_of(row: Mapping[str, Any]) -> Capture:
    return Capture(**{**row, "timestamp": datetime.fromisoformat(row["timestamp"]), "links": links_of(row["links"])})


def article_row(article: Article) -> dict[str, Any]:
    return {field.name: _column(getattr(article, field.name)) for field in _ARTICLE_FIELDS}


def article_of(row: Mapping[str, Any]) -> Article:
    values = {field.name: row[field.name] for field in _ARTICLE_FIELDS}
    for name in ("authors", "tags"):
        values[name] = tuple(json.loads(values[name]))
    for name in ("published", "modified"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["images"] = msgspec.json.decode(values["images"], type=tuple[Image, ...])
    values["provenance"] = json.loads(values["provenance"])
    values["free_access"] = None if values["free_access"] is None else bool(values["free_access"])
    return Article(**values)


def _column(value: Any) -> Any:
    if isinstance(value, tuple):
        return to_json(value)
    if isinstance(value, Mapping):
        return json.dumps(dict(sorted(value.items())), ensure_ascii=False)
    return value.isoformat() if isinstance(value, datetime) else value
