"""`marbre verify` finds whatever was done to an archive, and names it; what was not hit stays readable."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import warc
from archive.database import FILE, open_for_reading, open_for_writing
from archive.models import Capture
from archive.verification import Problem, verify
from tests import small_archives as small
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


def problems(directory: Path) -> list[Problem]:
    return list(verify(directory))


def interesting(path: Path) -> Iterator[tuple[int, int]]:
    """Yield (offset, offset of its member): each byte of gzip header and trailer, and one in each tenth between."""
    for start, length in members(path):
        inside = {start + 10 + (length - 18) * tenth // 10 for tenth in range(10)}
        for offset in sorted({*range(start, start + 10), *inside, *range(start + length - 8, start + length)}):
            yield offset, start


def test_nothing_is_wrong_with_a_sound_archive(whole: Path) -> None:
    assert problems(whole) == []
    assert len(readable(whole)) == 11


def test_every_kind_of_byte_flipped_is_found_in_its_record(archive: Path) -> None:
    path = files(archive)[0]
    before = path.read_bytes()
    for offset, start in interesting(path):
        hit(path, offset)
        found = list(warc.verify(path))
        hit(path, offset)
        assert start in {damage.offset for damage in found}, f"byte {offset - start} of the record at {start}"
    assert path.read_bytes() == before


@given(position=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
@settings(max_examples=40, deadline=None)
def test_any_byte_changed_is_found_and_costs_one_capture(whole: Path, position: float, mask: int) -> None:
    path = files(whole)[0]
    offset = int(position * path.stat().st_size)
    before = readable(whole)
    hit(path, offset, mask)
    try:
        found, after = problems(whole), readable(whole)
    finally:
        hit(path, offset, mask)
    (start,) = (start for start, length in members(path) if start <= offset < start + length)
    told = any(problem.where == f"{path.name}:{start}" for problem in found)
    # The last bits before the checksum are only there to fill a byte, and nobody reads them.
    assert told or offset == start + length_of(path.read_bytes()[start:]) - 9
    hurt = set(before) - set(after)
    with_body = [identifier for identifier in hurt if not _is_revisit(whole, identifier)]
    assert len(with_body) <= 1
    assert after.items() <= before.items()


def _is_revisit(directory: Path, identifier: str) -> bool:
    return small.capture_of(directory, identifier).kind == "revisit"


@pytest.mark.parametrize("kind", ["response", "request", "metadata"])
def test_a_dropped_record_is_named(archive: Path, kind: str) -> None:
    path, capture = files(archive)[0], third(archive)
    offset, length = member_of(path, capture, kind)
    data = path.read_bytes()
    path.write_bytes(data[:offset] + data[offset + length :])
    found = problems(archive)
    named = [problem.what for problem in found if capture.id in problem.what]
    assert any("missing" in what for what in named), found
    assert any(f"lie {length} bytes before the place" in problem.what for problem in found), found
    assert len(found) < 8, "not every record behind it one by one"


def test_a_dropped_first_record_is_named(archive: Path) -> None:
    path = files(archive)[0]
    path.write_bytes(path.read_bytes()[members(path)[0][1] :])
    assert any("first record" in problem.what for problem in problems(archive))


def test_two_records_swapped_are_named(archive: Path) -> None:
    path = files(archive)[0]
    one, other = [entry for entry in warc.index(path) if isinstance(entry, Capture)][1:3]
    data = path.read_bytes()
    pieces = [data[each.offset : each.offset + each.length] for each in (one, other)]
    between = data[one.offset + one.length : other.offset]
    end = other.offset + other.length
    path.write_bytes(data[: one.offset] + pieces[1] + between + pieces[0] + data[end:])
    found = problems(archive)
    assert {one.id, other.id} <= {identifier for problem in found for identifier in problem.what.split(": ")}, found


@pytest.mark.parametrize("cut", [1, 9, 200])
def test_a_torn_tail_is_named(archive: Path, cut: int) -> None:
    path = files(archive)[0]
    last = members(path)[-1][0]
    path.write_bytes(path.read_bytes()[:-cut])
    assert [problem.where for problem in problems(archive)] == [f"{path.name}:{last}"]


def test_zeros_in_place_of_a_tail_are_named(archive: Path) -> None:
    path = files(archive)[0]
    capture = third(archive)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: capture.offset].ljust(size, b"\0"))
    found = problems(archive)
    assert found[0].where == f"{path.name}:{capture.offset}"
    assert sum("is missing" in problem.what for problem in found) == 6, "each capture behind it"


def test_files_swapped_by_name_are_named(archive: Path) -> None:
    one, other = files(archive)
    one.rename(aside := one.with_name("aside"))
    other.rename(one)
    aside.rename(other)
    found = problems(archive)
    assert {problem.where for problem in found} == {one.name, other.name}
    assert any(other.name in problem.what and "swapped" in problem.what for problem in found)
    assert len(found) == 4


def test_a_renamed_file_is_named_by_both_names(archive: Path) -> None:
    path = files(archive)[0]
    new = path.rename(path.with_name(path.name.replace("gazette-1", "gazette-9")))
    found = problems(archive)
    assert {problem.where for problem in found} == {path.name, new.name}


def test_a_missing_file_is_named_with_what_was_in_it(archive: Path) -> None:
    path = files(archive)[1]
    path.unlink()
    assert problems(archive) == [Problem(path.name, "the file is missing; 3 captures are in it")]


def test_a_copy_of_a_file_is_no_problem(archive: Path) -> None:
    path = files(archive)[0]
    shutil.copy(path, path.with_name("copy-" + path.name))
    assert problems(archive) == []


def test_files_that_are_not_ours_are_named(archive: Path, tmp_path: Path) -> None:
    small.crawl(tmp_path / "other", [small.answer(20)], name="autre-1")
    shutil.copy(files(tmp_path / "other")[0], archive / "warc")
    (archive / "warc" / "notes.txt").write_text("?")
    (archive / "warc" / "x.warc.gz").write_bytes(gzip.compress(b"no record"))
    found = problems(archive)
    assert [problem.where.partition(":")[0] for problem in found] == [
        files(tmp_path / "other")[0].name,
        "x.warc.gz",
        "notes.txt",
    ]
    assert "has no row" in found[0].what


ALTERED = {
    "url": "https://elsewhere.example/",
    "urlkey": "example,elsewhere)/",
    "timestamp": "2026-01-01T00:00:00.000000+00:00",
    "status": 203,
    "mime": "text/plain",
    "digest": "sha256:AAAA",
    "kind": "resource",
    "refers_to": "<urn:uuid:1>",
    "offset": 17,
    "length": 17,
    "role": "part",
    "links": "[]",
    "source": "https://web.archive.org/",
    "filename": "../../other.warc.gz",
}


@pytest.mark.parametrize("column", ALTERED)
def test_an_altered_row_is_named(archive: Path, column: str) -> None:
    capture = third(archive)
    change(archive, f"UPDATE captures SET {column} = ? WHERE id = ?", ALTERED[column], capture.id)
    found = problems(archive)
    assert any(capture.id in problem.what or problem.where == ALTERED[column] for problem in found), found


def test_a_row_that_is_gone_is_named(archive: Path) -> None:
    capture = third(archive)
    change(archive, "DELETE FROM captures WHERE id = ?", capture.id)
    found = problems(archive)
    path = files(archive)[0]
    assert any(problem.where == f"{path.name}:{capture.offset}" and "has no row" in problem.what for problem in found)


INSIDE = {
    "an article without a version": ("DELETE FROM versions WHERE article = ?", "articles"),
    "an article that names another capture": (
        "UPDATE articles SET capture = (SELECT capture FROM articles WHERE id != ?1) WHERE id = ?1",
        "articles",
    ),
    "an article whose capture is gone": ("UPDATE articles SET capture = 'x' WHERE id = ?", "articles row"),
    "a reading that leads nowhere": ("UPDATE extractions SET article = 'x' WHERE article = ?", "extractions"),
    "a reading without an article": ("UPDATE extractions SET article = NULL WHERE article = ?", "extractions"),
    "a reading that is gone": ("DELETE FROM extractions WHERE article = ?", "captures"),
    "an article that is gone": ("DELETE FROM articles WHERE id = ?", "extractions"),
    "a version nobody read": ("UPDATE versions SET digest = 'x' WHERE article = ?", "versions"),
}


@pytest.mark.parametrize("name", INSIDE)
def test_rows_that_contradict_each_other_are_named(archive: Path, name: str) -> None:
    sql, where = INSIDE[name]
    db = open_for_reading(archive)
    article = db.execute("SELECT id FROM articles WHERE versions = 1 ORDER BY id LIMIT 1").fetchone()[0]
    db.close()
    change(archive, sql, article)
    found = problems(archive)
    assert any(problem.where.startswith(f"archive.db, {where}") for problem in found), found


def test_a_revisit_without_its_original_is_named(archive: Path) -> None:
    revisit = next(
        entry for entry in warc.index(files(archive)[0]) if isinstance(entry, Capture) and entry.kind == "revisit"
    )
    assert revisit.refers_to is not None
    change(archive, "DELETE FROM captures WHERE id = ?", revisit.refers_to)
    found = problems(archive)
    assert any(problem.where == f"archive.db, captures {revisit.id}" for problem in found)


DRIFT: dict[str, Callable[[Any], Any]] = {
    "a trigger is gone": lambda db: db.execute("DROP TRIGGER search_fts_update"),
    "an article is not in it": lambda db: db.execute(
        "INSERT INTO articles_fts (articles_fts, rowid, title, description, text)"
        " SELECT 'delete', docid, title, description, text FROM articles LIMIT 1"
    ),
    "the words of another text": lambda db: (
        db.execute("DROP TRIGGER articles_fts_update"),
        db.execute("UPDATE articles SET text = 'un deux' WHERE docid = (SELECT max(docid) FROM articles)"),
    ),
    "the words of another title, in the search": lambda db: (
        db.execute("DROP TRIGGER search_fts_update"),
        db.execute("UPDATE articles SET title = title || ' encore' WHERE docid = (SELECT max(docid) FROM articles)"),
    ),
    "another day": lambda db: (
        db.execute("DROP TRIGGER search_fts_update"),
        db.execute("UPDATE articles SET published = '2020-01-01' WHERE docid = (SELECT max(docid) FROM articles)"),
    ),
    "its pages are damaged": lambda db: db.execute("UPDATE articles_fts_data SET block = x'0001' WHERE id > 100"),
}


@pytest.mark.parametrize("name", DRIFT)
def test_a_full_text_index_that_has_drifted_is_named(archive: Path, name: str) -> None:
    db = open_for_writing(archive)
    DRIFT[name](db)
    db.close()
    found = problems(archive)
    assert any("fts" in problem.where or "fts" in problem.what for problem in found), found


def test_a_database_that_cannot_be_read_is_named(archive: Path) -> None:
    path = archive / FILE
    data = bytearray(path.read_bytes())
    data[4096 : len(data) // 2] = bytes(len(data) // 2 - 4096)
    path.write_bytes(data)
    found = problems(archive)
    assert {problem.where for problem in found} == {FILE}
    assert all(problem.what for problem in found)
    path.write_bytes(b"no database at all" * 1000)
    assert [problem.where for problem in problems(archive)] == [FILE]


def test_the_command_names_what_is_wrong(archive: Path) -> None:
    path, capture = files(archive)[0], third(archive)
    hit(path, capture.offset + capture.length // 2)
    said = run_marbre("verify", "--archive", archive, code=1)
    assert f"{path.name}:{capture.offset}: its gzip member is damaged" in said.stdout
    assert capture.id in said.stdout
