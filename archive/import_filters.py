"""Which records of a foreign WARC file are wanted, and in a word or two why the others are not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from archive.errors import DamagedRecord
from archive.urls import canonicalise
from archive.warc.foreign import LARGEST
from archive.warc.foreign_records import ForeignRecord

HTML = ("text/html", "application/xhtml+xml")
_PAGES = {"response", "revisit", "resource"}
_LANGUAGE = re.compile(rb"<html\b[^<>]{0,2000}?\s(?:xml:)?lang\s*=\s*[\"']?([A-Za-z0-9-]{2,35})", re.IGNORECASE)
_IN_META = re.compile(
    rb"<meta\b[^>]{0,500}?content-language[^>]{0,500}?\bcontent\s*=\s*[\"']?([A-Za-z0-9-]{2,35})", re.IGNORECASE
)
_WITHIN = 64 << 10  # bytes of a page in which its language must be declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is asked for; empty means all. `hosts` are domains or globs, `since` and `until` aware (until excluded).

    `languages` are BCP 47 tags ("pt" takes "pt-BR" too), `statuses` ranges with both ends, `types` globs.
    """

    hosts: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    languages: tuple[str, ...] = ()
    statuses: tuple[tuple[int, int], ...] = ((200, 299),)
    types: tuple[str, ...] = HTML

    def document(self) -> dict[str, Any]:
        """Return what differs from the default, JSON-able and in one order: equal filters are equal documents."""
        given: dict[str, Any] = {name: sorted(getattr(self, name)) for name in ("hosts", "languages", "types")}
        given["statuses"] = [list(pair) for pair in sorted(self.statuses)]
        given |= {name: moment.isoformat() for name in ("since", "until") if (moment := getattr(self, name))}
        usual = {"statuses": [[200, 299]], "types": sorted(HTML)}
        return {name: value for name, value in given.items() if value and value != usual.get(name)}

    def refuse(self, record: ForeignRecord) -> str | None:
        """Return why a record is left out, as far as its heads tell, or None."""
        if record.type not in _PAGES:
            return f"record type {record.type[:40]}"
        return self._refuse_address(record.url) or self._refuse_date(record.date) or self._refuse_answer(record)

    def refuse_language(self, record: ForeignRecord) -> str | None:
        """Return why a page, whose body is at hand, is left out for the language it declares, or None."""
        if not self.languages or record.type == "revisit":
            return None
        stated = declared_language(record)
        if stated is None:
            return "no language declared"
        wanted = any(f"{stated}-".lower().startswith(f"{tag}-".lower()) for tag in self.languages)
        return None if wanted else "language"

    def _refuse_address(self, url: str) -> str | None:
        if not url.lower().startswith(("http://", "https://")):
            return "no http(s) address"
        try:
            host = urlsplit(canonicalise(url)).hostname or ""
        except ValueError:
            return "not a valid address"
        return None if not self.hosts or any(_is_on(host, pattern) for pattern in self.hosts) else "host"

    def _refuse_date(self, moment: datetime | None) -> str | None:
        if moment is None:
            return "no date"
        early, late = self.since and moment < self.since, self.until and moment >= self.until
        return "date" if early or late else None

    def _refuse_answer(self, record: ForeignRecord) -> str | None:
        if record.size > LARGEST:
            return "too large"
        status = 200 if record.type == "resource" else record.status
        if record.type == "revisit" and status in {None, 304}:
            return None
        if status is None:
            return "no HTTP answer"
        if not any(low <= status <= high for low, high in self.statuses):
            return "status"
        kind = media_type(record)
        return None if kind is None or any(fnmatchcase(kind, pattern) for pattern in self.types) else "media type"


def media_type(record: ForeignRecord) -> str | None:
    """Return what a record is said to hold: by its server, else by whoever recorded it; None if nobody says."""
    stated = [record.headers.get("content-type", "")] if record.type == "resource" else record.values("content-type")
    stated = [*stated, record.headers.get("warc-identified-payload-type", "")]
    return next((kind for text in stated if (kind := text.partition(";")[0].strip().lower())), None)


def declared_language(record: ForeignRecord) -> str | None:
    """Return the language a page declares, in its html element, a meta element or the HTTP head; None if in none."""
    try:
        begin = record.content[:_WITHIN].replace(b"\0", b"")  # so that UTF-16 can be searched too
    except DamagedRecord:
        begin = b""  # reading the page will say so
    found = _LANGUAGE.search(begin) or _IN_META.search(begin)
    if found:
        return found[1].decode()
    return next((tag for text in record.values("content-language") if (tag := text.partition(",")[0].strip())), None)


def _is_on(host: str, pattern: str) -> bool:
    pattern = pattern.lower()
    if any(character in pattern for character in "*?["):
        return fnmatchcase(host, pattern)
    return host == pattern or host.endswith(f".{pattern}")
