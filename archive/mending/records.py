"""Damaged records made whole where that is possible, and torn ends cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archive import warc
from archive.mending.work import KEPT, Step, Work
from archive.warc import mending
from archive.warc.inspection import usual_header


def mend_records(work: Work) -> Iterator[Step]:
    """Write gzip headers and checksums anew that were hit, and cut what was torn at the end of a file."""
    for name, path in work.own_files():
        while damages := [damage for damage in warc.verify(path) if (name, damage.offset) not in work.patched]:
            mended = list(_patched(work, name, path, damages))
            yield from mended
            if not mended:
                yield from _cut(work, name, path, damages[-1])
                break


def _patched(work: Work, name: str, path: Path, damages: list[warc.Damage]) -> Iterator[Step]:
    usual = usual_header(path)
    if usual is None:
        return
    what = {damage.offset: damage.what for damage in damages if damage.harm != "evidence"}
    # Behind a damaged record others may be hidden: the rows know where.
    rows = work.db.execute("SELECT id, offset FROM captures WHERE filename = ?", [name]).fetchall() if what else []
    for offset in sorted(
        what.keys() | {offset for identifier, offset in rows if not warc.holds(path, identifier, offset)}
    ):
        if (name, offset) in work.patched:
            continue
        changes = mending.patches(path, offset, usual)
        if changes:
            work.patched.add((name, offset))
            if work.store:
                mending.apply(path, changes)
            size = sum(len(change.data) for change in changes)
            yield Step(f"{name}:{offset}", what.get(offset, "it is damaged"), f"{size} bytes of gzip written anew")


def _cut(work: Work, name: str, path: Path, last: warc.Damage) -> Iterator[Step]:
    """Cut the file at its last damage if no record begins there or behind it."""
    if last.harm != "record" or last.record is not None or not mending.is_torn(path, last.offset):
        return
    if not last.offset or any(record.offset > last.offset for record in warc.records_of(path)):
        return
    kept = Path(KEPT) / f"{name}.from-{last.offset}"
    size = path.stat().st_size - last.offset
    if work.store:
        mending.cut(path, last.offset, work.directory / kept)
    yield Step(f"{name}:{last.offset}", last.what, f"{size:,} bytes behind the last whole record moved to {kept}")
