"""A query in the index's language: FTS5 expressions, and days as a range of its row numbers.

Every word stands in an FTS5 string, so that nothing a person types can be its syntax (sqlite.org/fts5.html, 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches

from archive.errors import InvalidQuery
from archive.search.folding import filter_word, filter_words
from archive.search.syntax import Query, Term, terms

DAY_SHIFT = 45  # a row number is a day above this many bits of the article's docid
DAY_ZERO = datetime(1600, 1, 1, tzinfo=UTC)
DAYS = 1 << 18  # until 2317; what is outside goes by the first or the last of them
_SHORT = 4  # letters
LAST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask the index. An empty expression asks for nothing; `low` and `high` are row numbers, both included.

    `words` is what decides the rank; `titled` the same, found in the title alone. `condition` says what `filters` says
    of a row of `articles` where that can be read in the index `articles_dated`, with its `values`; else it is empty.
    `short`: no word has more than four letters.
    """

    words: str
    titled: str
    filters: str
    excluded: str
    low: int = 0
    high: int = LAST
    short: bool = False
    condition: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def everything(self) -> str:
        return without(both(self.words, self.filters), self.excluded)


def compiled(query: Query, sites: Sequence[str]) -> Plan:
    """Return the plan of a query on an archive that holds `sites`. Raises InvalidQuery for a site it does not hold."""
    searched = [group for group in query.groups if any(term.field in (None, "title") for term in group)]
    filters = [group for group in query.groups if group not in searched]
    condition, values = ("", {}) if query.excluded else _condition(filters, sites)
    return Plan(
        words=_all(_any(group, sites) for group in searched),
        titled=_all(_any(group, sites, within_title=True) for group in searched),
        filters=_all(_any(group, sites) for group in filters),
        excluded=_any(query.excluded, sites) if query.excluded else "",
        low=_day(query.after) << DAY_SHIFT if query.after else 0,
        high=(_day(query.before) << DAY_SHIFT) - 1 if query.before else LAST,
        short=all(len(term.words) <= _SHORT for term in terms(query)),
        condition=condition,
        values=values,
    )


def _expression(term: Term, sites: Sequence[str], *, within_title: bool) -> str:
    """Return the FTS5 expression of one term; a word without a field can be looked for in titles only."""
    if term.field == "site":
        return " OR ".join(_string(filter_word("site", name)) for name in _sites(term, sites))
    if term.field == "lang":
        return _string(filter_word("lang", _language(term)), begins=term.begins)
    if term.field in ("author", "tag", "section"):
        return _string(filter_words(term.field, term.words), begins=term.begins)
    column = "title : " if within_title or term.field == "title" else ""
    return column + _string(term.words, begins=term.begins)


def _condition(filters: Sequence[Sequence[Term]], sites: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the filters as a condition on rows of `articles`, if each is of one site or one language."""
    parts: list[str] = []
    values: dict[str, str] = {}
    for number, (term, *others) in enumerate(filters):
        if others or term.begins or term.field not in ("site", "lang"):
            return "", {}
        name = f"filter{number}"
        if term.field == "site":
            parts.append(f"+site = :{name}")  # no index: with one the statement would be planned anew for each value
            values[name] = _sites(term, sites)[0]
        else:
            parts.append(f"replace(lower(language), '_', '-') || '-' GLOB :{name} || '-*'")
            values[name] = _language(term)
    return " AND ".join(parts), values


def _language(term: Term) -> str:
    return re.sub(r"[\W_]+", "-", term.text.lower())


def both(first: str, second: str) -> str:
    return f"({first}) AND ({second})" if first and second else first or second


def without(found: str, excluded: str) -> str:
    return f"({found}) NOT ({excluded})" if found and excluded else found


def _string(words: str, *, begins: bool = False) -> str:
    return f'"{words.replace(chr(34), " ")}"{" *" * begins}'


def _all(parts: Iterable[str]) -> str:
    return " AND ".join(parts)


def _any(group: Sequence[Term], sites: Sequence[str], *, within_title: bool = False) -> str:
    return f"({' OR '.join(_expression(term, sites, within_title=within_title) for term in group)})"


def _sites(term: Term, sites: Sequence[str]) -> list[str]:
    wanted = term.text.lower()
    chosen = [name for name in sites if (name.lower().startswith(wanted) if term.begins else name.lower() == wanted)]
    if not chosen:
        near = get_close_matches(wanted, sites, 1)
        known = f"did you mean {near[0]}?" if near else f"it has {', '.join(sites[:20]) or 'none'}"
        raise InvalidQuery(f"site:{term.text}: no site {term.text!r} in this archive; {known}")
    return chosen


def _day(moment: datetime) -> int:
    return min(max((moment - DAY_ZERO).days, 0), DAYS - 1)
