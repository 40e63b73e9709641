"""What has systemd or cron start `marbre run`: the units and lines, where they go, and how they are taken away."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from archive import revisits
from archive.exits import Exit
from crawler.errors import CrawlError

NAME = "marbre"
_BEGIN, _END = "# >>> marbre run >>>", "# <<< marbre run <<<"


class Job(NamedTuple):
    """What is to be run: the list of sites and the archive (absolute paths), how often, and how long at most."""

    sites: Path
    archive: Path
    every: timedelta
    longest: timedelta

    def command(self) -> list[str]:
        options = ["--archive", str(self.archive), "--time", revisits.words(self.longest)]
        return [sys.executable, "-P", "-m", "crawler", "--sites", str(self.sites), "run", *options]


@dataclass(frozen=True, slots=True)
class Systemd:
    """A service and its timer (systemd.service(5), systemd.timer(5)), of one user or of the whole machine."""

    system: bool = False

    def shown(self, job: Job) -> str:
        texts = {NAME + ".service": self._service(job), NAME + ".timer": _timer(job)}
        return "\n".join(f"# {self._place() / name}\n{text}" for name, text in texts.items())

    def install(self, job: Job) -> str:
        place = self._place()
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{NAME}.service").write_text(self._service(job), encoding="utf-8")
        (place / f"{NAME}.timer").write_text(_timer(job), encoding="utf-8")
        self._systemctl("daemon-reload")
        self._systemctl("enable", "--now", f"{NAME}.timer")
        log = f"journalctl {'' if self.system else '--user '}-u {NAME}"
        return f"wrote {place / NAME}.service and .timer; the timer is on. The log: {log}"

    def uninstall(self, _: Job | None = None) -> str:
        place = self._place()
        if not (place / f"{NAME}.timer").exists():
            return f"nothing to take away: there is no {place / NAME}.timer"
        self._systemctl("disable", "--now", f"{NAME}.timer")
        for kind in ("service", "timer"):
            (place / f"{NAME}.{kind}").unlink(missing_ok=True)
        self._systemctl("daemon-reload")
        return f"took away {place / NAME}.service and .timer; the archive is as it was"

    def _place(self) -> Path:
        if self.system:
            return Path("/etc/systemd/system")
        return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd/user"

    def _systemctl(self, *words: str) -> None:
        _call(["systemctl", *([] if self.system else ["--user"]), *words])

    def _service(self, job: Job) -> str:
        # A run that only found something failing, or ended in time, is no failure of the service; the timer goes on.
        well = " ".join(
            str(int(code)) for code in (Exit.PARTIAL, Exit.RETRY, Exit.STOPPED, Exit.TIME, Exit.RATE_LIMITED)
        )
        return f"""[Unit]
Description=Marbre: crawl the news sites that are due
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={" ".join(_quoted(word) for word in job.command())}
WorkingDirectory={_percent(str(job.archive.parent))}
SuccessExitStatus={well}
KillSignal=SIGTERM
TimeoutStopSec=120
Nice=10
IOSchedulingClass=idle
UMask=0077
NoNewPrivileges=true
{self._walls(job)}"""

    def _walls(self, job: Job) -> str:
        """Return what only the machine's own systemd can do: a user's has no right to build name spaces everywhere."""
        if not self.system:
            return ""
        return f"""User={getpass.getuser()}
PrivateTmp=true
ProtectSystem=strict
ReadWritePaths={_quoted(str(job.archive.parent))}
RestrictSUIDSGID=true
LockPersonality=true
"""


def _timer(job: Job) -> str:
    return f"""[Unit]
Description=Marbre: look what is due

[Timer]
OnBootSec=2min
OnUnitInactiveSec={round(job.every.total_seconds())}s
RandomizedDelaySec={round(job.every.total_seconds() / 10)}s
AccuracySec=10s

[Install]
WantedBy=timers.target
"""


@dataclass(frozen=True, slots=True)
class Cron:
    """A line in one user's crontab (crontab(5)), between two comments by which it is found again."""

    def shown(self, job: Job) -> str:
        return "\n".join(_cron_lines(job))

    def install(self, job: Job) -> str:
        kept = _without(_crontab())
        _write_crontab([*kept, *_cron_lines(job)])
        return f"wrote a line into your crontab (crontab -l shows it); the log: {_log(job)}"

    def uninstall(self, _: Job | None = None) -> str:
        lines = _crontab()
        kept = _without(lines)
        if kept == lines:
            return "nothing to take away: your crontab has no line of marbre"
        _write_crontab(kept)
        return "took the line out of your crontab; the archive is as it was"


def _cron_lines(job: Job) -> list[str]:
    # In a crontab a bare % ends the line.
    command = shlex.join(job.command()).replace("%", r"\%")
    log = shlex.quote(str(_log(job))).replace("%", r"\%")
    return [_BEGIN, f"{_moments(job.every)} {command} >> {log} 2>&1", _END]


def _log(job: Job) -> Path:
    return job.archive.parent / f"{job.archive.name}.log"


def _moments(every: timedelta) -> str:
    """Return when: cron knows minutes of the hour and hours of the day only, so others are made the next rarer."""
    minutes = max(1, round(every.total_seconds() / 60))
    for step in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30):
        if minutes <= step:
            return f"*/{step} * * * *" if step > 1 else "* * * * *"
    for hours in (1, 2, 3, 4, 6, 8, 12):
        if minutes <= 60 * hours:
            return f"7 */{hours} * * *" if hours > 1 else "7 * * * *"
    return "7 4 * * *"


def _crontab() -> list[str]:
    if shutil.which("crontab") is None:
        raise CrawlError("crontab: not found; install cron, or use --systemd, or --print and see to it yourself")
    done = subprocess.run(["crontab", "-l"], check=False, capture_output=True, text=True)  # noqa: S607 - the user's own
    return done.stdout.splitlines() if done.returncode == 0 else []


def _write_crontab(lines: Sequence[str]) -> None:
    _call(["crontab", "-"], text="\n".join(lines) + "\n")


def _without(lines: Sequence[str]) -> list[str]:
    if _BEGIN not in lines or _END not in lines:
        return list(lines)
    return [*lines[: lines.index(_BEGIN)], *lines[lines.index(_END) + 1 :]]


def _call(words: Sequence[str], text: str | None = None) -> None:
    if shutil.which(words[0]) is None:
        raise CrawlError(f"{words[0]}: not found; use --print and put the units where your system wants them")
    done = subprocess.run(words, check=False, input=text, capture_output=True, text=True)  # noqa: S603 - our own words
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise CrawlError(f"{shlex.join(words)}: {said[-1] if said else f'exit code {done.returncode}'}")


def _percent(text: str) -> str:
    return text.replace("%", "%%")  # systemd's own marks


def _quoted(word: str) -> str:
    """Return a word as systemd reads it (systemd.syntax(7)): quoted if need be, its marks doubled."""
    plain = _percent(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{plain}"' if any(letter.isspace() or letter in "'\";" for letter in word) else plain
