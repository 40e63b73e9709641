"""Taking up what a killed crawl left: its torn WARC file, captures without rows, a queue that nobody works off."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from archive import captures, imports, warc
from archive.extraction import EXTRACTOR
from archive.frontier import Frontier
from archive.ingest import Ingest
from archive.models import Capture
from archive.store import Store
from archive.urls import canonicalise

DOCUMENT = "urn:marbre:crawl:"


def recover(store: Store, ingest: Ingest) -> list[str]:
    """Finish every crawl that was killed; returns their ids. Crawls that are running are left alone.

    Its records are kept up to the last whole one, its captures get their rows and are read; URLs it had not
    finished are settled as skipped ("interrupted"), for the site's next crawl to take up.
    """
    with _only_one(store.directory / "recovery.lock"):
        for path in warc.open_files(store.warc):
            _close(store, path)
        begun = store.unended()  # before looking for their files: one that begins now must not be taken for dead
        alive = [path.name for path in warc.open_files(store.warc)]
        dead = [(crawl, site) for crawl, site in begun if not any(f"-{crawl}." in name for name in alive)]
        for crawl, site in dead:
            _finish(store, ingest, crawl, site)
        return [crawl for crawl, _ in dead]


def load(store: Store, path: Path) -> None:
    """Add the rows of every record of one WARC file; what is there already stays."""
    found: list[Capture] = []
    for record in warc.index(path):
        if isinstance(record, warc.CrawlInfo):
            _begin(store, record)
        elif isinstance(record, Capture):
            if not found:
                # The file's first record, which says so, may be damaged; the crawl's own summary corrects this row.
                store.begin_crawl(record.crawl, record.crawl.rpartition("-")[0], record.timestamp, {})
            found.append(record)
        elif record.about.startswith(imports.DOCUMENT):
            imports.restore(store, record.body)
        elif record.about.startswith(DOCUMENT):
            store.add_captures(found)
            found.clear()
            store.restore_crawl(record.body)
        if len(found) >= 500:
            store.add_captures(found)
            found.clear()
    store.add_captures(found)


def _begin(store: Store, info: warc.CrawlInfo) -> None:
    if "import" not in info.fields:  # the log of an import names its crawls itself, one a site
        store.begin_crawl(info.crawl, info.fields["site"], info.timestamp, _versions(info))


def settle_capture(frontier: Frontier, capture: Capture, outcome: str, reason: str | None, detail: str | None) -> None:
    """Write into the frontier what became of the URL that a page capture was fetched for.

    An article from the REST API is noted as such ("rest"): its page is still to come.
    """
    if capture.kind == "resource" and capture.source is None and outcome in ("new", "changed", "unchanged"):
        reason, detail = "rest", "archived from the REST API, without its page"
    if capture.links:
        frontier.settle([canonicalise(capture.links[0].url)], outcome, reason, detail=detail, capture=capture.id)


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
        outcome, result = ingest.save(capture, site, ingest.submit(capture))
        settle_capture(frontier, capture, outcome, getattr(result, "reason", None), getattr(result, "detail", None))
    frontier.settle_rest("skipped", "interrupted", "the crawl was killed before it came to this URL")
    end(store, crawl, site, "interrupted")


def end(store: Store, crawl: str, site: str, reason: str) -> None:
    """End a crawl that has no open WARC file: its summary in a file of its own, then its row."""
    last = store.db.execute("SELECT max(timestamp) FROM captures WHERE crawl = ?", [crawl]).fetchone()[0]
    ended = datetime.fromisoformat(last) if last else None
    counts = Frontier(store.db, crawl).counts()
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
