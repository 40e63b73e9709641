"""When an article was published and last changed, by the best witness, with the publisher's offset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice

from htmldate import find_date

from archive.reading import dates
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, content

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "article.published", "publish-date", "publish_date", "publication_date", "pubdate",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date",
    "dcsext.articlefirstpublished", "og:published_time",
    "citation_publication_date", "citation_date", "article_date_original", "originalpublicationdate",
    "datecreated", "date",
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "og:article:modified_time", "datemodified", "og:updated_time", "dcterms.modified",
    "dc.date.modified", "last-modified", "lastmod", "article:updated_time",
)  # fmt: skip
_UPDATED = {"updated", "modified", "last-updated", "entry-modified", "dt-updated"}
_ABBREVIATED = re.compile(r"(?:^|\s)published(?:\s|$)")
_PRINTED = re.compile(
    r"(?:^|\s)(?:entry-date|posted-on|post-date|wp-block-post-date|published|article-date|date)(?:\s|$)"
)
_SLACK = timedelta(days=1)  # clocks differ, and a date without a zone may be ahead of ours
_LONGEST = 120  # characters of a printed date with its label


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as read, as written, and where; naive only while its zone is being looked for."""

    at: datetime
    raw: str
    source: str


def published(evidence: Evidence) -> Moment | None:
    """REST, JSON-LD, meta tags, feed, news sitemap, `<time>`, the printed date, and where all are silent htmldate.

    The first three and the feed are written by the publishing system to the second; a theme prints what it likes,
    and a `<time>` may belong to another article of the page. htmldate guesses, to the day.
    """
    return _best(_published(evidence), evidence) or _best(_prints(evidence), evidence) or _guessed(evidence)


def modified(evidence: Evidence) -> Moment | None:
    """The same order, with a sitemap's lastmod; never guessed."""
    return _best(_modified(evidence), evidence)


def _published(evidence: Evidence) -> Iterator[Moment]:
    yield from _linked(evidence, "published", "rest")
    yield from _stated(evidence, "datePublished")
    yield from _metas(evidence, _PUBLISHED_METAS)
    yield from _pages(evidence, "datePublished")
    yield from _linked(evidence, "published", "feed", "news-sitemap")
    yield from _microformats(evidence)
    yield from _times(evidence, updated=False)
    yield from _stated(evidence, "dateCreated")


def _modified(evidence: Evidence) -> Iterator[Moment]:
    yield from _linked(evidence, "modified", "rest")
    yield from _stated(evidence, "dateModified")
    yield from _metas(evidence, _MODIFIED_METAS)
    yield from _pages(evidence, "dateModified")
    yield from _times(evidence, updated=True)
    yield from _linked(evidence, "modified", "feed", "news-sitemap", "sitemap")


def _best(claims: Iterable[Moment], evidence: Evidence) -> Moment | None:
    """The first claim; in the words of a later one if that tells the same instant with the publisher's own offset."""
    latest = evidence.page.captured_at + _SLACK
    believed = [claim for claim in claims if dates.aware(claim.at, UTC) <= latest]
    if not believed:
        return None
    first = believed[0]
    if first.at.tzinfo is None:
        return _with_zone(first, believed, evidence)
    return first if dates.offset_of(first.at) else _in_offset(first, believed)


def _in_offset(first: Moment, others: list[Moment]) -> Moment:
    """A UTC stamp at the publisher's offset, where a later claim tells the same minute with one.

    A theme may print no seconds: the first claim's instant stays.
    """
    for other in others:
        zone = other.at.tzinfo
        if zone and dates.offset_of(other.at) and abs(other.at - first.at) < timedelta(minutes=1):
            return other if other.at == first.at else Moment(first.at.astimezone(zone), first.raw, first.source)
    return first


def _with_zone(claim: Moment, others: list[Moment], evidence: Evidence) -> Moment:
    """A date without zone: a zoned claim of the same minute or day says it all, else another date's zone, else UTC."""
    for other in others:
        if other.at.tzinfo and other.at.replace(tzinfo=None, second=0, microsecond=0) == claim.at.replace(
            second=0, microsecond=0
        ):
            return other
        if other.at.tzinfo and not dates.has_time(claim.raw) and other.at.date() == claim.at.date():
            return other
    zone, why = _zone(evidence)
    return Moment(claim.at.replace(tzinfo=zone), claim.raw, f"{claim.source}; {why}")


def _zone(evidence: Evidence) -> tuple[tzinfo, str]:
    """The offset of any other date the page states."""
    for claim in (
        *_stated(evidence, "dateModified"),
        *_metas(evidence, _MODIFIED_METAS),
        *_times(evidence, updated=True),
    ):
        if claim.at.tzinfo and dates.offset_of(claim.at):
            return claim.at.tzinfo, f"zone of {claim.source}"
    return UTC, "UTC assumed"


def _claim(raw: str | None, source: str) -> Iterator[Moment]:
    moment = dates.parse(raw) if raw else None
    if raw and moment:
        yield Moment(moment, raw, source)


def _linked(evidence: Evidence, name: str, *ways: str) -> Iterator[Moment]:
    for link in evidence.links(*ways):
        moment = getattr(link, name)
        if moment is not None:
            yield Moment(moment, moment.isoformat(), link.via)


def _stated(evidence: Evidence, key: str) -> Iterator[Moment]:
    for value in evidence.values(key):
        yield from _claim(value if isinstance(value, str) else None, "json-ld")


def _pages(evidence: Evidence, key: str) -> Iterator[Moment]:
    """The WebPage node's dates: SEO plugins give them to the page where they leave the article out."""
    for node in evidence.graph.of_type("WebPage"):
        value = node.get(key)
        yield from _claim(value if isinstance(value, str) else None, "json-ld WebPage")


def _metas(evidence: Evidence, names: tuple[str, ...]) -> Iterator[Moment]:
    for statement in evidence.markup.every_meta(*names):
        yield from _claim(statement.value, statement.source)


def _times(evidence: Evidence, *, updated: bool) -> Iterator[Moment]:
    for element in sorted(evidence.markup.times, key=_is_outside):
        if _is_update(element) is updated:
            yield from _claim(element.get("datetime") or element.get("content") or content(element), "time")


def _microformats(evidence: Evidence) -> Iterator[Moment]:
    """HAtom's way to write a date for machines: `<abbr class="published" title="2026-03-01T10:00:00+01:00">`."""
    for element in evidence.markup.with_class(_ABBREVIATED):
        if element.tag == "abbr" and next(element.iterancestors("nav", "aside"), None) is None:
            yield from _claim(element.get("title"), "microformat")


def _is_outside(element: Element) -> bool:
    """Whether a date stands outside of article and main part: there it may be today's, or another article's."""
    for ancestor in element.iterancestors("article", "main", "nav", "aside", "footer"):
        return ancestor.tag not in {"article", "main"}
    return True


def _is_update(element: Element) -> bool:
    classes = set((element.get("class") or "").lower().split())
    if "published" in classes:  # WordPress: one element for both while the post was never changed
        return False
    return bool(classes & _UPDATED) or (element.get("itemprop") or "").lower() == "datemodified"


def _prints(evidence: Evidence) -> Iterator[Moment]:
    for element in islice(evidence.markup.with_class(_PRINTED), 10):
        text = content(element)
        if text and len(text) <= _LONGEST:
            yield from _claim(text, "printed date")


def _guessed(evidence: Evidence) -> Moment | None:
    """Ask htmldate; limited by the capture's date, since its own limit is today and would change rows."""
    latest = evidence.page.captured_at.astimezone(UTC) + _SLACK
    guess = find_date(
        evidence.markup.root, original_date=True, url=evidence.page.url, max_date=latest.replace(tzinfo=None)
    )
    if guess is None:
        return None
    return Moment(datetime.fromisoformat(guess).replace(tzinfo=UTC), guess, "htmldate; UTC assumed")
