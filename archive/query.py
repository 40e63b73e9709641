"""The read side: the command line, Datasette and library users all ask here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive import rows, urls
from archive.database import open_for_reading
from archive.errors import InvalidQuery
from archive.events import Event, recorded
from archive.forgotten import Forgotten, by_id, by_url
from archive.models import Article, Capture, Link, Page, Version
from archive.search.hits import Hit, search
from archive.search.snippets import END, START
from archive.warc import read_page

__all__ = ["END", "START", "Archive", "Hit", "Reading", "Sighting", "Story"]
_ARTICLE_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One crawl's word on a URL: the ways that named it, and what became of it."""

    crawl: str
    site: str
    started: datetime
    outcome: str
    reason: str | None
    detail: str | None
    capture: str | None
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One capture of a page and what reading it gave; `outcome` is None while it is pending."""

    capture: Capture
    outcome: str | None
    reason: str | None
    detail: str | None
    article: str | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of a URL: `sightings`, `readings`, `events` by time; the article, if any, and why it is one."""

    url: str
    sightings: tuple[Sighting, ...]
    readings: tuple[Reading, ...]
    article: str | None
    accepted_by: str | None = None
    events: tuple[Event, ...] = ()
    forgotten: Forgotten | None = None  # if it was taken out of the archive for good


class Archive:
    """An archive opened for reading.

    >>> archive = Archive(Path("marbre-archive"))  # doctest: +SKIP
    >>> for article in archive.articles():  # doctest: +SKIP
    ...     print(article.published, article.title)

    Raises NotAnArchive if `directory` holds none. It may be open while a crawl writes.
    """

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)
        self.db = open_for_reading(self.directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.db.close()

    def articles(self, site: str | None = None) -> Iterator[Article]:
        """Yield every article as it stands now, by publishing date, oldest first."""
        where = "WHERE site = :site" if site else ""
        for row in self.db.query(f"SELECT * FROM articles {where} ORDER BY published, id", {"site": site}):
            yield rows.article_of(row)

    def get(self, address: str) -> Article | None:
        """Return the article with this id, or that was ever seen under this URL; None if there is none."""
        article = self.find(address)
        row = next(self.db.query("SELECT * FROM articles WHERE id = ?", [article]), None) if article else None
        return rows.article_of(row) if row else None

    def find(self, address: str) -> str | None:
        """Return the id of the article at an id or any URL it was seen under. Raises InvalidQuery if it is neither."""
        if _ARTICLE_ID.fullmatch(address):
            known = self.db.execute("SELECT id FROM articles WHERE id = ?", [address]).fetchone()
            return known[0] if known else None
        url = _canonical(address)
        keys = {"url": url, "urlkey": urls.urlkey(url), "address": urls.address_key(url)}
        for sql in _ADDRESSES:
            row = self.db.execute(sql, keys).fetchone()
            if row:
                return str(row[0])
        return None

    def forgotten(self, address: str) -> Forgotten | None:
        """Return when and why the article at an id or URL was taken out for good; None if it was not."""
        if _ARTICLE_ID.fullmatch(address):
            return by_id(self.db, address)
        return by_url(self.db, _canonical(address))

    def versions(self, address: str) -> list[Version]:
        """Return an article's versions, first seen first; empty if there is no such article."""
        found = self.db.query(
            "SELECT * FROM versions WHERE article = ? ORDER BY first_seen, digest", [self.find(address)]
        )
        return [_version(row) for row in found]

    def events(
        self, site: str | None = None, kind: str | None = None, since: datetime | None = None
    ) -> Iterator[Event]:
        """Yield what happened to articles after they were published, the newest first; kinds: `events.KINDS`.

        Raises InvalidQuery, at once, for a site that the archive does not know.
        """
        self.check_site(site)
        return recorded(self.db, site=site, kind=kind, since=since)

    def check_site(self, site: str | None) -> None:
        """Raise InvalidQuery, with the sites there are, if a site is not in the archive; None is none asked for."""
        known = [name for (name,) in self.db.execute("SELECT DISTINCT site FROM crawls ORDER BY site")]
        if site is not None and site not in known:
            names = ", ".join(known) or "none"
            raise InvalidQuery(f"{self.directory}: no site {site!r} in this archive; it has {names}")

    def search(
        self, query: str, limit: int | None = None, site: str | None = None, sort: str = "rank"
    ) -> Iterator[Hit]:
        """Return an iterator of what a query finds (docs/search.md says how to write one), read as it is asked for.

        The best matches come first, or with `sort` "date" the newest. Raises InvalidQuery, at once, for a query that
        nobody can answer.
        """
        return search(self.db, query, site=site, sort=sort, limit=limit)

    def why(self, url: str) -> Story:
        """Return all that is known of a URL: how it was discovered, when fetched, what became of it."""
        canonical = _canonical(url)
        article = self.find(url)
        key = {"url": canonical, "urlkey": urls.urlkey(canonical), "article": article}
        sightings = self.db.query(
            "SELECT frontier.*, site, started FROM frontier JOIN crawls ON crawls.id = crawl"
            " WHERE url = :url ORDER BY started",
            key,
        )
        readings = self.db.query(
            "SELECT captures.*, outcome, reason, detail, article, e.digest AS version FROM captures"
            " LEFT JOIN extractions AS e ON e.capture = captures.id WHERE role = 'page' AND captures.id IN ("
            " SELECT id FROM captures WHERE urlkey = :urlkey"
            " UNION SELECT capture FROM extractions WHERE article = :article"
            " UNION SELECT capture FROM frontier WHERE url = :url) ORDER BY captures.timestamp",
            key,
        )
        accepted = self.db.execute("SELECT accepted_by FROM articles WHERE id = :article", key).fetchone()
        return Story(
            canonical,
            tuple(map(_sighting, sightings)),
            tuple(map(_reading, readings)),
            article,
            accepted[0] if accepted else None,
            tuple(recorded(self.db, article=article))[::-1] if article else (),
            by_url(self.db, canonical),
        )

    def page(self, address: str) -> Page | None:
        """Return the stored page the article's present fields were read from, out of its WARC file.

        Raises DamagedRecord if the record is not what its digest says.
        """
        row = next(
            self.db.query(
                "SELECT * FROM captures WHERE id = (SELECT capture FROM articles WHERE id = ?)", [self.find(address)]
            ),
            None,
        )
        if row is None:
            return None
        capture = rows.capture_of(row)
        original = next(self.db.query("SELECT * FROM captures WHERE id = ?", [capture.refers_to]), None)
        return read_page(self.directory / "warc", capture, rows.capture_of(original) if original else None)

    def status(self) -> list[dict[str, Any]]:
        """Return one row a site: articles, versions, captures, newest article, the last crawl and its counts."""
        found = self.db.query("""
            SELECT site, count(*) AS crawls, max(started) AS last_crawl,
                (SELECT count(*) FROM articles WHERE site = c.site) AS articles,
                (SELECT coalesce(sum(versions), 0) FROM articles WHERE site = c.site) AS versions,
                (SELECT max(published) FROM articles WHERE site = c.site) AS newest,
                (SELECT count(*) FROM captures WHERE crawl IN (SELECT id FROM crawls WHERE site = c.site)) AS captures
            FROM crawls AS c GROUP BY site ORDER BY site""")
        return [row | {"last": next(iter(self.crawls(row["site"], 1)), None)} for row in found]

    def crawls(self, site: str | None = None, limit: int = -1) -> Iterator[dict[str, Any]]:
        """Yield crawls, newest first, as rows with `counts` and `versions` decoded."""
        for row in self.db.query(
            "SELECT * FROM crawls WHERE :site IS NULL OR site = :site ORDER BY started DESC LIMIT :limit",
            {"site": site, "limit": limit},
        ):
            yield row | {name: json.loads(row[name]) for name in ("counts", "versions")}

    def runs(self, site: str | None = None, limit: int = -1) -> Iterator[dict[str, Any]]:
        """Yield runs and what came of each, newest first: rows of the view `runs`, their JSON decoded."""
        for row in self.db.query(
            "SELECT * FROM runs WHERE :site IS NULL OR site = :site ORDER BY started DESC LIMIT :limit",
            {"site": site, "limit": limit},
        ):
            yield row | {name: json.loads(row[name] or "{}") for name in ("reasons", "sources", "versions")}


# Where an article can be found by a URL, the surest first: as it is known now, as it was ever known, as it was fetched,
# and as it was named before a redirect.
_ADDRESSES = (
    "SELECT id FROM articles WHERE canonical_url = :url",
    "SELECT article FROM extractions WHERE canonical_url = :url AND article IS NOT NULL ORDER BY timestamp DESC",
    "SELECT article FROM extractions WHERE shortlink = :url AND article IS NOT NULL ORDER BY timestamp DESC",
    "SELECT article FROM extractions WHERE address = :address AND article IS NOT NULL ORDER BY timestamp DESC",
    """SELECT article FROM extractions AS e JOIN captures ON captures.id = e.capture
        WHERE urlkey = :urlkey AND article IS NOT NULL ORDER BY e.timestamp DESC""",
    """SELECT article FROM extractions AS e JOIN frontier AS f ON f.capture = e.capture
        WHERE f.url = :url AND article IS NOT NULL ORDER BY e.timestamp DESC""",
)


def _canonical(address: str) -> str:
    try:
        return urls.canonicalise(address)
    except ValueError:
        raise InvalidQuery(f"{address!r} is neither an article id (16 hex digits) nor an http(s) URL") from None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _version(row: dict[str, Any]) -> Version:
    return Version(
        digest=row["digest"],
        first_seen=datetime.fromisoformat(row["first_seen"]),
        last_seen=datetime.fromisoformat(row["last_seen"]),
        title=row["title"],
        text=row["text"],
        published=_moment(row["published"]),
        modified=_moment(row["modified"]),
        capture=row["capture"],
        authors=tuple(rows.names_of(row["authors"])),
        changed=tuple(rows.names_of(row["changed"])),
    )


def _sighting(row: dict[str, Any]) -> Sighting:
    return Sighting(
        crawl=row["crawl"],
        site=row["site"],
        started=datetime.fromisoformat(row["started"]),
        outcome=row["outcome"] or row["state"],
        reason=row["reason"],
        detail=row["detail"],
        capture=row["capture"],
        links=rows.links_of(row["links"]),
    )


def _reading(row: dict[str, Any]) -> Reading:
    said = {name: row.pop(name) for name in ("outcome", "reason", "detail", "article", "version")}
    return Reading(
        capture=rows.capture_of(row),
        outcome=said["outcome"],
        reason=said["reason"],
        detail=said["detail"],
        article=said["article"],
        digest=said["version"],
    )
