"""What every process on one archive knows of a host: when it may be asked next, and what it said of our pace.

Times are seconds since 1970 (UTC), given by the caller. A clock that is set back or forward never makes anybody wait
longer than what was asked for: each moment in the table is kept with the time it was given for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlite_utils import Database

from archive.database import transaction

SLOWEST = 120.0  # seconds between two requests: what refusals can bring a host's delay to
_LEAST = 0.05  # seconds; a delay that has been halved to less is none
_COLUMNS = "host, next_at, delay, slower, blocked_until, blocked_for, why, errors"


class Host(NamedTuple):
    """One row of `hosts`. `slower` is the delay it taught us, in seconds; `errors` what failed in a row."""

    host: str
    next_at: float = 0.0
    delay: float = 0.0
    slower: float = 0.0
    blocked_until: float = 0.0
    blocked_for: float = 0.0
    why: str | None = None
    errors: float = 0.0

    def wait(self, delay: float, now: float) -> float:
        """Return the seconds until it may be asked, by somebody who leaves `delay` between two requests; 0 for now."""
        slot = min(self.next_at - now, max(delay, self.delay, self.slower))
        return max(0.0, slot, self.block(now))

    def block(self, now: float) -> float:
        """Return the seconds it is to be left alone, whatever the delay."""
        return max(0.0, min(self.blocked_until - now, self.blocked_for))

    def left_alone(self, seconds: float, now: float, why: str) -> Host:
        """Return it with a block from now on; one that lasts longer stays."""
        if self.block(now) >= seconds:
            return self
        return self._replace(blocked_until=now + seconds, blocked_for=seconds, why=why)


class Hosts:
    """The table `hosts`, open for writing. Every method that writes commits before it returns."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def of(self, host: str) -> Host:
        row = self.db.execute(f"SELECT {_COLUMNS} FROM hosts WHERE host = ?", [host]).fetchone()
        return Host(*row) if row else Host(host)

    def claim(self, host: str, delay: float, now: float) -> float:
        """Take the next turn at a host and return 0, or return the seconds after which to try again.

        Whoever has the turn sends one request at once; nobody else on this archive gets one for `delay` seconds.
        """
        if wait := self.of(host).wait(delay, now):  # without a lock: most who come too early are told here
            return wait
        with transaction(self.db):
            known = self.of(host)
            if wait := known.wait(delay, now):
                return wait
            pause = max(delay, known.slower)
            self._write(known._replace(next_at=now + pause, delay=pause))
        return 0.0

    def answered(self, host: str) -> None:
        """Note a good answer: what the host taught us is halved, and forgotten in the end."""
        known = self.of(host)
        if not (known.slower or known.errors):
            return
        with transaction(self.db):
            known = self.of(host)
            slower = known.slower / 2 if known.slower >= 2 * _LEAST else 0.0
            self._write(known._replace(slower=slower, errors=0.0, why=known.why if slower else None))

    def refused(self, host: str, least: float, asked: float | None, now: float) -> Host:
        """Note a 429 or 503: its delay doubles, from `least` on; it is left alone for `asked` seconds if it said so."""
        with transaction(self.db):
            known = self.of(host)
            slower = min(max(2 * known.slower, least), SLOWEST)
            row = known._replace(slower=slower).left_alone(max(slower, asked or 0.0), now, "rate_limited")
            self._write(row)
        return row

    def failed(self, host: str, weight: float, pause: float, now: float) -> Host:
        """Note a request that came to nothing: `weight` counts against the host, which is left alone for `pause`."""
        with transaction(self.db):
            known = self.of(host)
            row = known._replace(errors=known.errors + weight)
            if pause:
                row = row.left_alone(pause, now, "host_down")
            self._write(row)
        return row

    def spend(self, site: str, budget: int, today: datetime) -> bool:
        """Count one request of a site against its budget of the day (UTC); False, and not counted, if it is spent."""
        day = today.astimezone(UTC).date().isoformat()
        with transaction(self.db):
            spent = self._spent(site, today)
            if spent >= budget:
                return False
            self.db.execute(
                "INSERT INTO site_days (site, day, requests) VALUES (?, ?, 1)"
                " ON CONFLICT DO UPDATE SET requests = ?, day = iif(? = 0, excluded.day, max(day, excluded.day))",
                [site, day, spent + 1, spent],
            )
        return True

    def is_spent(self, site: str, budget: int, today: datetime) -> bool:
        return self._spent(site, today) >= budget

    def _spent(self, site: str, today: datetime) -> int:
        """Requests of the day; those of "tomorrow" count, too: a clock that is set back must not double a budget."""
        today = today.astimezone(UTC)
        days = [(today + timedelta(days=more)).date().isoformat() for more in (0, 1)]
        row = self.db.execute("SELECT requests FROM site_days WHERE site = ? AND day IN (?, ?)", [site, *days])
        found = row.fetchone()
        return int(found[0]) if found else 0

    def _write(self, row: Host) -> None:
        marks = ", ".join("?" * len(row))
        self.db.execute(f"INSERT OR REPLACE INTO hosts ({_COLUMNS}) VALUES ({marks})", list(row))
