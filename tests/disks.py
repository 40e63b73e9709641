"""A small disk of a test's own, a tmpfs, that can be filled but for so many bytes; skips where none can be mounted.

with small_disk(tmp_path / "disk", megabytes=8) as disk:
    disk.fill(leaving=100_000)
    ...
    disk.clear()
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import REQUIRED


@dataclass(frozen=True)
class Disk:
    place: Path

    def fill(self, leaving: int) -> None:
        """Take all room but for `leaving` bytes, rounded down to pages."""
        self.clear()
        disk = os.statvfs(self.place)
        with self._ballast.open("wb") as file:
            file.write(bytes(max(0, disk.f_bavail * disk.f_frsize - leaving)))

    def clear(self) -> None:
        self._ballast.unlink(missing_ok=True)

    @property
    def filled(self) -> bool:
        return self._ballast.exists()

    @property
    def _ballast(self) -> Path:
        return self.place / "ballast"


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Disk]:
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        why = done.stderr.strip() if done.returncode else None
    except FileNotFoundError:
        why = "there is no program `mount`"
    if why is not None:
        assert not (REQUIRED and os.geteuid() == 0), why
        pytest.skip(f"a small disk needs the right to mount one: {why}")
    try:
        yield Disk(place)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
