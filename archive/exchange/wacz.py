"""WACZ 1.1.1 (specs.webrecorder.net/wacz/1.1.1): a zip file with WARC file, index and list of pages.

The WARC file and the index are stored as they are, so that a record can be read out of the middle of the zip file.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, islice
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from archive import __version__
from archive.exchange import cdxj, warcs
from archive.exchange.records import Copier, Row

_WARC = "archive/data.warc.gz"
_INDEX = "indexes/index.cdx.gz"
_LINES = 1024  # of the index in one gzip member
Page = dict[str, Any]


class _Hashing:
    """A member of the zip file as it is written: knows its digest and size."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return int(self.out.write(data))


class _Package:
    def __init__(self, out: BinaryIO) -> None:
        self.created = datetime.now(UTC)
        self.zip = zipfile.ZipFile(out, "w", allowZip64=True)
        self.resources: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self.zip.fp = None  # or it would try to end the file when it is collected as garbage

    @contextmanager
    def member(self, path: str, compression: int = zipfile.ZIP_STORED) -> Iterator[_Hashing]:
        info = zipfile.ZipInfo(path, self.created.timetuple()[:6])
        info.compress_type = compression
        info.external_attr = 0o644 << 16
        with self.zip.open(info, "w", force_zip64=True) as out:
            member = _Hashing(out)
            yield member
        name = path.rpartition("/")[2]
        found = {"name": name, "path": path, "hash": f"sha256:{member.digest.hexdigest()}", "bytes": member.size}
        self.resources.append(found)

    def close(self, title: str) -> None:
        """Write what describes the others, and the digest that vouches for it."""
        package = {
            "profile": "data-package",
            "wacz_version": "1.1.1",
            "title": title,
            "software": f"Marbre {__version__}",
            "created": self.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "resources": self.resources.copy(),
        }
        with self.member("datapackage.json", zipfile.ZIP_DEFLATED) as out:
            out.write(json.dumps(package, ensure_ascii=False, indent=2).encode())
        digest = {"path": "datapackage.json", "hash": self.resources[-1]["hash"]}
        with self.member("datapackage-digest.json", zipfile.ZIP_DEFLATED) as out:
            out.write(json.dumps(digest).encode())
        self.zip.close()


def write(
    out: BinaryIO, captures: Iterable[Row], copier: Copier, pages: Iterable[Page], title: str
) -> Iterator[tuple[Row, int, int]]:
    """Write the file; yields as `warcs.write` does. `pages` have url, ts (ISO 8601), title and id."""
    with _Package(out) as package, cdxj.Sorted() as lines:
        with package.member(_WARC) as data:
            for row, offset, length in warcs.write(cast(BinaryIO, data), captures, copier, title):
                lines.add(cdxj.line(row, filename=_WARC.rpartition("/")[2], offset=offset, length=length))
                yield row, offset, length
        with package.member(_INDEX) as index:
            blocks = list(_compressed(index, lines))
        with package.member("indexes/index.idx") as out_:
            out_.write(b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n')
            for block in blocks:
                out_.write(block)
        with package.member("pages/pages.jsonl", zipfile.ZIP_DEFLATED) as listed:
            for page in chain([{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}], pages):
                listed.write(json.dumps(page, ensure_ascii=False).encode() + b"\n")
        package.close(title)


def _compressed(out: _Hashing, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Write the index in blocks that can be read one by one; yields the line that tells where each lies (ZipNum)."""
    rest = iter(lines)
    while block := list(islice(rest, _LINES)):
        data = gzip.compress(b"".join(block), mtime=0)
        where = {"offset": out.size, "length": len(data), "digest": f"sha256:{hashlib.sha256(data).hexdigest()}"}
        out.write(data)
        first = block[0].partition(b" {")[0].decode()
        yield f"{first} {json.dumps(where | {'filename': 'index.cdx.gz'})}\n".encode()
