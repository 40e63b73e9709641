"""Reading records back: one page, or everything a file holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from archive.encoding import decode_content
from archive.errors import DamagedRecord
from archive.models import Capture, Exchange, Link, Page
from archive.urls import urlkey
from archive.warc.foreign import is_foreign, read_foreign
from archive.warc.foreign_records import Headers
from archive.warc.records import OPEN, Record, parse_http_head, parse_status_line, read_record
from archive.warc.scan import Damage, scan
from archive.warc.writer import mime_of

_CRAWL = re.compile(r"-\d{14}-\d{5}-(.+?)\.warc\.gz")


@dataclass(frozen=True, slots=True)
class CrawlInfo:
    """A file's first record: which crawl wrote it, with what, and when the file was begun (aware)."""

    crawl: str
    fields: Mapping[str, str]
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """What a crawl wrote of something else than one page, such as its summary; `about` is a URI."""

    about: str
    body: dict[str, Any]


Entry = CrawlInfo | Document | Capture


class _Evidence(msgspec.Struct):
    role: str = "page"
    links: tuple[Link, ...] = ()


def read_page(directory: Path, capture: Capture, original: Capture | None = None) -> Page:
    """Return a stored page as extraction sees it, its digest verified and its content coding undone.

    A resource has status 200 and no header but Content-Type; a revisit has the status, headers and body of
    `original`, the capture it refers to. Raises DamagedRecord if a record is missing, torn, another one, or not what
    its digest says, or if its content coding cannot be undone.
    """
    status, headers, body = _stored(directory, capture)
    if capture.kind == "revisit":
        if original is None or original.id != capture.refers_to:
            raise DamagedRecord(f"{capture.id} is a revisit of {capture.refers_to}, which is not in the archive")
        status, headers, body = _stored(directory, original)
    return Page(capture.url, status, headers, body, capture.timestamp, capture.links)


def _stored(directory: Path, capture: Capture) -> tuple[int, Headers, bytes]:
    """Return status, headers and body, its content coding undone, of the record that a capture is."""
    if is_foreign(capture):
        return _stored_elsewhere(directory, capture)
    record = _read(directory, capture)
    if capture.kind == "resource":
        return 200, (_content_type(record),), record.body
    line, headers = parse_http_head(record.head)
    codings = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
    with _naming(capture):
        return parse_status_line(line)[1], headers, decode_content(record.body, codings)


def _stored_elsewhere(directory: Path, capture: Capture) -> tuple[int, Headers, bytes]:
    with _naming(capture):
        status, headers, body, digest = read_foreign(directory / capture.filename, capture.offset)
        if capture.kind != "revisit" and digest != capture.digest:
            raise DamagedRecord(f"its payload digest is {digest}, not {capture.digest}")
    return status, headers, body


def read_exchange(path: Path, offset: int) -> Exchange:
    """Return what `WarcWriter.write` was given of the response at `offset`; request, role and links lie before it."""
    with path.open("rb") as file:
        record = read_record(file, offset, body=True)
    line, headers = parse_http_head(record.head)
    protocol, status = parse_status_line(line)
    return Exchange(
        url=record["WARC-Target-URI"],
        status=status,
        headers=headers,
        body=record.body,
        captured_at=record.date,
        protocol=protocol,
        ip_address=record.get("WARC-IP-Address"),
    )


def index(path: Path) -> Iterator[Entry]:
    """Yield what a file of ours holds, in order, in one pass and without holding bodies.

    Damaged records are left out: `inspect` tells of them. A capture whose evidence is lost has role "page", no links.
    """
    return (entry for entry in entries(path, scan(path)) if not isinstance(entry, Damage))


def entries(path: Path, records: Iterable[Record | Damage]) -> Iterator[Entry | Damage]:
    """Make of a file's records, given in order, what they tell; a record that cannot be understood is a damage."""
    crawl = crawl_of(path)
    about, evidence = "", _Evidence()
    for record in records:
        if isinstance(record, Damage):
            yield record
            continue
        try:
            if record.type == "warcinfo":
                info = _crawl_info(record)
                crawl = info.crawl
                yield info
            elif record.type == "metadata" and record.get("WARC-Refers-To"):
                about, evidence = record["WARC-Refers-To"], msgspec.json.decode(record.body, type=_Evidence)
            elif record.type == "metadata":
                yield Document(record["WARC-Target-URI"], json.loads(record.body))
            elif record.type != "request":
                yield _capture(record, path, crawl, evidence if about == record.id else _Evidence())
        except (DamagedRecord, ValueError, msgspec.ValidationError) as error:
            yield Damage(path, record.offset, record.id, f"it cannot be understood: {error}")


def _read(directory: Path, capture: Capture) -> Record:
    with _naming(capture), _open(directory / capture.filename) as file:
        record = read_record(file, capture.offset, body=True, digests=True)
        if record.id != capture.id:
            raise DamagedRecord(f"another record is there: {record.id}")
        for difference in record.differences():
            raise DamagedRecord(difference)
        if record["WARC-Payload-Digest"] != capture.digest:
            raise DamagedRecord(f"its payload digest is {record['WARC-Payload-Digest']}, not {capture.digest}")
    return record


@contextmanager
def _naming(capture: Capture) -> Iterator[None]:
    try:
        yield
    except DamagedRecord as error:
        place = f"{capture.filename}, offset {capture.offset}, record {capture.id}"
        raise type(error)(f"{place}: {error}") from error


def _open(path: Path) -> BinaryIO:
    """Open a file that may be being written still, and may be given its final name at any moment."""
    for candidate in (path, path.with_name(path.name + OPEN), path):
        try:
            return candidate.open("rb")
        except FileNotFoundError:
            continue
    raise DamagedRecord("the file is missing")


def _capture(record: Record, path: Path, crawl: str, evidence: _Evidence) -> Capture:
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (_content_type(record),)
    if record.type != "resource":
        line, headers = parse_http_head(record.head)
        status = parse_status_line(line)[1]
    url = record["WARC-Target-URI"]
    return Capture(
        id=record.id,
        urlkey=urlkey(url),
        timestamp=record.date,
        url=url,
        status=status,
        mime=mime_of(headers),
        digest=record["WARC-Payload-Digest"],
        kind=record.type,
        refers_to=record.get("WARC-Refers-To"),
        filename=path.name.removesuffix(OPEN),
        offset=record.offset,
        length=record.length,
        crawl=crawl,
        role=evidence.role,
        links=evidence.links,
        source=record.get("WARC-Source-URI"),
    )


def _content_type(record: Record) -> tuple[str, str]:
    return "Content-Type", record["Content-Type"]


def _crawl_info(record: Record) -> CrawlInfo:
    lines = (line.partition(":") for line in record.body.decode().splitlines())
    fields = {name: value.strip() for name, _, value in lines}
    return CrawlInfo(fields.get("isPartOf", ""), fields, record.date)


def crawl_of(path: Path) -> str:
    """Return the crawl that a file's name tells, should its first record be lost."""
    found = _CRAWL.search(path.name)
    return found[1] if found else ""
