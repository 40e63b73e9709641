"""Forgetting: find out what goes, say so, do it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from archive import forgotten, query
from archive.errors import ArchiveError
from archive.forgetting import copies, documents, lists, redo, subjects
from archive.forgetting.subjects import Found, Subject
from archive.models import Capture
from archive.store import Store

Progress = Callable[[str], None]
LONGEST_REASON = 500  # characters
AGAIN = "forgotten before, and come again"


@dataclass(slots=True)
class Plan:
    """What a forgetting takes out: the articles, their captures, the lists that tell of them, and what stays.

    `same` are other articles (id, URL) with the very same text; `elsewhere` the files that are not the archive's own,
    and how many captures of these articles lie in each: they are not touched.
    """

    found: Found
    lists: list[Capture] = field(default_factory=list)
    same: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: dict[str, int] = field(default_factory=dict)
    copies: list[Path] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)

    @property
    def subjects(self) -> list[Subject]:
        return self.found.subjects

    @property
    def size(self) -> int:
        """Bytes of the records that are taken out."""
        return sum(capture.length for capture in self.found.captures.values() if copies.is_touched(capture.filename))


def of_addresses(store: Store, addresses: Iterable[str], progress: Progress = lambda _: None) -> Plan:
    """Return what forgetting articles, given by id or URL, takes out. Raises ArchiveError if one is not known."""
    found: dict[str, Subject] = {}
    for address in addresses:
        article = _find(store, address)
        subject = subjects.subject_of(store.db, article, None if article else address)
        found[subject.article] = subject
    return _plan(store, list(found.values()), progress)


def of_site(store: Store, site: str, progress: Progress = lambda _: None) -> Plan:
    """Return what forgetting a site takes out: its articles, and all else that was captured of it.

    Raises ArchiveError if there is no such site in the archive.
    """
    db = store.db
    if db.execute("SELECT 1 FROM crawls WHERE site = ? LIMIT 1", [site]).fetchone() is None:
        raise ArchiveError(f"{store.directory}: no site {site!r} in this archive")
    articles = [article for (article,) in db.execute("SELECT id FROM articles WHERE site = ?", [site]).fetchall()]
    whole = Subject(f"site:{site}", site, (), frozenset())
    plan = Plan(Found([whole, *(subjects.subject_of(db, article, None) for article in articles)]), sites=[site])
    plan.found.add(whole, subjects.site_captures(db, site))
    shown = "SELECT e.capture, article FROM extractions AS e JOIN articles ON articles.id = article WHERE site = ?"
    plan.found.owners |= dict(db.execute(shown, [site]).fetchall())
    progress(site)
    return _told(store, plan)


def again(store: Store, progress: Progress = lambda _: None) -> Plan | None:
    """Return what has come since of articles that were forgotten: by a merge, a feed, a page that moved; or None."""
    known = [subjects.forgotten_subject(store.db, one) for one in forgotten.every(store.db)]
    plan = _plan(store, known, progress)
    came = subjects.discovered(store.db, known) | set(plan.found.owners.values())
    plan.found.subjects = [subject for subject in known if subject.article in came]
    return plan if plan.subjects else None


def carry_out(store: Store, plan: Plan, reason: str, progress: Progress = lambda _: None) -> bool:
    """Do what a plan says; returns False if the last of it must wait until nobody reads (`marbre forget --resume`).

    It can be killed at any time: before the journal is written nothing has happened, after it the next run does the
    rest. Raises ArchiveError, before anything is changed, for a reason that is none or too long.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise ArchiveError(f"a reason is needed, of {LONGEST_REASON} characters at most; got {len(reason)}")
    redo.write(store.directory, _journal(store, plan, reason, progress))
    journal = redo.pending(store.directory)
    assert journal is not None, "it was written just now"
    redo.change_files(store.warc, journal)
    redo.change_rows(store, journal)
    progress("writing the database anew")
    return redo.finish(store)


def is_done(store: Store) -> bool:
    """Whether no forgetting is left to be finished."""
    return redo.pending(store.directory) is None


def _find(store: Store, address: str) -> str | None:
    with query.Archive(store.directory) as archive:
        return archive.find(address)


def _plan(store: Store, found: Sequence[Subject], progress: Progress) -> Plan:
    plan = Plan(subjects.captures_of(store.db, found))
    for article, capture in lists.lists_of(store.db, store.warc, found, progress):
        owner = next(subject for subject in found if subject.article == article)
        if plan.found.add(owner, [capture]):
            plan.lists.append(capture)
    return _told(store, plan)


def _told(store: Store, plan: Plan) -> Plan:
    """Add what a person must know before saying yes."""
    own = {subject.article for subject in plan.subjects}
    for article in own:
        plan.same += [each for each in store.db.execute(_SAME, [article, article]) if each[0] not in own]
    for capture in plan.found.captures.values():
        if not copies.is_touched(capture.filename):
            plan.elsewhere[capture.filename] = plan.elsewhere.get(capture.filename, 0) + 1
    plan.copies = redo.copies(store.directory)
    return plan


def _journal(store: Store, plan: Plan, reason: str, progress: Progress) -> redo.Journal:
    digests = {one for subject in plan.subjects for one in subject.digests}
    gone = documents.Gone(plan.found.captures.keys(), digests, frozenset(plan.sites))
    journal = redo.Journal(
        run=secrets.token_hex(6),
        at=datetime.now(UTC),
        reason=reason,
        articles=[redo.Part(one.article, one.site, sorted(one.digests)) for one in plan.subjects],
        records=plan.found.owners,
        sites=plan.sites,
    )
    first = plan.subjects[0].article
    for path in documents.files_of(store.db, store.warc, {subject.site for subject in plan.subjects}):
        progress(path.name)
        changes = documents.changes(store.db, path, gone)
        journal.spans.extend((span, plan.found.owners.get(record, first)) for span, record in changes.spans)
        journal.members.extend(
            (path.name, offset, base64.b64encode(member).decode()) for offset, member in changes.members
        )
        journal.links.extend(changes.links)
        journal.moved.extend(changes.moved)
    for span, record in copies.spans(store.warc, gone):
        journal.spans.append((span, plan.found.owners.get(record, first)))
    return journal


_SAME = """
    SELECT DISTINCT o.id, o.canonical_url FROM articles AS a JOIN articles AS o ON o.text_digest = a.text_digest
    WHERE a.id = ? AND o.id != ?"""
