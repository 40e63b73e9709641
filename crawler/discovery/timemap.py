"""TimeMaps: the captures of one page as RFC 7089 lists them, in the link format of RFC 6690."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from crawler.discovery import MAX_BYTES
from crawler.mementos import Memento

_LINK = re.compile(r'<([^<>"]{1,16384})>((?:[^<"]|"[^"]*")*)')
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))')


def parse(body: bytes, url: str) -> list[Memento]:
    """Return the mementos of the page `url` that a TimeMap names; it says nothing of their types and digests."""
    found = []
    for match in _LINK.finditer(body[:MAX_BYTES].decode("utf-8", "replace")):
        said = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(match[2])}
        if "memento" not in said.get("rel", "").split():
            continue
        try:
            captured = parsedate_to_datetime(said.get("datetime", "")).astimezone(UTC)
        except (ValueError, OverflowError):
            continue  # a stranger's date that is none
        found.append(Memento(url, captured))
    return found
