"""Every witness of when an article was published or changed, in the order in which they are believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from urllib.parse import urlsplit

from htmldate import find_date

from archive.reading import dateline, dates, jsonld, printed, zones
from archive.reading.choice import Claim
from archive.reading.dates import Moment
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, select

_METAS = {
    False: (
        "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
        "cxenseparse:recs:publishtime", "article.published", "publish-date", "publish_date", "publication_date",
        "pubdate",
        "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date",
        "dcsext.articlefirstpublished", "og:published_time",
        "citation_publication_date", "citation_date", "article_date_original", "originalpublicationdate",
        "datecreated", "date",
    ),
    True: (
        "article:modified_time", "og:article:modified_time", "datemodified", "og:updated_time", "dcterms.modified",
        "dc.date.modified", "last-modified", "lastmod", "article:updated_time",
    ),
}  # fmt: skip
ADDRESS, NEAR = "address", "printed near headline"
FOR_PEOPLE = frozenset({"time", "microdata", "microformat", NEAR})  # what they say without a zone is local time
_KEYS = {False: "datePublished", True: "dateModified"}
_MARKED = select("//@itemprop[starts-with(., 'date')]/parent::*[not(self::meta)]")  # twice as quick as from the element
_DATA = select("//*[@data-timestamp or @data-date or @data-published or @data-datetime or @data-publish-date]")
_ATTRIBUTES = (
    "datetime",
    "content",
    "data-datetime",
    "data-timestamp",
    "data-date",
    "data-published",
    "data-time",
    "title",
)
_UPDATED = {"updated", "modified", "last-updated", "entry-modified", "dt-updated", "date-modified", "modified-date"}
_ABBREVIATED = re.compile(r"(?:^|\s)(?:published|dt-published|updated|dt-updated)(?:\s|$)")
_CLASSED = re.compile(
    r"(?:^|[\s_-])(?:published|pub-?date|publish(?:ed)?-?(?:date|time|on)?|post(?:ed)?-?(?:on|date|time)|entry-?(?:date|time)"
    r"|article-?(?:date|time)|news-?(?:date|time)|date|datum|fecha|tarih|time-?stamp|dateline|wp-block-post-date)(?:$|[\s_-])",
    re.IGNORECASE,
)
_IN_PATH = re.compile(
    r"/(?P<year>(?:19|20)\d\d)(?P<mark>[/-]?)(?P<month>0?[1-9]|1[0-2])(?P=mark)(?P<day>0?[1-9]|[12]\d|3[01])(?=/|$|(?<=\d-\d\d)-|(?<=\d{8})[_-])"
)
_IN_PATH_TURNED = re.compile(
    r"/(?P<day>0[1-9]|[12]\d|3[01])(?P<mark>-)(?P<month>0[1-9]|1[0-2])-(?P<year>20\d\d)(?=[/_-]|$)"
)
_STATE = re.compile(
    r"""\b(?:datePublished|date_published|publishedAt|published_at|publishDate|publish_date|publishedDate|publicationDate"""
    r"""|pubDate|firstPublished|firstPublishedAt|firstPublicationDate|published_time|publishTime)(?:\\?["'])?\s{0,5}:\s{0,5}\\?["']?"""
    r"""(?P<value>[0-9][0-9T:.+Z /-]{7,35})""",
)
_MOST_SCRIPT = 2_000_000  # characters of scripts searched
_MOST_ELEMENTS = 200
_MOST_GUESSED = 1_500_000  # bytes of a page in which htmldate looks for what looks like a date
_MOST_CLASSED = 12
_BESIDE, _BESIDE_LINKED = 45, 25  # letters beside a date that name authors and sections; more are prose, or a headline
_MOST_THOROUGH = 12  # lines given to dateparser

Claims = Iterator[Claim[Moment]]


def by_machines(evidence: Evidence, *, updated: bool) -> Claims:
    """What the publishing system wrote: its API, JSON-LD, meta tags, the page's node, feed and sitemap, microdata."""
    key, field = _KEYS[updated], "modified" if updated else "published"
    yield from _linked(evidence, field, "rest")
    yield from _nodes([evidence.article], evidence, key, "json-ld")
    for statement in evidence.markup.every_meta(*_METAS[updated]):
        yield from _claim(statement.value, statement.source)
    yield from _nodes(evidence.graph.of_type("WebPage"), evidence, key, "json-ld WebPage")
    yield from _linked(evidence, field, "feed", "news-sitemap", *(("sitemap",) if updated else ()))
    if not updated:
        yield from _nodes([evidence.article], evidence, "dateCreated", "json-ld dateCreated")


class PrintedDates:
    """The dates printed on a page, found when first asked for; near the headline before elsewhere."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.headline = dateline.headline_element(evidence)
        self.around = frozenset(self.headline.iterancestors()) if self.headline is not None else frozenset()
        self.manner = zones.manner(evidence)

    def in_elements(self, *, updated: bool) -> Claims:
        """Microdata, microformats and `<time>`."""
        for element in islice(_dated(self.evidence), _MOST_ELEMENTS):
            if is_update(element) is updated and not dateline.is_elsewhere(element, self.around):
                yield from self.of_element(element, _kind(element))

    def near_headline(self, *, updated: bool, thorough: bool = False) -> Claims:
        if self.headline is None:
            return
        asked = 0
        for line in dateline.lines(self.headline):
            if not printed.may_hold_date(line.text, thorough=thorough):
                continue
            asked += 1
            if asked > _MOST_THOROUGH and thorough:
                return
            for found in printed.read(line.text, self.manner, thorough=thorough):
                if found.updated is updated and found.beside <= (_BESIDE_LINKED if line.linked else _BESIDE):
                    yield Claim(Moment(found.at, found.raw), NEAR)

    def of_element(self, element: Element, source: str) -> Claims:
        """What an element says for machines, else the first date it prints."""
        stamped = [found for name in _ATTRIBUTES for found in _claim(element.get(name), source)]
        seen = [] if stamped else printed.read(dateline.short(element) or "", self.manner)
        yield from (stamped or [Claim(Moment(found.at, found.raw), source) for found in seen])[:1]

    def called_so(self, *, updated: bool) -> Claims:
        """Dates in elements that a script fills, or of a class such as date or posted-on, wherever they stand."""
        markup = self.evidence.markup
        for element in islice(chain(_DATA(markup.root), markup.with_class(_CLASSED)), _MOST_CLASSED):
            if dateline.is_elsewhere(element, self.around):
                continue
            stamped = [found for name in _ATTRIBUTES for found in _claim(element.get(name), "printed date")]
            text = dateline.short(element) or ""
            marked = is_update(element)
            if stamped and marked is updated:
                yield stamped[0]
            for seen in printed.read(text, self.manner):
                if (seen.updated or marked) is updated:
                    yield Claim(Moment(seen.at, seen.raw), "printed date")


def by_hand(evidence: Evidence, dates_of: PrintedDates) -> Claims:
    """Elements that a selector written for the site finds."""
    for element in evidence.known.by_hand("date", evidence.markup.root):
        yield from dates_of.of_element(element, "selector by hand")


def _dated(evidence: Evidence) -> Iterator[Element]:
    """Microdata, microformats (`<abbr class="published" title="...">`) and `<time>`."""
    yield from _MARKED(evidence.markup.root)
    yield from (e for e in evidence.markup.with_class(_ABBREVIATED) if e.tag == "abbr")
    yield from evidence.markup.times


def _kind(element: Element) -> str:
    if element.get("itemprop"):
        return "microdata"
    return "time" if element.tag == "time" else "microformat"


def is_update(element: Element) -> bool:
    classes = set((element.get("class") or "").lower().split())
    if "published" in classes or element.get("pubdate") is not None:  # WordPress: one element for both at first
        return False
    return bool(classes & _UPDATED) or (element.get("itemprop") or "").lower() == "datemodified"


def in_address(evidence: Evidence) -> Claims:
    """/2025/03/17/ or /20250317/ in the path: many systems build addresses from the day of publication."""
    path = urlsplit(evidence.page.url).path
    for match in islice(chain(_IN_PATH.finditer(path), _IN_PATH_TURNED.finditer(path)), 1):
        if len(match["mark"]) == 0 and len(match["month"] + match["day"]) != 4:
            continue
        try:
            at = datetime(int(match["year"]), int(match["month"]), int(match["day"]))  # noqa: DTZ001 - no zone here
        except ValueError:
            continue
        yield Claim(Moment(at, match[0].strip("/")), ADDRESS)


def in_state(evidence: Evidence) -> Claims:
    """A script's data, if it holds one value only: with several, the others are of other articles."""
    left, found = _MOST_SCRIPT, set()
    for script in evidence.markup.root.iter("script"):
        text = (script.text or "")[:left]
        left -= len(text)
        found |= {match["value"].strip() for match in _STATE.finditer(text)}
    if len(found) == 1:
        yield from _claim(found.pop(), "script data")


def guessed(evidence: Evidence) -> Claims:
    """Ask htmldate; limited by the capture's date, since its own limit is today and would change rows."""
    if len(evidence.page.body) > _MOST_GUESSED:
        return
    latest = evidence.page.captured_at.astimezone(UTC) + timedelta(days=1)
    guess = find_date(
        evidence.markup.root, original_date=True, url=evidence.page.url, max_date=latest.replace(tzinfo=None)
    )
    if guess is not None:
        yield Claim(Moment(datetime.fromisoformat(guess), guess), "htmldate")


def _linked(evidence: Evidence, name: str, *ways: str) -> Claims:
    for link in evidence.links(*ways):
        moment = getattr(link, name)
        if moment is not None:
            yield Claim(Moment(moment, moment.isoformat()), link.via)


def _nodes(nodes: Iterable[jsonld.Node], evidence: Evidence, key: str, source: str) -> Claims:
    for node in nodes:
        for value in evidence.graph.each(node.get(key)):
            yield from _claim(jsonld.string(value), source)


def _claim(raw: str | None, source: str) -> Claims:
    at = dates.parse(raw) if raw else None
    if raw and at:
        yield Claim(Moment(at, raw), source)
