"""`marbre runs`: every run is a row whose outcomes add up, those that were killed too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import clocked
from tests.clocked import START
from tests.conftest import run_marbre
from tests.kiosk import Kiosk

OUTCOMES = ("new", "changed", "unchanged", "skipped", "rejected", "failed")


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    with Kiosk() as kiosk:
        for number in range(6):
            kiosk.publish(f"/ville/{number}/", f"Le conseil, épisode {number}")
        yield kiosk


def test_every_run_is_a_row_that_adds_up(kiosk: Kiosk, tmp_path: Path) -> None:
    sites, archive = kiosk.sites(tmp_path, "revisit = false"), tmp_path / "archive"
    clocked.run(START, "crawl", "--archive", archive, sites=sites, killed=("after its article is saved", "2"))
    clocked.run(START + timedelta(hours=1), "crawl", "--archive", archive, sites=sites)
    said = run_marbre("runs", "--json", "--archive", archive).stdout
    last, first = map(json.loads, said.splitlines())
    assert (first["reason"], last["reason"]) == ("interrupted", "finished")
    for row in (first, last):
        assert row["discovered"] == sum(row[name] for name in OUTCOMES) == 6
        assert sum(row["reasons"].values()) == row["skipped"] + row["rejected"] + row["failed"]
        assert row["bytes"] > 0
        assert {"marbre", "scrapy", "trafilatura", "python"} <= set(row["versions"])
    assert first["new"] + last["new"] + last["unchanged"] == 6
    assert first["due"] == 6
    assert last["due"] == 1, "the one that was in flight"
    assert last["seconds"] is not None


def test_a_person_reads_it(kiosk: Kiosk, tmp_path: Path) -> None:
    sites, archive = kiosk.sites(tmp_path), tmp_path / "archive"
    for hour in range(3):
        clocked.run(START + timedelta(hours=hour), "crawl", "--archive", archive, sites=sites)
    shown = run_marbre("runs", "--last", "2", "--archive", archive).stdout
    assert [line.split()[:2] for line in shown.splitlines() if "kiosk" in line] == [
        ["kiosk", "2026-03-01"],
        ["kiosk", "2026-03-01"],
    ]
    assert "10:00" in shown
    assert "08:00" not in shown
    assert "no runs of nobody" in run_marbre("runs", "nobody", "--archive", archive).stderr
