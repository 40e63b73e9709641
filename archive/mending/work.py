"""What a repair knows while it works, and what it tells afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from archive.damaged import Damaged
from archive.models import Capture
from archive.store import Store

KEPT = "damaged"  # folder in the archive for what was cut off or stood in the way


class Step(NamedTuple):
    """One thing that was off: where and what, what was done about it, and what is left to do (None: nothing)."""

    where: str
    what: str
    done: str | None
    left: str | None = None


@dataclass
class Work:
    """One repair of an archive; in a dry run `store` is None and nothing is written.

    `paths` are our WARC files by the names they have or will have; `lost` what cannot be mended, by file and offset.
    """

    directory: Path
    db: Database
    store: Store | None = None
    progress: Callable[[str], None] = lambda _: None
    noticed: datetime = field(default_factory=lambda: datetime.now(UTC))
    paths: dict[str, Path] = field(default_factory=dict)
    patched: set[tuple[str, int]] = field(default_factory=set)
    lost: dict[tuple[str, int], Damaged] = field(default_factory=dict)
    found: dict[str, Capture] = field(default_factory=dict)  # records in another file than their rows say
    unread: set[str] = field(default_factory=set)  # captures to be read once more

    @property
    def folder(self) -> Path:
        return self.directory / "warc"

    def own_files(self) -> Iterator[tuple[str, Path]]:
        """Yield name and path of each WARC file of ours that is finished, and tell of it."""
        for name, path in sorted(self.paths.items()):
            self.progress(name)
            yield name, path
