"""One WARC record as others wrote it: its heads, its body with the codings undone, and whether its digests hold."""

from __future__ import annotations

import hashlib
import re
import uuid
from base64 import b32decode
from binascii import Error as NotBase32
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from archive.encoding import decode_content
from archive.errors import DamagedRecord

_DIGESTS = {"md5", "sha1", "sha256", "sha384", "sha512"}
_STATUS_LINE = re.compile(r"HTTP/\d(?:\.\d)? +(\d{3})(?: |$)")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ForeignRecord:
    """One record as others wrote it, from `offset`, `length` bytes long.

    `headers` are the WARC headers by their names in lower case; `first_line` and `http` the HTTP head, empty for
    records without one; `block` is all of it if it was asked for. `wrong` says which digest is not what it holds.
    """

    offset: int
    length: int
    headers: Mapping[str, str]
    first_line: str
    http: Headers
    head_size: int
    block: bytes | None = None
    wrong: str | None = None

    @property
    def type(self) -> str:
        return self.headers.get("warc-type", "").lower()

    @property
    def id(self) -> str | None:
        return self.headers.get("warc-record-id")

    @property
    def url(self) -> str:
        """The address as written; wget puts it in angle brackets."""
        return self.headers.get("warc-target-uri", "").removeprefix("<").removesuffix(">")

    @property
    def size(self) -> int:
        return int(self.headers["content-length"])

    @property
    def status(self) -> int | None:
        found = _STATUS_LINE.match(self.first_line)
        return int(found[1]) if found else None

    @property
    def date(self) -> datetime | None:
        return moment_of(self.headers.get("warc-date"))

    @cached_property
    def payload(self) -> bytes:
        """The body with its transfer coding undone, its content coding not: what an HTTP client receives."""
        assert self.block is not None, "the body was not asked for"
        body = self.block[self.head_size :]
        chunked = any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in self.http)
        return _unchunk(body) if chunked else body

    @property
    def content(self) -> bytes:
        """The body as a browser shows it. Raises DamagedRecord if its content coding cannot be undone."""
        return decode_content(self.payload, ", ".join(self.values("content-encoding")))

    @property
    def identifier(self) -> str:
        """The record's own id, or for one without any an id that is the same whenever the file is read."""
        return self.id or f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{self.offset} {sorted(self.headers.items())}').urn}>"

    def values(self, name: str) -> list[str]:
        """Return the values of an HTTP header, `name` in lower case."""
        return [value for given, value in self.http if given.lower() == name]


def moment_of(stated: str | None) -> datetime | None:
    """Return a WARC date (a W3C profile of ISO 8601), aware; one without a zone is UTC. None for anything else."""
    try:
        moment = datetime.fromisoformat((stated or "").strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_head(head: bytes) -> tuple[str, Headers]:
    first_line, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    return first_line, tuple(fields_of(lines))


def fields_of(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of header lines; one that begins with white space goes on with the value before it."""
    pending: list[str] = []
    for line in [*lines, "end"]:
        if line[:1] in {" ", "\t"} and pending:
            pending.append(line.strip())
            continue
        name, colon, value = " ".join(pending).partition(":")
        if colon:
            yield name.strip(), value.strip()
        pending = [line]


def wrong_digest(record: ForeignRecord) -> str | None:
    """Say which digest of a record is not what it holds.

    One that matches proves the block whole. What a payload digest is made of, writers do not agree on: with or
    without the transfer coding, with or without the content coding. That of a truncated record may be the whole's.
    """
    assert record.block is not None
    stated = record.headers.get("warc-block-digest", "")
    matches = _matches(stated, record.block)
    if matches is not None:
        return None if matches else f"its WARC-Block-Digest is {stated}, which is not what it holds"
    stated = record.headers.get("warc-payload-digest", "")
    if record.type not in {"response", "resource"} or "warc-truncated" in record.headers:
        return None
    if _matches(stated, record.block[record.head_size :]) is not False or _matches(stated, record.payload):
        return None
    with suppress(DamagedRecord):
        if _matches(stated, record.content):
            return None
    return f"its WARC-Payload-Digest is {stated}, which is not what it holds"


def _matches(stated: str, data: bytes) -> bool | None:
    """Whether `algorithm:value`, in base 32 or hexadecimal, is the digest of `data`; None if it cannot be told."""
    algorithm, _, value = stated.partition(":")
    name = algorithm.lower().replace("-", "")
    if name not in _DIGESTS:
        return None
    digest = hashlib.new(name, data, usedforsecurity=False).digest()
    if len(value) == 2 * len(digest):
        return value.lower() == digest.hex()
    bare = value.rstrip("=").upper()
    try:
        decoded = b32decode(bare + "=" * (-len(bare) % 8))
    except NotBase32:
        return None
    return decoded == digest if len(decoded) == len(digest) else None


def _unchunk(body: bytes) -> bytes:
    """Undo the chunked transfer coding (RFC 9112, 7.1) as far as it goes; a body plainly not in it is as it is."""
    undone, at = bytearray(), 0
    while (line_end := body.find(b"\n", at, at + 1024)) >= 0:
        stated = body[at:line_end].partition(b";")[0].strip()
        if not _SIZE.fullmatch(stated):
            return bytes(undone) or body
        size, start = int(stated, 16), line_end + 1
        if size == 0:
            break
        undone += body[start : start + size]
        at = start + size
        at += 2 if body[at : at + 2] == b"\r\n" else 1
    return bytes(undone) if undone or at != 0 or line_end >= 0 else body
