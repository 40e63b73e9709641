"""Other articles that a page announces: the headings and lines that are links to them, and what stands below each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from urllib.parse import urlsplit

from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Markup, absolute, content

HEADINGS = ("h1", "h2", "h3", "h4")
_ROWS = ("li", "dt", "dd", "td")
_LINES = (*HEADINGS, *_ROWS, "p")
PARAGRAPH = 100  # characters outside of links that make a paragraph
_MOST_LINES = 3_000  # of a page that are looked at
_MOST_IN_LINE = 400  # characters; a cell or an item with more is a part of the page, not a line
_LEAD = 400  # characters below a linked heading that may be the other article's beginning
_HEADLINE_WORDS = 4  # a line with fewer is a menu's; of a heading two will do
_HEADING_WORDS = 2
_ENTRY = re.compile(r"(?:^|\s)h-?entry(?:\s|$)")
# Parts beside the main column, by their names' first or last word; "has-sidebar" is a wrapper of everything.
_BESIDE = re.compile(
    r"(?:^|\s)(?:menu|nav|navbar|navigation|breadcrumbs?|sidebar|widget|footer|comments?|related|recommend\w*|popular"
    r"|trending|share|social|pagination|pager)(?:[-_\s]|$)|[-_](?:menu|nav|navigation)(?:\s|$)",
    re.IGNORECASE,
)
# Each character counts where words are written without spaces.
WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+")


@dataclass(slots=True)
class Survey:
    """What announces other pages of the site, and what does not.

    `headings` and `rows` count the headlines of other articles, `links` the rows that are a link of any length;
    `prose` the paragraphs besides, `words` theirs. `leads` are the lines of headings and of what stands below them,
    `listed` the rows.
    """

    headings: int = 0
    rows: int = 0
    links: int = 0
    prose: int = 0
    words: int = 0
    leads: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)

    @property
    def teasers(self) -> int:
        return self.headings + self.rows

    @property
    def is_mostly_own(self) -> bool:
        """Whether the paragraphs besides have more words than all that is announced."""
        return self.words > sum(map(count_words, chain(self.leads, self.listed)))


def words_in(text: str, *lines: Iterable[str]) -> int:
    """How many words of a text stand in these lines, whose words alone may be in others, too."""
    found = ((count_words(line), text.count(line)) for line in dict.fromkeys(chain(*lines)) if line in text)
    return sum(words * (times if words >= _HEADLINE_WORDS else 1) for words, times in found)


def count_words(text: str | None) -> int:
    return len(WORD.findall(text or ""))


class Surveyor:
    """Looks at one page's main column; `own` are the addresses that are its own."""

    def __init__(self, markup: Markup, own: Iterable[str | None]) -> None:
        self.markup = markup
        self.own = {_place(address) for address in own if address}
        self.host = _place(markup.base)[0]

    def survey(self) -> Survey:
        """Walk the page's lines once, in order."""
        found, seen = Survey(), self._beside()
        own_text: set[Element] = set()
        for entry in self.entries():
            lines = list(entry.iter(*_LINES))
            if self.announces(entry):
                self._add_entry(lines, found, seen)
            else:
                own_text.update(lines)
        lead = 0
        for line in islice(self.markup.root.iter(*_LINES), _MOST_LINES):
            if line not in seen:
                lead = self._read(line, found, lead, own=line in own_text)
                seen.update(line.iter(*_LINES) if line.tag in _ROWS and lead < 0 else ())
                lead = max(lead, 0)
        return found

    def entries(self) -> list[Element]:
        """Innermost `<article>` and microformat entries, each the place of one article or of its announcement."""
        marked = [*self.markup.articles, *self.markup.with_class(_ENTRY)]
        around = {ancestor for entry in marked for ancestor in entry.iterancestors()}
        return [entry for entry in dict.fromkeys(marked) if entry not in around]

    def announces(self, entry: Element) -> bool:
        """Whether an entry begins with a heading that leads to another page, where its article is."""
        for line in entry.iter(*HEADINGS, "p"):
            if line.tag != "p":
                return self.leads_elsewhere(_link(line))
            if len(content(line) or "") >= PARAGRAPH:
                return False
        return False

    def is_away(self, heading: Element) -> bool:
        """Whether a heading is a link to any page but this one."""
        link = _link(heading)
        target = absolute(self.markup.base, link.get("href")) if link is not None else None
        return target is not None and _place(target) not in self.own

    def leads_elsewhere(self, link: Element | None) -> bool:
        """Whether a link leads to another page of this site that is not its front page."""
        return link is not None and self.is_elsewhere(link.get("href"))

    def is_elsewhere(self, address: str | None) -> bool:
        target = absolute(self.markup.base, address)
        if target is None:
            return False
        host, path, query = _place(target)
        same = any((host, path) == place[:2] and (query == place[2] or not (query and place[2])) for place in self.own)
        return host == self.host and not same and (path != "" or query != "")

    def _beside(self) -> set[Element]:
        named = (e for e in self.markup.with_class(_BESIDE) if e.tag not in {"html", "body", "main", "article"})
        parts = [*self.markup.root.iter("nav", "aside", "footer", "header"), *named]
        inside = ("article", "main", "section", "li")
        return {
            line
            for part in parts
            if not (part.tag in {"header", "footer"} and next(part.iterancestors(*inside), None) is not None)
            for line in part.iter(*_LINES)
        }

    @staticmethod
    def _add_entry(lines: list[Element], found: Survey, seen: set[Element]) -> None:
        if seen.issuperset(lines):
            return
        found.headings += 1
        found.leads += filter(None, map(content, lines))
        seen.update(lines)

    def _read(self, line: Element, found: Survey, lead: int, *, own: bool) -> int:
        """Add one line; returns how much of what follows may belong to it, -1 for a row that is one teaser."""
        if line.tag == "p":
            return self._read_paragraph(line, found, lead)
        if line.tag in _ROWS:
            return self._read_row(line, found, lead)
        link = _link(line)
        if own or link is None or not self.leads_elsewhere(link) or count_words(content(line)) < _HEADING_WORDS:
            return 0
        found.headings += 1
        found.leads.append(content(line) or "")
        return _LEAD

    @staticmethod
    def _read_paragraph(line: Element, found: Survey, lead: int) -> int:
        text = content(line) or ""
        if text and len(text) <= lead:
            found.leads.append(text)
            return lead - len(text)
        linked = sum(len(content(link) or "") for link in line.iter("a"))
        if len(text) - linked >= PARAGRAPH:
            found.prose += 1
            found.words += count_words(text)
        return 0

    def _read_row(self, line: Element, found: Survey, lead: int) -> int:
        """Add an item or a cell that is mostly one link; only long ones within the site announce an article."""
        link = next(line.iter("a"), None)
        text = _short_content(line) if link is not None else None
        said = count_words(content(link)) if text else 0
        if link is None or not text or 2 * said < count_words(text):
            return lead
        elsewhere = self.leads_elsewhere(link)
        found.links += elsewhere
        found.rows += elsewhere and said >= _HEADLINE_WORDS
        found.listed.append(text)
        return -1


def surveyor(evidence: Evidence) -> Surveyor:
    markup = evidence.markup
    stated = [absolute(markup.base, meta.value) for meta in markup.every_meta("og:url")]
    return Surveyor(markup, [evidence.page.url, markup.link("canonical"), *stated])


def _short_content(line: Element) -> str | None:
    if next(islice(line.iter("li", "td", "p", "dt"), 2, None), None) is not None:
        return None
    text = content(line)
    return text if text and len(text) <= _MOST_IN_LINE else None


def _link(heading: Element) -> Element | None:
    """The link within a heading, or around it."""
    inside = next(heading.iter("a"), None)
    return inside if inside is not None else next(islice(_links_around(heading), 1), None)


def _links_around(heading: Element) -> Iterator[Element]:
    return (ancestor for ancestor in islice(heading.iterancestors(), 3) if ancestor.tag == "a")


def _place(address: str) -> tuple[str, str, str]:
    """Host, path and query, as far as they tell pages apart."""
    parts = urlsplit(address)
    path = re.sub(r"/index\.\w{2,5}$", "/", parts.path).rstrip("/")
    return (parts.hostname or "").removeprefix("www."), path, parts.query
