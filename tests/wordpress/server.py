"""A real WordPress of one test's own: Debian's packages, a MariaDB on a socket, PHP's built-in server on loopback."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.wordpress.mariadb import MariaDB, program
from tests.wordpress.posts import plan

HERE = Path(__file__).parent
PACKAGE = Path("/usr/share/wordpress")
NEEDED = ("php", "mariadb", "mariadbd", "mariadb-install-db")
CLASSIC_THEME = "twentytwentyone"
BLOCK_THEME = "twentytwentythree"
PHP_OPTIONS = (
    *("-d", "memory_limit=512M"),
    *("-d", "opcache.enable_cli=1"),
    *("-d", "sendmail_path=/bin/true"),
    *("-d", "allow_url_fopen=0"),
    *("-d", "display_errors=stderr"),
)


def missing() -> list[str]:
    """Return what of WordPress this machine lacks, in words; empty if nothing."""
    paths = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"
    lacking = [name for name in NEEDED if shutil.which(name, path=paths) is None]
    wanted = [PACKAGE / "wp-load.php", *(PACKAGE / "wp-content/themes" / t for t in (CLASSIC_THEME, BLOCK_THEME))]
    return lacking + [str(path) for path in wanted if not path.exists()]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """End PHP's server with its workers, which it forks into its own session."""
    with suppress(ProcessLookupError):  # it may have ended by itself
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WordPress:
    """Context manager: a seeded WordPress at `url`, everything it writes below `folder`.

    `posts` is the number of published posts it is seeded with; `now` (aware) the moment before which they
    were published; `seconds` says how long each step of the start took.
    """

    def __init__(
        self, folder: Path, *, posts: int = 120, theme: str = CLASSIC_THEME, now: datetime | None = None
    ) -> None:
        self.folder = folder
        self.root = folder / "www"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.seconds: dict[str, float] = {}
        self._posts = posts
        self._theme = theme
        self._now = now or datetime.now().astimezone()
        self._access_log = folder / "access.log"
        self._stack = ExitStack()
        self._environment: Mapping[str, str] = {}

    def __enter__(self) -> Self:
        with self._stack as stack:
            self._set_up(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def _set_up(self, stack: ExitStack) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        self._copy()
        self.seconds["copy"] = time.monotonic() - started
        database = stack.enter_context(MariaDB(self.folder))
        self._environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "MARBRE_DB_SOCKET": str(database.socket),
            "MARBRE_HOME": self.url.rstrip("/"),
            "MARBRE_PHP_LOG": str(self.folder / "php.log"),
            "MARBRE_ACCESS_LOG": str(self._access_log),
            "MARBRE_SWITCHES": str(self.folder / "switches"),
            "PHP_CLI_SERVER_WORKERS": "4",
        }
        self.seconds["database"] = time.monotonic() - started
        self._seed()
        self.seconds["seed"] = time.monotonic() - started
        self._serve(stack)
        self.seconds["serve"] = time.monotonic() - started

    def _copy(self) -> None:
        """Copy the package, links resolved: WordPress writes below its own folder, and must find itself there."""
        shutil.copytree(PACKAGE, self.root, ignore=self._unwanted, ignore_dangling_symlinks=True)
        shutil.copy(HERE / "wp-config.php", self.root / "wp-config.php")
        plugins = self.root / "wp-content" / "mu-plugins"
        plugins.mkdir()
        shutil.copy(HERE / "quiet.php", plugins)
        shutil.copy(HERE / "switches.php", plugins)
        self._access_log.touch()

    @staticmethod
    def _unwanted(folder: str, names: list[str]) -> set[str]:
        if folder.endswith("/languages"):
            return {name for name in names if "fr_FR" not in name}
        return {"wp-config.php", ".htaccess"} & set(names)

    def _serve(self, stack: ExitStack) -> None:
        command = [program("php"), *PHP_OPTIONS, "-S", f"127.0.0.1:{self.port}", "-t", str(self.root)]
        log = stack.enter_context((self.folder / "server.log").open("wb"))
        server = subprocess.Popen(
            [*command, str(HERE / "router.php")],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        stack.callback(stop_group, server)
        deadline = time.monotonic() + 30
        while not self._answers():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PHP's server did not answer at {self.url} within 30 s; see {log.name}")
            time.sleep(0.1)
        self._access_log.write_text("")

    def _answers(self) -> bool:
        try:
            return self.get("/").status == 200
        except OSError:
            return False

    def _seed(self) -> None:
        seeds = self.folder / "plan.json"
        seeds.write_text(json.dumps(plan(self._posts, self._now), ensure_ascii=False), encoding="utf-8")
        self.php("install.php", self._theme)
        self.php("seed.php", str(seeds))

    def php(self, script: str, *arguments: str) -> str:
        """Run one of the PHP scripts beside this file inside WordPress; return what it printed."""
        command = [program("php"), *PHP_OPTIONS, "-f", str(HERE / script), "--", str(self.root), *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode:
            log = self.folder / "php.log"  # where WordPress writes what it hides behind its error page
            said = log.read_text(encoding="utf-8") if log.exists() else done.stdout + done.stderr
            raise RuntimeError(f"{script} ended with status {done.returncode}: {said[-1500:]}")
        return done.stdout

    def truth(self) -> Iterator[dict[str, Any]]:
        """What WordPress itself holds: one dictionary per post or page, see truth.php."""
        return map(json.loads, self.php("truth.php").splitlines())

    def change(self, what: str, post: int, *arguments: str) -> None:
        """Do what an editor does to one post: see change.php."""
        self.php("change.php", what, str(post), *arguments)

    def switch(self, *switches: str) -> None:
        """Switch ways of discovery off, and all others on: see switches.php."""
        (self.folder / "switches").write_text("\n".join(switches))

    def get(self, path: str, **headers: str) -> Answer:
        """Fetch one path of the site, without following redirects."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def requests(self) -> list[str]:
        """Return and forget the paths asked for since the last call, in order."""
        lines = self._access_log.read_text(encoding="utf-8").splitlines()
        self._access_log.write_text("")
        return [line.split(" ", 2)[2] for line in lines]
