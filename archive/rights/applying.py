"""Applying what sites say now to what is held already; on record in a WARC file before it is a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import __version__, rows
from archive.database import transaction
from archive.rights.ledger import SHOWN, SPOKEN, Ledger
from archive.warc import WarcWriter

DOCUMENT = "urn:marbre:rights:"
FIELD = "rights"  # of the first record of the file, with the site's name


def newly_reserved(db: Database, ledger: Ledger, site: str, moment: str) -> int:
    """Return how many articles of a site would be reserved, and are not, if what is said at `moment` counted.

    `moment` is ISO 8601 in UTC, as in the tables.
    """
    found = db.execute(f"SELECT {SPOKEN}, {SHOWN}, url, site FROM articles WHERE site = ?", [site])
    return sum(ledger.decide(*row) is None and ledger.decide(*row, also=moment) is not None for row in found)


def apply(db: Database, directory: Path, site: str, now: datetime) -> int:
    """Have what a site says up to now count for what is held of it; returns how many articles are reserved by that.

    If there are none, nothing is written.
    """
    moment = rows.instant(now)
    with Ledger(directory) as ledger:
        more = newly_reserved(db, ledger, site, moment)
    if more:
        document = {"site": site, "moment": moment, "articles": more}
        name = f"rights-{site}-{now:%Y%m%d%H%M%S}"
        with WarcWriter(directory / "warc", "marbre", name, {FIELD: site, "marbre": __version__}) as writer:
            writer.write_metadata(document, f"{DOCUMENT}{site}:{moment}")
        restore(db, document)
    return more


def restore(db: Database, document: Mapping[str, Any]) -> None:
    """Write the row of what `apply` put on record."""
    row = {name: document[name] for name in ("site", "moment", "articles")}
    with transaction(db):
        db.table("rights_applied").upsert(row, pk=("site", "moment"))
