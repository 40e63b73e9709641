"""Telling somebody of alarms, once when each is opened and once when it is over; and never failing a run by that.

What a channel was told stands in the table of alarms: what it could not be told now it is told after the next run.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.database import open_for_writing
from archive.health import book
from archive.health.account import alarm_as_json
from archive.health.alarms import alarms, look
from archive.health.book import Entry
from archive.health_view import sentence
from crawler.channels import Channel, NotTold
from crawler.sites import Sites

logger = logging.getLogger("marbre")


def after_run(directory: Path, sites: Sites, results: Iterable[Any]) -> list[Entry]:
    """Judge the sites of a run, bring the table of alarms up to date, and tell every channel what it does not know.

    `results` are what `crawler.run.crawl` returned, or names of sites. Returns the alarms that stand. A channel that
    cannot be told is named in the log; nothing is raised for it.
    """
    names = list(dict.fromkeys(result if isinstance(result, str) else result.site for result in results))
    now = datetime.now(UTC)
    db = open_for_writing(directory)
    try:
        for name in names:
            before = book.entries(db, [name], standing=True)
            book.write(db, name, alarms(look(db, name, now)), now)
            _log(before, book.entries(db, [name]))
        _tell_all(db, directory, sites)
        return book.entries(db, names, standing=True)
    finally:
        db.close()


def _log(before: Sequence[Entry], after: Sequence[Entry]) -> None:
    """Say what is new in the table: an alarm that stands already was said when it was opened."""
    stood = {entry.number for entry in before}
    for entry in after:
        alarm = entry.alarm
        if alarm.until is None and entry.number not in stood:
            logger.warning("%s: alarm: %s: %s; likely cause: %s", alarm.site, alarm.field, alarm.detail, alarm.cause)
        elif alarm.until and entry.number in stood:
            logger.info("%s: well again since %s: %s: %s", alarm.site, alarm.until, alarm.field, alarm.detail)


def _tell_all(db: Database, directory: Path, sites: Sites) -> None:
    channels = list(sites.notify.channels())
    if not channels:
        return
    with (directory / "notify.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            logger.info("another run is telling of alarms; leaving it to that one")
            return
        known = [site for (site,) in db.execute("SELECT DISTINCT site FROM alarms ORDER BY site").fetchall()]
        for channel in channels:
            _tell(db, channel, book.entries(db, known))


def _tell(db: Database, channel: Channel, entries: Sequence[Entry]) -> None:
    opened = [entry for entry in entries if entry.alarm.until is None and channel.name not in entry.told]
    closed = [entry for entry in entries if entry.alarm.until and entry.told.get(channel.name) == "opened"]
    if not opened and not closed:
        return
    standing = sum(entry.alarm.until is None for entry in entries)
    try:
        channel.tell(message(opened, closed, standing))
    except NotTold as error:
        for entry in (*opened, *closed):
            book.note_failed(db, entry.number, channel.name)
        tries = 1 + max(entry.tries.get(channel.name, 0) for entry in (*opened, *closed))
        logger.warning(
            "%s could not be told of %s%s: %s; it is tried again after the next run",
            channel.name,
            _count(len(opened) + len(closed)),
            f" ({tries} times in a row)" if tries > 1 else "",
            error,
        )
        return
    for entry in opened:
        book.note_told(db, entry.number, channel.name, "opened")
    for entry in closed:
        book.note_told(db, entry.number, channel.name, "closed")


def message(opened: Sequence[Entry], closed: Sequence[Entry], standing: int) -> dict[str, Any]:
    """Return what a channel is told: JSON's types; docs/health.md describes the keys."""
    return {
        "title": _title(opened, closed),
        "text": "\n".join(_lines(opened, closed)),
        "opened": [_alarm(entry) for entry in opened],
        "closed": [_alarm(entry) for entry in closed],
        "standing": standing,
    }


def _title(opened: Sequence[Entry], closed: Sequence[Entry]) -> str:
    said = [f"{_count(len(opened))}"] if opened else []
    said += [f"{_count(len(closed))} over"] if closed else []
    sites = sorted({entry.alarm.site for entry in (*opened, *closed)})
    return f"Marbre: {', '.join(said)} ({', '.join(sites[:5])}{', ...' if len(sites) > 5 else ''})"


def _lines(opened: Sequence[Entry], closed: Sequence[Entry]) -> list[str]:
    lines = []
    for entry in opened:
        lines += [sentence(entry.alarm), f"  likely cause: {entry.alarm.cause}", f"  next: {entry.alarm.advice}"]
    return lines + [f"well again since {entry.alarm.until}: {sentence(entry.alarm)}" for entry in closed]


def _alarm(entry: Entry) -> dict[str, Any]:
    return {"id": entry.number, **alarm_as_json(entry.alarm), "noticed": entry.noticed.isoformat()}


def _count(number: int) -> str:
    return f"{number} alarm{'' if number == 1 else 's'}"
