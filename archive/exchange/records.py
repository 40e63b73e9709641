"""Records as they lie in an archive's WARC files, byte for byte, with what belongs to them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from sqlite_utils import Database
from sqlite_utils.utils import OperationalError

from archive.errors import DamagedRecord
from archive.exchange.selection import Selection, documents
from archive.warc import payload_digest
from archive.warc.foreign import COPIES
from archive.warc.foreign import scan as scan_foreign
from archive.warc.foreign_records import ForeignRecord
from archive.warc.records import OPEN, member, new_id, read_record, warc_date
from archive.warc.regions import Unreadable

Row = dict[str, Any]
_NEIGHBOURS = 4  # records behind a response of somebody else's file that may belong to it
_EVIDENCE = ("request", "metadata")
_BELONGS = ("WARC-Concurrent-To", "WARC-Refers-To")
_COLUMNS = (
    "id, timestamp, url, status, mime, digest, kind, filename, offset, length, source,"
    " (SELECT site FROM crawls WHERE crawls.id = crawl) AS site"
)


class Copied(NamedTuple):
    """One record: a whole gzip member as it goes into a file, and the row of its capture if it is one."""

    member: bytes
    capture: Row | None


def captures(db: Database, selection: Selection) -> Iterator[Row]:
    """Yield the captures of what is chosen in the order of their files: of all versions and events, or of the current.

    With them go the captures they rest on: the one that has a revisit's body, the answer a resource was made of; and
    the further pages of an article cut into several. The connection must have been given a file for ids (`attach`).
    """
    chosen, values = selection.chosen(db, "articles.id, articles.capture")
    first = f"SELECT capture FROM ({chosen})"
    if selection.every_version:
        # With what was not there any more, or behind a wall: an article's end is part of its story.
        first = " UNION ".join(
            f"SELECT {table}.capture FROM ({chosen}) AS a JOIN {table} ON {table}.article = a.id"
            for table in ("extractions", "events")
        )
    db.execute("DELETE FROM scratch.wanted")
    db.execute(f"INSERT OR IGNORE INTO scratch.wanted {first}", values)
    db.execute(_ALL_PARTS)
    while sum(db.execute(sql).rowcount for sql in (_PARTS, _RESTED_ON)):
        pass
    # In the order of that index, or the captures would be sorted in memory.
    sql = (
        f"SELECT {_COLUMNS} FROM captures INDEXED BY captures_file"
        " WHERE +id IN (SELECT id FROM scratch.wanted) ORDER BY filename, offset"
    )
    return db.query(sql)


# Whose parts they are stands in their links (`captures.parts_of`). A cross join is done in the order it is written in.
_ALL_PARTS = """
    INSERT OR IGNORE INTO scratch.parts
    SELECT crawl, link.value ->> 'found_on', captures.id FROM captures, json_each(links) AS link
    WHERE role = 'part' AND link.value ->> 'found_on' IS NOT NULL"""
_PARTS = """
    INSERT OR IGNORE INTO scratch.wanted
    SELECT parts.id FROM scratch.wanted AS w CROSS JOIN captures ON captures.id = w.id
    CROSS JOIN scratch.parts ON parts.crawl = captures.crawl AND parts.page = captures.url"""
# What `archive.profiles.adopt` put on record of the profile in use; that module loads all that reads pages.
_PROFILE = "SELECT adopted, version, document FROM profiles WHERE site = ? ORDER BY adopted DESC, version LIMIT 1"
_RESTED_ON = """
    INSERT OR IGNORE INTO scratch.wanted
    SELECT refers_to FROM scratch.wanted AS w JOIN captures ON captures.id = w.id WHERE refers_to IS NOT NULL"""


def attach(db: Database, place: Path) -> None:
    """Give a connection a file for what it has to remember of captures; SQLite may be built to do so in memory."""
    detach(db)
    db.execute("ATTACH ? AS scratch", [f"{place.as_uri()}?mode=rwc"])
    db.execute("PRAGMA scratch.journal_mode = OFF")
    db.execute("PRAGMA scratch.synchronous = OFF")
    db.execute("CREATE TABLE scratch.wanted (id TEXT PRIMARY KEY) WITHOUT ROWID")
    db.execute(
        "CREATE TABLE scratch.parts (crawl TEXT, page TEXT, id TEXT, PRIMARY KEY (crawl, page, id)) WITHOUT ROWID"
    )


def detach(db: Database) -> None:
    """Take the file away again; after an export that failed, a query may still hold on to it until the next one."""
    if any(name == "scratch" for _, name, _ in db.execute("PRAGMA database_list").fetchall()):
        with suppress(OperationalError):
            db.execute("DETACH scratch")


def pages(db: Database, selection: Selection) -> Iterator[Row]:
    """Yield for each article, or version, the capture a reader is to be shown: url, ts (ISO 8601), title, id."""
    for document in documents(db, selection):
        url, timestamp = db.execute(
            "SELECT url, timestamp FROM captures WHERE id = ?", [document["capture"]]
        ).fetchone()
        version = f"-v{document['version']}" if "version" in document else ""
        yield {
            "id": document["id"] + version,
            "url": url,
            "ts": timestamp.replace("+00:00", "Z"),
            "title": document["title"] or url,
        }


class Copier:
    """Reads captures' records out of one archive; give them in the order of `captures`.

    `lost` is called with where and why for each that cannot be copied: a damaged record must not travel on.
    """

    def __init__(self, db: Database, folder: Path, lost: Callable[[str], None]) -> None:
        self.db = db
        self.folder = folder
        self.lost = lost
        self.filename = ""
        self.profiled: set[str] = set()  # sites whose profiles were written

    def copy(self, row: Row) -> Iterator[Copied]:
        """Yield the records of one capture: its evidence and request first, before all that of the file itself.

        Before a site's first capture comes the profile that its pages are read with.
        """
        try:
            path = _found(self.folder / row["filename"])
            with path.open("rb") as file:
                records = list(self._foreign(file, path, row) if _is_foreign(row) else self._own(file, row))
        except (DamagedRecord, Unreadable, OSError) as error:
            self.lost(f"{row['filename']}:{row['offset']}: {row['id']} of {row['url']}: {error}")
        else:
            self.filename = row["filename"]
            yield from self._profile(row["site"])
            yield from records

    def _profile(self, site: str) -> Iterator[Copied]:
        row = None if site in self.profiled else self.db.execute(_PROFILE, [site]).fetchone()
        self.profiled.add(site)
        if row:
            adopted, version, profile = row
            document = {"adopted": adopted, "version": version, "profile": json.loads(profile)}
            headers: list[tuple[str, Any]] = [
                ("WARC-Type", "metadata"),
                ("WARC-Record-ID", new_id()),
                ("WARC-Date", warc_date(datetime.fromisoformat(adopted))),
                ("WARC-Target-URI", f"urn:marbre:profile:{site}:{version}"),
                ("Content-Type", "application/json"),
            ]
            yield Copied(member(headers, json.dumps(document, ensure_ascii=False).encode()), None)

    def _own(self, file: BinaryIO, row: Row) -> Iterator[Copied]:
        yield from self._file_record(file, row)
        yield from self._evidence(file, row)
        record = read_record(file, row["offset"], digests=True)
        differences = [*record.differences()] if record.id == row["id"] else [f"another record is there: {record.id}"]
        if differences:
            raise DamagedRecord("; ".join(differences))
        yield Copied(_bytes(file, row["offset"], record.length), row)

    def _file_record(self, file: BinaryIO, row: Row) -> Iterator[Copied]:
        """The record a file begins with, once: which crawl wrote it, with what; the others name it."""
        if self.filename == row["filename"]:
            return
        try:
            record = read_record(file, 0)
        except DamagedRecord as error:  # the others may be whole
            self.lost(f"{row['filename']}:0: {error}")
            return
        if record.type == "warcinfo":
            yield Copied(_bytes(file, 0, record.length), None)

    def _evidence(self, file: BinaryIO, row: Row) -> Iterator[Copied]:
        offset = self._behind_last(row)
        try:
            while offset < row["offset"]:
                record = read_record(file, offset)
                if record.type in _EVIDENCE and row["id"] in map(record.get, _BELONGS):
                    yield Copied(_bytes(file, offset, record.length), None)
                offset += record.length
        except DamagedRecord as error:  # the answer itself may be whole
            self.lost(f"{row['filename']}:{offset}: {error}; what lies between it and {row['id']} is left out")

    def _foreign(self, file: BinaryIO, path: Path, row: Row) -> Iterator[Copied]:
        """As `_own`, from a file that puts what belongs to a response before it or behind it."""
        if self.filename != row["filename"]:
            first = next(scan_foreign(path), None)
            if isinstance(first, ForeignRecord) and first.type == "warcinfo":
                yield Copied(_member(file, first), None)
        for record in self._around(path, row):
            if record.offset == row["offset"]:
                _check_foreign(record, row)
                yield Copied(_member(file, record), row)
            elif record.type in _EVIDENCE and row["id"] in map(record.headers.get, map(str.lower, _BELONGS)):
                yield Copied(_member(file, record), None)

    def _around(self, path: Path, row: Row) -> Iterator[ForeignRecord]:
        """Yield what lies between the capture before and this one, this one, and some records behind it.

        Raises DamagedRecord if there is no whole record where the capture is to be.
        """
        behind, found = 0, False
        for record in scan_foreign(path, self._behind_last(row), lambda record: record.offset == row["offset"]):
            behind += record.offset > row["offset"]
            if isinstance(record, ForeignRecord):
                found |= record.offset == row["offset"]
                yield record
            elif record.offset == row["offset"]:
                raise DamagedRecord(record.what)
            if behind >= _NEIGHBOURS or (behind and not found):
                break
        if not found:
            raise DamagedRecord("there is no WARC record")

    def _behind_last(self, row: Row) -> int:
        """Return where the capture before this one ends in the file; between the two lies what belongs to this one."""
        found = self.db.execute(
            "SELECT offset + length FROM captures WHERE filename = ? AND offset < ? ORDER BY offset DESC LIMIT 1",
            [row["filename"], row["offset"]],
        ).fetchone()
        return int(found[0]) if found else 0


def _check_foreign(record: ForeignRecord, row: Row) -> None:
    if record.identifier != row["id"]:
        raise DamagedRecord(f"another record is there: {record.identifier}")
    if record.type != "revisit" and payload_digest(record.payload) != row["digest"]:
        raise DamagedRecord(f"its payload digest is {payload_digest(record.payload)}, not {row['digest']}")


def _is_foreign(row: Row) -> bool:
    name = row["filename"]
    return row["source"] is not None and (Path(name).is_absolute() or name.startswith(f"{COPIES}/"))


def _found(path: Path) -> Path:
    """A file that is being written has another name, and may be given its last one at any moment."""
    for candidate in (path, path.with_name(path.name + OPEN), path):
        if candidate.is_file():
            return candidate
    raise DamagedRecord("the file is missing")


def _bytes(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def _member(file: BinaryIO, record: ForeignRecord) -> bytes:
    """The record as one gzip member: as it is, or compressed if its file is not."""
    data = _bytes(file, record.offset, record.length)
    if data.startswith(b"\x1f\x8b"):
        return data
    compressor = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()
