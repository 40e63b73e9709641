"""The demo newspaper on loopback, and the command `marbre` as a person runs it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.demo import Newspaper, serve
from tests import processes

# Set where every program is installed that a test may need: what would be skipped then fails.
REQUIRED = os.environ.get("MARBRE_REQUIRE_ALL") == "1"
Marbre = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def newspaper() -> Iterator[serve]:
    with serve(Newspaper()) as server:
        yield server


@pytest.fixture
def sites(tmp_path: Path, newspaper: serve) -> Path:
    return write_sites(tmp_path, newspaper.url)


def write_sites(directory: Path, url: str) -> Path:
    path = directory / "sites.toml"
    path.write_text(f'[sites.gazette]\nurl = "{url}"\nallow_loopback = true\ndelay = 0\n', encoding="utf-8")
    return path


def run_marbre(
    *arguments: str | Path, code: int | None = 0, module: tuple[str, ...] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `marbre` in a process of its own and expect its exit code; None expects any.

    With `module`, a module and words that go before, run that in its place.
    """
    words = list(map(str, arguments))
    if module is None:
        done = processes.run(processes.marbre, words, words=words)
    else:
        done = processes.run(processes.module, module[0], words=[*module[1:], *words])
    told = f"{done.args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert code is None or done.returncode == code, told
    assert code is None or "Traceback" not in done.stderr, told
    return done


@pytest.fixture
def marbre(sites: Path, tmp_path: Path) -> Marbre:
    """Return a function that runs a `marbre` command on the newspaper and an archive of this test's own."""

    def run(command: str, *arguments: str | Path, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        return run_marbre("--sites", sites, command, *arguments, "--archive", tmp_path / "archive", code=code)

    return run
