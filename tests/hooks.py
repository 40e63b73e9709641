"""A webhook of somebody's own, on loopback: it keeps what it is told, and answers what a test wants."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Hook:
    """Serves from `with` on; `told` are the messages, `status` is what is answered, 0 for no answer at all."""

    def __init__(self, status: int = 204) -> None:
        self.status = status
        self.told: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str | None]] = []  # path, Content-Type
        self.silent = threading.Event()  # set when nobody waits for an answer any longer
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.asked.append((self.path, self.headers["Content-Type"]))
                hook.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                if not hook.status:
                    hook.silent.wait()
                    self.close_connection = True
                    return
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                if hook.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing: whoever looks reads `told`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/s3cret-t0ken?key=hush"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.silent.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
