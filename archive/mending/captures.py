"""Rows of captures as their records say: missing ones added, altered ones set right, lost ones found out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from archive import captures, imports, recovery, rows, warc
from archive.damaged import Damaged
from archive.database import transaction
from archive.mending.work import Step, Work
from archive.models import Capture
from archive.urls import urlkey

EVIDENCE = "what discovery knew of it is lost in the file"
_NOWHERE = "lost.warc.gz"  # the file that rows name whose record and place are both unknown
_GONE = "its record is gone"


def mend_captures(work: Work) -> Iterator[Step]:
    """Go through every file beside its rows; fills `work.lost` with what has no sound record any more."""
    for name, path in work.own_files():
        yield from _Beside(work, name, path).steps()
    for (name,) in work.db.execute("SELECT DISTINCT filename FROM captures ORDER BY 1").fetchall():
        if name not in work.paths:
            yield from _elsewhere(work, name)
    yield from _found(work)
    _orphans(work)
    _resting(work)


class _Beside:
    """One file of ours and the rows that name it."""

    def __init__(self, work: Work, name: str, path: Path) -> None:
        self.work, self.name, self.path = work, name, path
        found = work.db.query("SELECT * FROM captures WHERE filename = ?", [name])
        self.expected = {row["id"]: rows.capture_of(row) for row in found}
        self.damages: dict[int, str] = {}  # by offset
        self.bad: set[str] = set()  # ids of records that are not what their digests say
        self.strangers = 0
        self.wrong: list[tuple[Capture, Capture]] = []  # record and row

    def steps(self) -> Iterator[Step]:
        for entry in warc.inspect(self.path):
            if isinstance(entry, warc.Damage):
                self._damage(entry)
            elif isinstance(entry, Capture):
                self._capture(entry)
            elif isinstance(entry, warc.CrawlInfo):
                self.strangers += self._is_new_crawl(entry)
            elif entry.about.startswith(imports.DOCUMENT):
                given = imports.captures_of(entry.body)
                self.strangers += sum(captures.by_id(self.work.db, each.id) is None for each in given)
        yield from self._adopted()
        yield from self._righted()
        self._lost()

    def _damage(self, damage: warc.Damage) -> None:
        if damage.harm == "header" or (self.name, damage.offset) in self.work.patched:
            return
        self.damages[damage.offset] = damage.what
        if damage.harm == "record" and damage.record:
            self.bad.add(damage.record)

    def _capture(self, record: Capture) -> None:
        if record.id in self.bad:
            return
        row = self.expected.pop(record.id, None)
        if row is None:
            self._stranger(record)
            return
        if row.links and not record.links:
            record = dataclasses.replace(record, role=row.role, links=row.links)
            self._note(record, EVIDENCE)
        if row != record:
            self.wrong.append((record, row))

    def _stranger(self, record: Capture) -> None:
        row = captures.by_id(self.work.db, record.id)
        if row is None:
            self.strangers += 1
            self.work.unread.add(record.id)
            return
        place = self.work.paths.get(row.filename)
        if place is None or not warc.holds(place, row.id, row.offset):
            self.work.found[record.id] = record

    def _is_new_crawl(self, info: warc.CrawlInfo) -> bool:
        known = self.work.db.execute("SELECT 1 FROM crawls WHERE id = ?", [info.crawl]).fetchone()
        return known is None and info.fields.keys().isdisjoint(recovery.NO_CRAWL)

    def _adopted(self) -> Iterator[Step]:
        if not self.strangers:
            return
        if self.work.store:
            recovery.load(self.work.store, self.path)
        yield Step(self.name, f"{self.strangers} records have no row", "rows made of the records; nothing is fetched")

    def _righted(self) -> Iterator[Step]:
        for record, row in self.wrong:
            _write(self.work, record, row)
        if self.wrong:
            yield Step(self.name, f"{len(self.wrong)} rows are not as their records", "rows made as the records")

    def _lost(self) -> None:
        for row in self.expected.values():
            if (self.name, row.offset) not in self.work.patched:
                self._note(row, self.damages.pop(row.offset, _GONE))
        for offset, what in self.damages.items():
            self.work.lost.setdefault((self.name, offset), Damaged(self.name, offset, what))

    def _note(self, row: Capture, what: str) -> None:
        self.damages.pop(row.offset, None)
        self.work.lost[self.name, row.offset] = Damaged(self.name, row.offset, what, row)


def _elsewhere(work: Work, name: str) -> Iterator[Step]:
    """What rows say that name a file which is not one of ours, or is not there."""
    path = work.folder / name
    foreign = "/" in name and ".." not in Path(name).parts
    if foreign and not path.is_file():
        count = work.db.execute("SELECT count(*) FROM captures WHERE filename = ?", [name]).fetchone()[0]
        yield Step(name, f"the file is missing; {count} captures are in it", None, "put it back, then repair again")
        return
    off = dict(imports.problems(work.db, work.folder, name)) if foreign else None
    for row in work.db.query("SELECT * FROM captures WHERE filename = ?", [name]):
        if off is None or row["offset"] in off:
            what = off[row["offset"]] if off else "the file is missing"
            work.lost[name, row["offset"]] = Damaged(name, row["offset"], what, rows.capture_of(row))


def _found(work: Work) -> Iterator[Step]:
    """Point rows whose record lies in another file than they say to that file."""
    moved = [damage for damage in work.lost.values() if damage.capture and damage.capture.id in work.found]
    for damage in moved:
        assert damage.capture is not None
        del work.lost[damage.filename, damage.offset]
        _write(work, work.found[damage.capture.id], damage.capture)
    if moved:
        yield Step(moved[0].filename, f"{len(moved)} records lie in other files", "rows made as the records")


def _orphans(work: Work) -> None:
    """Add the captures of articles of which neither row nor record is left: what is known of them makes a row."""
    for number, row in enumerate(work.db.query(_ORPHANS)):
        if row["id"] not in work.unread:
            place = {"filename": _NOWHERE, "offset": number, "length": 0}
            fields = {"mime": None, "digest": "", "kind": "response", "refers_to": None, "links": "[]", "source": None}
            made = {"urlkey": urlkey(row["url"]), "status": 200, "role": "page", **place, **fields, **row}
            work.lost[_NOWHERE, number] = Damaged(
                _NOWHERE, number, "its row and its record are gone", rows.capture_of(made)
            )


_ORPHANS = """
    SELECT found.id, min(found.timestamp) AS timestamp, url, coalesce(
        (SELECT crawl FROM frontier WHERE frontier.capture = found.id),
        (SELECT id FROM crawls WHERE crawls.site = found.site ORDER BY started LIMIT 1)) AS crawl
    FROM (SELECT capture AS id, last_seen AS timestamp, url, site, id AS article, digest FROM articles
        UNION ALL SELECT e.capture, timestamp, url, site, article, e.digest
        FROM extractions AS e JOIN articles ON articles.id = article
        UNION ALL SELECT v.capture, v.last_seen, url, site, article, v.digest
        FROM versions AS v JOIN articles ON articles.id = article) AS found
    WHERE NOT EXISTS (SELECT 1 FROM captures WHERE captures.id = found.id)
    AND (EXISTS (SELECT 1 FROM extractions AS e WHERE e.capture = found.id) OR NOT EXISTS (
        SELECT 1 FROM extractions AS e JOIN captures ON captures.id = e.capture
        WHERE e.article = found.article AND e.digest = found.digest))
    GROUP BY found.id HAVING crawl IS NOT NULL ORDER BY found.id"""


def _resting(work: Work) -> None:
    """Add the revisits of captures whose bodies are lost."""
    for damage in [damage for damage in work.lost.values() if damage.capture]:
        assert damage.capture is not None
        if damage.capture.kind == "revisit" or damage.what == EVIDENCE:
            continue
        sql = "SELECT * FROM captures WHERE refers_to = ? AND kind = 'revisit'"
        for row in map(rows.capture_of, work.db.query(sql, [damage.capture.id])):
            what = f"it rests on {damage.capture.id}: {damage.what}"
            work.lost.setdefault((row.filename, row.offset), Damaged(row.filename, row.offset, what, row))


def _write(work: Work, record: Capture, row: Capture) -> None:
    if dataclasses.replace(row, filename=record.filename, offset=record.offset, length=record.length) != record:
        work.unread.add(record.id)
    if work.store:
        values = rows.capture_row(record)
        columns = ", ".join(f"{name} = :{name}" for name in values)
        with transaction(work.db):
            work.db.execute(f"UPDATE captures SET {columns} WHERE id = :id", values)


def known(work: Work) -> list[tuple[str, int]]:
    """Return the places of damages that were noted before and are none any more."""
    noted = work.db.execute("SELECT filename, offset FROM damages").fetchall()
    return [place for place in noted if place not in work.lost]
