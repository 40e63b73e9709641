"""Bytes as received to the page's own bytes (Content-Encoding), and those to text: each in one place, once."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import brotli
from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from archive.errors import BadEncoding, TornPayload

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MOST_CODINGS = 4  # one on another; nobody honest sends more than two
_MOST_MEMBERS = 100  # of a gzip or zstd body; a million empty ones would keep a worker busy for hours
_CHUNK = 1 << 20  # bytes decoded at a time
_ZSTD_WINDOW: dict[int, int] = {
    zstd.DecompressionParameter.window_log_max: 23
}  # 8 MiB, the a content coding's most (RFC 9659)
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

_SAMPLE = 256 * 1024  # bytes to guess an encoding from; guessing is slow
_FALLBACK = "cp1252"  # of pages that declare nothing, as in browsers
_REPLACED = "\ufffd"
_WIDE = ("utf-16", "utf-32")
# The encodings of the web (WHATWG Encoding) by Python's names. Python has others that must not be reached by a label:
# unicode_escape, punycode, hex, EBCDIC.
_SINGLE_OR_DOUBLE_BYTE = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "cp874"),
    *(f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)),
    *("koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp932", "shift_jis", "euc_jp", "cp949", "euc_kr"),
    *("gb18030", "big5", "big5hkscs"),
]
_KNOWN = {*_SINGLE_OR_DOUBLE_BYTE, "utf-8", "iso2022_jp"}
_SURROGATES = re.compile("[\ud800-\udfff]")


class _TooManyMembers(Exception):
    """A body made of very many gzip members or zstd frames."""


def decode_content(body: bytes, codings: str | None, limit: int = 64 << 20) -> bytes:
    """Undo a Content-Encoding (RFC 9110, 8.4): the last coding named was applied last and is undone first.

    A body that is plainly not in the coding its header names is returned as it is. Raises TornPayload for one that is
    cut short, BadEncoding for one that is broken, that grows past `limit` bytes, or in a coding nobody knows; no more
    than about `limit` bytes are held.
    """
    names = [name for part in (codings or "").lower().split(",") if (name := part.strip()) not in {"", "identity"}]
    if len(names) > _MOST_CODINGS:
        raise BadEncoding(f"its body is said to be in {len(names)} content codings")
    for name in reversed(names):
        if name not in _DECODERS:
            raise BadEncoding(f"its body is in an unknown content coding, {name!r}")
        if body:  # a 304 or the answer to HEAD names the coding of a body that is not there
            body = _bounded(_DECODERS[name](body), name, limit)
    return body


def decode_text(body: bytes, content_type: str | None) -> str:
    """Return a page's text; `content_type` is the header's value. Never fails; the result has no NUL, no surrogates.

    By byte order mark; as UTF-8 where it is UTF-8, whatever a label says, for text in another encoding hardly ever
    is; as declared by the header or the page itself if that fits; by a guess; as declared with what does not fit
    replaced. Labels are read as browsers read them: ISO-8859-1 means windows-1252 (WHATWG Encoding).
    """
    text = _decode(body, content_type).replace("\0", "")
    try:
        text.encode()  # to look for what hardly ever is there, quicker than a regular expression does
    except UnicodeEncodeError:
        return _SURROGATES.sub(_REPLACED, text)
    return text


def _bounded(chunks: Iterator[bytes], coding: str, limit: int) -> bytes:
    decoded = bytearray()
    try:
        for chunk in chunks:
            decoded += chunk
            if len(decoded) > limit:
                raise BadEncoding(f"its body ({coding}) grows past {limit} bytes when it is decoded")
    except EOFError:
        raise TornPayload(f"its body ends before its {coding} coding does: the server cut it short") from None
    except (zlib.error, brotli.error, zstd.ZstdError, _TooManyMembers) as error:
        raise BadEncoding(f"its body cannot be decoded from {coding}: {error}") from error
    return bytes(decoded)


def _gzip(body: bytes) -> Iterator[bytes]:
    return _members(body, _GZIP_MAGIC, lambda: zlib.decompressobj(16 + zlib.MAX_WBITS))


def _zstd(body: bytes) -> Iterator[bytes]:
    return _members(body, _ZSTD_MAGIC, lambda: zstd.ZstdDecompressor(options=_ZSTD_WINDOW))


def _members(body: bytes, magic: bytes, new: Callable[[], Any]) -> Iterator[bytes]:
    """Decode members or frames that follow one another; other bytes after one are padding, other bytes alone plain."""
    if not body.startswith(magic):
        yield body
        return
    for _ in range(_MOST_MEMBERS):
        decompressor = new()
        yield from _drain(decompressor, body)
        body = decompressor.unused_data
        if not body.startswith(magic):
            return
    raise _TooManyMembers(f"more than {_MOST_MEMBERS} parts")


def _deflate(body: bytes) -> Iterator[bytes]:
    # HTTP means the zlib format (RFC 9110, 8.4.1.2); some servers send bare deflate.
    is_zlib = body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0
    return _drain(zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS), body)


def _drain(decompressor: Any, data: bytes) -> Iterator[bytes]:
    while not decompressor.eof:
        chunk = decompressor.decompress(data, _CHUNK)
        if not chunk and not data:
            raise EOFError
        yield chunk
        data = getattr(decompressor, "unconsumed_tail", b"")  # zlib gives back what it has not read, zstd keeps it


def _brotli(body: bytes) -> Iterator[bytes]:
    decompressor = brotli.Decompressor()
    while not decompressor.is_finished():
        chunk = decompressor.process(body, output_buffer_limit=_CHUNK)
        if not chunk and not body:
            raise EOFError
        yield chunk
        body = b""


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


# Telling windows-1252 from its neighbours by statistics often goes wrong; a page that says it is French need not be.
_LANGUAGE = re.compile(rb"<html[^<>]*?\slang\s*=\s*[\"']?([a-z]{2})\b", re.IGNORECASE)
_WESTERN = frozenset(b"fr en de es it pt nl da sv no nb nn fi is ca eu gl ga af".split())


def _decode(body: bytes, content_type: str | None) -> str:
    encoding, mark = read_bom(body)
    if encoding is not None and mark is not None:
        return body[len(mark) :].decode(encoding, "replace")
    declared = _declared(body, content_type)
    text = None if _says_more_than_utf8(declared, body) else _as_utf8(body)
    if text is None:
        text = next((text for name in declared if (text := _strictly(body, name)) is not None), None)
    if text is None:
        language = _LANGUAGE.search(body, 0, 4096)
        western = language is not None and language[1].lower() in _WESTERN
        text = _strictly(body, _FALLBACK if western else _guess(body))
    return body.decode(declared[0] if declared else _FALLBACK, "replace") if text is None else text


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Return the encodings that the header and the page itself declare, in this order, by Python's names."""
    stated = [http_content_type_encoding(content_type), html_body_declared_encoding(body)]
    names = [_endian(name, body) if name.startswith(_WIDE) else name for name in stated if name]
    return [name for name in names if name in _KNOWN or name.startswith(_WIDE)]


def _endian(name: str, body: bytes) -> str:
    """UTF-16 and UTF-32 markup is full of NUL bytes; a label on bytes without any is wrong."""
    if b"\0" not in body[:4096]:
        return "utf-8"
    order = "be" if body.startswith(b"\0") else "le"
    return f"{name[:6]}-{order}"


def _says_more_than_utf8(declared: list[str], body: bytes) -> bool:
    """Whether bytes that are valid UTF-8 are something else: NUL bytes between letters, or escapes in pure ASCII."""
    return any(name.startswith(_WIDE) or (name.startswith("iso2022") and body.isascii()) for name in declared)


def _as_utf8(body: bytes) -> str | None:
    """Return the text if the bytes are UTF-8, or were before a few of them were cut in two or mixed in."""
    text = _strictly(body, "utf-8")
    if text is None:
        text = body.decode(errors="replace")
        wrong = text.count(_REPLACED)
        right = len(text) - len(text.encode("ascii", "ignore")) - wrong
        if wrong * 4 > right:
            return None
    return text


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return None


def _guess(body: bytes) -> str:
    best = from_bytes(body[:_SAMPLE], cp_isolation=_SINGLE_OR_DOUBLE_BYTE).best()
    return best.encoding if best else _FALLBACK
