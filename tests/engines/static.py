"""A directory served as nginx does by default: directory index, Last-Modified, 304, a redirect to the slash, 404."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os import PathLike
from pathlib import Path


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def guess_type(self, path: str | PathLike[str]) -> str:
        return "text/xml" if str(path).endswith(".xml") else super().guess_type(path)

    def list_directory(self, path: object) -> None:
        del path
        self.send_error(403)  # nginx lists nothing

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(directory: Path, port: int = 0) -> Iterator[str]:
    """Serve a directory on loopback, at `port` or a free one; yields its URL, which ends with a slash."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
