"""What a person types into a search, read forgivingly: nearly everything means something.

    words "a phrase" begin* -not this OR that site: author: lang: tag: section: title: after: before:

A space means and; OR joins the words beside it and nothing else. Parentheses and AND change nothing. docs/search.md
tells it in full.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archive.errors import InvalidQuery
from archive.search.dates import day_of
from archive.search.folding import asked

FIELDS = {
    "site": "site",
    "author": "author",
    "by": "author",
    "lang": "lang",
    "language": "lang",
    "tag": "tag",
    "section": "section",
    "title": "title",
    "after": "after",
    "since": "after",
    "before": "before",
    "until": "before",
}
MAX_LENGTH = 2_000  # characters
MAX_TERMS = 60
_QUOTES = str.maketrans(dict.fromkeys("“”„«»＂", '"'))
_TERM = re.compile(
    rf"""(?P<sign>-?) (?: (?P<field>{"|".join(FIELDS)}):\s* )?
    (?: "(?P<phrase>[^"]*)"?(?P<star>\*?) | (?P<word>[^\s"()]+) )""",
    re.IGNORECASE | re.VERBOSE,
)
# What French, Italian, Catalan and Occitan write before an apostrophe and mean as a word of its own.
_APOSTROPHES = "'’ʼ‘´`＇"
_ELISION = re.compile(
    r"(?:(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|presqu|un|dell|all|dall|nell|sull|coll|degl|quest|quell"
    rf"|bell|sant|anch|com|dov|tutt)[{_APOSTROPHES}](?=\w)){{1,2}}",
    re.IGNORECASE,
)
_NOTHING = "nothing to search for in {}: give at least one word, such as: marbre search élection"


@dataclass(frozen=True, slots=True)
class Term:
    """One word, phrase or filter; `text` as typed, `words` as the index knows it; `begins`: the last one is a start."""

    text: str
    words: str
    begins: bool = False
    field: str | None = None
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Every group must be met, by any one of its terms; no term of `excluded` may. Days: `after` on, until `before`."""

    groups: tuple[tuple[Term, ...], ...]
    excluded: tuple[Term, ...] = ()
    after: datetime | None = None
    before: datetime | None = None


def parse(text: str) -> Query:
    """Read a query. Raises InvalidQuery, which says what cannot be understood and what to write."""
    if len(text) > MAX_LENGTH:
        raise InvalidQuery(f"the search is {len(text):,} characters long; {MAX_LENGTH:,} at most: give fewer words")
    query, count, joins, negates = Query(()), 0, False, False
    for match in _TERM.finditer(_clean(text)):
        if (operator := _operator(match)) is not None:
            joins, negates = (True, negates) if operator == "OR" else (joins, operator == "NOT")
            continue
        term = _term(match, negated=negates)
        if term is None:
            continue
        query = _with_day(query, term, joins=joins) or _with_term(query, term, joins=joins)
        joins, negates, count = False, False, count + 1
        if count > MAX_TERMS:
            raise InvalidQuery(f"the search has more than {MAX_TERMS} words: give fewer, the rare ones")
    if not count:
        raise InvalidQuery(_NOTHING.format(repr(text)))
    return query


def terms(query: Query) -> Iterator[Term]:
    """Yield the words to be found: no filters, nothing excluded."""
    for group in query.groups:
        yield from (term for term in group if term.field in (None, "title"))


def _clean(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()  # a terminal that is not UTF-8 gives lone surrogates
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text.translate(_QUOTES))


def _operator(match: re.Match[str]) -> str | None:
    """Return OR, NOT or AND where a word is one; only in capitals: "or" is gold in French."""
    word = match["word"]
    if match["sign"] or match["field"] or word not in ("OR", "|", "||", "AND", "&", "&&", "+", "NOT"):
        return None
    return "OR" if word in ("OR", "|", "||") else "NOT" if word == "NOT" else "AND"


def _term(match: re.Match[str], *, negated: bool) -> Term | None:
    field = FIELDS[match["field"].lower()] if match["field"] else None
    value = match["phrase"] if match["word"] is None else match["word"]
    if field is None and value.endswith(":") and value[:-1].lower() in FIELDS:
        raise InvalidQuery(f"{value} has nothing after it; write {value}{_EXAMPLE[FIELDS[value[:-1].lower()]]}")
    begins = bool(match["star"]) or value.endswith("*")
    text = value.rstrip("*").strip()
    if match["word"] is not None:
        text = text.lstrip(_APOSTROPHES)
        elided = _ELISION.match(text)  # at the beginning only: aujourd'hui is one word
        text = text[elided.end() :] if elided else text
    words, half = asked(text.replace('"', " "))
    if not any(map(str.isalnum, words)):
        if field:
            raise InvalidQuery(f'"{match[0].strip()}": {field}: needs a value; write {field}:{_EXAMPLE[field]}')
        return None
    return Term(text, words, begins or half, field, bool(match["sign"]) != negated)


_EXAMPLE = {
    "site": "gazette",
    "author": '"Jean Dupont"',
    "lang": "fr",
    "tag": "budget",
    "section": "sport",
    "title": "budget",
    "after": "2026-03",
    "before": "2026-03",
}


def _with_day(query: Query, term: Term, *, joins: bool) -> Query | None:
    if term.field not in ("after", "before"):
        return None
    if joins:
        raise InvalidQuery(f'"{term.field}:{term.text}" cannot be one side of OR; write it apart: it holds for all')
    day = day_of(term.text)
    if day is None:
        raise InvalidQuery(
            f'"{term.field}:{term.text}" is not a date; write {term.field}:2026, {term.field}:2026-03, '
            f'{term.field}:2026-03-01 or {term.field}:"3 days ago"'
        )
    if (term.field == "after") != term.excluded:  # not after a day is before it
        return replace(query, after=max(day, query.after or day))
    return replace(query, before=min(day, query.before or day))


def _with_term(query: Query, term: Term, *, joins: bool) -> Query:
    if term.excluded:
        if joins:
            raise InvalidQuery(f'"-{term.text}" cannot be one side of OR; write it apart: it holds for all')
        return replace(query, excluded=(*query.excluded, term))
    if joins and query.groups:
        return replace(query, groups=(*query.groups[:-1], (*query.groups[-1], term)))
    return replace(query, groups=(*query.groups, (term,)))
