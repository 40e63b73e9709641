"""The zone and the habits of writing dates that a page's country and language have, where its dates name none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytz  # type: ignore[import-untyped]

from archive.reading import datewords
from archive.reading.evidence import Evidence
from archive.reading.printed import Manner

# Endings of domains that are sold as words, not for a country.
_WORDS = "ai am cc cd co fm gg io la ly me nu sh so st tk to tv vc ws su eu"
# Countries whose press is on the mainland's time whatever their islands or provinces have.
_MAINLAND = "cl cn ec es nz pt"
_RENAMED = {"uk": "gb"}
_MONTH_FIRST = {"us", "ph", ""}  # English with no country named is mostly American
# Languages that dateparser reads.
_LANGUAGES = (
    "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk km kn"
    " ko ky lo lt lv mk ml mn mr ms my ne nl nb pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th tr uk ur uz vi zh zu"
)
_BROKEN = (-570, -210, 210, 270, 330, 345, 390, 525, 570, 630, 765)  # minutes: offsets of no whole hour
_ALSO_CALLED = {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}


def country(evidence: Evidence) -> str:
    """Two letters in lower case: of the domain's ending, else of the page's language tag (en-US); "" if neither."""
    if found := _by_domain(evidence):
        return found
    parts = (evidence.markup.language or "").lower().replace("_", "-").split("-")
    return next((part for part in parts[1:] if len(part) == 2 and part.isalpha()), "")


def _by_domain(evidence: Evidence) -> str:
    ending = evidence.host.rpartition(".")[2]
    return _RENAMED.get(ending, ending) if len(ending) == 2 and ending not in _WORDS.split() else ""


def offsets(evidence: Evidence, at: datetime) -> list[tzinfo]:
    """The offsets that clocks of the page's country show at an instant, the most populous zone's first."""
    names = pytz.country_timezones.get(country(evidence), [])
    found = (timezone(at.astimezone(pytz.timezone(name)).utcoffset() or timedelta(0)) for name in names)
    return list(dict.fromkeys(found))


def of_country(evidence: Evidence, at: datetime) -> tzinfo | None:
    """The country's offset, if it has but one."""
    known = offsets(evidence, at)
    return known[0] if len(known) == 1 or (known and country(evidence) in _MAINLAND.split()) else None


def at_home(evidence: Evidence, local: datetime) -> tzinfo | None:
    """The offset of a local time without zone, if the domain is of a country with but one.

    A language tag (fr-FR) says how software was set up, not where: that is too little to tell an hour by.
    """
    if not _by_domain(evidence):
        return None
    first = of_country(evidence, local.replace(tzinfo=UTC))
    return first and of_country(evidence, local.replace(tzinfo=first))  # UTC's hour may be behind a change of clocks


def likely(evidence: Evidence, at: datetime) -> list[tzinfo]:
    """The offsets that a publisher's clock may show: the country's; else all there are, small ones first."""
    minutes = [*range(-600, 781, 60), *_BROKEN]
    return offsets(evidence, at) or [timezone(timedelta(minutes=n)) for n in sorted(minutes, key=abs)]


def manner(evidence: Evidence) -> Manner:
    """How the page writes dates, and the capture's clock where the page is at home (UTC if that is not known)."""
    now = evidence.page.captured_at
    tag = (evidence.markup.language or "").lower().replace("_", "-").split("-")[0]
    tag = _ALSO_CALLED.get(tag, tag)
    languages = (
        (tag,) if tag in _LANGUAGES.split() else datewords.languages_of((evidence.markup.page_title or "")[:200])
    )
    first = (tag or "en") == "en" and country(evidence) in _MONTH_FIRST
    return Manner(languages, first, now.astimezone(of_country(evidence, now) or UTC))
