"""Processes of their own, forked from one that has loaded everything: a command is run in a tenth of a second.

The real start of the program, with its imports and its warnings, is what tests/test_cli.py looks at; that of the
processes that read pages, which here are forked as well and one in number unless `--workers` says otherwise,
tests/test_pool.py and tests/test_cli.py.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tests.warm_crawler", "tests.warm_reader", __name__])
SECONDS = 110


def run(function: Callable[..., Any], *arguments: Any, words: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Call a function of a module, with `words` as what was typed; returns its exit code and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        said = [Path(folder) / name for name in ("stdout", "stderr")]
        surroundings = (said, dict(os.environ), str(Path.cwd()), list(words))
        process = FORKED.Process(target=_call, args=(surroundings, function, arguments))
        process.start()
        process.join(SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(words), SECONDS, *(path.read_bytes() for path in said))
        texts = [path.read_text("utf-8") for path in said]
        return subprocess.CompletedProcess(list(words), process.exitcode or 0, *texts)


def marbre(words: Sequence[str]) -> None:
    """Run the command line, as `python -W error -m crawler` does."""
    from crawler.cli import main

    main(list(words), prog_name="marbre")


def module(name: str) -> None:
    """Run a module as `python -W error -m` does."""
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _call(
    surroundings: tuple[list[Path], Mapping[str, str], str, list[str]],
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
) -> None:
    said, environment, folder, words = surroundings
    for number, path in enumerate(said, 1):
        with path.open("wb") as file:
            os.dup2(file.fileno(), number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["marbre", *words]
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115 - for as long as the process lives
    warnings.simplefilter("error")
    _fork_readers()
    function(*arguments)


def _fork_readers() -> None:
    """Have `KillablePool` of this process fork its workers: each would take a second of a processor to load itself."""
    from archive import pool

    # This process is a child of the fork server, and knows where it is; it would start one of its own all the same.
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]
    pool._Worker._start = _forked  # type: ignore[assignment,method-assign]
    pool.os.cpu_count = lambda: 1  # type: ignore[attr-defined]


class _Reader:
    """A forked process with the manners of `subprocess.Popen`."""

    def __init__(self, process: Any) -> None:
        self.process = process
        self.pid = process.pid

    def kill(self) -> None:
        self.process.kill()

    def wait(self) -> int | None:
        self.process.join()
        code: int | None = self.process.exitcode
        return code


def _forked(worker: Any) -> Any:
    ours, theirs = FORKED.Pipe()
    process = FORKED.Process(target=_read, args=(theirs, worker.memory), daemon=True)
    process.start()
    theirs.close()
    worker._process, worker._pipe, worker._calls = _Reader(process), ours, 0
    assert ours.poll(60)
    ours.recv()
    return ours


def _read(pipe: Any, memory: int) -> None:
    from archive.pool import work

    os.setpgid(0, 0)  # as the real ones: Ctrl-C is the parent's to handle
    work(pipe, memory)
