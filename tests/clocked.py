"""Runs `marbre` at a chosen moment: its process believes the clock that it is told, and the clock goes on from there.

    clocked.run(clocked.START + timedelta(hours=1), "crawl", "gazette", "--archive", directory, sites=sites)

Every run is a process of its own, forked from one that has loaded everything: a test of several crawls is a matter of
seconds. Articles are read inside it, not in workers: no child of it would have its clock, nor be there so soon.
SQLite's own `now` is the machine's still.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import time_machine

from tests import processes

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def run(
    moment: datetime,
    command: str,
    *arguments: str | Path,
    sites: Path | None = None,
    code: int | None = 0,
    killed: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a command of `marbre` at `moment` (aware) and expect its exit code; None expects any.

    `killed` names a point of tests.crashing and how often it is survived, ("after its row", "3"): it must die there.
    """
    words = [*(("--sites", str(sites)) if sites else ()), command, *map(str, arguments)]
    done = processes.run(_marbre, moment, words, tuple(killed), words=words)
    expected = -9 if killed else code
    told = f"{words} at {moment}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert expected is None or done.returncode == expected, told
    assert expected is None or "Traceback" not in done.stderr, told
    return done


def _marbre(moment: datetime, words: list[str], killed: Sequence[str]) -> None:
    with time_machine.travel(moment, tick=True):
        from archive import ingest

        vars(ingest)["KillablePool"] = lambda _: ThreadPoolExecutor(1)
        if killed:
            from tests.crashing import POINTS

            owner, name, how = POINTS[killed[0]]
            setattr(owner, name, how(getattr(owner, name), int(killed[1])))
        processes.marbre(words)
