"""`marbre backup`: a second archive, whole at any moment, of one that may be being written to.

The database is copied first, as it is at one moment; the WARC files, which are only ever added to, after it. So every
row has its record. Records newer than the copy of the database get their rows from the WARC files, as after a kill.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from archive import recovery
from archive.database import FILE, DatabaseError, in_use, make_directory, open_as_it_is, open_for_writing
from archive.database import copy as copy_database
from archive.errors import ArchiveError
from archive.exchange import files
from archive.forgetting import redo
from archive.store import Store
from archive.warc.foreign import COPIES

_NEW = f"{FILE}.new"
_BEGUN = {"archive.lock", "warc", _NEW, f"{_NEW}.part", f"{_NEW}.part-journal"}  # what a backup that was killed leaves
_CRAWL = re.compile(r"-\d{14}-\d{5}-(.+?)\.warc\.gz")
Progress = Callable[[str], None]


@dataclass(slots=True)
class Result:
    """What a backup did: files copied and their bytes, files that were there already, files outside the archive."""

    copied: int = 0
    size: int = 0
    kept: int = 0
    elsewhere: list[str] = field(default_factory=list)


def backup(directory: Path, target: Path, *, link: bool = False, progress: Progress = lambda _: None) -> Result:
    """Make `target` a copy of an archive, or bring the copy that it is up to date: only what is new is copied.

    A crawl may be writing; in the copy it is one that was interrupted. `link` gives WARC files on the same disk a
    second name there instead of copying them. `progress` is called with each file's name. It can be killed at any
    time, and the next one goes on. Raises NotAnArchive if there is none, ArchiveError if `target` is no place for one.
    """
    _check(directory, target)
    open_as_it_is(directory).close()
    make_directory(target)
    with in_use(directory), in_use(target, alone=True):
        source = open_as_it_is(directory)
        copy_database(source, target / _NEW)
        result = Result(elsewhere=_elsewhere(directory, source.execute("SELECT DISTINCT filename FROM captures")))
        source.close()
        changed = list(_copy_files(directory / "warc", target / "warc", result, link=link, progress=progress))
        _swap(target)
        _add_rows(target, changed)
    return result


def _check(directory: Path, target: Path) -> None:
    here, there = directory.resolve(), target.resolve()
    if there.is_relative_to(here) or here.is_relative_to(there):
        raise ArchiveError(f"{target}: a backup must lie outside the archive, and the archive outside of it")
    if redo.pending(directory):
        raise ArchiveError(f"{directory}: a forgetting was cut short; finish it first: marbre forget --resume")
    if target.exists() and not target.is_dir():
        raise ArchiveError(f"{target}: not a folder")
    foreign = set(files.names(target / "warc")) - set(files.names(directory / "warc"))
    if foreign:
        raise ArchiveError(
            f"{target}: not a backup of {directory}: it holds {min(foreign)}, which that does not; name another folder,"
            " or put the two into one with `marbre merge`"
        )
    held = {path.name for path in target.iterdir()} if target.exists() else set()
    if FILE not in held and held - _BEGUN:
        raise ArchiveError(f"{target}: neither empty nor a backup; name another folder")


def _elsewhere(directory: Path, named: Iterator[tuple[str]]) -> list[str]:
    inside = (directory / "warc").absolute()
    return sorted(name for (name,) in named if Path(name).is_absolute() and not Path(name).is_relative_to(inside))


def _copy_files(source: Path, target: Path, result: Result, *, link: bool, progress: Progress) -> Iterator[Path]:
    """Copy what is not there, or was not whole; yields the archive's own files of these."""
    target.mkdir(exist_ok=True)
    for name in files.names(source):
        progress(name)
        here, there = source / name, target / name
        if here.exists() and there.exists() and _is_kept(here, there):
            result.kept += 1
            continue
        files.copy(here, there, link=link)
        result.copied += 1
        result.size += there.stat().st_size
        if not name.startswith(f"{COPIES}/"):
            yield there
    files.sync(target)


def _is_kept(here: Path, there: Path) -> bool:
    """Size and time tell: a file that was closed changes only if something in it is forgotten, and its time with it."""
    one, other = here.stat(), there.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _swap(target: Path) -> None:
    """Put the new database in the old one's place, whose write-ahead log must not outlive it."""
    old = target / FILE
    if old.with_name(f"{FILE}-wal").exists():
        with suppress(DatabaseError):  # it is damaged: all the better that another takes its place
            open_for_writing(target).close()
    for suffix in ("-wal", "-shm"):
        old.with_name(old.name + suffix).unlink(missing_ok=True)
    (target / _NEW).replace(old)
    files.sync(target)


def _add_rows(target: Path, changed: list[Path]) -> None:
    """Give records that are newer than the copied database their rows; they are read with the next extraction."""
    with Store(target) as store:
        settled = {crawl for (crawl,) in store.db.execute(_SETTLED)}
        recovery.load_all(store, [path for path in changed if not _is_in(store, path, settled)])
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_SETTLED = """
    SELECT id FROM crawls WHERE reason IS NOT NULL
    UNION SELECT 'import-' || id FROM imports WHERE finished IS NOT NULL"""


def _is_in(store: Store, path: Path, settled: set[str]) -> bool:
    """Whether the database has all that a file holds: its crawl had ended, and no capture is behind the last row's."""
    named = _CRAWL.search(path.name)
    if named is None or named[1] not in settled:
        return False
    (known,) = store.db.execute("SELECT max(offset + length) FROM captures WHERE filename = ?", [path.name]).fetchone()
    return not any(kind in ("response", "revisit", "resource") for kind, _ in files.ends(path, known or 0))
