"""Feeds, sitemaps, API answers, home pages and lists that name an article, or hold words of it."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urljoin

from sqlite_utils import Database

from archive import rows
from archive.errors import DamagedRecord
from archive.forgetting.subjects import Subject, digest
from archive.models import Capture
from archive.warc import read_page

_PASSAGE = 7  # words on end; fewer are found in texts that have nothing to do with each other
_SHORTEST_TITLE = 4  # words: "Weather" is no article's own
_COMMON = 3  # other texts that have a passage, too: what a publisher prints below each article is none's own
_NEIGHBOURS = 100  # articles before, and as many behind
_MOST_SUBJECTS = 20  # whose neighbours are looked at; those of one are those of the next
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrtbf/\"\\]))")
_LOCATED = re.compile(r"https?://[^\s\"'<>\\()\[\]]+")
_REFERRED = re.compile(r"""href\s*=\s*["']?(/[^\s"'<>]*)""", re.IGNORECASE)

# Of pages those that are no articles: lists of these, taken for one. What shows another article is that one's.
# And redirects: after it was forgotten a new address can have led to it.
_LISTS = """
    SELECT captures.* FROM captures JOIN crawls ON crawls.id = crawl
    LEFT JOIN extractions AS e ON e.capture = captures.id
    WHERE site = ? AND kind != 'revisit' AND ((status BETWEEN 300 AND 399 AND status != 304)
    OR (status BETWEEN 200 AND 299 AND (role IN ('source', 'subresource', 'page-source')
        OR (role = 'page' AND e.outcome = 'rejected'))))
    ORDER BY captures.timestamp"""


class Matcher:
    """Tells whether a body names one of some articles, or holds words of it."""

    def __init__(self, subjects: Sequence[Subject], others: Iterable[str] = ()) -> None:
        self.passages: dict[int, str] = {}
        self.titles: dict[str, str] = {}
        self.digests: dict[str, str] = {}
        for subject in subjects:
            self.digests |= dict.fromkeys(subject.digests, subject.article)
            for text in subject.texts:
                words = _words(text)
                self.passages |= dict.fromkeys(_passages(words), subject.article)
            if subject.title and len(words := _words(subject.title)) >= _SHORTEST_TITLE:
                self.titles[f" {' '.join(words)} "] = subject.article
        held = Counter(passage for text in others for passage in set(_passages(_words(text))) & self.passages.keys())
        for passage, count in held.items():
            if count >= _COMMON:
                del self.passages[passage]

    def article(self, url: str, body: bytes) -> str | None:
        """Return the id of the article that a body, which `url` gave, tells of; None if it tells of none."""
        text = _plain(body)
        for address in _addresses(url, text):
            if (one := digest(address)) and one in self.digests:
                return self.digests[one]
        words = _words(_TAG.sub(" ", text))
        for passage in _passages(words):
            if passage in self.passages:
                return self.passages[passage]
        spaced = f" {' '.join(words)} "
        return next((article for title, article in self.titles.items() if title in spaced), None)


def lists_of(
    db: Database, folder: Path, subjects: Sequence[Subject], progress: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[str, Capture]]:
    """Yield (article, capture) of each list of the subjects' sites that names one of them; a page that shows one, too.

    A record that cannot be read is passed over: it holds nothing that can be read.
    """
    matcher = Matcher(subjects, _neighbours(db, subjects))
    for site in sorted({subject.site for subject in subjects}):
        for row in db.query(_LISTS, [site]):
            capture = rows.capture_of(row)
            progress(capture.url)
            try:
                page = read_page(folder, capture)
            except DamagedRecord:
                continue
            to = "".join(urljoin(page.url, value) for name, value in page.headers if name.lower() == "location")
            if article := matcher.article(page.url, page.body + b"\n" + to.encode()):
                yield article, capture


def _neighbours(db: Database, subjects: Sequence[Subject]) -> Iterator[str]:
    """The texts of other articles of about the same time."""
    own = {subject.article for subject in subjects}
    for subject in [each for each in subjects if each.texts][:_MOST_SUBJECTS]:
        published = db.execute("SELECT published FROM articles WHERE id = ?", [subject.article]).fetchone()
        for sign, order in (("<=", "DESC"), (">=", "ASC")):
            sql = f"SELECT id, text FROM articles WHERE site = ? AND published {sign} ?"
            sql += f" ORDER BY published {order} LIMIT ?"
            found = db.execute(sql, [subject.site, published and published[0], _NEIGHBOURS])
            yield from (text for article, text in found if article not in own)


def _plain(body: bytes) -> str:
    """A body as text: UTF-8, JSON's escapes and, twice as feeds have them, HTML's undone."""
    text = body.decode("utf-8", "replace")
    return html.unescape(html.unescape(_ESCAPED.sub(_unescaped, text)))


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return match[2] if match[2] in '/"\\' else " "


def _addresses(url: str, text: str) -> Iterator[str]:
    seen = set()
    for found in (*_LOCATED.findall(text), *(urljoin(url, path) for path in _REFERRED.findall(text))):
        if found not in seen:
            seen.add(found)
            yield found


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _passages(words: Sequence[str]) -> Iterator[int]:
    return (hash(tuple(words[start : start + _PASSAGE])) for start in range(len(words) - _PASSAGE + 1))
