"""Copies of other programs' WARC files, in `warc/imported/`: what they hold of an article is taken out in place, too.

A WACZ file is left alone: it has an index, a list of pages and digests of its own, which would contradict it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from archive import forgotten, rows
from archive.forgetting.documents import Gone
from archive.warc import Damage
from archive.warc.blanking import Span, put, tombstone
from archive.warc.foreign import COPIES, scan
from archive.warc.foreign_records import ForeignRecord
from archive.warc.regions import Unreadable

_RELATED = ("warc-concurrent-to", "warc-refers-to")
_DERIVED = re.compile(r"urn:[a-z-]+:(?=https?://)")  # what Browsertrix keeps beside a page: urn:text:, urn:view:
_SUFFIXES = (".warc", ".warc.gz")


def is_touched(filename: str) -> bool:
    """Whether records can be taken out of a file, given as captures name it: our own, or a copy that is no WACZ."""
    return "/" not in filename or (filename.startswith(f"{COPIES}/") and filename.lower().endswith(_SUFFIXES))


def spans(folder: Path, gone: Gone) -> Iterator[tuple[Span, str]]:
    """Yield what must be taken out of copies: (span, id of the record there). What is damaged is passed over."""
    for path in sorted((folder / COPIES).rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and is_touched(name):
            try:
                for record in scan(path):
                    if not isinstance(record, Damage) and _tells(record, gone):
                        yield Span(name, record.offset, record.length), record.identifier
            except Unreadable:
                continue


def _tells(record: ForeignRecord, gone: Gone) -> bool:
    named = {record.identifier, *(record.headers.get(name, "") for name in _RELATED)}
    return gone.names(_page_of(record)) or not named.isdisjoint(gone.records)


def _page_of(record: ForeignRecord) -> str:
    return _DERIVED.sub("", record.url)


def take_out(db: Database, path: Path, name: str) -> None:
    """Take what was forgotten out of a file that is about to become a copy called `name`.

    What is no WARC file, or cannot be read as one, is left as it is: no import reads it.
    """
    if not is_touched(f"{COPIES}/{name}") or not forgotten.every(db):
        return
    try:
        for record in scan(path):
            if isinstance(record, Damage):
                continue
            if found := forgotten.by_url(db, _page_of(record)):
                span = Span(f"{COPIES}/{name}", record.offset, record.length)
                said = {"article": found.article, "at": rows.instant(found.timestamp), "reason": found.reason}
                about, compressed = forgotten.DOCUMENT + found.article, name.lower().endswith(".gz")
                stone = tombstone(span, about, said, found.timestamp, None, compressed=compressed)
                put(path, span.offset, stone)
    except Unreadable:
        return
