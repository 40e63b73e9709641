"""The table of alarms: each is opened once, brought up to date while it stands, and closed once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from archive import rows
from archive.database import transaction
from archive.health.alarms import Alarm


@dataclass(frozen=True)
class Entry:
    """A row of the table: an alarm, its number, when it was first noticed, and which channels were told of it."""

    number: int
    alarm: Alarm
    noticed: datetime
    told: dict[str, str]  # channel -> "opened" or "closed"
    tries: dict[str, int]  # channel -> how often in a row it could not be told


def write(db: Database, site: str, found: Sequence[Alarm], now: datetime) -> None:
    """Bring a site's rows to what `archive.health.alarms.alarms` found at `now`; doing so twice changes nothing.

    An alarm that stood and is found no more, for its pages were read anew, is closed.
    """
    with transaction(db):
        standing = {entry.alarm.field: entry for entry in entries(db, [site], standing=True)}
        for alarm in found:
            known = standing.get(alarm.field)
            if known is not None and _is_same(known.alarm, alarm):
                _update(db, known.number, alarm)
                standing.pop(alarm.field)
            elif not _is_written(db, alarm):
                _insert(db, alarm, now)
        for left in standing.values():
            db.table("alarms").update(left.number, {"until": now.date().isoformat()})


def entries(db: Database, sites: Iterable[str], *, standing: bool = False) -> list[Entry]:
    """Return the rows of some sites, the oldest first; `standing` leaves out those that have ended."""
    found: list[Entry] = []
    for site in sites:
        where = "site = ? AND until IS NULL" if standing else "site = ?"
        found += [_entry(row) for row in db.query(f"SELECT * FROM alarms WHERE {where} ORDER BY since, id", [site])]
    return found


def note_told(db: Database, number: int, channel: str, what: str) -> None:
    """Note that a channel was told that an alarm was "opened" or "closed"."""
    with transaction(db):
        db.execute(
            "UPDATE alarms SET told = json_set(told, '$.' || :channel, :what),"
            " tries = json_remove(tries, '$.' || :channel) WHERE id = :number",
            {"channel": channel, "what": what, "number": number},
        )


def note_failed(db: Database, number: int, channel: str) -> None:
    """Note that a channel could not be told of an alarm once more."""
    with transaction(db):
        db.execute(
            "UPDATE alarms SET tries = json_set(tries, '$.' || :channel,"
            " coalesce(json_extract(tries, '$.' || :channel), 0) + 1) WHERE id = :number",
            {"channel": channel, "number": number},
        )


def _is_same(known: Alarm, found: Alarm) -> bool:
    """Whether one alarm is the other at another time: of a field that has one standing there is no second."""
    return found.until is None or found.until > known.since


def _is_written(db: Database, alarm: Alarm) -> bool:
    """Whether the table has an ended alarm of this field and time: an ended one stays as it was told."""
    if alarm.until is None:
        return False
    row = db.execute(
        "SELECT 1 FROM alarms WHERE site = ? AND field = ? AND until IS NOT NULL AND since < ? AND until > ?",
        [alarm.site, alarm.field, alarm.until.isoformat(), alarm.since.isoformat()],
    )
    return row.fetchone() is not None


def _insert(db: Database, alarm: Alarm, now: datetime) -> None:
    row = _row(alarm) | {"site": alarm.site, "field": alarm.field, "noticed": rows.instant(now)}
    db.table("alarms").insert(row)


def _update(db: Database, number: int, alarm: Alarm) -> None:
    db.table("alarms").update(number, _row(alarm))


def _row(alarm: Alarm) -> dict[str, Any]:
    until = alarm.until and alarm.until.isoformat()
    return {"since": alarm.since.isoformat(), "until": until, "cause": alarm.cause, "detail": alarm.detail}


def _entry(row: dict[str, Any]) -> Entry:
    until = date.fromisoformat(row["until"]) if row["until"] else None
    alarm = Alarm(row["site"], row["field"], date.fromisoformat(row["since"]), until, row["cause"], row["detail"])
    return Entry(
        row["id"], alarm, datetime.fromisoformat(row["noticed"]), json.loads(row["told"]), json.loads(row["tries"])
    )
