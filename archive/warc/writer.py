"""Writing exchanges to WARC files, so that a kill at any moment costs the record being written and no other."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from archive.models import Capture, Exchange
from archive.rows import plain
from archive.urls import urlkey
from archive.warc.records import OPEN, Headers, http_head, member, new_id, payload_digest, status_line, warc_date

_SPECIFICATION = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_PROFILES = "http://netpreserve.org/warc/1.1/revisit/"
_SECRETS = {"authorization", "proxy-authorization", "cookie"}  # who asked is no evidence of what was answered


class WarcWriter:
    """Writes one crawl's exchanges to `directory`, in a new file whenever one has grown past `max_bytes`.

    A file is locked, and its name ends in `.open`, while it is written: another process can tell a crawl that runs
    from one that was killed. `started` is when the first file was begun. For one thread.
    """

    def __init__(
        self, directory: Path, prefix: str, crawl: str, info: Mapping[str, str], max_bytes: int = 1 << 30
    ) -> None:
        self.directory = directory
        self.prefix = prefix
        self.crawl = crawl
        self.info = info
        self.max_bytes = max_bytes
        self.started = datetime.now(UTC)
        self._sequence = 0
        directory.mkdir(parents=True, exist_ok=True)
        self._begin(self.started)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish the file: on disk, and under its final name. A second call does nothing."""
        if not self._file.closed:
            finish(self._file, self._path)
            self._file.close()

    def abandon(self) -> None:
        """Let go of the file as a kill would, for a disk without room: the next crawl finishes it."""
        self._file.close()

    def write(self, exchange: Exchange, original: Capture | None = None) -> Capture:
        """Write one exchange and return where it is; with `original`, as a revisit of it, without the body.

        It has left this process when this returns, and survives its death. Raises ValueError for an address that
        WARC headers cannot hold, and OSError if it cannot be written; the file is then as it was before.
        """
        if exchange.url.split() != [exchange.url]:
            raise ValueError(f"white space in the URL {exchange.url!r}")
        self._roll_over_if_full()
        identifier = new_id()
        digest = original.digest if original else payload_digest(exchange.body)
        context = self._context(exchange.captured_at)
        # Of a page from another archive the answer is as old as it says; what we asked, and why, is of today.
        asked = self._context(datetime.now(UTC)) if exchange.source else context
        before = _evidence(exchange, identifier, asked) + _request(exchange, identifier, asked)
        identity = [("WARC-Record-ID", identifier), ("WARC-Payload-Digest", digest), *context]
        kind, refers_to = ("revisit", original.id) if original else ("response", None)
        capture = self._capture(exchange, identifier, digest, kind, refers_to)
        return self._append_capture(before, _response(exchange, identity, original), capture)

    def write_resource(self, resource: Exchange, refers_to: str | None = None) -> Capture:
        """Write a body that is no HTTP answer itself but made of one, which `refers_to` names; returns where it is.

        Of `resource` its URL, headers (Content-Type), body, moment, role, links and source count; status is 200.
        Raises as `write` does.
        """
        if resource.url.split() != [resource.url]:
            raise ValueError(f"white space in the URL {resource.url!r}")
        self._roll_over_if_full()
        identifier, digest = new_id(), payload_digest(resource.body)
        context = self._context(resource.captured_at)
        before = _evidence(resource, identifier, context)
        identity = [("WARC-Record-ID", identifier), ("WARC-Payload-Digest", digest), *context]
        capture = self._capture(resource, identifier, digest, "resource", refers_to)
        return self._append_capture(before, _resource(resource, identity, refers_to), capture)

    def _context(self, moment: datetime) -> list[tuple[str, str]]:
        return [("WARC-Date", warc_date(moment)), ("WARC-Warcinfo-ID", self._warcinfo)]

    def _capture(self, exchange: Exchange, identifier: str, digest: str, kind: str, refers_to: str | None) -> Capture:
        """The capture of a record that is not written yet: its offset and length are still to come."""
        return Capture(
            id=identifier,
            urlkey=urlkey(exchange.url),
            timestamp=exchange.captured_at.astimezone(UTC),
            url=exchange.url,
            status=exchange.status,
            mime=mime_of(exchange.headers),
            digest=digest,
            kind=kind,
            refers_to=refers_to,
            filename=self._path.name.removesuffix(OPEN),
            offset=0,
            length=0,
            crawl=self.crawl,
            role=exchange.role,
            links=exchange.links,
            source=exchange.source,
        )

    def _append_capture(self, before: bytes, record: bytes, capture: Capture) -> Capture:
        offset = self._append(before + record) + len(before)
        return dataclasses.replace(capture, offset=offset, length=len(record))

    def write_metadata(self, document: Mapping[str, Any], about: str) -> None:
        """Write what is known of `about`, a URI, as JSON; `index` gives it back as a Document."""
        self._roll_over_if_full()
        self._append(_metadata(document, [("WARC-Target-URI", about), *self._context(datetime.now(UTC))]))

    def _begin(self, now: datetime) -> None:
        file, path = self._create(now)
        identifier = new_id()
        fields = {
            "software": "Marbre",
            "format": "WARC File Format 1.1",
            "conformsTo": _SPECIFICATION,
            "isPartOf": self.crawl,
            **self.info,
        }
        headers = [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", identifier),
            ("WARC-Date", warc_date(now)),
            ("WARC-Filename", path.name.removesuffix(OPEN)),
            ("Content-Type", "application/warc-fields"),
        ]
        lines = (f"{name}: {' '.join(value.split())}\r\n" for name, value in fields.items())
        first = member(headers, "".join(lines).encode())
        try:
            _write_whole(file, 0, first)
        except OSError:
            path.unlink()
            file.close()
            raise
        self._file, self._path, self._size, self._warcinfo = file, path, len(first), identifier

    def _create(self, now: datetime) -> tuple[FileIO, Path]:
        """Create the next file and lock it before anybody else can."""
        while True:
            name = f"{self.prefix}-{now.astimezone(UTC):%Y%m%d%H%M%S}-{self._sequence:05}-{self.crawl}.warc.gz"
            self._sequence += 1
            path = self.directory / (name + OPEN)
            if path.exists() or (self.directory / name).exists():
                continue
            file = FileIO(path, "xb")
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists():
                return file, path
            file.close()  # `recover` had it first and took it for what a killed crawl left

    def _roll_over_if_full(self) -> None:
        if self._size < self.max_bytes:
            return
        file, path = self._file, self._path
        self._begin(datetime.now(UTC))  # before the old file is closed: a crawl that runs always has an open file
        finish(file, path)
        file.close()

    def _append(self, members: bytes) -> int:
        """Write whole records and return the offset of the first."""
        start = self._size
        _write_whole(self._file, start, members)
        self._size += len(members)
        return start


def _write_whole(file: FileIO, start: int, members: bytes) -> None:
    """Write at the file's end, `start`, all or nothing: what follows a torn record cannot be read."""
    rest = memoryview(members)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        file.truncate(start)
        file.seek(start)
        error.filename = os.fspath(file.name)  # a write does not say where
        raise


def finish(file: FileIO, path: Path) -> None:
    """Give a file that nobody will add to its final name, once it is on disk."""
    os.fsync(file.fileno())
    path.rename(path.with_name(path.name.removesuffix(OPEN)))
    directory = os.open(path.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


def mime_of(headers: Headers) -> str | None:
    """Return the media type of an HTTP message, without parameters and in lower case; None if it states none."""
    stated = next((value for name, value in headers if name.lower() == "content-type"), "")
    return stated.partition(";")[0].strip().lower() or None


def _evidence(exchange: Exchange, response: str, context: Headers) -> bytes:
    # Without WARC-Target-URI, or replay tools would take this record for a capture of the page.
    document = {"role": exchange.role, "links": plain(exchange.links)}
    return _metadata(document, [("WARC-Refers-To", response), ("WARC-Concurrent-To", response), *context])


def _metadata(document: Mapping[str, Any], headers: Headers) -> bytes:
    block = json.dumps(document, ensure_ascii=False).encode()
    identity = [("WARC-Type", "metadata"), ("WARC-Record-ID", new_id())]
    return member([*identity, *headers, ("Content-Type", "application/json")], block)


def _request(exchange: Exchange, response: str, context: Headers) -> bytes:
    asked = exchange.source or exchange.url
    parts = urlsplit(asked)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = [(name, value) for name, value in exchange.request_headers if name.lower() not in _SECRETS]
    if all(name.lower() != "host" for name, _ in sent):
        sent.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
    headers = [
        ("WARC-Type", "request"),
        ("WARC-Record-ID", new_id()),
        ("WARC-Target-URI", asked),
        ("WARC-Concurrent-To", response),
        *context,
        ("Content-Type", "application/http; msgtype=request"),
    ]
    return member(headers, http_head(f"{exchange.method} {target} {exchange.protocol}", sent))


def _response(exchange: Exchange, identity: Headers, original: Capture | None) -> bytes:
    headers = [
        ("WARC-Type", "revisit" if original else "response"),
        *identity,
        *_whence(exchange),
        *(_refers_to(original, exchange.status) if original else []),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    head = http_head(status_line(exchange.protocol, exchange.status), exchange.headers)
    return member(headers, head if original else head + exchange.body)


def _resource(resource: Exchange, identity: Headers, refers_to: str | None) -> bytes:
    headers = [
        ("WARC-Type", "resource"),
        *identity,
        *_whence(resource),
        *([("WARC-Refers-To", refers_to)] if refers_to else []),
        ("Content-Type", dict(resource.headers)["Content-Type"]),
    ]
    return member(headers, resource.body)


def _whence(exchange: Exchange) -> Headers:
    headers = [("WARC-Target-URI", exchange.url)]
    headers += [("WARC-Source-URI", exchange.source)] if exchange.source else []
    return headers + ([("WARC-IP-Address", exchange.ip_address)] if exchange.ip_address else [])


def _refers_to(original: Capture, status: int) -> Headers:
    if original.kind != "response":
        raise ValueError(f"{original.id} is a revisit itself; a revisit refers to the record that has the body")
    profile = "server-not-modified" if status == 304 else "identical-payload-digest"
    return [
        ("WARC-Profile", _PROFILES + profile),
        ("WARC-Refers-To", original.id),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", warc_date(original.timestamp)),
    ]
