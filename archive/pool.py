"""A process pool whose workers can be killed: limits on time and memory hold even when a C library hangs.

`concurrent.futures.ProcessPoolExecutor` breaks as a whole when one worker dies, and cannot stop a running call.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing.connection
import os
import queue
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from archive.errors import ExtractionFailed

_Call = tuple[Callable[..., Any], tuple[Any, ...]]


class KillablePool(Executor):
    """Runs calls in worker processes, each bounded in seconds and in bytes of address space.

    A call that runs out of either, or crashes its worker, ends in ExtractionFailed ("timeout", "memory" or
    "crash"); the others go on. A worker is replaced after `recycle` calls: libxml2 and trafilatura grow.
    """

    def __init__(
        self, workers: int | None = None, *, seconds: float = 20.0, memory: int = 2 << 30, recycle: int = 1000
    ) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._calls: queue.SimpleQueue[tuple[Future[Any], _Call] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, args=(_Worker(seconds, memory, recycle),), daemon=True)
            for _ in range(self.workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Schedule `function(*args)`; both must pickle, the function by its module's name."""
        if kwargs:
            raise TypeError("the pool passes positional arguments only")
        future: Future[Any] = Future()
        self._calls.put((future, (function, args)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with contextlib.suppress(queue.Empty):
            while cancel_futures and (call := self._calls.get_nowait()):
                call[0].cancel()
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def _serve(self, worker: _Worker) -> None:
        """Feed one worker process, call by call, until the pool shuts down."""
        while (item := self._calls.get()) is not None:
            future, call = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(worker.run(call))
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
                future.set_exception(error)
        worker.stop()


class _Worker:
    """One child process and the pipe to it; started at its first call, and again after it was killed."""

    def __init__(self, seconds: float, memory: int, recycle: int) -> None:
        self.seconds, self.memory, self.recycle = seconds, memory, recycle
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: multiprocessing.connection.Connection[Any, Any] | None = None
        self._calls = 0

    def run(self, call: _Call) -> Any:
        """Answer a call; once more if the worker was killed under it: that may have been no fault of the page's."""
        for again in (True, False):
            try:
                return self._run(call)
            except (EOFError, ConnectionError) as error:
                if not (self.stop(kill=True) == -signal.SIGKILL and again):
                    raise ExtractionFailed("crash") from error
        raise AssertionError("unreachable")

    def _run(self, call: _Call) -> Any:
        if self._pipe is not None and self._calls >= self.recycle:
            self.stop()
        pipe = self._pipe or self._start()
        self._calls += 1
        pipe.send(call)
        if not pipe.poll(self.seconds):
            self.stop(kill=True)
            raise ExtractionFailed("timeout")
        good, value = pipe.recv()
        if not good:
            raise value
        return value

    def _start(self) -> multiprocessing.connection.Connection[Any, Any]:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "archive.worker", str(theirs.fileno()), str(self.memory)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is the parent's to handle, also while the worker is starting
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        self._calls = 0
        self._pipe = multiprocessing.connection.Connection(ours.detach())
        # The first call must not pay for the imports out of its own time.
        if not self._pipe.poll(60):
            self.stop(kill=True)
            raise RuntimeError("an extraction worker did not start within 60 s")
        self._pipe.recv()
        return self._pipe

    def stop(self, *, kill: bool = False) -> int | None:
        """End the process; returns its exit code (below zero: the signal that it died of), None if there is none."""
        code = None
        if self._pipe is not None and self._process is not None:
            self._pipe.close()  # the worker sees the end of its pipe and leaves
            if kill:
                self._process.kill()  # does nothing to one that has ended
            code = self._process.wait()
        self._pipe = self._process = None
        return code


def work(pipe: multiprocessing.connection.Connection[Any, Any], memory: int) -> None:
    """Answer calls until the other end goes away, also when the parent was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with contextlib.suppress(EOFError, OSError):
        pipe.send("ready")
        while True:
            function, args = pipe.recv()
            pipe.send(_answer(function, args))


def _die_with_parent() -> None:
    """Have the kernel end this process with its parent (prctl(2), Linux): one that hangs would never see its pipe end.

    Elsewhere a worker lives until its call has an answer.
    """
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _answer(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, function(*args)
    except MemoryError:
        return False, ExtractionFailed("memory")
    except Exception as error:  # noqa: BLE001 - raised again where the answer is awaited
        return False, error
