"""What a file tells beside its answers; Marbre's own do: what discovery knew of a page, how its site is read."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Literal

import msgspec

from archive import profiles
from archive.events import GONE
from archive.import_filters import HTML, Filters
from archive.models import Link
from archive.reading.profile import Profile, compiled
from archive.warc.foreign_records import ForeignRecord

_LARGEST = 1 << 20  # bytes; sixteen links, each as long as they may be


class Evidence(msgspec.Struct, frozen=True):
    """What a page was fetched for, and what feeds, sitemaps and APIs said of it (see `Capture`)."""

    role: Literal["page", "part", "source", "robots", "page-source", "subresource"] = "page"
    links: tuple[Link, ...] = ()


class Learnt(msgspec.Struct, frozen=True):
    """The profile that a site's pages were read with where the file comes from, and since when."""

    adopted: datetime
    profile: Profile


_MOST_LINKS = 16  # the frontier keeps no more of a page
_ANSWERS = ("response", "revisit", "resource")
_NONE = Evidence()


class EvidenceReader:
    """Holds what the last metadata record said, until the record that it speaks of has come."""

    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self._about: str | None = None
        self._said = _NONE
        self._learnt: Learnt | None = None
        self._awaits = False

    @property
    def awaits(self) -> bool:
        """Whether evidence, or a profile, has been read, and the answer that it goes with not yet."""
        return self._awaits or self._learnt is not None

    def wants(self, record: ForeignRecord) -> bool:
        """Whether a record may be evidence or a site's profile of ours; its body is needed then."""
        return (
            record.type == "metadata"
            and ("warc-refers-to" in record.headers or _is_profile(record))
            and record.headers.get("content-type") == "application/json"
            and record.size <= _LARGEST
        )

    def note(self, record: ForeignRecord) -> None:
        """Take what a wanted record says; a stranger's JSON that says something else is passed over."""
        if _is_profile(record):
            self._learnt = _learnt(record.block or b"")
            return
        self._about, self._awaits = None, False
        with suppress(msgspec.DecodeError):
            said = msgspec.json.decode(record.block or b"", type=Evidence)
            moments = [moment for link in said.links for moment in (link.published, link.modified) if moment]
            if len(said.links) <= _MOST_LINKS and all(moment.tzinfo for moment in moments):
                self._about, self._said, self._awaits = record.headers["warc-refers-to"], said, True

    def of(self, record: ForeignRecord) -> Evidence:
        return self._said if self._about is not None and self._about == record.id else _NONE

    def passed(self, record: ForeignRecord) -> None:
        """Take note that a record has been dealt with: no answer further on is the one that is awaited."""
        self._awaits = self._awaits and record.type in ("metadata", "request")

    def learnt(self, record: ForeignRecord) -> Learnt | None:
        """Return the profile that stands before this answer: that of its site. It is given once."""
        if record.type not in _ANSWERS:
            return None
        learnt, self._learnt = self._learnt, None
        return learnt

    def refuse(self, record: ForeignRecord) -> str | None:
        """Return why a record is left out, as `Filters.refuse` does.

        What Marbre fetched as a page is one if nothing else is asked for: a post of a REST API, which is JSON, and an
        answer that says that an article is gone.
        """
        reason = self.filters.refuse(record)
        if self._about is None or self._about != record.id or self._said.role != "page":
            return reason
        is_post = reason == "media type" and record.type == "resource" and self.filters.types == HTML
        is_end = reason == "status" and record.status in GONE and self.filters.statuses == Filters().statuses
        return None if is_post or is_end else reason


def _is_profile(record: ForeignRecord) -> bool:
    return record.url.startswith(profiles.DOCUMENT)


def _learnt(block: bytes) -> Learnt | None:
    """Return the profile a record holds; None for what is none, or has a selector that is none."""
    try:
        learnt = msgspec.json.decode(block, type=Learnt)
        for selectors in learnt.profile.selectors.values():
            for selector in selectors:
                compiled(selector)
    except ValueError:  # msgspec's errors are ValueErrors, too
        return None
    return learnt if learnt.adopted.tzinfo else None
