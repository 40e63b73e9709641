"""What cannot be mended is put on record, with what was read of it, and its pages are put up to be fetched again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from archive import __version__, damaged, recovery, urls, warc
from archive.damaged import Damaged
from archive.frontier import LOST, Frontier
from archive.mending.captures import EVIDENCE, known
from archive.mending.work import Step, Work
from archive.models import Capture, Link
from archive.store import Store
from archive.warc import WarcWriter

_VIA = "repair"


def put_on_record(work: Work) -> Iterator[Step]:
    """Note each lost record that is not noted yet; take back what was noted of records that can be read again."""
    healed = known(work)
    if work.store and healed:
        damaged.forget(work.db, healed)
    new = [each for each in work.lost.values() if not damaged.is_known(work.db, each.filename, each.offset)]
    again = {damage.capture.id: site for damage in new if damage.capture and (site := _site_to_ask(work, damage))}
    if work.store and new:
        _write(work, new)
    for damage in new:
        yield _told(work, damage, fetched=damage.capture is not None and damage.capture.id in again)
    if work.store and again:
        _put_up(work, [damage.capture for damage in new if damage.capture and damage.capture.id in again], again)


def _site_to_ask(work: Work, damage: Damaged) -> str | None:
    """Return the site whose next crawl is to fetch a lost page again; None if there is nothing to be had from it."""
    capture = damage.capture
    assert capture is not None
    if capture.role != "page" or capture.source or not 200 <= capture.status < 400 or damage.what == EVIDENCE:
        return None
    newer = work.db.execute(
        "SELECT filename, offset FROM captures WHERE urlkey = ? AND url = ? AND timestamp > ? AND status = 200"
        " AND kind = 'response' AND source IS NULL",
        [capture.urlkey, capture.url, capture.timestamp.isoformat()],
    )
    if any(tuple(place) not in work.lost for place in newer.fetchall()):
        return None
    site = work.db.execute("SELECT site FROM crawls WHERE id = ?", [capture.crawl]).fetchone()
    return site[0] if site else None


def _write(work: Work, new: list[Damaged]) -> None:
    assert work.store is not None
    info = {"repair": __version__}
    with WarcWriter(work.folder, "marbre", f"{damaged.REPAIRS.strip('-')}-{secrets.token_hex(4)}", info) as writer:
        for damage in new:
            document = damaged.document(work.db, damage, work.noticed)
            writer.write_metadata(document, damage.about)
            damaged.restore(work.store, document)
        for crawl in dict.fromkeys(warc.crawl_of(Path(damage.filename)) for damage in new if damage.capture is None):
            _summarise(work.store, writer, crawl)


def _summarise(store: Store, writer: WarcWriter, crawl: str) -> None:
    """Put a crawl's summary on record once more: it may be what was hit."""
    row = next(store.db.query("SELECT * FROM crawls WHERE id = ? AND reason IS NOT NULL", [crawl]), None)
    if row is not None:
        ended = row["ended"] and datetime.fromisoformat(row["ended"])
        summary = store.crawl_document(crawl, ended, row["reason"], json.loads(row["counts"]))
        writer.write_metadata(summary, recovery.DOCUMENT + crawl)


def _told(work: Work, damage: Damaged, *, fetched: bool) -> Step:
    capture = damage.capture
    where = f"{damage.filename}:{damage.offset}"
    if capture is None:
        return Step(where, damage.what, "noted; no capture is lost by it")
    if damage.what == EVIDENCE:
        return Step(where, damage.what, "kept from its row")
    kept = damaged.reading(work.db, capture) is not None
    done = "noted; the article that was read of it stays" if kept else "noted; nothing had been read of it"
    left = "the next crawl of its site fetches it again" if fetched else None
    if not fetched and not kept:
        left = "what was in it is lost, unless a backup has the file: put that in its place and repair again"
    return Step(where, f"{capture.url}: {damage.what}", done, left)


def _put_up(work: Work, lost: list[Capture], sites: dict[str, str]) -> None:
    """End a crawl of each site in which the lost pages failed: what failed, the next one takes up."""
    assert work.store is not None
    for site in sorted(set(sites.values())):
        crawl = f"{site}-{secrets.token_hex(4)}"
        queue = work.store.begin_crawl(crawl, site, work.noticed, {"marbre": __version__})
        for capture in lost:
            if sites[capture.id] == site:
                _fail(queue, capture)
        recovery.end(work.store, crawl, site, "repair")


def _fail(queue: Frontier, capture: Capture) -> None:
    links = capture.links or (Link(capture.url, _VIA, capture.url),)
    url = urls.canonicalise(links[0].url)
    queue.discover([(url, link) for link in links])
    queue.settle([url], "failed", LOST, detail=f"its record {capture.id} is damaged or gone", capture=capture.id)
