"""`marbre duplicates` and `marbre cluster`, as a person runs them."""

from __future__ import annotations

import json
import signal
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.database import open_for_reading
from archive.duplicates import index
from archive.duplicates_cli import cluster, duplicates
from archive.errors import ArchiveError
from tests import copies
from tests.conftest import run_marbre
from tests.copies import edited, prose, queue_all, reading

READINGS = (
    reading(1, prose(1), site="echo", authors=("AFP",), title="Le pont ferme"),
    reading(2, edited(prose(1), 30), site="gazette", authors=("Jeanne Marc, avec AFP",)),
    reading(3, prose(1), site="kurier"),
    reading(50, prose(2), site="echo", title="Le [marché]\x1b[2J rouvre"),
    reading(51, " ".join(prose(2).split()[:50]), site="echo", title=None),
    reading(60, prose(3), site="gazette"),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copies.archive_of(tmp_path_factory.mktemp("archive"), READINGS)


def listed(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(duplicates, [*arguments, "--archive", str(archive)])


def shown(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cluster, [*arguments, "--archive", str(archive)])


def test_duplicates_lists_the_largest_first(archive: Path) -> None:
    result = listed(archive)
    assert result.exit_code == 0
    first, sites, second, others = result.stdout.splitlines()
    assert first.endswith("  2026-03-01 11:00  Le pont ferme")
    assert sites.strip() == "3 articles on echo, gazette, kurier; source: AFP"
    assert second.endswith("Le [marché] [2J rouvre")
    assert others.strip() == "2 articles on echo"


def test_duplicates_as_json(archive: Path) -> None:
    found = [json.loads(line) for line in listed(archive, "--json").stdout.splitlines()]
    assert [one["size"] for one in found] == [3, 2]
    assert found[0]["agency"] == "AFP"
    assert found[0]["sites"] == ["echo", "gazette", "kurier"]
    assert found[0]["first_seen"] == "2026-03-01T11:00:00+00:00"
    assert found[0]["id"] == found[0]["members"][0]["article"]
    assert [member["relation"] for member in found[0]["members"]] == ["first", "near", "same"]
    assert [member["relation"] for member in found[1]["members"]] == ["first", "part"]


@pytest.mark.parametrize(
    ("arguments", "sizes"),
    [
        (["--site", "kurier"], [3]),
        (["--site", "echo"], [3, 2]),
        (["--since", "2026-03-02"], [2]),
        (["--since", "2026-04-02"], []),
        (["--min-size", "3"], [3]),
        (["--min-size", "3", "--since", "2026-03-02"], []),
    ],
)
def test_duplicates_can_be_narrowed(archive: Path, arguments: list[str], sizes: list[int]) -> None:
    result = listed(archive, "--json", *arguments)
    assert result.exit_code == 0
    assert [json.loads(line)["size"] for line in result.stdout.splitlines()] == sizes
    assert bool(result.stderr) == (not sizes)


def test_cluster_by_address_and_by_id(archive: Path) -> None:
    result = shown(archive, "https://gazette.example/2/")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "3 articles on 3 sites"
    assert lines[1] == "likely origin: AFP, which 2 of them name; first published on echo, 2026-03-01 11:00"
    assert "  echo  first" in lines[3]
    assert "% changed" in lines[7]
    assert "  kurier  same text" in lines[11]
    identifier = lines[11].split()[0]
    assert shown(archive, identifier).stdout == result.stdout
    document = json.loads(shown(archive, identifier, "--json").stdout)
    assert document["size"] == 3
    assert document["members"][2]["article"] == identifier


def test_an_article_without_a_cluster_is_exit_1(archive: Path) -> None:
    result = shown(archive, "https://gazette.example/60/")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "nothing in the archive is like this article\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["cluster", "https://gazette.example/none/"], 1, "no such article"),
        (["cluster", "0123456789abcdef"], 1, "no such article"),
        (["cluster", "mairie"], 2, "neither an article id"),
        (["duplicates", "--site", "none"], 2, "no site 'none' in this archive; it has echo, gazette, kurier"),
        (["duplicates", "--min-size", "1"], 2, "--min-size"),
        (["duplicates", "--since", "whenever"], 2, "whenever"),
    ],
)
def test_an_error_is_a_sentence(archive: Path, arguments: list[str], code: int, said: str) -> None:
    done = run_marbre(*arguments, "--archive", archive, code=code)
    assert said in done.stderr
    assert done.stdout == ""


def test_no_archive_is_an_error_and_none_is_made(tmp_path: Path) -> None:
    for arguments in ([], ["--index"]):
        with pytest.raises(ArchiveError, match="no archive here"):
            CliRunner().invoke(duplicates, [*arguments, "--archive", str(tmp_path / "none")], catch_exceptions=False)
    assert not (tmp_path / "none").exists()


def test_an_older_archive_says_what_waits_and_is_indexed(tmp_path: Path) -> None:
    expected = listed(copies.archive_of(tmp_path, READINGS)).stdout
    with closing(queue_all(tmp_path)) as db:
        waiting = index.waiting(db)
    result = listed(tmp_path)
    assert result.stdout == ""
    assert f"{waiting} texts are not compared yet" in result.stderr
    result = listed(tmp_path, "--index")
    assert result.stdout == expected
    assert result.stderr == f"{waiting} texts compared\n"
    assert listed(tmp_path, "--index").stderr == "0 texts compared\n"


@pytest.mark.parametrize("command", ["duplicates", "cluster"])
def test_help_has_examples(command: str) -> None:
    done = run_marbre(command, "--help")
    assert f"\n  marbre {command} " in done.stdout


def test_indexing_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    copies.archive_of(tmp_path, [reading(number, prose(number, 60)) for number in range(1, 106)])
    with closing(queue_all(tmp_path)) as db:
        assert index.waiting(db) == 105
    killed = ("tests.killed", "before", "archive.duplicates.index", "passages", "103")
    done = run_marbre("duplicates", "--index", "--archive", tmp_path, module=killed, code=None)
    assert done.returncode == -signal.SIGKILL
    with closing(open_for_reading(tmp_path)) as db:
        assert index.waiting(db) == 5
    assert run_marbre("duplicates", "--index", "--archive", tmp_path).stderr.startswith("5 texts compared\n")
