"""What is to be forgotten: an article with all its addresses, and everything that was captured of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from archive import forgotten, rows, urls
from archive.errors import ArchiveError, InvalidQuery
from archive.models import Capture

digest = lru_cache(maxsize=200_000)(forgotten.digest)  # the same addresses are named by every list of a site
_CHUNK = 400  # values in one SQL statement


@dataclass(frozen=True, slots=True)
class Subject:
    """One article: its id and site, all its URLs, the digests of these, and its words, for finding copies of them.

    `texts` are its titles, standfirsts and texts of all versions; none if its page was never an article.
    """

    article: str
    site: str
    urls: tuple[str, ...]
    digests: frozenset[str]
    title: str | None = None
    texts: tuple[str, ...] = ()
    versions: int = 0


@dataclass(slots=True)
class Found:
    """What goes with some articles: captures (id: capture) and whose each is (id: article)."""

    subjects: list[Subject]
    captures: dict[str, Capture] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def add(self, subject: Subject, captures: Iterable[Capture]) -> bool:
        """Add captures; tells whether one was new."""
        before = len(self.captures)
        for capture in captures:
            if capture.id not in self.captures:
                self.captures[capture.id] = capture
                self.owners[capture.id] = subject.article
        return len(self.captures) > before


def subject_of(db: Database, article: str | None, url: str | None) -> Subject:
    """Return what is known by an article's id, or else by a URL whose page was captured, or that was forgotten before.

    Raises ArchiveError if nothing is known of it.
    """
    if article is not None:
        return _article(db, article)
    assert url is not None, "a URL, or the article that it leads to"
    before = forgotten.by_url(db, url)
    row = db.execute(
        "SELECT site FROM captures JOIN crawls ON crawls.id = crawl WHERE urlkey = ?"
        " UNION ALL SELECT site FROM frontier JOIN crawls ON crawls.id = crawl WHERE url = ? LIMIT 1",
        [urls.urlkey(url), urls.canonicalise(url)],
    ).fetchone()
    if before is None and row is None:
        raise ArchiveError(f"{url}: nothing is archived of it, and no crawl has heard of it")
    known = [one for (one,) in db.execute(_DIGESTS, [before.article])] if before else []
    own = digest(url)
    assert own is not None, "its key could be made"
    identifier = before.article if before else urls.article_id(urls.canonicalise(url))
    return Subject(identifier, before.site if before else row[0], (url,), frozenset((*known, own)))


def forgotten_subject(db: Database, known: forgotten.Forgotten) -> Subject:
    """Return what is left to know an article by that was forgotten: the digests of its addresses."""
    digests = [one for (one,) in db.execute(_DIGESTS, [known.article])]
    return Subject(known.article, known.site, (), frozenset(digests))


def captures_of(db: Database, subjects: Sequence[Subject]) -> Found:
    """Return all captures of some articles: their pages, redirects to these, further pages, posts, built pages.

    Raises ArchiveError if the record of another article rests on one of them.
    """
    found = Found(list(subjects))
    for subject, capture in _come_again(db, [subject for subject in subjects if not subject.urls]):
        found.add(subject, [capture])
    for subject in subjects:
        found.add(subject, _shown(db, subject))
        found.add(subject, _asked(db, subject))
        while found.add(subject, _leaning(db, found, subject)):
            pass
    return found


def _article(db: Database, article: str) -> Subject:
    row = next(db.query("SELECT site, title FROM articles WHERE id = ?", [article]), None)
    if row is None:
        raise InvalidQuery(f"there is no article {article}")
    known = list(db.query(_KNOWN, {"article": article}))
    addresses = {each[name] for each in known for name in ("canonical_url", "shortlink", "url") if each[name]}
    addresses |= {each["first"] for each in known if each["first"] and not each["shared"]}
    digests = {found for url in addresses if (found := digest(url))}
    others = {forgotten.key_digest(key) for (key,) in db.execute(_OTHERS, {"article": article})}
    words = [text for each in db.query(_WORDS, {"article": article}) for text in each.values() if text]
    versions = db.execute("SELECT count(*) FROM versions WHERE article = ?", [article]).fetchone()[0]
    return Subject(
        article,
        row["site"],
        tuple(sorted(addresses)),
        frozenset(digests - others),
        row["title"],
        tuple(words),
        versions,
    )


def _shown(db: Database, subject: Subject) -> Iterator[Capture]:
    """The captures that show the article."""
    sql = "SELECT captures.* FROM extractions AS e JOIN captures ON captures.id = capture WHERE e.article = ?"
    return map(rows.capture_of, db.query(sql, [subject.article]))


def _asked(db: Database, subject: Subject) -> Iterator[Capture]:
    """The captures of its addresses that show no other article: redirects, its end, what could not be read; its parts.

    Told apart by the digest of the address: a key of a capture index differs from view to view.
    """
    keys = list({key for url in subject.urls if (key := _key(url))})
    addresses = list({urls.address_key(url) for url in subject.urls if _key(url)})
    places = {"keys": json.dumps(keys), "urls": json.dumps(subject.urls), "addresses": json.dumps(addresses)}
    for row in db.query(_OF_ADDRESSES, places):
        asked = json.loads(row["links"])[:1]
        named = {digest(row["url"]), *(digest(link["url"]) for link in asked), *(digest(row["found_on"] or ""),)}
        if named & subject.digests:
            yield rows.capture_of({name: value for name, value in row.items() if name != "found_on"})


def _leaning(db: Database, found: Found, subject: Subject) -> Iterator[Capture]:
    """What was made of these captures, and what they were made of where that shows nothing else."""
    own = [identifier for identifier, owner in found.owners.items() if owner == subject.article]
    sources = [found.captures[one].refers_to for one in own if found.captures[one].kind == "resource"]
    for chunk in _chunks(own):
        for row in db.query(_RESTING, {"ids": json.dumps(chunk)}):
            shows = row.pop("article")
            if shows not in (None, subject.article) and shows not in {each.article for each in found.subjects}:
                raise ArchiveError(
                    f"{row['url']}, article {shows}, rests on a record of {subject.article}, which has its text;"
                    f" forget both, if they are one: marbre forget {subject.article} {shows}"
                )
            yield rows.capture_of(row)
    for chunk in _chunks([source for source in sources if source]):
        sql = "SELECT * FROM captures WHERE role = 'page-source' AND id IN (SELECT value FROM json_each(?))"
        yield from map(rows.capture_of, db.query(sql, [json.dumps(chunk)]))


def site_captures(db: Database, site: str) -> Iterator[Capture]:
    """Yield everything that was captured of a site."""
    sql = "SELECT captures.* FROM captures JOIN crawls ON crawls.id = crawl WHERE site = ?"
    return map(rows.capture_of, db.query(sql, [site]))


def discovered(db: Database, subjects: Sequence[Subject]) -> set[str]:
    """Return the ids of those of which a crawl has heard: rows of the frontier name an address."""
    articles = {one: subject.article for subject in subjects for one in subject.digests}
    sites = json.dumps(sorted({subject.site for subject in subjects}))
    sql = "SELECT DISTINCT url FROM frontier JOIN crawls ON crawls.id = crawl"
    sql += " WHERE site IN (SELECT value FROM json_each(?))"
    return {articles[one] for (url,) in db.execute(sql, [sites]) if (one := digest(url) or "") in articles}


def _come_again(db: Database, subjects: Sequence[Subject]) -> Iterator[tuple[Subject, Capture]]:
    """The captures of articles of which no address is known any more, by the digests of their own."""
    owners = {one: subject for subject in subjects for one in subject.digests}
    by_site = {subject.site: subject for subject in subjects}
    for site, first in by_site.items():
        for row in db.query(_COME, [site]):
            capture, reason = rows.capture_of({k: v for k, v in row.items() if k != "reason"}), row["reason"]
            named = [capture.url, *(link.url for link in capture.links[:1])]
            named += [link.found_on for link in capture.links[:1] if capture.role == "part"]
            owner = next((owners[one] for url in named if (one := digest(url) or "") in owners), None)
            if owner or reason == forgotten.REASON:
                yield owner or first, capture


def _key(url: str) -> str | None:
    with suppress(ValueError):
        return urls.urlkey(url)
    return None


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[begin : begin + _CHUNK] for begin in range(0, len(values), _CHUNK))


_DIGESTS = "SELECT digest FROM forgotten_addresses WHERE article = ?"
# `first` is what was asked for; an address that has led to other articles, too, is not this one's.
_KNOWN = """
    SELECT e.canonical_url, e.shortlink, c.url, c.links ->> '$[0].url' AS first, EXISTS (
        SELECT 1 FROM extractions AS o WHERE o.asked = e.asked AND o.article IS NOT NULL AND o.article != e.article
    ) AS shared
    FROM extractions AS e JOIN captures AS c ON c.id = e.capture WHERE e.article = :article"""
_OTHERS = """
    SELECT o.address FROM extractions AS e JOIN extractions AS o ON o.address IN (e.asked, e.answered, e.address)
    WHERE e.article = :article AND o.article IS NOT NULL AND o.article != e.article"""
_WORDS = """
    SELECT title, text, NULL AS description FROM versions WHERE article = :article
    UNION ALL SELECT title, text, description FROM articles WHERE id = :article"""
_OF_ADDRESSES = """
    SELECT captures.*, CASE role WHEN 'part' THEN captures.links ->> '$[0].found_on' END AS found_on FROM captures
    WHERE role IN ('page', 'part', 'page-source') AND id NOT IN (
        SELECT capture FROM extractions WHERE capture = captures.id AND article IS NOT NULL)
    AND id IN (
        SELECT id FROM captures WHERE urlkey IN (SELECT value FROM json_each(:keys))
        UNION SELECT id FROM captures WHERE role = 'part'
            AND links ->> '$[0].found_on' IN (SELECT value FROM json_each(:urls))
        UNION SELECT capture FROM extractions WHERE asked IN (SELECT value FROM json_each(:addresses))
        UNION SELECT f.capture FROM frontier AS f WHERE f.url IN (SELECT value FROM json_each(:urls)))"""
_COME = """
    SELECT captures.*, e.reason FROM captures JOIN crawls ON crawls.id = crawl
    LEFT JOIN extractions AS e ON e.capture = captures.id
    WHERE site = ? AND role IN ('page', 'part', 'page-source') AND e.article IS NULL"""
_RESTING = """
    SELECT captures.*, e.article FROM captures LEFT JOIN extractions AS e ON e.capture = captures.id
    WHERE refers_to IN (SELECT value FROM json_each(:ids))"""
