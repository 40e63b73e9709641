"""`marbre` where name servers fail: python -m tests.unresolved FILE WORDS; every question for a name is a line of FILE.

Hosts that end in .again get "temporary failure" (SERVFAIL, or no answer), all others "no such host". The system's
resolver cannot be sent to a server of a test's own, so it is its answer that is made here.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

from crawler.cli import main

if __name__ == "__main__":
    asked = Path(sys.argv.pop(1))
    real = socket.getaddrinfo

    def look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith((".again", ".nowhere")):
            with asked.open("a") as file:
                file.write(f"{name}\n")
            code = socket.EAI_AGAIN if name.endswith(".again") else socket.EAI_NONAME
            raise socket.gaierror(code, "as the test says")
        return real(host, *arguments, **named)

    socket.getaddrinfo = look_up
    main(sys.argv[1:], prog_name="marbre")
