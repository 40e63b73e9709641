"""What WARC files hold beside captures: what discovery knew of each, what crawls and imports put on record of them all.

These records tell of an article, too: its addresses, and the title and standfirst that a feed gave.
"""

from __future__ import annotations

import json
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from sqlite_utils import Database

from archive.errors import DamagedRecord
from archive.forgetting.subjects import digest
from archive.warc import blanking
from archive.warc.blanking import DoesNotFit, Span
from archive.warc.records import Record, read_record

_CRAWL = re.compile(r"-\d{14}-\d{5}-(.+?)\.warc\.gz")


@dataclass(frozen=True, slots=True)
class Gone:
    """What is forgotten: ids of records, digests of addresses, and sites of which everything is."""

    records: AbstractSet[str]
    digests: AbstractSet[str]
    sites: AbstractSet[str] = frozenset()

    def names(self, url: str | None) -> bool:
        """Whether an address is one of those forgotten."""
        return bool(url) and digest(str(url)) in self.digests


@dataclass(slots=True)
class Changes:
    """What is to change in one file: spans that are taken out, with the record that each held, and members put anew.

    `links` are those of captures that stay, whose evidence named what is forgotten: (capture, links that are left).
    `moved` are documents (URI, body) that go to another file: what is left of them is too long for the old place.
    """

    spans: list[tuple[Span, str]] = field(default_factory=list)
    members: list[tuple[int, bytes]] = field(default_factory=list)
    links: list[tuple[str, list[Any]]] = field(default_factory=list)
    moved: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def files_of(db: Database, folder: Path, sites: AbstractSet[str]) -> list[Path]:
    """Return the archive's own files that tell of some sites; those of imports may tell of any."""
    known = dict(db.execute("SELECT id, site FROM crawls").fetchall())
    found = []
    for path in sorted(folder.glob("*.warc.gz")):
        named = _CRAWL.search(path.name)
        crawl = named[1] if named else ""
        if crawl not in known or known[crawl] in sites:
            found.append(path)
    return found


def changes(db: Database, path: Path, gone: Gone) -> Changes:
    """Return what must change in one file. What is damaged before a capture that goes, goes with it."""
    sql = "SELECT id, offset, length FROM captures WHERE filename = ? ORDER BY offset"
    reader = _Gaps(path, gone)
    with path.open("rb") as file:
        for identifier, offset, length in db.execute(sql, [path.name]):
            reader.read(file, offset)
            reader.capture(identifier, offset, length)
        reader.read(file, path.stat().st_size)
    reader.orphans()
    return reader.changes


class _Gaps:
    """Reads what lies between a file's captures."""

    def __init__(self, path: Path, gone: Gone) -> None:
        self.path = path
        self.gone = gone
        self.changes = Changes()
        self.at = 0
        self.torn: int | None = None  # where what lies before the next capture is damaged
        self.before: list[Record] = []  # evidence and request, whose capture is still to come

    def read(self, file: BinaryIO, end: int) -> None:
        """Read all records from where we are to `end`."""
        while self.at < end:
            try:
                record = read_record(file, self.at)
            except DamagedRecord:
                self.torn, self.at = self.at, end  # `marbre verify` tells of it
                return
            if _subject(record):
                self.before.append(record)
            elif record.type == "metadata":
                self._document(record)
            self.at += record.length

    def capture(self, identifier: str, offset: int, length: int) -> None:
        """Take note of a capture's place: with what lies before it and belongs to it, it is one span."""
        own = [record for record in self.before if _subject(record) == identifier]
        self.before = [record for record in self.before if _subject(record) != identifier]
        self.orphans()
        if identifier in self.gone.records:
            begin = min([offset, *(record.offset for record in own)])
            if self.torn is not None:
                begin = min(begin, self.torn)  # what lies there can be its evidence, and cannot be told from it
            self.changes.spans.append((Span(self.path.name, begin, offset + length - begin), identifier))
        else:
            for record in own:
                self._evidence(record, identifier)
        self.at, self.torn = offset + length, None

    def orphans(self) -> None:
        """Take out what belongs to answers that were never written, as far as it tells of what is forgotten."""
        for subject in {_subject(record) for record in self.before}:
            own = [record for record in self.before if _subject(record) == subject]
            if any(map(self.gone.names, (url for record in own for url in _urls(record)))):
                begin, end = own[0].offset, own[-1].offset + own[-1].length
                self.changes.spans.append((Span(self.path.name, begin, end - begin), subject or ""))
        self.before.clear()

    def _evidence(self, record: Record, identifier: str) -> None:
        """Leave out of what discovery knew of another page what names one that is forgotten."""
        if record.type != "metadata":
            return
        document = json.loads(record.body)
        links = document.get("links", [])
        kept = [link for link in links if not self.gone.names(link.get("url"))]
        if len(kept) < len(links):
            try:
                member = blanking.with_document(record, document | {"links": kept})
            except DoesNotFit:
                kept = []
                member = blanking.with_document(record, document | {"links": kept})
            self.changes.members.append((record.offset, member))
            self.changes.links.append((identifier, kept))

    def _document(self, record: Record) -> None:
        document = json.loads(record.body)
        shorter = without(document, self.gone)
        if shorter == document:
            return
        try:
            self.changes.members.append((record.offset, blanking.with_document(record, shorter)))
        except DoesNotFit:
            self.changes.spans.append((Span(self.path.name, record.offset, record.length), ""))
            self.changes.moved.append((record["WARC-Target-URI"], shorter))


def without(document: dict[str, Any], gone: Gone) -> dict[str, Any]:
    """Return what a crawl or an import put on record, without what is forgotten."""
    crawl = document.get("crawl")
    everything = isinstance(crawl, dict) and crawl.get("site") in gone.sites
    shorter = dict(document)
    for part in ("frontier", "sources", "captures"):
        if part in document:
            kept = [row for row in document[part] if not everything and not _tells(row, gone)]
            shorter[part] = [_unlinked(row, gone) for row in kept]
    if isinstance(damage := document.get("damage"), dict) and damage.get("capture") in gone.records:
        shorter |= {"damage": damage | {"capture": None, "article": None}, "capture": None, "crawl": None}
    return shorter


def _tells(row: dict[str, Any], gone: Gone) -> bool:
    return gone.names(row.get("url")) or row.get("id") in gone.records


def _unlinked(row: dict[str, Any], gone: Gone) -> dict[str, Any]:
    """A row of the frontier whose page was a list that had to go: it was fetched, and no capture shows it."""
    return {name: value for name, value in row.items() if name != "capture" or value not in gone.records}


def _subject(record: Record) -> str | None:
    """The id of the capture that a record belongs to; None for one that stands for itself."""
    return record.get("WARC-Refers-To" if record.type == "metadata" else "WARC-Concurrent-To")


def _urls(record: Record) -> list[str | None]:
    """The addresses that evidence or a request names."""
    if record.type == "metadata":
        return [link.get("url") for link in json.loads(record.body).get("links", ())]
    return [record.get("WARC-Target-URI")]
