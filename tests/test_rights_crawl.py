"""From a crawl to an export: what sites say is on record, is told with its source, is respected, and can be applied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive.verification import verify
from tests import clocked
from tests import small_archives as small
from tests.clocked import START
from tests.conftest import run_marbre
from tests.kiosk import Answer, Kiosk

FREE, HEADER, META, FILE = "/libre/un/", "/entete/un/", "/meta/un/", "/dossier/un/"
TDMREP = "/.well-known/tdmrep.json"


def rule(location: str, value: int = 1) -> Answer:
    body = json.dumps([{"location": location, "tdm-reservation": value}]).encode()
    return Answer(200, body, {"Content-Type": "application/json"})


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    with Kiosk() as kiosk:
        for path in (FREE, HEADER, META, FILE):
            kiosk.publish(path, f"Le marché {path}")
        marked = kiosk.answers[META].body.replace(b"<head>", b'<head><meta name="robots" content="noai">')
        kiosk.answers[META] = Answer(body=marked, headers=kiosk.answers[META].headers)
        said = {**kiosk.answers[HEADER].headers, "TDM-Reservation": "1"}
        kiosk.answers[HEADER] = Answer(body=kiosk.answers[HEADER].body, headers=said)
        kiosk.answers[TDMREP] = rule("/dossier/")
        yield kiosk


def crawl(kiosk: Kiosk, tmp_path: Path, hours: float = 0) -> Path:
    sites = kiosk.sites(tmp_path, "revisit = false")
    clocked.run(START + timedelta(hours=hours), "crawl", "--archive", tmp_path / "archive", sites=sites)
    return tmp_path / "archive"


def exported(archive: Path, *words: str) -> tuple[set[str], str]:
    done = run_marbre("export", "--archive", archive, *words)
    paths = {"/" + json.loads(line)["canonical_url"].split("/", 3)[3] for line in done.stdout.splitlines()}
    return paths, done.stderr


def test_what_is_reserved_is_left_out_and_told(kiosk: Kiosk, tmp_path: Path) -> None:
    archive = crawl(kiosk, tmp_path)
    found, said = exported(archive)
    assert found == {FREE}
    assert "left out 3 that are reserved" in said
    assert "1 by tdm-reservation in tdmrep.json" in said
    assert exported(archive, "--no-respect-tdm") == ({FREE, HEADER, META, FILE}, "4 articles\n")
    assert exported(archive, "--limit", "1")[0] == {FREE}
    assert FILE in run_marbre("export", "--format", "cdxj", "--archive", archive).stdout

    told = json.loads(run_marbre("rights", kiosk.url[:-1] + FILE, "--json", "--archive", archive).stdout)
    assert told["reserved"] == "tdm-reservation=1 in tdmrep.json, rule 1"
    assert told["user_agent"].startswith("marbre/")
    assert {claim["source"] for claim in told["claims"]} == {"robots.txt", "tdmrep.json"}
    shown = run_marbre("rights", kiosk.url[:-1] + META, "--archive", archive).stdout
    assert "meta: robots:noai = noai" in shown
    assert "text and data mining: reserved by robots:noai=noai in meta" in shown
    assert "not reserved" in run_marbre("rights", kiosk.url[:-1] + FREE, "--archive", archive).stdout
    assert "1 robots:noai=noai in meta" in run_marbre("rights", "--archive", archive).stdout


def test_a_file_is_asked_for_once_a_day_and_its_absence_is_no_failure(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.answers[TDMREP] = Answer(404)
    archive = crawl(kiosk, tmp_path)
    crawl(kiosk, tmp_path, 12)
    assert len(kiosk.asked(TDMREP)) == 1
    kiosk.answers[TDMREP] = rule("/")
    crawl(kiosk, tmp_path, 30)
    assert len(kiosk.asked(TDMREP)) == 2
    assert FREE in exported(archive)[0], "what was fetched before went by what was said then"


def test_a_later_reservation_is_applied_and_stays(kiosk: Kiosk, tmp_path: Path) -> None:
    archive = crawl(kiosk, tmp_path)
    kiosk.answers[TDMREP] = rule("/")
    crawl(kiosk, tmp_path, 30)
    assert (
        "kiosk: 1 more articles would be reserved"
        in run_marbre("rights", "apply", "--dry-run", "--archive", archive).stdout
    )
    assert exported(archive)[0] == {FREE}
    applied = [clocked.run(START + timedelta(hours=31), "rights", "apply", "--archive", archive) for _ in range(2)]
    assert "kiosk: 1 more articles are reserved" in applied[0].stdout
    assert "nothing changes" in applied[1].stdout
    assert exported(archive)[0] == set()
    kiosk.answers[TDMREP] = rule("/", 0)
    crawl(kiosk, tmp_path, 60)
    assert exported(archive)[0] == set(), "what was applied once is not undone by another word"

    assert list(verify(archive)) == []
    before = small.tables(archive)
    run_marbre("rebuild", "--archive", archive)
    assert small.tables(archive) == before
    assert exported(archive)[0] == set()
