"""Taking up what a killed crawl left: its torn WARC file, captures without rows, a queue that nobody works off."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import captures, damaged, forgotten, imports, profiles, warc
from archive.extraction import EXTRACTOR
from archive.forgetting import redo
from archive.frontier import Frontier
from archive.ingest import Ingest
from archive.models import Article, Capture, Failure, Rejection
from archive.reading import barriers
from archive.rights import applying
from archive.store import Store
from archive.urls import canonicalise

DOCUMENT = "urn:marbre:crawl:"
NO_CRAWL = {
    "import",
    "profile",
    "forgotten",
    "repair",
    applying.FIELD,
}  # what the first record of files has that are not a crawl's


def recover(store: Store, ingest: Ingest) -> list[str]:
    """Finish every crawl that was killed; returns their ids. Crawls that are running are left alone.

    Its records are kept up to the last whole one, its captures get their rows and are read; URLs it had not
    finished are settled as skipped ("interrupted"), for the site's next crawl to take up.
    """
    with _only_one(store.directory / "recovery.lock"):
        for path in warc.open_files(store.warc):
            _close(store, path)
        redo.resume(store)  # before its rows are added anew
        begun = store.unended()  # before looking for their files: one that begins now must not be taken for dead
        alive = [path.name for path in warc.open_files(store.warc)]
        dead = [(crawl, site) for crawl, site in begun if not any(f"-{crawl}." in name for name in alive)]
        for crawl, site in dead:
            _finish(store, ingest, crawl, site)
        return [crawl for crawl, _ in dead]


def load_all(store: Store, paths: Iterable[Path], progress: Callable[[str], None] = lambda _: None) -> None:
    """Add the rows of every record of WARC files, in whatever order they come; `progress` is told each one's name."""
    unfinished = []
    for path in paths:
        if not load(store, path):
            unfinished.append(path)
        progress(path.name)
    for path in unfinished:
        load(store, path)


def load(store: Store, path: Path) -> bool:
    """Add the rows of every record of one WARC file; what is there already stays.

    Returns False if a crawl's summary in it names captures of files that are not loaded: it is to be loaded again
    after these. The names of files say to the second in which order they were begun, and no better.
    """
    found: list[Capture] = []
    whole = True
    for record in warc.index(path):
        if isinstance(record, warc.CrawlInfo):
            _begin(store, record)
        elif isinstance(record, Capture):
            if not found:
                # The file's first record, which says so, may be damaged; the crawl's own summary corrects this row.
                store.begin_crawl(record.crawl, record.crawl.rpartition("-")[0], record.timestamp, {})
            found.append(record)
        else:
            store.add_captures(found)
            found.clear()
            whole = _restore(store, record) and whole
        if len(found) >= 500:
            store.add_captures(found)
            found.clear()
    store.add_captures(found)
    return whole


def _restore(store: Store, record: warc.Document) -> bool:
    """Write the rows of a document of ours (an import, a site's profile, a crawl's summary); False as for `load`."""
    if record.about.startswith(imports.DOCUMENT):
        imports.restore(store, record.body)
    elif record.about.startswith(profiles.DOCUMENT):
        profiles.restore(store.db, record.body)
    elif record.about.startswith(applying.DOCUMENT):
        applying.restore(store.db, record.body)
    elif record.about.startswith(damaged.DOCUMENT):
        damaged.restore(store, record.body)
    elif record.about.startswith(forgotten.DOCUMENT):
        forgotten.restore(store.db, record.body)
    elif record.about.startswith(DOCUMENT):
        return store.restore_crawl(record.body)
    return True


def _begin(store: Store, info: warc.CrawlInfo) -> None:
    if info.fields.keys().isdisjoint(NO_CRAWL):  # their records name their crawls, or have none
        store.begin_crawl(info.crawl, info.fields["site"], info.timestamp, _versions(info))


def settle_capture(frontier: Frontier, capture: Capture, outcome: str, result: Article | Rejection | Failure) -> str:
    """Write into the frontier what became of the URL that a page capture was fetched for; returns the outcome.

    A page that stands in the way of one is no answer: it counts as failed, and the next crawl asks again.
    """
    if isinstance(result, Rejection) and result.reason in barriers.UNANSWERED:
        outcome = "failed"
    if capture.links:
        reason, detail = _why(capture, result)
        frontier.settle([canonicalise(capture.links[0].url)], outcome, reason, detail=detail, capture=capture.id)
    return outcome


def _why(capture: Capture, result: Article | Rejection | Failure) -> tuple[str | None, str | None]:
    """Why an article is not archived; for one that is, what is still to come: its page, or one of its pages."""
    if not isinstance(result, Article):
        return result.reason, result.detail
    if capture.kind == "resource" and capture.source is None:
        return "rest", "archived from the REST API, without its page"
    if result.missing_part:
        return "part_missing", f"without its further pages, as one could not be had: {result.missing_part}"
    return None, None


def _close(store: Store, path: Path) -> None:
    try:
        closed, _ = warc.recover(path)
    except BlockingIOError:
        return  # its writer lives
    if closed.exists():
        load(store, closed)


def _finish(store: Store, ingest: Ingest, crawl: str, site: str) -> None:
    for path in sorted(store.warc.glob(f"*-{crawl}.warc.gz")):
        load(store, path)
    if all(crawl != pending for pending, _ in store.unended()):
        return  # its own summary was in the file: only the row had not been written
    frontier = Frontier(store.db, crawl)
    for identifier, _ in store.pending(EXTRACTOR, crawl=crawl):
        capture = captures.by_id(store.db, identifier)
        assert capture is not None, f"pending capture {identifier} has no row"
        outcome, result = ingest.save(capture, site, ingest.submit(capture, site))
        if not _was_cut_off(store, capture, result):  # else it is taken up again with what is left of the frontier
            settle_capture(frontier, capture, outcome, result)
    frontier.settle_rest("skipped", "interrupted", "the crawl was killed before it came to this URL")
    end(store, crawl, site, "interrupted")


def _was_cut_off(store: Store, capture: Capture, result: Article | Rejection | Failure) -> bool:
    """Whether the crawl was killed before it asked for the article's next page."""
    address = result.missing_part if isinstance(result, Article) else None
    return address is not None and not captures.was_asked(store.db, capture.crawl, address)


def end(store: Store, crawl: str, site: str, reason: str) -> None:
    """End a crawl that has no open WARC file: its summary in a file of its own, then its row."""
    last = store.db.execute("SELECT max(timestamp) FROM captures WHERE crawl = ?", [crawl]).fetchone()[0]
    ended = datetime.fromisoformat(last) if last else None
    noted: dict[str, Any] = json.loads(store.db.table("crawls").get(crawl)["counts"] or "{}")
    counts = Frontier(store.db, crawl).counts() | noted
    with warc.WarcWriter(store.warc, "marbre", crawl, {"site": site}) as writer:
        writer.write_metadata(store.crawl_document(crawl, ended, reason, counts), DOCUMENT + crawl)
    store.end_crawl(crawl, ended, reason, counts)


def _versions(record: warc.CrawlInfo) -> dict[str, str]:
    return {name: text for name, text in record.fields.items() if name in ("marbre", "scrapy", "trafilatura", "python")}


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
