"""What `marbre health --prometheus` writes: read as Prometheus reads it, never half there."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from archive.health import prometheus
from archive.health.account import Account
from archive.health.alarms import Alarm
from archive.health.measures import FIELDS
from tests.conftest import run_marbre
from tests.newsrooms import Newsroom, day_of, fill

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def account(site: str, *alarms: Alarm) -> Account:
    return Account(
        site=site,
        at=NOW,
        alarms=alarms,
        ended=(),
        last_article=NOW,
        last_success=NOW,
        per_day=11.5,
        baseline=None,
        missing={"author": 0.25, "title": 0.0},
        characters=2400.0,
        rejected={'no "text"\\\nat all': 0.125},
        last_crawl={"id": "x", "seconds": 61.5, "failures": {"http_503": 3}},
    )


def read(text: str) -> Series:
    """Parse a text file; a series that is there twice, or a metric told of twice, is a mistake."""
    found: Series = {}
    names: list[str] = []
    for family in text_string_to_metric_families(text):
        names.append(family.name)
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    assert len(names) == len(set(names))
    return found


def of(series: Series, metric: str, **labels: str) -> float:
    return series[metric, frozenset(labels.items())]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "archive" / "warc").mkdir(parents=True)
    (tmp_path / "archive" / "archive.db").write_bytes(b"x" * 700)
    (tmp_path / "archive" / "warc" / "a.warc.gz").write_bytes(b"x" * 900)
    return tmp_path / "archive"


def written(directory: Path, accounts: Sequence[Account]) -> str:
    path = directory.parent / "marbre.prom"
    prometheus.write(path, accounts, directory, NOW)
    return path.read_text(encoding="utf-8")


def test_every_figure_can_be_read_again(directory: Path) -> None:
    alarm = Alarm("gazette", "author", date(2026, 3, 31), None, "template changed", "missing")
    text = written(directory, [account("gazette", alarm), account("écho")])
    series = read(text)
    assert text.endswith("\n")
    assert of(series, "marbre_articles_per_day", site="gazette") == 11.5
    assert of(series, "marbre_missing_share", site="écho", field="author") == 0.25
    assert of(series, "marbre_rejected_share", site="gazette", reason='no "text"\\\nat all') == 0.125
    assert of(series, "marbre_crawl_failures", site="gazette", reason="http_503") == 3
    assert of(series, "marbre_crawl_duration_seconds", site="gazette") == 61.5
    assert of(series, "marbre_alarms", site="gazette") == 1
    assert of(series, "marbre_alarms", site="écho") == 0
    assert of(series, "marbre_alarm", site="gazette", field="author", cause="template changed") == 1
    since = of(series, "marbre_alarm_since_timestamp_seconds", site="gazette", field="author", cause="template changed")
    assert since == datetime(2026, 3, 31, tzinfo=UTC).timestamp()
    assert of(series, "marbre_archive_bytes", part="database") == 700
    assert of(series, "marbre_archive_bytes", part="warc") == 900
    assert of(series, "marbre_free_bytes") > 0
    assert of(series, "marbre_health_timestamp_seconds") == NOW.timestamp()
    assert not [metric for metric, _ in series if metric == "marbre_articles_per_day_baseline"]
    assert {metric for metric, _ in series} <= set(prometheus.METRICS)


def test_a_reader_never_sees_half_of_it(directory: Path) -> None:
    path = directory.parent / "marbre.prom"
    few, many = [account("gazette")], [account(f"site-{number}") for number in range(300)]
    prometheus.write(path, few, directory, NOW)
    whole = {len(read(path.read_text(encoding="utf-8")))}
    prometheus.write(path, many, directory, NOW)
    whole.add(len(read(path.read_text(encoding="utf-8"))))
    over = threading.Event()

    def again() -> None:
        for number in range(30):
            prometheus.write(path, few if number % 2 else many, directory, NOW)
        over.set()

    writer = threading.Thread(target=again)
    writer.start()
    while not over.is_set():
        assert len(read(path.read_text(encoding="utf-8"))) in whole
    writer.join()
    assert [found.name for found in path.parent.iterdir() if "marbre.prom" in found.name] == ["marbre.prom"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_failed_write_leaves_the_last_one(directory: Path) -> None:
    whole = written(directory, [account("gazette")])
    with pytest.raises(FileNotFoundError):
        prometheus.write(directory.parent / "marbre.prom", [account("gazette")], directory / "nowhere", NOW)
    assert (directory.parent / "marbre.prom").read_text(encoding="utf-8") == whole
    assert not list(directory.parent.glob(".marbre*"))


def test_the_command_writes_it_beside_what_it_says(tmp_path: Path) -> None:
    room = Newsroom(1, 14.0, 0.6, dict.fromkeys(FIELDS, 0.0), swaps={30: "image"}, steady=True)
    fill(tmp_path / "archive", room.site(31))
    words = ("--archive", str(tmp_path / "archive"), "--on", day_of(30).isoformat())
    told = run_marbre("health", *words, "--prometheus", str(tmp_path / "marbre.prom"), code=1)
    assert "site-1: image: missing in" in told.stdout
    series = read((tmp_path / "marbre.prom").read_text(encoding="utf-8"))
    assert of(series, "marbre_alarm", site="site-1", field="image", cause="template changed") == 1
    assert of(series, "marbre_missing_share", site="site-1", field="author") == 0
    assert of(series, "marbre_archive_bytes", part="database") > 0
    unwritable = run_marbre("health", *words, "--prometheus", str(tmp_path / "no" / "marbre.prom"), code=1)
    assert "No such file or directory" in unwritable.stderr
