"""The pool's workers can hang, crash or eat memory: only their own call suffers."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator

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


def test_workers_are_replaced(pool: KillablePool) -> None:
    assert len({pool.submit(os.getpid).result() for _ in range(14)}) > 2
