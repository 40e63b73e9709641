"""What to try when a search finds nothing: which of its words are to blame."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from sqlite_utils import Database

from archive.search import finding
from archive.search.compiling import compiled
from archive.search.hits import of_site, sites
from archive.search.syntax import FIELDS, Query, Term, parse, terms

_MOST = 1_000  # more than that is "many"


def advice(db: Database, text: str, site: str | None = None) -> str:
    """Return a sentence or two to a person whose search found nothing."""
    query = of_site(parse(text), site)
    known = sites(db)
    if not known:
        return "the archive holds no article yet: marbre crawl"
    words = list(terms(query))
    return _misspelt_field(words) or _rare(db, words, known) or _filters(db, query, words, known) or _apart(words)


def _count(db: Database, query: Query, known: list[str]) -> int:
    return finding.count(db, compiled(query, known), _MOST)


def _misspelt_field(words: list[Term]) -> str | None:
    for term in words:
        name = term.text.split(":")[0].lower()
        near = get_close_matches(name, FIELDS, 1) if ":" in term.text else []
        if near:
            return f"{name}: is no filter; did you mean {near[0]}:?"
    return None


def _rare(db: Database, words: list[Term], known: list[str]) -> str | None:
    """Name the words that are nowhere, and what begins like them."""
    missing = [term for term in words if not _count(db, Query(((term,),)), known)]
    if not missing:
        return None
    said = f"no article has {' or '.join(repr(term.text) for term in missing[:5])}"
    for term in missing[:5]:
        start = term.words[: max(4, len(term.words) - 3)]
        if start.isalpha() and start != term.words and _count(db, Query(((Term(start, start, begins=True),),)), known):
            return f"{said}; try {start}*"
    return f"{said}; try another spelling, or fewer words"


def _filters(db: Database, query: Query, words: list[Term], known: list[str]) -> str | None:
    """Say how many there are without filters, days and exclusions."""
    bare = replace(query, groups=tuple((term,) for term in words), excluded=(), after=None, before=None)
    if not words or bare == query or not (number := _count(db, bare, known)):
        return None
    many = f"{number:,} or more" if number == _MOST else f"{number:,}"
    return f"the words alone find {many}: leave out a filter, a day or a -word"


def _apart(words: list[Term]) -> str:
    if len(words) > 1:
        return f"each word is in some article, but not all in one; try fewer, or OR: {words[0].text} OR {words[1].text}"
    return "try other words, or fewer filters; how to search: marbre search --help"
