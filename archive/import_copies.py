"""Copies of foreign WARC and WACZ files within an archive, byte by byte, under names made of what they hold."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from sqlite_utils import Database

from archive.forgetting.copies import take_out
from archive.warc.foreign import COPIES


def copy(db: Database, warc: Path, path: Path) -> str:
    """Copy a file into the archive, byte by byte, under a name made of what it holds; returns that name.

    What was forgotten is taken out of it before it has that name.
    """
    folder = warc / COPIES
    folder.mkdir(exist_ok=True)
    partial = folder / f"{path.name}.part"
    try:
        shutil.copyfile(path, partial)
    except OSError:
        partial.unlink(missing_ok=True)  # on a full disk it would be in the way of what is to be freed
        raise
    return f"{COPIES}/{adopt(db, partial, path.name).name}"


def adopt(db: Database, partial: Path, name: str) -> Path:
    """Give a copy that is whole the name it keeps, made of what it held and its own name; returns where it is.

    An earlier copy of the same file stays as it is: something may have been taken out of it.
    """
    with partial.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    kept = partial.with_name(f"{digest[:16]}-{name}")
    if kept.exists():
        partial.unlink()
        return kept
    take_out(db, partial, kept.name)
    return partial.rename(kept)
