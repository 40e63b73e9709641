"""One WARC record: made, then read. What is read is what was written, header by header, byte by byte.

HTTP heads are written and parsed here and not by the WARC library, which percent-encodes header values outside ASCII.
"""

from __future__ import annotations

import io
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import BinaryIO

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException
from warcio.utils import Digester
from zlib_ng import zlib_ng

from archive.errors import DamagedRecord

Headers = Iterable[tuple[str, str]]

OPEN = ".open"  # appended to a file's name while it is written
HTTP_TYPES = {"request", "response", "revisit"}
_LEVEL = 6  # 9 takes twice as long for a file one percent smaller
_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 64 * 1024
_LARGEST_HEAD = 16 << 20  # bytes; more than any HTTP client takes
_PARSER = StatusAndHeadersParser(["WARC/1.0", "WARC/1.1"])
# No value may hold them (RFC 9110, 5.5: replace by a space), and they would break the record.
_LINE_BREAKS = str.maketrans("\r\n\0", "   ")


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read from `offset`, its gzip member `length` bytes long.

    `head` is the HTTP head (empty for records without one); `body` what follows it, empty if it was not asked for;
    the digests are those computed, None if they were not asked for.
    """

    offset: int
    length: int
    headers: StatusAndHeaders
    head: bytes
    body: bytes
    block_digest: str | None
    payload_digest: str | None

    @property
    def type(self) -> str:
        return self["WARC-Type"]

    @property
    def id(self) -> str:
        return self["WARC-Record-ID"]

    @property
    def date(self) -> datetime:
        return datetime.fromisoformat(self["WARC-Date"])

    def differences(self) -> Iterator[str]:
        """Say which digests are missing or differ from those computed.

        Of a revisit only the block can be checked: its payload digest speaks of the record it refers to.
        """
        pairs = [("WARC-Block-Digest", self.block_digest)]
        if self.type in {"response", "resource"}:
            pairs.append(("WARC-Payload-Digest", self.payload_digest))
        for name, computed in pairs:
            stated = self.get(name)
            if stated is None:
                yield f"it has no {name}"
            elif stated != computed:
                yield f"its {name} is {stated}, but it holds {computed}"

    def __getitem__(self, name: str) -> str:
        """Return the value of a WARC header that must be there."""
        value: str | None = self.headers.get_header(name)
        if value is None:
            raise DamagedRecord(f"it has no {name}")
        return value

    def get(self, name: str) -> str | None:
        value: str | None = self.headers.get_header(name)
        return value


def new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def payload_digest(body: bytes) -> str:
    """Return the digest that WARC headers and captures carry: `sha256:` and base 32."""
    digester = Digester("sha256")
    digester.update(body)
    return str(digester)


def member(headers: Headers, block: bytes) -> bytes:
    """Return one whole record, one gzip member. `headers` are the WARC headers but digest and length of the block."""
    # On news pages zlib-ng writes the same size as zlib in two fifths of the time.
    compressor = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, _GZIP)
    return compressor.compress(whole(headers, block)) + compressor.flush()


def whole(headers: Headers, block: bytes) -> bytes:
    """Return one whole record as it is before it is compressed; `headers` as for `member`."""
    complete = [*headers, ("WARC-Block-Digest", payload_digest(block)), ("Content-Length", str(len(block)))]
    head: bytes = StatusAndHeaders("", complete, protocol="WARC/1.1").to_bytes(encoding="utf-8")
    return head + block + b"\r\n\r\n"


def read_record(file: BinaryIO, offset: int, *, body: bool = False, digests: bool = False) -> Record:
    """Read one record to its end, the gzip trailer tested; bodies of HTTP records are kept only if asked for.

    Raises DamagedRecord, saying what is wrong but not where: the caller knows.
    """
    inflated = _Member(file, offset)
    stream: BinaryIO = io.BufferedReader(inflated, _CHUNK)
    headers, size = _warc_head(stream)
    is_http = headers.get_header("WARC-Type") in HTTP_TYPES
    head = _http_head(stream, size) if is_http else b""
    block, payload = Digester("sha256"), Digester("sha256")
    kept = []
    if digests:
        block.update(head)
    for chunk in _chunks(stream, size - len(head)):
        if digests:
            block.update(chunk)
            payload.update(chunk)
        if body or not is_http:
            kept.append(chunk)
    if stream.read(5) != b"\r\n\r\n":  # asking for one more than there may be reads the gzip trailer
        raise DamagedRecord("it does not end where its Content-Length says")
    made = (str(block), str(payload)) if digests else (None, None)
    return Record(offset, inflated.length, headers, head, b"".join(kept), *made)


def http_head(first_line: str, headers: Headers) -> bytes:
    """Return an HTTP head as bytes; header text is Latin-1, as HTTP has it, so that every byte comes back."""
    lines = [first_line, *(f"{name}: {value}" for name, value in headers)]
    return "".join(f"{line.translate(_LINE_BREAKS)}\r\n" for line in [*lines, ""]).encode("latin-1")


def parse_http_head(head: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the first line and the headers of `head`, as `http_head` took them."""
    first_line, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first_line, tuple((name, value.removeprefix(" ")) for name, _, value in pairs)


def status_line(protocol: str, status: int) -> str:
    """Return the first line of a response; the phrase is the standard's, for clients do not tell the one received."""
    known = {code.value: code.phrase for code in HTTPStatus}
    return f"{protocol} {status} {known.get(status, '')}"


def parse_status_line(line: str) -> tuple[str, int]:
    protocol, _, rest = line.partition(" ")
    status = rest.partition(" ")[0]
    if not status.isdecimal():
        raise DamagedRecord("its HTTP status line cannot be read")
    return protocol, int(status)


class _Member(io.RawIOBase):
    """One gzip member of a file, inflated as it is read; `length` is right once it is read to its end."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._file = file
        self._file.seek(offset)
        self._inflate = zlib.decompressobj(_GZIP)
        self._taken = 0

    @property
    def length(self) -> int:
        return self._taken - len(self._inflate.unused_data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._inflate.eof:
            data = self._inflate.unconsumed_tail
            if not data:
                data = self._file.read(_CHUNK)
                self._taken += len(data)
            try:
                inflated = self._inflate.decompress(data, len(buffer))
            except zlib.error as error:
                raise DamagedRecord(f"its gzip member is damaged ({error})") from error
            if inflated:
                buffer[: len(inflated)] = inflated
                return len(inflated)
            if not data and not self._inflate.eof:
                raise DamagedRecord("it is torn: the file ends within its gzip member")
        return 0


def _warc_head(stream: BinaryIO) -> tuple[StatusAndHeaders, int]:
    try:
        headers = _PARSER.parse(stream)
    except (StatusAndHeadersParserException, EOFError) as error:
        raise DamagedRecord("there is no WARC record") from error
    for name in ("WARC-Type", "WARC-Record-ID", "Content-Length"):
        if not headers.get_header(name):
            raise DamagedRecord(f"it has no {name}")
    size = headers.get_header("Content-Length")
    if not (size.isascii() and size.isdecimal()):
        raise DamagedRecord(f"its Content-Length is {size!r}")
    return headers, int(size)


def _http_head(stream: BinaryIO, size: int) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline(min(size, _LARGEST_HEAD) - len(head))
        if not line:
            raise DamagedRecord("its HTTP head has no end")
        head += line
    return head


def _chunks(stream: BinaryIO, remaining: int) -> Iterator[bytes]:
    while remaining:
        chunk = stream.read(min(remaining, _CHUNK))
        if not chunk:
            raise DamagedRecord("it is shorter than its Content-Length")
        remaining -= len(chunk)
        yield chunk
