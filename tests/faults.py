"""A server on loopback that misbehaves below HTTP: each path is a function that does to the connection what it likes.

with Faults({"/cut": cut_short(), "/drip": drip()}) as faults:
    faults.url                     # "http://127.0.0.1:PORT/"
    faults.hits                    # every request: path, when (monotonic seconds), its headers in lower case
"""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.small_archives import SENTENCES

Act = Callable[[socket.socket, "Hit"], None]
HTML = "Content-Type: text/html; charset=utf-8\r\n"
ROBOTS = b"User-agent: *\nAllow: /\n"
_PATIENCE = 20.0  # seconds that a connection is held at most, whatever a test forgets


class Hit(NamedTuple):
    """One request. `line` is its first line as it was sent."""

    path: str
    at: float
    headers: Mapping[str, str]
    line: str = ""


class Faults:
    """Serves from now on; a path that nobody named answers 404. With `secure`, over TLS with that certificate."""

    def __init__(self, acts: Mapping[str, Act] | None = None, *, secure: ssl.SSLContext | None = None) -> None:
        self.acts: dict[str, Act] = {"/robots.txt": says(ROBOTS, "Content-Type: text/plain\r\n"), **(acts or {})}
        self.hits: list[Hit] = []
        self.accepts: list[float] = []
        self.secure = secure
        self.ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"http{'s' if secure else ''}://127.0.0.1:{self.port}/"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended.set()
        self.close()
        self._thread.join()

    def close(self) -> None:
        """Refuse connections from now on."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def paths(self) -> list[str]:
        return [hit.path for hit in list(self.hits)]

    def times(self, *but: str) -> list[float]:
        """When each request came, those for the paths `but` left out."""
        return [hit.at for hit in list(self.hits) if hit.path not in but]

    def gaps(self) -> list[float]:
        times = sorted(self.times())
        return [later - earlier for earlier, later in pairwise(times)]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepts.append(time.monotonic())
            connection.settimeout(_PATIENCE)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self.secure:
                connection = self.secure.wrap_socket(connection, server_side=True)
            rest = b""
            while head := _head_of(connection, rest):
                hit, rest = head
                self.hits.append(hit)
                self.acts.get(hit.path.partition("?")[0], says(b"<p>Rien ici.</p>", status="404 Not Found"))(
                    connection, hit
                )


def _head_of(connection: socket.socket, data: bytes) -> tuple[Hit, bytes] | None:
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    return Hit(line.split(" ")[1], time.monotonic(), headers, line), rest


# -- What a path may do


def page(title: str) -> bytes:
    """A page that is an article beyond doubt."""
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in [*SENTENCES, f"C'est ce que dit {title}."])
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta property="og:type" content="article"><meta property="article:published_time"'
        f' content="2026-02-20T08:15:00+01:00"></head><body><article><h1>{title}</h1>{paragraphs}</article>'
        "</body></html>"
    ).encode()


def says(body: bytes, headers: str = HTML, status: str = "200 OK") -> Act:
    """An answer with the right length, headers given as they are sent, each with its line end."""
    return sends(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body)


def sends(data: bytes, *, then_close: bool = False) -> Act:
    """These bytes, whatever they are."""

    def act(connection: socket.socket, _: Hit) -> None:
        connection.sendall(data)
        if then_close:
            connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError

    return act


def in_turn(*acts: Act) -> Act:
    """One after the other, the last one for good."""
    left = list(acts)

    def act(connection: socket.socket, hit: Hit) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection, hit)

    return act


def resets(sent: bytes = b"") -> Act:
    """These bytes, then RST in place of an end."""

    def act(connection: socket.socket, _: Hit) -> None:
        if sent:
            connection.sendall(sent)
            time.sleep(0.05)  # an RST at once would overtake them
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        raise ConnectionResetError

    return act


def drips(head: bytes, byte: bytes = b"x", seconds: float = 1.0) -> Act:
    """The head at once, then the byte again and again without an end."""

    def act(connection: socket.socket, _: Hit) -> None:
        connection.sendall(head)
        began = time.monotonic()
        while time.monotonic() - began < _PATIENCE:
            connection.sendall(byte)
            time.sleep(seconds)

    return act


def moved(target: str, status: str = "302 Found") -> Act:
    return says(b"", f"Location: {target}\r\n{HTML}", status)


def encoded(body: bytes, coding: str) -> Act:
    return says(body, f"{HTML}Content-Encoding: {coding}\r\n")


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


# -- Certificates


def certificate(directory: Path, *, expired: bool = False, name: str = "127.0.0.1") -> ssl.SSLContext:
    """A context with a certificate that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin, end = (-20, -10) if expired else (-1, 10)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=begin))
        .not_valid_after(now + dt.timedelta(days=end))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = directory / f"{'expired' if expired else 'own'}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
