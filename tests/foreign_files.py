"""WARC and WACZ files as other programs write them, for the tests of the import."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.conftest import REQUIRED

HOST = "www.gazette.example"
SENTENCES = (
    "Le conseil municipal a voté mardi soir le budget de la rénovation du vieux marché couvert.",
    "Les commerçants de la place attendent les premiers travaux pour le début du printemps.",
    "La mairie assure que la circulation sera maintenue dans les deux sens pendant le chantier.",
    "Une réunion publique est prévue à la salle des fêtes, où les plans seront montrés.",
)


def page(number: int) -> bytes:
    """Return an article's page, in French."""
    paragraphs = "".join(f"<p>{text} C'est le point {number}-{i} de la séance.</p>" for i, text in enumerate(SENTENCES))
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Le marché, épisode {number}</title>'
        f'<meta property="og:type" content="article"><meta property="article:published_time" '
        f'content="2026-03-01T08:{number % 60:02}:00+01:00"></head><body><article><h1>Le marché, épisode {number}</h1>'
        f"{paragraphs}</article></body></html>"
    ).encode()


def note(number: int, size: int = 0) -> bytes:
    """Return what is no page, though it says so: most of a large file, so that reading it takes no time."""
    return f'{{"note": {number}}}'.encode().ljust(size, b" ")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet, or each answer waits for an acknowledgement

    def do_GET(self) -> None:
        number = int(self.path.strip("/").rpartition("/")[2])
        body = page(number) if number % 25 == 0 else note(number)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def pages_served() -> Iterator[str]:
    """Serve a page at /article/N for any N; gives the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def by_wget(directory: Path, count: int) -> Path:
    """Let wget write a WARC file of `count` pages: a request and a response of each, and its own records."""
    wget = shutil.which("wget")
    if wget is None:
        (pytest.fail if REQUIRED else pytest.skip)("needs wget, as an outsider's WARC writer: apt-get install wget")
    with pages_served() as address:
        listed = directory / "urls.txt"
        listed.write_text("".join(f"{address}/article/{number}\n" for number in range(count)), encoding="utf-8")
        command = [wget, "--quiet", "--no-proxy", "-i", str(listed), "-O", "/dev/null", "--warc-file=gazette"]
        subprocess.run(command, cwd=directory, check=True, timeout=100)
    return directory / "gazette.warc.gz"


class Warc:
    """Writes records with warcio, as pywb, Browsertrix and the like do."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.path = path
        self.file = path.open("wb")
        self.writer = WARCWriter(self.file, **{"gzip": True, "warc_version": "1.1"} | options)
        self.offsets: list[int] = []
        self._write(self.writer.create_warcinfo_record(path.name, {"software": "another program"}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def response(self, number: int, body: bytes | None = None, *headers: tuple[str, str], **given: Any) -> Any:
        """Write the answer of /article/`number`: a page of its own unless a body is given."""
        fields = {"kind": "response", "status": "200 OK", "warc": {}, "url": url(number), "type": "text/html"} | given
        http = StatusAndHeaders(fields["status"], [("Content-Type", fields["type"]), *headers], protocol="HTTP/1.1")
        dated = {"WARC-Date": f"2026-03-01T10:{number // 60 % 60:02}:{number % 60:02}Z"} | fields["warc"]
        payload = io.BytesIO(page(number) if body is None else body)
        record = self.writer.create_warc_record(
            fields["url"], fields["kind"], payload=payload, http_headers=http, warc_headers_dict=dated
        )
        return self._write(record)

    def resource(self, address: str, body: bytes, kind: str) -> Any:
        dated = {"WARC-Date": "2026-03-01T12:00:00Z"}
        return self._write(
            self.writer.create_warc_record(
                address, "resource", payload=io.BytesIO(body), warc_content_type=kind, warc_headers_dict=dated
            )
        )

    def revisit(self, number: int, original: Any, *, later: str, status: str = "200 OK") -> Any:
        """Write that /article/`number` was the same at `later` as in `original`, as pywb does: without a body."""
        record = self.writer.create_revisit_record(
            url(number),
            original.rec_headers.get_header("WARC-Payload-Digest"),
            original.rec_headers.get_header("WARC-Target-URI"),
            original.rec_headers.get_header("WARC-Date"),
            StatusAndHeaders(status, [("Content-Type", "text/html")], protocol="HTTP/1.1"),
            {"WARC-Date": later},
        )
        return self._write(record)

    def _write(self, record: Any) -> Any:
        self.offsets.append(self.file.tell())
        self.writer.write_record(record)
        if record.raw_stream:
            record.raw_stream.close()
        return record


def url(number: int) -> str:
    return f"https://{HOST}/article/{number}"


def chunked(body: bytes, size: int = 100) -> bytes:
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def zipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def many(path: Path, count: int, size: int) -> Path:
    """Write a file of `count` answers of so many bytes, each with its request; every fiftieth is an article."""
    with Warc(path) as out:
        for number in range(count):
            out.response(number, b"", kind="request", status="GET / HTTP/1.1")
            out.response(number, page(number) if number % 50 == 0 else note(number, size))
    return path


def wacz(path: Path, warc: Path, compression: int = zipfile.ZIP_STORED) -> Path:
    """Pack a WARC file as Browsertrix does: stored as it is; index, page list and data package beside it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("indexes/index.cdx.gz", gzip.compress(b""), zipfile.ZIP_STORED)
        out.write(warc, "archive/data.warc.gz", compression)
        listed = [{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}, {"url": url(1), "ts": ""}]
        out.writestr("pages/pages.jsonl", "\n".join(map(json.dumps, listed)))
        out.writestr("datapackage.json", json.dumps({"profile": "data-package", "wacz_version": "1.1.1"}))
    return path
