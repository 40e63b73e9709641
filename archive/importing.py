"""Importing WARC and WACZ files that others wrote: from their records to captures, and on to articles."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from archive import __version__, captures, forgotten, import_copies, imports, profiles, recovery
from archive.errors import ArchiveError
from archive.frontier import OUTCOMES
from archive.import_evidence import EvidenceReader, Learnt
from archive.import_filters import Filters, media_type
from archive.imports import Counts, Import
from archive.ingest import Ingest
from archive.models import Capture
from archive.store import Store
from archive.urls import registered_domain, urlkey
from archive.warc import Damage, WarcWriter, payload_digest
from archive.warc.foreign import scan
from archive.warc.foreign_records import ForeignRecord, moment_of
from archive.warc.regions import SUFFIXES

BATCH = 500  # captures put on record at once
_RECORDS = 20_000  # records after which the position is put on record even if none of them was wanted
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to import; `site_of` gives the name of the site a URL belongs to, `copy` makes the archive self-contained.

    `again` reads a file from its beginning though it was imported already: what is there stays, what is not is added.
    """

    filters: Filters = field(default_factory=Filters)
    site_of: Callable[[str], str] = lambda url: registered_domain(urlsplit(url).hostname or "")
    copy: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one file: its row, what its captures gave (all runs together), and whether this run did anything."""

    run: Import
    outcomes: Counter[str]
    already: bool = False


@contextmanager
def opened(directory: Path) -> Iterator[Store]:
    """Open an archive to import into. Raises ArchiveError while another import into it runs."""
    with Store(directory) as store, (directory / "import.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(f"{directory}: another import is running; try again when it has ended") from None
        yield store


def files_in(paths: list[Path]) -> list[Path]:
    """Return the files to import, those of folders in order of their names. Raises ArchiveError for an empty folder."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(each for each in path.rglob("*") if each.name.lower().endswith(SUFFIXES) and each.is_file())
        if path.is_dir() and not inside:
            raise ArchiveError(f"{path}: no file in it ends in {', '.join(SUFFIXES)}")
        found += inside if path.is_dir() else [path]
    return list(dict.fromkeys(path.absolute() for path in found))


def count(path: Path, filters: Filters, progress: Progress = lambda _: None) -> Counts:
    """Return what an import of a file would count, but for what the archive already holds; nothing is written."""
    counts, evidence = Counts(), EvidenceReader(filters)
    wanted = bool(filters.languages)
    keep = lambda record: evidence.wants(record) or (wanted and evidence.refuse(record) is None)  # noqa: E731
    for record in scan(path, keep=keep):
        if isinstance(record, Damage):
            counts.damage(record.offset, record.what)
            continue
        counts.records += 1
        if evidence.wants(record):
            evidence.note(record)
        if reason := evidence.refuse(record) or filters.refuse_language(record):
            counts.leave_out(reason)
        else:
            counts.imported += 1
        progress(record.offset + record.length)
    return counts


def begin(store: Store, path: Path, options: Options, source: str | None = None) -> Import:
    """Return the import of a file: as an earlier run left it, else a new one. Copies the file if that is asked for.

    `source` is the URL that a file in `warc/imported/` was downloaded from. A file is known by path, size and date.
    Raises ArchiveError for a file of the archive's own, or one whose name the database cannot hold.
    """
    stat = path.stat()
    origin = source or str(path)
    try:
        name = json.dumps([origin, None if source else [stat.st_size, stat.st_mtime_ns], options.filters.document()])
        identifier = hashlib.sha256(name.encode() + origin.encode()).hexdigest()[:12]
    except UnicodeEncodeError:
        raise ArchiveError(f"{os.fsencode(path)!r}: its name is not UTF-8; rename it") from None
    folder = store.warc.absolute()
    if source is None and path.is_relative_to(folder):
        raise ArchiveError(f"{path}: it is in this archive already")
    run = imports.by_id(store.db, identifier)
    if run and not options.again:
        return run
    filename = str(path.relative_to(folder)) if source else str(path)
    if options.copy and not source:
        filename = run.filename if run else import_copies.copy(store.db, store.warc, path)
    started = run.started if run else datetime.now(UTC)
    return Import(identifier, origin, filename, stat.st_size, started, options.filters.document())


def import_file(
    store: Store, ingest: Ingest, run: Import, options: Options, progress: Progress = lambda _: None
) -> Result:
    """Import a file from where an earlier run stopped, and read its pages; `progress` is told bytes done.

    It can be killed at any time: what was put on record stays, and the next run goes on. Raises Unreadable for a file
    that cannot be imported as it is.
    """
    if run.finished:
        return Result(run, _total(imports.outcomes(store.db, run)), already=True)
    next(scan(store.warc / run.filename), None)  # what cannot be imported at all leaves nothing behind
    info = {"site": "import", "import": run.id, "marbre": __version__}
    with WarcWriter(store.warc, "marbre", f"import-{run.id}", info) as writer:
        _read_unread(ingest, run, (0, run.position), progress)
        _Reader(store, ingest, writer, run, options).read(progress)
        ingest.run(imports.with_parts(store.db, run.filename))
        _finish(store, writer, run)
    return Result(run, _total(imports.outcomes(store.db, run)))


class _Reader:
    """Reads a file record by record, and puts the captures on record batch by batch."""

    def __init__(self, store: Store, ingest: Ingest, writer: WarcWriter, run: Import, options: Options) -> None:
        self.store = store
        self.ingest = ingest
        self.writer = writer
        self.run = run
        self.options = options
        self.evidence = EvidenceReader(options.filters)
        self.batch: dict[str, Capture] = {}
        self.sites: dict[str, str] = {}

    def read(self, progress: Progress) -> None:
        since, evidence = 0, self.evidence
        keep = lambda record: evidence.wants(record) or evidence.refuse(record) is None  # noqa: E731 - a name for it
        for record in scan(self.store.warc / self.run.filename, self.run.position, keep):
            # Never between an answer and its evidence: whoever goes on from here would have to do without.
            if (len(self.batch) >= BATCH or since >= _RECORDS) and not evidence.awaits:
                self._commit(record.offset, progress)
                since = 0
            since += 1
            if isinstance(record, Damage):
                self.run.counts.damage(record.offset, record.what)
            else:
                self._take(record)
                evidence.passed(record)
        self._commit(self.run.size, progress)

    def _take(self, record: ForeignRecord) -> None:
        self.run.counts.records += 1
        if self.evidence.wants(record):
            self.evidence.note(record)
        if learnt := self.evidence.learnt(record):
            self._take_over(record, learnt)
        reason = self.evidence.refuse(record) or self.options.filters.refuse_language(record)
        capture = reason or self._forgotten(record) or self._capture(record)
        if isinstance(capture, str):
            self.run.counts.leave_out(capture)
        elif capture.id in self.batch:
            self.run.counts.leave_out("already in the archive")
        else:
            self.batch[capture.id] = capture

    def _forgotten(self, record: ForeignRecord) -> str | None:
        """Whether a record is of an article that was forgotten: then nothing of it comes in."""
        urls = (record.url, *(link.found_on for link in self.evidence.of(record).links if link.via == "part"))
        return forgotten.REASON if any(forgotten.by_url(self.store.db, url) for url in urls) else None

    def _take_over(self, record: ForeignRecord, learnt: Learnt) -> None:
        with suppress(ValueError):  # an address that is none tells no site
            site, store = self.options.site_of(record.url), self.store
            profiles.take_over(store.db, store.warc, self.run.crawl(site), site, learnt.profile, learnt.adopted)

    def _commit(self, position: int, progress: Progress) -> None:
        known = imports.known(self.store.db, list(self.batch))
        new = [capture for capture in self.batch.values() if capture.id not in known]
        for _ in known:
            self.run.counts.leave_out("already in the archive")
        self.run.counts.imported += len(new)
        before, self.run.position = self.run.position, position
        crawls = {capture.crawl: self.sites[capture.crawl] for capture in new}
        imports.commit(self.store, self.writer, self.run, new, crawls)
        self.batch.clear()
        self.sites.clear()
        _read_unread(self.ingest, self.run, (before, position), progress)

    def _capture(self, record: ForeignRecord) -> Capture | str:
        """Return the capture of a record, or why it cannot be one."""
        original = self._original(record) if record.type == "revisit" else None
        if record.type == "revisit" and original is None:
            return "a revisit of what is not in the archive"
        moment = record.date
        assert moment is not None, "a record without a date is left out"
        site = self.options.site_of(record.url)
        self.sites[self.run.crawl(site)] = site
        status = 200 if record.type == "resource" else record.status or (original.status if original else 0)
        evidence = self.evidence.of(record)
        return Capture(
            id=record.identifier,
            urlkey=urlkey(record.url),
            timestamp=moment,
            url=record.url,
            status=status,
            mime=media_type(record) or (original.mime if original else None),
            digest=original.digest if original else payload_digest(record.payload),
            kind=record.type,
            refers_to=original.id if original else None,
            filename=self.run.filename,
            offset=record.offset,
            length=record.length,
            crawl=self.run.crawl(site),
            role=evidence.role,
            links=evidence.links,
            source=self.run.source,
        )

    def _original(self, record: ForeignRecord) -> Capture | None:
        """Return what a revisit refers to: by record id, else by address and date (WARC 1.1, 6.7)."""
        identifier = record.headers.get("warc-refers-to", "")
        found = self.batch.get(identifier) or captures.by_id(self.store.db, identifier)
        if found:
            return found if found.kind != "revisit" else None
        url = record.headers.get("warc-refers-to-target-uri", record.url).strip("<>")
        moment = moment_of(record.headers.get("warc-refers-to-date"))
        try:
            key = urlkey(url)
        except ValueError:
            return None
        if moment is None:
            return None
        for capture in self.batch.values():
            same = capture.urlkey == key and capture.timestamp.replace(microsecond=0) == moment.replace(microsecond=0)
            if same and capture.kind != "revisit":
                return capture
        return imports.captured(self.store.db, url, moment)


def _read_unread(ingest: Ingest, run: Import, span: tuple[int, int], progress: Progress) -> None:
    """Read the captures of a file from the span's begin on; progress moves evenly from its begin to its end."""
    begin, end = span
    while pending := imports.unread(ingest.store.db, run.filename, begin, BATCH):
        done = iter(range(1, len(pending) + 1))
        ingest.run(pending, lambda _: progress(begin + (end - begin) * next(done) // len(pending)))  # noqa: B023
        if len(pending) < BATCH:
            break
    progress(end)


def _finish(store: Store, writer: WarcWriter, run: Import) -> None:
    ended = datetime.now(UTC)
    for crawl, outcomes in imports.outcomes(store.db, run).items():
        counts = {"discovered": outcomes.total(), **{name: outcomes[name] for name in OUTCOMES}, "reasons": {}}
        writer.write_metadata(store.crawl_document(crawl, ended, "finished", counts), recovery.DOCUMENT + crawl)
        store.end_crawl(crawl, ended, "finished", counts)
    run.finished = ended
    imports.commit(store, writer, run)


def _total(by_crawl: dict[str, Counter[str]]) -> Counter[str]:
    return sum(by_crawl.values(), Counter())
