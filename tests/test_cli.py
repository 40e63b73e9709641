"""The command line as a person meets it: mistakes get one line and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archive.database import open_for_writing
from archive.exits import Exit
from crawler.cli import main
from crawler.demo import serve
from tests.conftest import Marbre, run_marbre, write_sites


def refused(*arguments: str | Path, code: Exit = Exit.USAGE) -> str:
    done = run_marbre(*arguments, code=code)
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "no such file"),
        ("", "names no site"),
        ("[sites.a", "not TOML"),
        ("[sites.a]", "url: expected an absolute"),
        ('[sites.a]\nurl = "https://a.example/"\ndelay = "two"', 'site "a": delay: expected a number of seconds'),
        ('[sites.a]\nurl = "https://a.example/"\ndelai = 2', 'did you mean "delay"?'),
        ('[sites."A b"]\nurl = "https://a.example/"', "expected a name of a-z"),
    ],
)
def test_a_wrong_list_of_sites(tmp_path: Path, text: str | None, expected: str) -> None:
    path = tmp_path / "sites.toml"
    if text is not None:
        path.write_text(text)
    said = refused("--sites", path, "crawl", "--archive", tmp_path / "archive")
    assert expected in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["crawl", "nobody"], 'no site "nobody"'),
        (["crawl", "--since", "one fine day"], "is not a date"),
        (["crawl", "--limit", "-1"], "-1 is not in the range"),
        (["crawl", "--url", "ftp://gazette.example/"], "expected an absolute"),
        (["search", "eau"], "no archive here"),
        (["status"], "no archive here"),
        (["extract"], "no archive here"),
        (["verify"], "no archive here"),
    ],
)
def test_mistakes(tmp_path: Path, arguments: list[str], expected: str) -> None:
    sites = write_sites(tmp_path, "https://gazette.example/")
    assert expected in refused("--sites", sites, *arguments, "--archive", tmp_path / "archive")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["search", "«?»"], "nothing to search for"),
        (["show", "not a URL"], "neither an article id"),
        (["why", "x"], "URL"),
    ],
)
def test_questions_nobody_can_answer(tmp_path: Path, arguments: list[str], expected: str) -> None:
    open_for_writing(tmp_path).close()
    assert expected in refused(*arguments, "--archive", tmp_path)


@pytest.mark.parametrize("query", ['"', '"unbalanced', "a AND", "NEAR(", "*", "col:x", "-", "a" * 5000, "it's"])
def test_any_search_is_an_answer(tmp_path: Path, query: str) -> None:
    open_for_writing(tmp_path).close()
    done = run_marbre("search", "--archive", tmp_path, "--", query, code=None)
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr


def test_a_newer_archive_is_refused(tmp_path: Path) -> None:
    db = open_for_writing(tmp_path)
    db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('marbre', 'm999', '')")
    db.close()
    assert "newer Marbre" in refused("status", "--archive", tmp_path, code=Exit.FATAL)


def test_show_in_every_form(marbre: Marbre, newspaper: serve) -> None:
    marbre("crawl")
    wanted = next(a for a in newspaper.newspaper.articles() if a.archived and a.image_path)
    url = newspaper.url.rstrip("/") + wanted.path
    image = f"![]({newspaper.url.rstrip('/')}{wanted.image_path})"
    assert marbre("show", url).stdout == "\n".join([wanted.title, image, *wanted.paragraphs, ""])
    assert marbre("show", url, "--format", "markdown").stdout.startswith(f"# {wanted.title}\n\n{image}\n\n")
    assert json.loads(marbre("show", url, "--format", "json").stdout)["title"] == wanted.title
    assert marbre("show", url, "--format", "html").stdout.startswith("<!DOCTYPE html>")
    assert "no article at" in marbre("show", newspaper.url + "nothing/", code=1).stderr
    assert "never seen" in marbre("why", newspaper.url + "nothing/").stdout
    assert "gazette" in marbre("status").stdout


def test_ctrl_c_ends_cleanly(tmp_path: Path, newspaper: serve) -> None:
    sites = write_sites(tmp_path, newspaper.url)
    sites.write_text(sites.read_text().replace("delay = 0", "delay = 0.2"))
    command = [sys.executable, "-m", "crawler", "--sites", str(sites), "crawl", "--archive", str(tmp_path / "archive")]
    crawl = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    asked = len(newspaper.requests)
    while len(newspaper.requests) < asked + 15:
        time.sleep(0.05)
    crawl.send_signal(signal.SIGINT)
    out, error = crawl.communicate(timeout=60)
    assert crawl.returncode == Exit.STOPPED, error
    assert "skipped: stopped" in out
    assert "Traceback" not in error
    finished = run_marbre("--sites", write_sites(tmp_path, newspaper.url), "crawl", "--archive", tmp_path / "archive")
    assert "finished" in finished.stdout


@pytest.mark.parametrize("name", main.commands)
def test_help_is_there(name: str) -> None:
    assert "Usage: marbre" in run_marbre(name, "--help").stdout


def test_scrapy_knows_the_spider(tmp_path: Path, newspaper: serve) -> None:
    environment = os.environ | {
        "MARBRE_SITES": str(write_sites(tmp_path, newspaper.url)),
        "MARBRE_ARCHIVE": str(tmp_path / "archive"),
    }
    root = Path(__file__).parent.parent
    listed = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], capture_output=True, text=True, check=True, cwd=root, env=environment
    )
    assert listed.stdout == "backfill\nnews\n"
    crawl = [sys.executable, "-m", "scrapy", "crawl", "news", "-a", "site=gazette", "-a", "limit=2"]
    subprocess.run(crawl, capture_output=True, check=True, cwd=root, env=environment, timeout=60)
    assert "2 new" in run_marbre("status", "--archive", tmp_path / "archive").stdout
