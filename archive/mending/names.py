"""WARC files that were renamed or swapped get the names back that the rows of their records say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from archive import warc
from archive.mending.work import KEPT, Step, Work

_MOVING = ".moving"
_SAMPLE = 3  # records of a file that are looked for


def put_back(work: Work) -> Iterator[Step]:
    """Move files to the names that rows know them by; fills `work.paths`."""
    present = {path.name: path for path in sorted(work.folder.glob("*.warc.gz"))}
    aside = sorted(work.folder.glob(f"*.warc.gz{_MOVING}"))  # left by a repair that was killed
    sql = "SELECT DISTINCT filename FROM captures WHERE filename NOT LIKE '%/%' ORDER BY 1"
    named = [name for (name,) in work.db.execute(sql)]
    right = {name for name in named if name in present and _holds(work, present[name], name)}
    free = [path for name, path in present.items() if name not in right] + aside
    moves: dict[str, Path] = {}
    for name in named:
        found = next((path for path in free if name not in right and _holds(work, path, name)), None)
        if found:
            free.remove(found)
            moves[name] = found
            yield Step(found.name, f"it holds the records that lie in {name} by their rows", f"renamed to {name}")
    work.paths = {**{path.name: path for path in present.values() if path not in moves.values()}, **moves}
    if work.store and moves:
        _move(work, moves)
        work.paths |= {name: work.folder / name for name in moves}


def _holds(work: Work, path: Path, name: str) -> bool:
    """Whether a file holds some of the records that lie in `name` by their rows."""
    count = work.db.execute("SELECT count(*) FROM captures WHERE filename = ?", [name]).fetchone()[0]
    sql = "SELECT id, offset FROM captures WHERE filename = ? ORDER BY offset LIMIT 1 OFFSET ?"
    places = sorted({0, count // 2, count - 1})[:_SAMPLE]
    return any(warc.holds(path, *work.db.execute(sql, [name, place]).fetchone()) for place in places)


def _move(work: Work, moves: dict[str, Path]) -> None:
    """Move files that may take each other's places; after a kill between, the next repair finds them."""
    waiting = {name: path.with_name(path.name.removesuffix(_MOVING) + _MOVING) for name, path in moves.items()}
    for name, path in moves.items():
        path.rename(waiting[name])
    for name, path in waiting.items():
        place = work.folder / name
        if place.exists():
            kept = work.directory / KEPT / name
            kept.parent.mkdir(exist_ok=True)
            place.rename(kept)
        path.rename(place)
    folder = os.open(work.folder, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
