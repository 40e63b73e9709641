"""Re-extraction as a job over a whole archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from archive import recovery
from archive.database import in_use, open_for_reading
from archive.extraction import EXTRACTOR
from archive.ingest import Ingest, extraction_pool
from archive.store import Store


def extract_pending(
    directory: Path,
    workers: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    *,
    everything: bool = False,
    site: str | None = None,
    since: datetime | None = None,
) -> Counter[str]:
    """Read what is pending in an archive; returns outcomes and their counts. Raises NotAnArchive if there is none.

    `everything` reads captures again that this extractor has read; `site` and `since` narrow the choice.
    """
    open_for_reading(directory).close()
    with in_use(directory), Store(directory) as store:
        ingest = Ingest(store, extraction_pool(workers))
        recovery.recover(store, ingest)
        counts = ingest.run(store.pending(None if everything else EXTRACTOR, site=site, since=since), progress)
        # Reading a capture anew can make others stale: those whose words its article's row would now have to show.
        while stale := store.stale():
            counts += ingest.run(stale, progress)
        return counts
