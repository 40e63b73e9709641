"""`marbre merge`: another archive's WARC files join this one's; rows and articles are made of them as ever.

Nothing is taken from the other's database, so what comes of it is what a rebuild of all the files would make.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from archive import forgotten, recovery, warc
from archive.database import FILE, in_use, make_directory, open_as_it_is
from archive.errors import ArchiveError, NotAnArchive
from archive.exchange import files
from archive.extraction import EXTRACTOR
from archive.forgetting import doing
from archive.ingest import Ingest
from archive.store import Store
from archive.warc import blanking
from archive.warc.foreign import COPIES

Progress = Callable[[str], None]


@dataclass(slots=True)
class Result:
    """What a merge did: files copied, files that were there already, and what reading the new captures gave.

    `forgotten`: articles that the other archive has and this one has forgotten, or the other way round; taken out.
    """

    copied: int = 0
    kept: int = 0
    forgotten: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


def merge(directory: Path, other: Path, pool: Executor, progress: Progress = lambda _: None) -> Result:
    """Add all that another archive holds to this one, which is made if it is not there; `other` stays as it is.

    Doing it twice changes nothing, and a merge that was killed is taken up by the next. Ids stay what they are, but for
    an article that the other archive has seen earlier under another address. `progress` is called with each file and
    outcome. Raises ArchiveError, before anything is changed, if a crawl of `other` has not ended, or if both hold a
    file of one name and different content.
    """
    _check(directory, other)
    make_directory(directory)
    result = Result()
    theirs = files.names(other / "warc")
    with Store(directory) as store:
        rules = forgotten.every(store.db) or any("-forget-" in name for name in theirs)
    with in_use(directory, alone=bool(rules)), Store(directory) as store:
        for name, here, there in _compared(store.warc, other / "warc"):
            progress(name)
            if there:
                files.copy(here, store.warc / name)
            result.copied += there
            result.kept += not there
        files.sync(store.warc)
        ingest = Ingest(store, pool)
        recovery.recover(store, ingest)
        # Those that were there already, too: the merge that copied them may have been killed.
        ours = [store.warc / name for name in theirs if not name.startswith(f"{COPIES}/")]
        recovery.load_all(store, ours, progress)
        result.outcomes = ingest.run(store.pending(EXTRACTOR), progress)
        while stale := store.stale():
            ingest.run(stale, progress)
        if rules and (come := doing.again(store)):
            doing.carry_out(store, come, doing.AGAIN)
            result.forgotten = len(come.subjects)
    return result


def _check(directory: Path, other: Path) -> None:
    here, there = directory.resolve(), other.resolve()
    if here == there:
        raise ArchiveError(f"{other}: it is the archive itself")
    if not files.names(other / "warc"):
        raise NotAnArchive(f"{other}: no archive here (no WARC files in {other / 'warc'})")
    unended = [path.name for path in warc.open_files(other / "warc")]
    if (other / FILE).exists() and not unended:
        db = open_as_it_is(other)
        unended = [crawl for (crawl,) in db.execute("SELECT id FROM crawls WHERE reason IS NULL")]
        db.close()
    if unended:
        raise ArchiveError(
            f"{other}: {unended[0]} has not ended; if nothing is writing there, `marbre extract --archive {other}`"
            " takes up what was killed"
        )


def _compared(ours: Path, theirs: Path) -> list[tuple[str, Path, bool]]:
    """Return (name, path, whether it is to be copied) of each of the other's files."""
    return [(name, theirs / name, _is_new(ours / name, theirs / name)) for name in files.names(theirs)]


def _is_new(ours: Path, theirs: Path) -> bool:
    """Whether a file is to be copied. A file that is how another begins was copied from it while that was written."""
    if not ours.exists():
        return True
    longer = theirs.stat().st_size > ours.stat().st_size
    if files.is_same(ours, theirs) or files.begins(*((ours, theirs) if longer else (theirs, ours))):
        return longer
    if blanking.differs_only_in_blanks(ours, theirs):
        return False  # what one of both has forgotten; a file of its own says so
    raise ArchiveError(
        f"{theirs.name}: both archives hold a file of this name, and they differ; `marbre verify` tells if one is"
        f" damaged, else give the other a new name in {theirs.parent} and `marbre rebuild` that archive"
    )
