"""The addresses an article is known by: its canonical URL, and the one that outlives a change of slug."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from archive.reading.evidence import Evidence
from archive.reading.markup import absolute
from archive.urls import believed_canonical, canonicalise, registered_domain

_SHORTLINK = re.compile(r"\?p=\d+$")
_POST_ID = re.compile(r"postid-(\d+)")
_HEADER_SHORTLINK = re.compile(r"<([^>]+)>[^,]*?;\s*rel\s*=\s*[\"']?shortlink\b", re.IGNORECASE)


def canonical(evidence: Evidence) -> tuple[str, str]:
    """`<link rel=canonical>`, then og:url: the first is written for this purpose."""
    stated, source = evidence.markup.link("canonical"), "link canonical"
    if stated is None:
        address = evidence.markup.meta("og:url")
        stated, source = absolute(evidence.markup.base, address.value if address else None), "og:url"
    believed = believed_canonical(evidence.page.url, stated)
    return believed, source if stated and believed == _canonicalised(stated) else "fetched address"


def shortlink(evidence: Evidence) -> tuple[str, str] | None:
    """WordPress's ?p=ID, from whoever names it; an address of another site or another form is no such thing."""
    home = registered_domain(evidence.host)
    for address, source in _shortlinks(evidence):
        canonical = _canonicalised(address)
        if _SHORTLINK.search(canonical) and registered_domain(urlsplit(canonical).hostname or "") == home:
            return canonical, source
    return None


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
