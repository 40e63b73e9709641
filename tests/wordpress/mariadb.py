"""A MariaDB of one test's own: its data in a folder, reached by a Unix socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

# Speed before safety: this database never outlives the test.
OPTIONS = (
    "--no-defaults",
    "--skip-networking",
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-log-file-size=64M",
    "--innodb-buffer-pool-size=128M",
    "--character-set-server=utf8mb4",
)
# MariaDB refuses to run as root unless told to; of anybody else it must not be told.
AS_ROOT = ("--user=root",) if os.getuid() == 0 else ()


def program(name: str) -> str:
    """Return the path of a program; daemons are outside an ordinary user's PATH."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if found is None:
        raise RuntimeError(f"{name} is not installed: run tests/install.sh")
    return found


def stop(process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(seconds)


class MariaDB:
    """Context manager: a running server with one empty database called wordpress."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "mariadb"
        self.log = folder / "mariadb.log"
        # A socket's path may have 107 bytes; a test's own folder is often deeper.
        self._sockets = tempfile.TemporaryDirectory(prefix="marbre-")
        self.socket = Path(self._sockets.name) / "db"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._create()
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._process is not None:
            stop(self._process)
        self._sockets.cleanup()

    def _create(self) -> None:
        command = [
            program("mariadb-install-db"),
            "--no-defaults",
            f"--datadir={self.data}",
            *AS_ROOT,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120)
        self.log.write_bytes(done.stdout)
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed; see {self.log}")

    def _start(self) -> None:
        command = [
            program("mariadbd"),
            *OPTIONS,
            f"--datadir={self.data}",
            f"--socket={self.socket}",
            f"--pid-file={self.data / 'pid'}",
            *AS_ROOT,
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"mariadbd ended with status {self._process.returncode}; see {self.log}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"mariadbd did not answer within 60 s; see {self.log}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        if not self.socket.exists():
            return False
        question = "CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
        command = [program("mariadb"), "--no-defaults", "--user=root", f"--socket={self.socket}", "-e", question]
        return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0
