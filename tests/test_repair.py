"""`marbre repair` mends what can be mended, and nothing that was readable is lost by it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import Archive, warc
from archive.database import FILE, in_use, open_for_reading, open_for_writing
from archive.errors import ArchiveError
from archive.mending.work import Step
from archive.models import Capture
from archive.repair import repair
from archive.verification import verify
from tests import small_archives as small
from tests.archives import TABLES
from tests.conftest import run_marbre
from tests.damaging import change, files, hit, length_of, member_of, members, readable, third


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two crawls, each in a file of its own."""
    directory = tmp_path_factory.mktemp("whole") / "archive"
    small.crawl(directory)
    small.crawl(directory, [small.answer(number) for number in (7, 8, 9)], name="gazette-2")
    return directory


@pytest.fixture
def archive(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "archive"))


def mend(directory: Path, *, dry_run: bool = False) -> list[Step]:
    with small.pool() as pool:
        return repair(directory, pool, dry_run=dry_run)


def texts(directory: Path) -> dict[str, str]:
    with Archive(directory) as archive:
        return {article.canonical_url: article.text for article in archive.articles()}


def content(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files(directory)}


def cannot_be_mended(directory: Path) -> list[str]:
    """What `verify` names that no repair can mend."""
    return [problem.what for problem in verify(directory)]


def test_nothing_is_done_to_a_sound_archive(archive: Path, whole: Path) -> None:
    assert mend(archive) == []
    assert content(archive) == content(whole)
    assert small.tables(archive) == small.tables(whole)


@pytest.mark.parametrize("place", range(-8, 10))
def test_bytes_of_gzip_are_written_anew(archive: Path, whole: Path, place: int) -> None:
    path, capture = files(archive)[0], third(archive)
    hit(path, capture.offset + place + (capture.length if place < 0 else 0))
    assert cannot_be_mended(archive) != []
    steps = mend(archive)
    assert [step.left for step in steps] == [None]
    assert content(archive) == content(whole)
    assert list(verify(archive)) == []


def test_a_torn_end_is_kept_beside_the_archive(archive: Path, whole: Path) -> None:
    path = files(archive)[1]
    last = members(path)[-1][0]
    path.write_bytes(path.read_bytes()[:-9])
    (step,) = mend(archive)
    assert step.left is None
    (kept,) = (archive / "damaged").iterdir()
    assert path.read_bytes() + kept.read_bytes() == content(whole)[path.name][:-9]
    assert path.stat().st_size == last
    assert list(verify(archive)) == []


def test_a_hit_record_is_noted_and_its_text_stays(archive: Path, whole: Path) -> None:
    path, capture = files(archive)[0], third(archive)
    hit(path, capture.offset + capture.length // 2)
    hurt = content(archive)
    steps = mend(archive)
    assert [step.where for step in steps] == [f"{path.name}:{capture.offset}"]
    assert steps[0].left is not None
    assert hurt.items() <= content(archive).items(), "the file is left as it is"
    assert texts(archive) == texts(whole)
    assert list(verify(archive)) == []
    assert mend(archive) == []


def test_what_was_noted_stays_through_all_that_reads_anew(archive: Path, whole: Path) -> None:
    path, capture = files(archive)[0], third(archive)
    hit(path, capture.offset + capture.length // 2)
    mend(archive)
    run_marbre("extract", "--all", "--archive", archive)
    assert texts(archive) == texts(whole)
    before = small.tables(archive)
    run_marbre("rebuild", "--archive", archive)
    assert texts(archive) == texts(whole)
    assert small.tables(archive) == before
    assert list(verify(archive)) == []


def test_reading_anew_without_a_repair_loses_no_text_either(archive: Path, whole: Path) -> None:
    path, capture = files(archive)[0], third(archive)
    hit(path, capture.offset + capture.length // 2)
    run_marbre("extract", "--all", "--archive", archive)
    assert texts(archive) == texts(whole)


def test_a_lost_page_waits_for_the_next_crawl(archive: Path) -> None:
    path, capture = files(archive)[0], third(archive)
    hit(path, capture.offset + capture.length // 2)
    mend(archive)
    db = open_for_reading(archive)
    found = db.execute(
        "SELECT url, outcome, frontier.reason, crawls.reason FROM frontier JOIN crawls ON crawls.id = crawl"
        " WHERE crawls.reason = 'repair'"
    ).fetchall()
    db.close()
    assert found == [(capture.url, "failed", "record_lost", "repair")]


def test_the_record_put_back_heals(archive: Path, whole: Path) -> None:
    path, capture = files(archive)[0], third(archive)
    hit(path, capture.offset + capture.length // 2)
    mend(archive)
    shutil.copy(files(whole)[0], path)
    mend(archive)
    db = open_for_reading(archive)
    assert db.execute("SELECT count(*) FROM damages").fetchone() == (0,)
    db.close()


@pytest.mark.parametrize("kind", ["response", "request", "metadata"])
def test_a_dropped_record_costs_nothing_else(archive: Path, whole: Path, kind: str) -> None:
    path, capture = files(archive)[0], third(archive)
    offset, length = member_of(path, capture, kind)
    data = path.read_bytes()
    path.write_bytes(data[:offset] + data[offset + length :])
    mend(archive)
    assert list(verify(archive)) == []
    assert texts(archive) == texts(whole)
    lost = {capture.id} if kind == "response" else set()
    assert set(readable(archive)) == set(readable(whole)) - lost
    assert small.tables(archive, ("articles", "versions")) == small.tables(whole, ("articles", "versions"))


def test_swapped_files_get_their_names_back(archive: Path, whole: Path) -> None:
    one, other = files(archive)
    one.rename(aside := one.with_name("aside"))
    other.rename(one)
    aside.rename(other)
    assert all(step.left is None for step in mend(archive))
    assert content(archive) == content(whole)
    assert list(verify(archive)) == []


def test_a_renamed_file_gets_its_name_back(archive: Path, whole: Path) -> None:
    path = files(archive)[0]
    path.rename(path.with_name("renamed.warc.gz"))
    assert [step.done for step in mend(archive)] == [f"renamed to {path.name}"]
    assert content(archive) == content(whole)


def test_a_missing_file_costs_no_text(archive: Path, whole: Path) -> None:
    path = files(archive)[0]
    path.unlink()
    steps = mend(archive)
    assert sum(step.left is not None for step in steps) >= 5
    assert texts(archive) == texts(whole)
    assert list(verify(archive)) == []
    run_marbre("rebuild", "--archive", archive)
    assert texts(archive) == texts(whole)
    shutil.copy(files(whole)[0], path)
    mend(archive)
    assert readable(archive).items() >= readable(whole).items()


def test_records_without_rows_are_adopted(archive: Path, whole: Path) -> None:
    capture = third(archive)
    for table, column in (("extractions", "capture"), ("versions", "capture"), ("articles", "capture")):
        change(archive, f"DELETE FROM {table} WHERE {column} = ?", capture.id)
    change(archive, "DELETE FROM captures WHERE id = ?", capture.id)
    mend(archive)
    assert list(verify(archive)) == []
    assert small.tables(archive) == small.tables(whole)


@pytest.mark.parametrize(
    ("column", "value"),
    [("url", "https://elsewhere.example/"), ("offset", 17), ("digest", "sha256:A"), ("links", "[]"), ("role", "part")],
)
def test_altered_rows_are_set_right(archive: Path, whole: Path, column: str, value: Any) -> None:
    change(archive, f"UPDATE captures SET {column} = ? WHERE id = ?", value, third(archive).id)
    mend(archive)
    assert list(verify(archive)) == []
    assert small.tables(archive) == small.tables(whole)


INSIDE = (
    "DELETE FROM versions WHERE article = ?",
    "UPDATE articles SET capture = (SELECT capture FROM articles WHERE id != ?1) WHERE id = ?1",
    "UPDATE articles SET capture = 'x' WHERE id = ?",
    "UPDATE articles SET versions = 7 WHERE id = ?",
    "UPDATE extractions SET article = 'x' WHERE article = ?",
    "UPDATE extractions SET article = NULL WHERE article = ?",
    "DELETE FROM extractions WHERE article = ?",
    "DELETE FROM articles WHERE id = ?",
    "UPDATE versions SET digest = 'x' WHERE article = ?",
)


@pytest.mark.parametrize("sql", INSIDE)
def test_rows_that_contradict_each_other_are_made_anew(archive: Path, whole: Path, sql: str) -> None:
    db = open_for_reading(archive)
    article = db.execute("SELECT id FROM articles WHERE versions = 1 ORDER BY id LIMIT 1").fetchone()[0]
    db.close()
    change(archive, sql, article)
    mend(archive)
    assert list(verify(archive)) == []
    assert small.tables(archive) == small.tables(whole)


DRIFT: tuple[Callable[[Any], Any], ...] = (
    lambda db: db.execute("DROP TRIGGER search_fts_update"),
    lambda db: db.execute(
        "INSERT INTO articles_fts (articles_fts, rowid, title, description, text)"
        " SELECT 'delete', docid, title, description, text FROM articles LIMIT 1"
    ),
    lambda db: db.execute("INSERT INTO search_fts (search_fts) VALUES ('delete-all')"),
    lambda db: db.execute("UPDATE articles_fts_data SET block = x'0001' WHERE id > 100"),
    lambda db: db.execute("DROP INDEX articles_dated"),
)


@pytest.mark.parametrize("drift", DRIFT)
def test_full_text_indexes_are_made_anew(archive: Path, drift: Callable[[Any], Any]) -> None:
    db = open_for_writing(archive)
    drift(db)
    db.close()
    assert list(verify(archive)) != []
    assert all(step.left is None for step in mend(archive))
    assert list(verify(archive)) == []
    with Archive(archive) as opened:
        assert len(list(opened.search("marché"))) == small.ARTICLES + 3


def test_a_dry_run_writes_nothing(archive: Path) -> None:
    path, capture = files(archive)[0], third(archive)
    hit(path, capture.offset + capture.length // 2)
    hit(path, capture.offset + capture.length + 3)
    files(archive)[1].unlink()
    before, held = small.tables(archive, (*TABLES, "damages")), content(archive)
    promised = mend(archive, dry_run=True)
    assert (small.tables(archive, (*TABLES, "damages")), content(archive)) == (before, held)
    assert [step[:2] for step in mend(archive)] == [step[:2] for step in promised]


def test_nobody_may_write_meanwhile(archive: Path) -> None:
    with in_use(archive), pytest.raises(ArchiveError, match="writing"):
        mend(archive)


def test_a_database_that_cannot_be_read_is_for_a_rebuild(archive: Path) -> None:
    (archive / FILE).write_bytes(b"no database at all" * 1000)
    (step,) = mend(archive)
    assert "rebuild" in str(step.left)


def test_the_command_says_what_was_done_and_what_is_left(archive: Path) -> None:
    path, capture = files(archive)[0], third(archive)
    hit(path, capture.offset + 5)
    hit(path, capture.offset + capture.length + 400)
    asked = run_marbre("repair", "--dry-run", "--archive", archive, code=0)
    assert "would be: 10 bytes of gzip written anew" in asked.stdout
    run_marbre("repair", "--archive", archive, code=0)
    assert "nothing to mend" in run_marbre("repair", "--archive", archive).stderr
    hit(path, capture.offset + capture.length // 2)
    said = run_marbre("verify", "--archive", archive, code=1)
    assert "marbre repair" in said.stderr
    said = run_marbre("repair", "--archive", archive, code=1)
    assert "left: the next crawl of its site fetches it again" in said.stdout
    assert "known to be damaged" in run_marbre("verify", "--archive", archive).stderr


def test_a_lost_summary_is_on_record_once_more(archive: Path, whole: Path) -> None:
    path = files(archive)[0]
    offset, length = members(path)[-1]
    hit(path, offset + length // 2)
    mend(archive)
    run_marbre("rebuild", "--archive", archive)
    assert small.tables(archive) == small.tables(whole)


@pytest.mark.parametrize("place", [0, 2, 3, 4, 8, 9, 10, 60])
def test_the_padding_of_what_was_forgotten_is_looked_after(archive: Path, place: int) -> None:
    article = next(iter(texts(archive)))
    run_marbre("forget", article, "--reason", "asked", "--yes", "--archive", archive)
    assert list(verify(archive)) == []
    before = content(archive)
    path, start = next(
        (path, start) for path in files(archive) for start, _ in members(path) if before[path.name][start + 3] == 0x10
    )
    hit(path, start + place, 0x0F)
    assert next(problem.where for problem in verify(archive)) == f"{path.name}:{start}"
    mend(archive)
    assert list(verify(archive)) == []
    if place not in {0, 2, 3}:
        assert content(archive) == before
    assert mend(archive) == []


Blow = Callable[[Path, random.Random], None]


def _flip(directory: Path, rng: random.Random) -> None:
    path = rng.choice(files(directory))
    hit(path, rng.randrange(path.stat().st_size), rng.randrange(1, 256))


def _zero(directory: Path, rng: random.Random) -> None:
    path = rng.choice(files(directory))
    start, size = rng.randrange(path.stat().st_size), rng.randrange(1, 3000)
    data = path.read_bytes()
    path.write_bytes((data[:start] + bytes(min(size, len(data) - start)) + data[start + size :])[: len(data)])


def _cut(directory: Path, rng: random.Random) -> None:
    path = rng.choice(files(directory))
    path.write_bytes(path.read_bytes()[: rng.randrange(1, path.stat().st_size)])


def _drop(directory: Path, rng: random.Random) -> None:
    path = rng.choice(files(directory))
    data, start = path.read_bytes(), rng.randrange(path.stat().st_size)
    path.write_bytes(data[:start] + data[start + rng.randrange(1, 2000) :] or b"x")


def _row(directory: Path, rng: random.Random) -> None:
    db = open_for_reading(directory)
    table = rng.choice(["captures", "extractions", "versions", "articles"])
    rowids = [rowid for (rowid,) in db.execute(f"SELECT rowid FROM {table}")]
    db.close()
    if rowids:
        change(directory, f"DELETE FROM {table} WHERE rowid = ?", rng.choice(rowids))


BLOWS: tuple[Blow, ...] = (_flip, _flip, _zero, _cut, _drop, _row)


@given(seed=st.integers(0, 1 << 32), blows=st.integers(1, 3))
@settings(max_examples=8, deadline=None)
def test_whatever_was_done_nothing_readable_is_lost(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, seed: int, blows: int
) -> None:
    directory = tmp_path_factory.mktemp("hit") / "archive"
    shutil.copytree(whole, directory)
    rng = random.Random(seed)
    for _ in range(blows):
        rng.choice(BLOWS)(directory, rng)
    bodies, held = readable(directory), texts(directory)
    steps = mend(directory)
    assert readable(directory).items() >= bodies.items()
    assert texts(directory).items() >= held.items()
    left = [problem for problem in verify(directory) if "rests on" not in problem.what]
    assert left == [] or any(step.left for step in steps), (left, steps)
    assert [step for step in mend(directory) if step.done] == []
    shutil.rmtree(directory)


def test_records_are_found_again_behind_what_is_damaged(archive: Path) -> None:
    path = files(archive)[0]
    places = members(path)
    for offset, length in places[3:6]:
        hit(path, offset + length // 2)
    mend(archive)
    found = [entry for entry in warc.index(path) if isinstance(entry, Capture)]
    assert len(found) >= 6
    assert all(length_of(path.read_bytes()[each.offset :]) == each.length for each in found)
