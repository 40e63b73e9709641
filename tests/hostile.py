"""A server on loopback that answers what a test tells it to, and remembers whatever it was sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Said:
    """One answer; its headers are sent as they are, line ends included."""

    body: bytes = b""
    status: int = 200
    headers: Headers = (("Content-Type", "text/html; charset=utf-8"),)


@dataclass
class Hostile:
    """What is answered, by path (without a query), and every request as (path, its headers in lower case)."""

    answers: dict[str, Said] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@contextmanager
def serving(hostile: Hostile) -> Iterator[Hostile]:
    """Serve it at 127.0.0.1 for as long as the block lasts; its `url` ends in a slash."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            hostile.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            said = hostile.answers.get(self.path.partition("?")[0], Said(b"<p>Rien ici.</p>", 404))
            self.send_response(said.status)
            for name, value in said.headers:
                self._headers_buffer.append(f"{name}: {value}\r\n".encode("latin-1"))  # type: ignore[attr-defined]
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            with suppress(ConnectionError):  # hung up on: an answer too large, or a headers' line too long
                self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the tests look at `asked`."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    hostile.url = f"http://127.0.0.1:{http.server_port}/"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hostile
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
