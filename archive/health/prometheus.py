"""Accounts as a text file for Prometheus's node_exporter (--collector.textfile), in its text format 0.0.4."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import NamedTuple

from archive.database import FILE
from archive.health.account import Account


class Sample(NamedTuple):
    """One value of one metric, with its labels."""

    metric: str
    value: float
    labels: dict[str, str]


# Every metric is a gauge: its name, and what HELP says of it.
METRICS = {
    "marbre_last_success_timestamp_seconds": "When a crawl of the site last ended that something answered.",
    "marbre_last_article_timestamp_seconds": "When the site's newest article was captured.",
    "marbre_articles_per_day": "Articles a day, on average over the last seven days.",
    "marbre_articles_per_day_baseline": "The same over the four weeks before.",
    "marbre_missing_share": "Share of late articles that lack a field, 0 to 1.",
    "marbre_text_characters": "Median length of late articles in characters.",
    "marbre_rejected_share": "Share of the last week's pages that were no articles, 0 to 1, by reason.",
    "marbre_alarm": "1 for each alarm that stands.",
    "marbre_alarm_since_timestamp_seconds": "The first day of an alarm that stands.",
    "marbre_alarms": "How many alarms stand for the site.",
    "marbre_crawl_duration_seconds": "How long the site's last crawl took.",
    "marbre_crawl_failures": "Pages the site's last crawl could not fetch, by reason.",
    "marbre_archive_bytes": "Size of the archive: WARC files, database.",
    "marbre_free_bytes": "Free space on the archive's disk.",
    "marbre_health_timestamp_seconds": "When these figures were taken.",
}


def write(path: Path, accounts: Sequence[Account], directory: Path, now: datetime) -> None:
    """Put the file in place at once, so that nobody reads half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text([*samples(accounts), *_of_archive(directory, now)]))
        new.chmod(0o644)  # another user's process reads it
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def text(given: Sequence[Sample]) -> str:
    """Return samples in the text format, those of one metric together under its HELP and TYPE."""
    lines: list[str] = []
    for metric, about in METRICS.items():
        values = [sample for sample in given if sample.metric == metric]
        if values:
            lines += [f"# HELP {metric} {about}", f"# TYPE {metric} gauge", *map(_line, values)]
    return "".join(f"{line}\n" for line in lines)


def samples(accounts: Sequence[Account]) -> Iterator[Sample]:
    for account in accounts:
        for metric, value in _plain(account):
            if value is not None:
                yield Sample(metric, value, {"site": account.site})
        yield from _labelled(account)


def _plain(account: Account) -> Iterator[tuple[str, float | None]]:
    yield "marbre_last_success_timestamp_seconds", _seconds(account.last_success)
    yield "marbre_last_article_timestamp_seconds", _seconds(account.last_article)
    yield "marbre_articles_per_day", account.per_day
    yield "marbre_articles_per_day_baseline", account.baseline
    yield "marbre_text_characters", account.characters
    yield "marbre_alarms", len(account.alarms)
    yield "marbre_crawl_duration_seconds", account.last_crawl.get("seconds")


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _labelled(account: Account) -> Iterator[Sample]:
    site = {"site": account.site}
    for field, share in account.missing.items():
        yield Sample("marbre_missing_share", share, site | {"field": field})
    for reason, share in account.rejected.items():
        yield Sample("marbre_rejected_share", share, site | {"reason": reason})
    for reason, count in account.last_crawl.get("failures", {}).items():
        yield Sample("marbre_crawl_failures", count, site | {"reason": reason})
    for alarm in account.alarms:
        labels = site | {"field": alarm.field, "cause": alarm.cause}
        yield Sample("marbre_alarm", 1, labels)
        since = datetime.combine(alarm.since, time(), UTC)
        yield Sample("marbre_alarm_since_timestamp_seconds", since.timestamp(), labels)


def _of_archive(directory: Path, now: datetime) -> Iterator[Sample]:
    database = sum(path.stat().st_size for path in directory.glob(f"{FILE}*") if path.is_file())
    warc = sum(path.stat().st_size for path in (directory / "warc").glob("*") if path.is_file())
    yield Sample("marbre_archive_bytes", database, {"part": "database"})
    yield Sample("marbre_archive_bytes", warc, {"part": "warc"})
    yield Sample("marbre_free_bytes", shutil.disk_usage(directory).free, {})
    yield Sample("marbre_health_timestamp_seconds", now.timestamp(), {})


def _line(sample: Sample) -> str:
    labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels.items())
    return f"{sample.metric}{{{labels}}} {sample.value:.15g}" if labels else f"{sample.metric} {sample.value:.15g}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
