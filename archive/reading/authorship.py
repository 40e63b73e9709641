"""Who wrote an article: all that name somebody, and by which rule one of them is believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from archive.reading import bylineelements, bylines, jsonld, personnames
from archive.reading.choice import Choice, Claim, choose
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, content

People = tuple[str, ...]

_AUTHOR_METAS = (
    "article:author", "article:author_name", "parsely-author", "dc.creator", "dcterms.creator",
    "dc:creator", "twitter:misc:written by", "sailthru.author",
    "cxenseparse:author", "byl", "citation_author", "article.author", "authors", "og:article:author",
)  # fmt: skip
_LIBRARY_METAS = frozenset({"dc.creator", "dcterms.creator", "dc:creator", "citation_author"})
_OTHER_METAS = re.compile(r"(?:^|[-_.:])?author(?:s|[-_.:]?name)?$")
_CARD_LABEL = re.compile("written by|écrit par|verfasst von|geschrieben von|escrito por|scritto da", re.IGNORECASE)
_ACCOUNT_PAGE = re.compile(r"/(?:author|user|profile)s?/(?:admin\w*|administrat\w*|webmaster|editor|root|user\d*)/?$")
_ORGANISATIONS = frozenset({"organization", "newsmediaorganization", "corporation", "ngo", "website"})
BEFORE_BODY = "people before a body"
AGREED = "two witnesses agree"
FULLER = "names the same people more fully"
BY_PUBLISHER = "only the publisher is named"
_MOST = 100  # values of a JSON-LD property
_DEPTH = 4  # lists in lists
_PRINTED = frozenset({"rel=author", "itemprop author", "byline", "byline text", "unlabelled byline"})
_HEAD_LIKE = "head"


def authors(evidence: Evidence) -> Choice[People] | None:
    """The people who wrote it, by these rules; none where nobody is named.

    1. A witness that names people is believed before one that names a body.
    2. Two kinds of witnesses that agree are believed before a first one that strays.
    3. Of two that name the same people the fuller is believed: more names, or full ones for initials or a slug.
    4. Else the first in the order of `claims`.
    5. Where nobody is named but the publisher, and by a signature, the publisher signs.
    """
    organisations = _organisations(evidence)
    witnesses = _witnesses(evidence, organisations)
    stated = _claims(evidence, witnesses, organisations)
    if not stated:
        signed = _signed_by_publisher(evidence, witnesses, organisations)
        chosen = choose(signed, BY_PUBLISHER)
        return replace(chosen, rule=BY_PUBLISHER) if chosen else None
    pool = _personal(stated) or stated
    first = pool[0]
    rules = [] if first is stated[0] else [BEFORE_BODY]
    agreed = _agreed(pool)
    if agreed:
        first, rules = agreed, [AGREED]
    fuller = _fuller(first, pool)
    if fuller:
        first, rules = fuller, [*rules, FULLER]
    return choose(stated, "; ".join(rules), first) if rules else choose(stated)


def claims(evidence: Evidence) -> list[Claim[People]]:
    """Every witness that names anybody but the publisher, in the order they are believed; one claim a source.

    What is stated for machines comes before what the template prints: it is a list already.
    """
    organisations = _organisations(evidence)
    return _claims(evidence, _witnesses(evidence, organisations), organisations)


def _claims(
    evidence: Evidence, witnesses: Iterable[tuple[str, Sequence[str]]], organisations: Sequence[str]
) -> list[Claim[People]]:
    dropped = [*organisations, *(a for a in _accounts(evidence) if personnames.shares_word(a, organisations))]
    found: dict[str, Claim[People]] = {}
    for source, names in witnesses:
        people = () if source in found else bylines.people(names, dropped, printed=source in _PRINTED)
        if people:
            found[source] = Claim(people, source)
    if not found:  # a guess by place is made only where no other names anybody
        guesses = bylineelements.Bylines(evidence.markup).unlabelled()
        read = (bylines.people([guess], dropped, printed=True) for guess in guesses)
        return [Claim(people, "unlabelled byline") for people in read if people][:1]
    return list(found.values())


def _personal(stated: Iterable[Claim[People]]) -> list[Claim[People]]:
    """The claims that name people, not only bodies; by full names, for beside an agency's a single one is a place."""
    claims = list(stated)
    some_bodies = any(all(map(bylines.is_body, claim.value)) for claim in claims)
    return [claim for claim in claims if any(_is_personal(name, full=some_bodies) for name in claim.value)]


def _is_personal(name: str, *, full: bool) -> bool:
    return not bylines.is_body(name) and (not full or " " in name or not name.isascii())


def printed(elements: Sequence[Element]) -> People:
    """The people that these byline elements print."""
    return bylines.people(bylineelements.names(elements), printed=True)


def _organisations(evidence: Evidence) -> list[str]:
    """The publisher's and the site's names."""
    metas = evidence.markup.metas
    host = evidence.host.removeprefix("www.")
    publishers = [jsonld.string(node) for node in islice(evidence.values("publisher"), _MOST)]
    signing = {name for name in _nodes(evidence, "author") if name not in publishers}  # an agency, or a guest
    named = [name for _, name in islice(evidence.organisations(), _MOST) if name not in signing]
    named += [name for key in ("og:site_name", "application-name", "publisher") for name in metas.get(key, ())]
    stated = [name for _, names in (*_heads(metas), ("author", metas.get("author", ()))) for name in names]
    named += [name for name in stated if personnames.initials(name) == host.split(".")[0]]  # "Deutsche Welle" at dw.com
    return [*named, evidence.host, host, host.split(".")[0]]


def _heads(metas: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The head's author metas but HTML's own."""
    yield from ((name, metas[name]) for name in _AUTHOR_METAS if name in metas)
    others = (name for name in metas if _OTHER_METAS.search(name) and name not in {*_AUTHOR_METAS, "author"})
    yield from ((name, metas[name]) for name in others)


def _accounts(evidence: Evidence) -> Iterator[str]:
    """What the software's own accounts are called; some are an editor's, with a name of theirs."""
    for node in evidence.graph.of_type("Person"):
        if _is_account(node) and (name := jsonld.string(node.get("name"))):
            yield name
    for anchor in evidence.markup.anchors:
        if "author" in anchor.get("rel") and _ACCOUNT_PAGE.search(anchor.get("href") or ""):
            yield content(anchor) or ""


def _witnesses(evidence: Evidence, organisations: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
    return list(_each_witness(evidence, organisations))


def _each_witness(evidence: Evidence, organisations: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    byline = bylineelements.Bylines(evidence.markup)
    metas = evidence.markup.metas
    yield from (("rest", link.authors) for link in evidence.links("rest"))
    yield "json-ld", _stated(evidence, "author", organisations)
    yield "json-ld creator", _stated(evidence, "creator", organisations)
    for name, names in _heads(metas):
        yield name, [personnames.given_name_first(n) for n in names] if name in _LIBRARY_METAS else names
    yield "twitter:data", _card(evidence)
    printed = [
        ("rel=author", bylineelements.names(byline.related())),
        ("itemprop author", bylineelements.names(byline.marked())),
        ("byline", bylineelements.names(byline.classed())),
    ]
    yield from printed
    if not any(names for _, names in printed):  # a line is searched for its words only where no element says byline
        yield "byline text", byline.labelled()
    yield "author", metas.get("author", ())  # HTML's own is of the page: often the site's or the template's maker
    yield from (("feed", link.authors) for link in evidence.links("feed"))


def _nodes(evidence: Evidence, key: str) -> Iterator[str]:
    return (name for value in _flat(evidence, key) for name in _node_names(value))


def _stated(evidence: Evidence, key: str, organisations: Sequence[str]) -> list[str]:
    """JSON-LD's names: people's, or those of bodies where nobody else is named."""
    people: list[str] = []
    bodies: list[str] = []
    for value in _flat(evidence, key):
        names = _node_names(value)
        is_body = isinstance(value, dict) and bool(jsonld.kinds(value) & _ORGANISATIONS)
        (bodies if is_body else people).extend(names)
    return people if bylines.people(people, organisations) else bodies


def _flat(evidence: Evidence, key: str) -> Iterator[Any]:
    """A property's values without lists in lists, references resolved."""
    level = list(islice(evidence.values(key), _MOST))
    for _ in range(_DEPTH):
        below = []
        for value in level:
            if isinstance(value, list):
                below += list(islice(evidence.graph.each(value), _MOST))
            else:
                yield value
        level = below[:_MOST]


def _is_account(node: jsonld.Node) -> bool:
    return any(isinstance(node.get(key), str) and _ACCOUNT_PAGE.search(node[key]) for key in ("@id", "url"))


def _node_names(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return [name] if (name := jsonld.string(value)) else []
    named = value.get("name")
    names = [jsonld.string(name) for name in (named[:_MOST] if isinstance(named, list) else [named])]
    if not any(names):
        names = [" ".join(filter(None, (jsonld.string(value.get(k)) for k in ("givenName", "familyName"))))]
    return [name for name in names if name]


def _card(evidence: Evidence) -> list[str]:
    """The author as SEO plugins tell Twitter: a pair of label and value."""
    metas = evidence.markup.metas
    labels = [(metas.get(f"twitter:label{n}", ("",))[0], metas.get(f"twitter:data{n}", ())) for n in (1, 2)]
    return [value for label, values in labels if _CARD_LABEL.match(label) for value in values]


def _signed_by_publisher(
    evidence: Evidence, witnesses: Iterable[tuple[str, Sequence[str]]], organisations: Sequence[str]
) -> list[Claim[People]]:
    """What names the publisher as the author: JSON-LD, or the printed byline; the newsroom signs as a whole.

    HTML's own meta is the site's by default; the others are believed where the site is called like a person.
    """
    found: list[Claim[People]] = [
        Claim((name,), "json-ld")
        for value in _flat(evidence, "author")
        for name in _node_names(value)
        if not (isinstance(value, dict) and _is_account(value)) and bylines.can_sign(name, organisations)
    ]
    for source, names in witnesses:
        name = bylines.publisher(names, organisations)
        if name and (source in _PRINTED or (source != "author" and personnames.is_full_name(name))):
            found.append(Claim((name,), source))
    return found


def _kind(source: str) -> str:
    """Witnesses of one kind are made from one field, so that they do not confirm one another."""
    if source in _PRINTED:
        return "printed"
    return source if source in {"rest", "json-ld", "feed"} else _HEAD_LIKE


def _same(one: People, other: People) -> bool:
    return len(one) == len(other) and all(any(personnames.same_person(a, b) for b in other) for a in one)


def _agreed(pool: Sequence[Claim[People]]) -> Claim[People] | None:
    """The first claim that another kind of witness confirms, if none confirms the first of all or shares a name."""
    first = pool[0]
    if first.source == "rest" or any(_shares(first, c) for c in pool if _kind(c.source) != _kind(first.source)):
        return None
    for claim in pool[1:]:
        if any(_kind(o.source) != _kind(claim.source) and _same(o.value, claim.value) for o in pool[1:]):
            return claim
    return None


def _shares(one: Claim[People], other: Claim[People]) -> bool:
    return any(personnames.same_person(a, b) for a in one.value for b in other.value)


def _fuller(first: Claim[People], pool: Sequence[Claim[People]]) -> Claim[People] | None:
    """A claim with the same people and more of them, or the same ones by longer names."""
    best: Claim[People] | None = None
    for claim in pool:
        chosen = best or first
        if all(any(personnames.same_person(a, b) for b in claim.value) for a in chosen.value):
            more = len(claim.value) > len(chosen.value) and _is_supported(claim, pool) and _are_full(claim.value)
            longer = len(claim.value) == len(chosen.value) and _words(claim.value) > _words(chosen.value)
            if more or (longer and min(len(name.split()) for name in chosen.value) < 2):
                best = claim
    return best


def _is_supported(claim: Claim[People], pool: Sequence[Claim[People]]) -> bool:
    """Whether it was stated for machines, or another witness reads the same: what is printed may hold other words."""
    return claim.source not in _PRINTED or sum(_same(claim.value, other.value) for other in pool) > 1


def _are_full(people: People) -> bool:
    return all(" " in name or not name.isascii() for name in people)


def _words(people: People) -> int:
    return sum(len(name.split()) for name in people)
