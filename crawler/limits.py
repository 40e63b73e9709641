"""The table `[limits]` of sites.toml: how full a disk, how large an archive may become before a crawl ends itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from archive import room
from archive.database import FILE
from crawler.errors import CrawlError

_UNITS = {"": 1, **{f"{letter}b": 1000**n for n, letter in enumerate("kmgt", 1)}}
_UNITS |= {f"{letter}ib": 1024**n for n, letter in enumerate("kmgt", 1)} | {"b": 1}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z%]*)", re.IGNORECASE)
_RESERVE = 1 << 30  # bytes to leave on the disk if nothing is said,
_SHARE = 0.02  # or this part of the disk, whichever is less


class LimitReached(CrawlError):
    """Raised before a crawl begins for which there is no room; `reason` is "disk" or "size"."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes: `free_disk` to leave on the disk (none: 1 GiB, or 2 % of a small disk), `archive_size` to grow to."""

    free_disk: int | None = None
    archive_size: int | None = None

    def check(self, directory: Path) -> None:
        """Raise LimitReached if a crawl must not write to the archive in `directory` any more."""
        for place in (directory, directory / "warc"):  # which may lie on another disk
            if place.exists():
                self._check_disk(place)
        if self.archive_size is not None and (size := size_of(directory)) >= self.archive_size:
            raise LimitReached(
                "size",
                f"{directory}: the archive has {shown(size)}, and limits.archive_size is {shown(self.archive_size)};"
                " raise it in sites.toml, or begin another archive; the next run goes on",
            )

    def _check_disk(self, place: Path) -> None:
        left, size = room.free(place)
        wanted = min(_RESERVE, int(size * _SHARE)) if self.free_disk is None else self.free_disk
        if left < wanted:
            raise LimitReached(
                "disk",
                f"{place}: {shown(left)} are left on the disk, and limits.free_disk keeps {shown(wanted)};"
                " free some space, and the next run goes on",
            )


def parse(table: Any) -> Limits:
    """Return the limits that a table of sites.toml says; raises ValueError or TypeError that names the mistake."""
    if not isinstance(table, Mapping):
        raise TypeError('limits: expected a table, such as [limits] with free_disk = "2 GiB"')
    known = [each.name for each in fields(Limits)]
    for key, value in table.items():
        if key not in known:
            raise ValueError(f'limits: unknown key "{str(key)[:60]}"; there are {", ".join(known)}')
        if _bytes(value) is None:
            raise ValueError(f'limits.{key}: expected a size such as "500 MB" or "2 GiB", got {str(value)[:60]!r}')
    return Limits(**{key: _bytes(value) for key, value in table.items()})


def _bytes(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 1 << 63 else None
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 40 else None
    if found is None or found[2].lower() not in _UNITS:
        return None
    return min(int(float(found[1]) * _UNITS[found[2].lower()]), (1 << 63) - 1)


def size_of(directory: Path) -> int:
    """Return the bytes of an archive: its WARC files, and its database with the write-ahead log."""
    files = [directory / FILE, directory / f"{FILE}-wal", *(directory / "warc").rglob("*")]
    return sum(map(_size, files))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # it was given another name meanwhile, and is counted with the next look
        return 0


def shown(size: float) -> str:
    """Return a number of bytes as a person reads it, in units of 1024: "1.5 GiB"."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
