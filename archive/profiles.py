"""Site profiles in an archive: each is on record in a WARC file before it is a row, so that a rebuild has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import __version__, rows
from archive.database import transaction
from archive.extraction import EXTRACTOR
from archive.reading.profile import Profile
from archive.warc import WarcWriter

DOCUMENT = "urn:marbre:profile:"
_LATEST = "SELECT document FROM profiles WHERE site = ? ORDER BY adopted DESC, version LIMIT 1"
# The extractor that captures of a crawl's site are to be read by, as SQL; `:extractor` is extraction's own version.
WANTED = (
    "(:extractor || coalesce((SELECT '+profile-' || version FROM profiles WHERE profiles.site = crawls.site"
    " ORDER BY adopted DESC, version LIMIT 1), ''))"
)


def in_use(db: Database, site: str) -> Profile | None:
    """Return the profile a site's pages are read with; None if nothing was learnt of it."""
    row = db.execute(_LATEST, [site]).fetchone()
    return _decoded(row[0]) if row else None


def adopted(db: Database, site: str) -> str | None:
    """Return since when (ISO 8601, UTC) the profile in use is."""
    row = db.execute("SELECT max(adopted) FROM profiles WHERE site = ?", [site]).fetchone()
    return row[0] if row else None


@lru_cache(maxsize=64)
def _decoded(document: str) -> Profile:
    return Profile.of(json.loads(document))


def extractor(profile: Profile | None) -> str:
    """Return the name that extractions made with a profile bear."""
    return f"{EXTRACTOR}+profile-{profile.version}" if profile else EXTRACTOR


def adopt(db: Database, warc: Path, profile: Profile, now: datetime) -> bool:
    """Read the site's pages with this profile from now on; False if it is in use already.

    What was read with another becomes pending.
    """
    current = in_use(db, profile.site)
    if current is not None and current.version == profile.version:
        return False
    document = {"adopted": rows.instant(now), "version": profile.version, "profile": profile.document()}
    name = f"profile-{profile.site}-{profile.version}"
    with WarcWriter(warc, "marbre", name, {"profile": profile.site, "marbre": __version__}) as writer:
        writer.write_metadata(document, f"{DOCUMENT}{profile.site}:{profile.version}")
    restore(db, document)
    return True


def adopt_selectors(
    db: Database, warc: Path, site: str, selectors: Mapping[str, tuple[str, ...]], now: datetime
) -> bool:
    """Read the site's pages with these selectors, and what was learnt, from now on; False if that is so already."""
    current = in_use(db, site)
    templates = current.templates if current else ()
    if not selectors and current is None:
        return False
    return adopt(db, warc, Profile(site, templates, dict(selectors)), now)


def take_over(db: Database, warc: Path, crawl: str, site: str, given: Profile, moment: datetime) -> bool:
    """Read a site with a profile that came along with somebody's captures of it; False if that is not to be.

    Only for a site that the archive knows from nowhere but `crawl`, the import they came by: no file from elsewhere
    may change how pages are read that are here already. `moment` is since when it was in use there (aware).
    """
    elsewhere = "SELECT 1 FROM crawls WHERE site = ? AND id != ? UNION SELECT 1 FROM profiles WHERE site = ?"
    if db.execute(elsewhere, [site, crawl, site]).fetchone():
        return False
    return adopt(db, warc, replace(given, site=site), min(moment, datetime.now(UTC)))


def restore(db: Database, document: Mapping[str, Any]) -> None:
    """Write the row of what `adopt` put on record; of two records of one profile the later counts."""
    profile = Profile.of(document["profile"])
    row = {
        "site": profile.site,
        "version": document["version"],
        "adopted": document["adopted"],
        "templates": len(profile.templates),
        "pages": sum(template.pages for template in profile.templates),
        "document": json.dumps(document["profile"], ensure_ascii=False),
    }
    with transaction(db):
        later = "SELECT 1 FROM profiles WHERE site = ? AND version = ? AND adopted >= ?"
        if not db.execute(later, [row["site"], row["version"], row["adopted"]]).fetchone():
            db.table("profiles").upsert(row, pk=("site", "version"))
