"""Two months of `marbre run` from cron, in minutes: twenty generated newspapers, and what went wrong with them.

    nice -n 10 python -m benchmarks.sixty_days [--days 60] [--every 60] [--archive DIR]

The papers of tests.newsland (sixty articles a day to one a week; feeds that vanish, pages that are refused, hosts that
do not answer, a new template, silence, edits, deletions) live by a clock of their own; every EVERY minutes `marbre run`
is started at that moment, as cron does, and killed as by kill -9 once in two hundred ticks. Compares the archive with
what was published: articles that are missing, doubled or read otherwise, edits and deletions that were not seen, runs
that do not add up, requests a day, alarms with the troubles they tell of, and whether the archive is whole and can be
made again from its WARC files. Exits with 1 if something is lost that was there to be fetched, or it is not whole.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive import Archive
from archive.verification import verify
from tests import clocked, processes
from tests.archives import dump
from tests.newsland import PAPERS, Newsland, Stand, Story
from tests.newspages import paragraphs

START = datetime(2026, 3, 2, tzinfo=UTC)
OUTCOMES = ("new", "changed", "unchanged", "skipped", "rejected", "failed")


def live(land: Newsland, sites: Path, archive: Path, days: int, every: timedelta) -> Counter[str]:
    """Start `marbre run` at every tick; returns how often it ended how, and the seconds it took in all."""
    ends: Counter[str] = Counter()
    pick, moment = random.Random("kill"), START
    while moment < START + timedelta(days=days):
        land.now = moment
        killed = ("after its row", str(pick.randint(0, 2))) if pick.random() < 0.005 else ()
        began = time.monotonic()
        done = clocked.run(moment, "run", "--archive", archive, sites=sites, code=None)
        ends[f"exit {done.returncode}"] += 1
        if killed:
            ends["killed, or nothing was due"] += 1
            dying(moment + every / 2, archive, sites, killed)
        if "Traceback" in done.stderr or done.returncode not in (0, 1, 9, 18):
            raise SystemExit(f"{moment}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        ends["seconds"] += round(time.monotonic() - began)
        moment += every
        if not moment.hour + moment.minute:
            print(f"{moment:%Y-%m-%d} {dict(ends)}", file=sys.stderr, flush=True)
    return ends


def dying(moment: datetime, archive: Path, sites: Path, killed: tuple[str, str]) -> None:
    with contextlib.suppress(AssertionError):  # nothing was to be fetched at that moment: it ended by itself
        clocked.run(moment, "crawl", "aurore", "--archive", archive, sites=sites, killed=killed)


def seen(stand: Stand, story: Story) -> bool:
    """Whether an article's page was ever answered with its text."""
    return any(asked.path == story.path and asked.status == 200 for asked in stand.asked)


def compare(land: Newsland, archive: Archive, last: datetime) -> Iterator[tuple[str, str, int]]:
    """Yield (paper, what, how many): published, missing, doubled, read otherwise, edits and deletions not seen."""
    held: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in archive.db.query("SELECT id, url, canonical_url, title, text, versions FROM articles"):
        held[str(row["canonical_url"])].append(row)
    events = Counter((row["article"], row["kind"]) for row in archive.db.query("SELECT article, kind FROM events"))
    for name, stand in land.stands.items():
        counts: Counter[str] = Counter()
        for story in stand.stories:
            if story.published > last:
                continue
            counts["published"] += 1
            rows = held.get(stand.url.rstrip("/") + story.path, [])
            counts["missing"] += not rows
            counts["doubled"] += len(rows) > 1
            if rows:
                judge(counts, name, story, rows[0])
            if rows and story.deleted and story.deleted < last - timedelta(days=14):
                gone = (rows[0]["id"], "removed")
                counts["deleted"] += 1
                counts["deletion not seen"] += not events[gone]
        yield from ((name, what, number) for what, number in counts.items())


def judge(counts: Counter[str], name: str, story: Story, row: dict[str, object]) -> None:
    told = str(row["text"]).split("\n")
    texts = [paragraphs(name, story.number, edited=edited) for edited in (False, True)]
    counts["read otherwise"] += row["title"] != story.title or [line for line in told if line] not in texts
    if story.edited:
        counts["edited"] += 1
        counts["edit not seen"] += int(str(row["versions"])) < 2 and texts[1] != [line for line in told if line]


def requests(land: Newsland, days: int) -> Iterator[str]:
    """Say how much was asked of each paper, and how that goes down when there is nothing to be had."""
    for name, stand in land.stands.items():
        by_day = Counter((asked.moment - START).days for asked in stand.asked)
        statuses = Counter(asked.status for asked in stand.asked)
        a_day = [by_day[day] for day in range(days)]
        yield (
            f"{name:12} {len(stand.stories) / days:5.1f} articles a day, {statistics.fmean(a_day):6.1f} requests a day,"
            f" at most {max(a_day):4}; {dict(sorted(statuses.items()))}"
        )


def adds_up(archive: Archive) -> tuple[int, list[str]]:
    """Return how many runs there were, and which do not add up."""
    rows = list(archive.crawls())
    wrong = [
        str(row["id"])
        for row in rows
        if row["counts"] and row["counts"]["discovered"] != sum(row["counts"][outcome] for outcome in OUTCOMES)
    ]
    return len(rows), wrong


def alarms(archive: Archive) -> Iterator[str]:
    told: dict[str, list[str]] = defaultdict(list)
    for row in archive.db.query("SELECT site, field, since, until, cause FROM alarms ORDER BY site, since"):
        told[row["site"]].append(f"{row['field']} since {row['since']} until {row['until'] or 'now'} ({row['cause']})")
    for paper in PAPERS:
        troubles = [
            f"{t.kind} from {START + timedelta(days=t.first):%Y-%m-%d}"
            + (f" to {START + timedelta(days=t.last):%Y-%m-%d}" if t.last < 1e9 else "")
            for t in paper.troubles
        ]
        yield f"{paper.name:12} {'; '.join(troubles) or 'nothing'}: {'; '.join(told[paper.name]) or 'no alarm'}"


def whole(directory: Path) -> bool:
    """Whether `verify` has nothing to say, and `rebuild` makes the same archive again."""
    found = list(verify(directory))
    with Archive(directory) as archive:
        before = dump(archive.db)
    clocked.run(START + timedelta(days=400), "rebuild", "--archive", directory)
    with Archive(directory) as archive:
        after = dump(archive.db)
    print(f"verify: {len(found)} faults {found[:3]}; rebuilt: {'the same' if before == after else 'NOT THE SAME'}")
    return not found and before == after


def report(land: Newsland, directory: Path, days: int, last: datetime) -> int:
    """Print everything; returns the number of articles that are missing, doubled or read otherwise."""
    with Archive(directory) as archive:
        totals: Counter[str] = Counter()
        for name, what, number in compare(land, archive, last):
            totals[what] += number
            if number and what not in ("published", "edited", "deleted"):
                print(f"{name:12} {what}: {number}")
        print(dict(totals))
        runs, wrong = adds_up(archive)
        print(f"{runs} crawls, {len(wrong)} do not add up {wrong[:5]}")
        for line in (*requests(land, days), *alarms(archive)):
            print(line)
    return totals["missing"] + totals["doubled"] + totals["read otherwise"] + len(wrong)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--every", type=int, default=60, help="minutes between two ticks of cron")
    parser.add_argument("--archive", type=Path, help="keep the archive here")
    given = parser.parse_args(arguments)
    processes.SECONDS = 3600  # two months are read anew in minutes
    every = timedelta(minutes=given.every)
    with tempfile.TemporaryDirectory() as scratch, Newsland(PAPERS, START, given.days) as land:
        directory = given.archive or Path(scratch) / "archive"
        sites = land.sites(Path(scratch))
        print(dict(live(land, sites, directory, given.days, every)))
        # What appeared in the last two days may still wait for its paper's next turn.
        lost = report(land, directory, given.days, START + timedelta(days=given.days - 2))
        good = whole(directory)
    raise SystemExit(0 if good and not lost else 1)


if __name__ == "__main__":
    main()
