"""What `marbre schedule install` has systemd and cron do: units that systemd accepts, lines that a shell reads back."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.errors import CrawlError
from crawler.units import Cron, Job, Systemd
from tests.conftest import run_marbre, write_sites

HARD = ("plain", "two words", "100% news", 'a "quoted" name', "cost $HOME", "back\\slash", "l'été")


def job(folder: Path, every: timedelta = timedelta(minutes=15)) -> Job:
    return Job(folder / "sites.toml", folder / "archive", every, timedelta(hours=1))


def files(shown: str) -> dict[str, str]:
    """The units in what `--print` shows, by name."""
    found: dict[str, str] = {}
    for line in shown.splitlines():
        if line.startswith("# /"):
            name = Path(line.removeprefix("# ")).name
            found[name] = ""
        else:
            found[name] += line + "\n"
    return found


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
@pytest.mark.parametrize("system", [False, True])
@pytest.mark.parametrize("name", HARD)
def test_systemd_finds_nothing_to_complain_of(tmp_path: Path, name: str, *, system: bool) -> None:
    folder = tmp_path / name
    folder.mkdir()
    units = files(Systemd(system).shown(job(folder)))
    assert set(units) == {"marbre.service", "marbre.timer"}
    for unit, text in units.items():
        (tmp_path / unit).write_text(text)
    paths = [tmp_path / unit for unit in units]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths],
        check=False,
        capture_output=True,
        text=True,
    )
    ours = [line for line in done.stderr.splitlines() if "marbre" in line]
    assert ours == []


@pytest.mark.parametrize("name", HARD)
def test_what_cron_runs_is_what_was_meant(tmp_path: Path, name: str) -> None:
    """Cron ends a line at a bare %, takes the backslash before one away, and gives the rest to a shell."""
    meant = job(tmp_path / name)
    _, line, _ = Cron().shown(meant).splitlines()
    words = line.split(" ", 5)[5].replace(r"\%", "%")
    command, _, rest = words.rpartition(" >> ")
    assert shlex.split(command) == meant.command()
    assert shlex.split(rest)[0] == str(tmp_path / name / "archive.log")


@pytest.mark.parametrize(
    ("minutes", "fields"),
    [
        *((1, "* * * * *"), (7, "*/10 * * * *"), (15, "*/15 * * * *"), (31, "7 * * * *"), (60, "7 * * * *")),
        *((100, "7 */2 * * *"), (721, "7 4 * * *"), (10_000, "7 4 * * *")),
    ],
)
def test_cron_knows_few_rhythms_and_never_runs_more_often(tmp_path: Path, minutes: int, fields: str) -> None:
    assert fields + " " in Cron().shown(job(tmp_path, timedelta(minutes=minutes)))


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with programs called crontab and systemctl, which keep what they are given."""
    programs = tmp_path / "bin"
    programs.mkdir()
    texts = {
        "crontab": f'[ "$1" = -l ] && exec cat {tmp_path}/crontab\nexec cat > {tmp_path}/crontab\n',
        "systemctl": f'echo "$@" >> {tmp_path}/systemctl\n',
    }
    for name, text in texts.items():
        (programs / name).write_text("#!/bin/sh\n" + text)
        (programs / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def schedule(desktop: Path, *words: str, code: int = 0) -> str:
    sites = write_sites(desktop, "http://127.0.0.1:9/")
    given = ("--sites", sites, "--archive", desktop / "archive")
    done = run_marbre("schedule", *given, "install", *words, code=code)
    return done.stdout + done.stderr


def test_a_line_comes_into_the_crontab_once_and_goes_again(desktop: Path) -> None:
    own = "# mine\n5 4 * * 0 backup\n"
    (desktop / "crontab").write_text(own)
    for _ in range(2):
        assert "crontab -l" in schedule(desktop, "--cron")
    held = (desktop / "crontab").read_text()
    assert held.startswith(own)
    assert held.count("marbre run >>>") == held.count(" run --archive ") == 1
    assert "took the line" in schedule(desktop, "--cron", "--uninstall")
    assert (desktop / "crontab").read_text() == own
    assert "nothing to take away" in schedule(desktop, "--cron", "--uninstall")


def test_units_are_written_and_taken_away(desktop: Path) -> None:
    place = desktop / "config/systemd/user"
    assert "journalctl" in schedule(desktop, "--systemd")
    assert {path.name for path in place.iterdir()} == {"marbre.service", "marbre.timer"}
    said = (desktop / "systemctl").read_text()
    assert said == "--user daemon-reload\n--user enable --now marbre.timer\n"
    schedule(desktop, "--systemd", "--uninstall")
    assert list(place.iterdir()) == []
    assert "nothing to take away" in schedule(desktop, "--systemd", "--uninstall")


def test_printing_writes_nothing(desktop: Path) -> None:
    assert "ExecStart=" in schedule(desktop, "--systemd", "--print")
    assert "*/15 * * * *" in schedule(desktop, "--cron", "--print")
    assert not (desktop / "config").exists()
    assert not (desktop / "systemctl").exists()


def test_what_was_printed_runs(tmp_path: Path) -> None:
    """The command of a crontab's line, as a shell runs it, with nothing of a user's surroundings."""
    (tmp_path / "two words").mkdir()
    sites = write_sites(tmp_path / "two words", "http://127.0.0.1:9/")
    meant = Job(sites, tmp_path / "two words" / "archive", timedelta(hours=1), timedelta(minutes=1))
    _, line, _ = Cron().shown(meant).splitlines()
    command = line.split(" ", 5)[5]
    done = subprocess.run(["/bin/sh", "-c", command], check=False, cwd="/", env={}, capture_output=True, timeout=60)
    log = (tmp_path / "two words/archive.log").read_text()
    assert "gazette" in log
    assert "Traceback" not in log
    assert done.returncode == 9, log  # nobody answers there: try again later


def test_neither_or_both_is_a_mistake(desktop: Path) -> None:
    assert "--systemd" in schedule(desktop, code=2)


def test_a_machine_without_it_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for kind in (Cron(), Systemd()):
        with pytest.raises(CrawlError, match="--print"):
            kind.install(job(tmp_path))
    assert sys.executable in Cron().shown(job(tmp_path))
