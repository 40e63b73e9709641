"""The addresses an article is known by: its canonical URL, and the one that outlives a change of slug."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from archive.reading.choice import FIRST, ONLY, Choice, Claim, choose
from archive.reading.evidence import Evidence
from archive.reading.markup import absolute
from archive.urls import believed_canonical, canonicalise, registered_domain

_SHORTLINK = re.compile(r"\?p=\d+$")
_POST_ID = re.compile(r"postid-(\d+)")
_HEADER_SHORTLINK = re.compile(r"<([^<>]+)>[^,<]*?;\s*rel\s*=\s*[\"']?shortlink\b", re.IGNORECASE)
_FETCHED = "fetched address"


def canonical(evidence: Evidence) -> Choice[str]:
    """`<link rel=canonical>`, then og:url: the first is written for this purpose; the fetched address last.

    What cannot be believed of a page is not replaced by the next statement: the same template wrote both.
    """
    claims = [*_canonicals(evidence)]
    own = Claim(canonicalise(evidence.page.url), _FETCHED)
    if not claims:
        return Choice(own.value, own.source, ONLY)
    first = claims[0]
    if believed_canonical(evidence.page.url, first.value) == first.value:
        return Choice(first.value, first.source, FIRST, _others(first, [*claims, own]))
    return Choice(own.value, own.source, f"{first.source} cannot be believed", _others(own, claims))


def _canonicals(evidence: Evidence) -> Iterator[Claim[str]]:
    markup = evidence.markup
    stated = [(markup.link("canonical"), "link canonical")]
    stated += [(absolute(markup.base, found.value), "og:url") for found in islice(markup.every_meta("og:url"), 1)]
    return (Claim(_canonicalised(address), source) for address, source in stated if address)


def _others(chosen: Claim[str], claims: list[Claim[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim.source for claim in claims if claim is not chosen))


def shortlink(evidence: Evidence) -> Choice[str] | None:
    """WordPress's ?p=ID, from whoever names it; an address of another site or another form is no such thing."""
    home = registered_domain(evidence.host)
    stated = (Claim(_canonicalised(address), source) for address, source in _shortlinks(evidence) if address)
    return choose(claim for claim in stated if _is_shortlink(claim.value, home))


def _is_shortlink(address: str, home: str | None) -> bool:
    return _SHORTLINK.search(address) is not None and registered_domain(urlsplit(address).hostname or "") == home


def _canonicalised(address: str) -> str:
    try:
        return canonicalise(address)
    except ValueError:  # a stranger's address that is none
        return ""


def _shortlinks(evidence: Evidence) -> Iterator[tuple[str, str]]:
    markup = evidence.markup
    yield from ((link.shortlink, link.via) for link in evidence.links("rest", "feed") if link.shortlink)
    for name, value in evidence.page.headers:
        if name.lower() == "link" and (match := _HEADER_SHORTLINK.search(value)):
            yield absolute(markup.base, match[1]) or "", "Link header"
    yield markup.link("shortlink") or "", "link shortlink"
    api = markup.link("https://api.w.org/")
    identity = next((m[1] for name in sorted(markup.body_classes) if (m := _POST_ID.fullmatch(name))), None)
    if api and identity and "/wp-json" in api:
        yield f"{api.split('/wp-json')[0]}/?p={identity}", "body class"
