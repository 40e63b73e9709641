"""Clusters: articles that copy one another, read out of the index.

A cluster is the earliest text that no earlier cluster has, and all texts that are copies of that very text and of none
that was a cluster's first before. A copy of a copy that is not like the first is in another cluster: a chain of small
changes does not put unlike texts together, nor does an article made of two others, which goes with the earlier one. (If
it was there before both, both are parts of it.) The moment of a text is that of the earliest of its articles; what came
when is a matter of the articles, not of the order they were archived in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from archive import rows
from archive.duplicates.agencies import EDGE, agency_of
from archive.duplicates.index import text_id, text_of
from archive.duplicates.likeness import RESEMBLANCE, Likeness, alike
from archive.duplicates.passages import Passages, passages

_AT_ONCE = 500  # values bound in one statement


@dataclass(frozen=True, slots=True)
class Member:
    """One article of a cluster.

    `moment` is when it was published, or first captured if that was earlier or is all that is known (UTC). `relation`
    tells what its text is to the first one's: first, same, near, part (it was cut) or longer; `changed` is the share of
    the passages of both that are not in both, 0 to 1.
    """

    article: str
    site: str
    url: str
    title: str | None
    moment: datetime
    agency: str | None
    relation: str
    changed: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Articles that copy one another, earliest first; `id` is the id of the first one, which the others copy.

    `agency` is what most members name as their source, None if none names one.
    """

    id: str
    members: tuple[Member, ...]
    agency: str | None

    @property
    def first_seen(self) -> datetime:
        return self.members[0].moment

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites of the members, in the order in which they had it."""
        return tuple(dict.fromkeys(member.site for member in self.members))


class _Text(NamedTuple):
    """A text: its articles' rows, earliest first."""

    number: int
    words: int
    articles: tuple[tuple[datetime, dict[str, Any]], ...]

    @property
    def order(self) -> tuple[datetime, str]:
        moment, row = self.articles[0]
        return moment, row["id"]


_Pairs = Mapping[int, Mapping[int, Likeness]]


def clusters(db: Database) -> Iterator[Cluster]:
    """Yield every cluster of an archive, those with the earliest first article first."""
    pairs = _pairs(db.execute("SELECT one, other, jaccard, containment FROM duplicate_pairs"))
    same = db.execute("SELECT text_digest FROM articles GROUP BY text_digest HAVING count(*) > 1")
    numbers = {text_id(row[0]) for row in same} | pairs.keys()
    yield from _clusters(db, _texts(db, numbers), pairs)


def cluster_of(db: Database, article: str) -> Cluster | None:
    """Return the cluster that an article (its id) is in; None if nothing is like it, or it is not compared yet."""
    row = db.execute("SELECT text_digest FROM articles WHERE id = ?", [article]).fetchone()
    if row is None:
        return None
    pairs = _reachable(db, text_id(row[0]))
    found = _clusters(db, _texts(db, {text_id(row[0]), *pairs}), pairs)
    return next((one for one in found if any(member.article == article for member in one.members)), None)


def _clusters(db: Database, texts: Mapping[int, _Text], pairs: _Pairs) -> Iterator[Cluster]:
    free = dict.fromkeys(number for number, _ in sorted(texts.items(), key=lambda item: item[1].order))
    while free:
        first = next(iter(free))
        likenesses = _copies(db, first, pairs, free)
        chosen = [texts[first], *(texts[number] for number in likenesses)]
        for text in chosen:
            del free[text.number]
        if sum(len(text.articles) for text in chosen) > 1:
            yield _cluster(chosen, likenesses)


def _copies(db: Database, first: int, pairs: _Pairs, free: Collection[int]) -> dict[int, Likeness]:
    """The free texts that are copies of `first`."""
    found = {number: likeness for number, likeness in pairs.get(first, {}).items() if number in free}
    # In a crowd not all are compared with all, but all with the same few (index.HUBS): look at copies of copies.
    others = {far for number in found for far in pairs[number] if far in free} - found.keys() - {first}
    original = _passages(db, first) if others else None
    for other in sorted(others):
        text = _passages(db, other)
        if original and text and (likeness := alike(original, text)):
            found[other] = likeness
    return found


def _cluster(texts: Sequence[_Text], likenesses: Mapping[int, Likeness]) -> Cluster:
    first = texts[0]
    members = []
    for text in texts:
        likeness = likenesses.get(text.number)
        relation = _relation(likeness, text.words, first.words)
        members += [_member(row, moment, relation, likeness) for moment, row in text.articles]
    members[0] = replace(members[0], relation="first")
    members.sort(key=lambda member: (member.moment, member.article))
    named = Counter(member.agency for member in members if member.agency)
    agency = min(named, key=lambda name: (-named[name], name)) if named else None
    return Cluster(members[0].article, tuple(members), agency)


def _relation(likeness: Likeness | None, words: int, of: int) -> str:
    if likeness is None:
        return "same"
    if likeness.jaccard >= RESEMBLANCE:
        return "near"
    return "part" if words < of else "longer"


def _member(row: Mapping[str, Any], moment: datetime, relation: str, likeness: Likeness | None) -> Member:
    return Member(
        article=row["id"],
        site=row["site"],
        url=row["canonical_url"],
        title=row["title"],
        moment=moment,
        agency=agency_of(rows.names_of(row["authors"]), row["edges"]),
        relation=relation,
        changed=round(1 - likeness.jaccard, 4) if likeness else 0.0,
    )


def _pairs(found: Iterable[Sequence[Any]]) -> dict[int, dict[int, Likeness]]:
    pairs: dict[int, dict[int, Likeness]] = defaultdict(dict)
    for one, other, jaccard, containment in found:
        pairs[one][other] = pairs[other][one] = Likeness(jaccard, containment)
    return dict(pairs)


def _reachable(db: Database, number: int) -> dict[int, dict[int, Likeness]]:
    """The pairs among all texts that can be reached from one by pairs: what its cluster depends on."""
    pairs: dict[int, dict[int, Likeness]] = {}
    seen: set[int] = set()
    waiting = {number}
    while waiting:
        some = sorted(waiting)[:_AT_ONCE]
        seen.update(some)
        marks = ", ".join("?" * len(some))
        columns = "SELECT one, other, jaccard, containment FROM duplicate_pairs WHERE"
        found = db.execute(f"{columns} one IN ({marks}) UNION {columns} other IN ({marks})", [*some, *some])
        for one, near in _pairs(found).items():
            pairs.setdefault(one, {}).update(near)
        waiting = (waiting | {far for one in some for far in pairs.get(one, ())}) - seen
    return pairs


def _texts(db: Database, numbers: Iterable[int]) -> dict[int, _Text]:
    """The indexed ones of these texts with the articles that have them."""
    found: dict[int, tuple[int, list[tuple[datetime, dict[str, Any]]]]] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        for row in db.query(
            "SELECT t.id AS number, words, a.id, site, canonical_url, title, authors, published, first_seen,"
            " substr(text, 1, :edge) || char(10) || substr(text, -:edge) AS edges"
            " FROM duplicate_texts AS t JOIN articles AS a USING (text_digest)"
            f" WHERE t.id IN ({', '.join(map(str, some))})",
            {"edge": EDGE},
        ):
            found.setdefault(row["number"], (row["words"], []))[1].append((_moment(row), row))
    return {
        number: _Text(number, words, tuple(sorted(articles, key=lambda item: (item[0], item[1]["id"]))))
        for number, (words, articles) in found.items()
    }


def _moment(row: Mapping[str, Any]) -> datetime:
    seen = datetime.fromisoformat(row["first_seen"])
    if not row["published"]:
        return seen
    published = datetime.fromisoformat(row["published"])
    return min(seen, published if published.tzinfo else published.replace(tzinfo=UTC)).astimezone(UTC)


def _passages(db: Database, number: int) -> Passages | None:
    text = text_of(db, number)
    return passages(text) if text is not None else None
