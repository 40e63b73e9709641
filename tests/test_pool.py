"""The pool's workers can hang, crash or eat memory: only their own call suffers."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.errors import ExtractionFailed
from archive.pool import KillablePool


def double(number: int) -> int:
    return 2 * number


def hang() -> None:
    time.sleep(3600)


def crash() -> None:
    ctypes.string_at(0)


def eat() -> int:
    return len(b"x" * (3 << 30))


def killed_once(mark: str) -> str:
    """Die as of the kernel's hand for want of memory, but not when asked again."""
    path = Path(mark)
    if path.exists():
        return "read"
    path.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    return "unreachable"


def killed_each_time(mark: str) -> None:
    with Path(mark).open("a") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


def broken() -> None:
    raise ValueError("a bug")


@pytest.fixture
def pool() -> Iterator[KillablePool]:
    with KillablePool(2, seconds=2, recycle=3) as opened:
        yield opened


def test_answers_in_any_number(pool: KillablePool) -> None:
    assert [future.result() for future in [pool.submit(double, n) for n in range(20)]] == [2 * n for n in range(20)]


@pytest.mark.parametrize(("call", "reason"), [(hang, "timeout"), (crash, "crash"), (eat, "memory")])
def test_a_bad_call_ends_alone(pool: KillablePool, call: object, reason: str) -> None:
    bad = pool.submit(call)  # type: ignore[arg-type]
    good = [pool.submit(double, n) for n in range(4)]
    with pytest.raises(ExtractionFailed, match=reason):
        bad.result()
    assert [future.result() for future in good] == [0, 2, 4, 6]


def test_our_own_bug_is_raised(pool: KillablePool) -> None:
    with pytest.raises(ValueError, match="a bug"):
        pool.submit(broken).result()


def test_a_call_whose_worker_was_killed_is_made_once_more(pool: KillablePool, tmp_path: Path) -> None:
    assert pool.submit(killed_once, str(tmp_path / "once")).result() == "read"
    with pytest.raises(ExtractionFailed, match="crash"):
        pool.submit(killed_each_time, str(tmp_path / "always")).result()
    assert (tmp_path / "always").read_text() == "xx"
    assert pool.submit(double, 2).result() == 4


def test_workers_are_replaced(pool: KillablePool) -> None:
    assert len({pool.submit(os.getpid).result() for _ in range(14)}) > 2


HANGING = """
import time
from archive.pool import KillablePool
pool = KillablePool(2, seconds=600)
for _ in range(2):
    pool.submit(time.sleep, 600)
while len(pids := [t._args[0]._process.pid for t in pool._threads if t._args[0]._pipe]) < 2:
    time.sleep(0.05)
print(*pids, flush=True)
time.sleep(600)
"""


def test_workers_that_hang_die_with_a_killed_parent() -> None:

    with subprocess.Popen([sys.executable, "-c", HANGING], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(workers) == 2
        parent.kill()
    until = time.monotonic() + 10
    while time.monotonic() < until and any(Path(f"/proc/{pid}").exists() for pid in workers):
        time.sleep(0.02)
    assert [pid for pid in workers if Path(f"/proc/{pid}/cmdline").exists()] == []
