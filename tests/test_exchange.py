"""What `marbre export` writes, read back by other programs: nothing is lost, changed or left over."""

from __future__ import annotations

import csv
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pyarrow.parquet
import pytest
import yaml  # type: ignore[import-untyped]
from warcio.archiveiterator import ArchiveIterator

from archive import Archive, warc
from archive.errors import ArchiveError
from archive.exchange.export import export
from archive.exchange.output import file, folder
from archive.exchange.selection import ARTICLE, VERSION, Selection
from archive.exits import Exit
from archive.models import Article
from archive.store import Store
from archive.warc.foreign import scan
from tests import small_archives as small
from tests.archives import START, article, capture
from tests.conftest import run_marbre

Run = Callable[..., str]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled") / "archive"
    small.crawl(directory)
    return directory


@pytest.fixture(scope="module")
def held(filled: Path) -> list[Article]:
    with Archive(filled) as archive:
        return list(archive.articles())


@pytest.fixture
def to(filled: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that exports to a file of that name, with what is asked for, and gives its path."""

    def write(name: str, *arguments: str) -> Path:
        run_marbre("export", *arguments, "-o", tmp_path / name, "--archive", filled)
        return tmp_path / name

    return write


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def test_the_archive_is_as_these_tests_take_it_to_be(filled: Path, held: list[Article]) -> None:
    assert len(held) == small.ARTICLES
    assert any(small.HOSTILE.replace("\u2028", " ")[:14] in each.text for each in held)
    assert [each["versions"] for each in small.tables(filled)["articles"]].count(2) == 1


def test_json_lines(to: Callable[..., Path], held: list[Article]) -> None:
    rows = lines(to("articles.jsonl"))
    assert [tuple(row) for row in rows] == [tuple(ARTICLE)] * small.ARTICLES
    for row, each in zip(rows, held, strict=True):
        assert (row["title"], row["text"], row["markdown"]) == (each.title, each.text, each.markdown)
        assert (tuple(row["authors"]), tuple(row["tags"])) == (each.authors, each.tags)
        assert (moment(row["published"]), row["free_access"]) == (each.published, each.free_access)
        assert row["provenance"] == each.provenance


def test_csv(to: Callable[..., Path]) -> None:
    rows = lines(to("articles.jsonl"))
    with to("articles.csv").open(encoding="utf-8", newline="") as file_:
        read = list(csv.DictReader(file_, strict=True))
    assert [tuple(row) for row in read] == [tuple(ARTICLE)] * small.ARTICLES
    for ours, theirs in zip(rows, read, strict=True):
        for name, value in ours.items():
            plain = value is None or isinstance(value, str)
            assert theirs[name] == (
                (value or "") if plain else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            )


def test_parquet(to: Callable[..., Path]) -> None:
    rows = lines(to("articles.jsonl"))
    table = pyarrow.parquet.read_table(to("articles.parquet"))
    assert table.column_names == [*ARTICLE, "published_iso", "modified_iso"]
    for ours, theirs in zip(rows, table.to_pylist(), strict=True):
        for name in ("id", "title", "text", "authors", "images", "free_access", "parts", "versions"):
            assert theirs[name] == ours[name], name
        assert {name: json.loads(said) for name, said in theirs["provenance"]} == ours["provenance"]
        for name in ("published", "modified", "first_seen", "last_seen"):
            assert theirs[name] == moment(ours[name])
        assert theirs["published_iso"] == ours["published"]


def test_versions(to: Callable[..., Path], filled: Path) -> None:
    rows = lines(to("versions.jsonl", "--versions", "all"))
    assert [tuple(row) for row in rows] == [tuple(VERSION)] * small.VERSIONS
    stored = {(row["article"], row["digest"]): row["text"] for row in small.tables(filled)["versions"]}
    assert {(row["id"], row["digest"]): row["text"] for row in rows} == stored
    changed = [(row["version"], "reporté" in row["text"]) for row in rows if row["versions"] == 2]
    assert changed == [(1, False), (2, True)]
    for name in ("versions.csv", "versions.parquet", "versions"):
        form = ("--format", "markdown") if name == "versions" else ()
        place = to(name, "--versions", "all", *form)
        assert not place.is_dir() or len(list(place.rglob("*.md"))) == small.VERSIONS


def test_markdown(to: Callable[..., Path], held: list[Article]) -> None:
    place = to("articles", "--format", "markdown")
    found = {}
    for path in place.rglob("*.md"):
        assert str(path.relative_to(place)).isascii()
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        said = yaml.safe_load(front)
        assert path.name.endswith(f"-{said['id']}.md")
        found[said["canonical_url"]] = (said, body)
    assert set(found) == {each.canonical_url for each in held}
    for each in held:
        said, body = found[each.canonical_url]
        assert body.strip("\n") == each.markdown.strip("\n")
        assert (said["title"], tuple(said["authors"]), said.get("published")) == (
            each.title,
            each.authors,
            each.published,
        )
    undated = next(each for each in held if each.published is None)
    assert list((place / "undated").glob("*.md")), undated.title


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_a_feed_of_a_search(form: str, to: Callable[..., Path], held: list[Article]) -> None:
    path = to(f"feed.{form}", "marché")
    feed = feedparser.parse(path.read_bytes())
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == {"atom": "atom10", "rss": "rss20"}[form]
    assert feed.feed.title == 'Marbre: "marché"'
    by_url = {each.canonical_url: each for each in held}
    assert {entry.link for entry in feed.entries} == set(by_url)
    dates = [by_url[entry.link].published for entry in feed.entries]
    assert dates == [*sorted((date for date in dates if date), reverse=True), None]
    for entry in feed.entries:
        assert entry.id.startswith("urn:marbre:article:")
        assert entry.title == by_url[entry.link].title
        assert small.SENTENCES[0] in entry.content[0].value
    assert len(feedparser.parse(to(f"two.{form}", "marché", "--limit", "2").read_bytes()).entries) == 2
    assert path.read_bytes() == to(f"again.{form}", "marché").read_bytes()


def test_words_that_xml_cannot_hold(tmp_path: Path) -> None:
    with Store(tmp_path / "archive") as store:
        put(store, article(title="Un \x01 titre \ufffe", text="Le texte \x0c ici."))
    for form in ("atom", "rss", "csv", "jsonl", "markdown"):
        place = tmp_path / f"x.{form}"
        with Archive(tmp_path / "archive") as archive:
            assert export(archive, Selection(), form, place).written == 1
        if form in ("atom", "rss"):
            assert not feedparser.parse(place.read_bytes()).bozo
        elif form == "markdown":
            front = next(place.rglob("*.md")).read_text().split("---\n")[1]
            assert yaml.safe_load(front)["title"] == "Un \x01 titre \ufffe"


def put(store: Store, *articles: Article) -> None:
    """Save articles whose captures have rows, but no records."""
    from archive.extraction import EXTRACTOR
    from archive.store import Reading

    store.begin_crawl("gazette-1", "gazette", START, {})
    for number, each in enumerate(articles):
        found = capture(number, each.url)
        store.add_captures([found])
        store.save(found, "gazette", EXTRACTOR, Reading.of(each))


def test_warc(to: Callable[..., Path], filled: Path) -> None:
    path = to("evidence.warc.gz")
    source = next((filled / "warc").glob("*.warc.gz")).read_bytes()
    with path.open("rb") as opened:
        records = ArchiveIterator(opened, check_digests="raise")
        kinds = [(record.rec_type, bool(record.content_stream().read())) for record in records]
    # Five articles, one of them three times; the feed is no evidence of an article.
    assert [kind for kind, _ in kinds].count("response") + [kind for kind, _ in kinds].count("revisit") == 7
    assert [kind for kind, _ in kinds].count("request") == [kind for kind, _ in kinds].count("metadata") == 7
    data = path.read_bytes()
    for record in list(scan(path))[1:]:
        assert not isinstance(record, warc.Damage)
        assert data[record.offset : record.offset + record.length] in source
    current = to("current.warc.gz", "--versions", "current")
    assert [*map(type_of, scan(current))].count("response") == small.ARTICLES


def type_of(record: Any) -> str:
    return str(record.type)


def test_cdxj(to: Callable[..., Path], filled: Path) -> None:
    text = to("index.cdxj").read_bytes()
    index = text.split(b"\n")[:-1]
    assert index == sorted(index)
    assert len(index) == 7
    for line in index:
        key, stamp, rest = line.decode().split(" ", 2)
        said = json.loads(rest)
        assert key.startswith("example,gazette)/ville/marche-")
        exchange = warc.read_exchange(filled / "warc" / said["filename"], int(said["offset"]))
        assert exchange.url == said["url"]
        assert f"{exchange.captured_at:%Y%m%d%H%M%S}" == stamp


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        (("--since", "2026-02-04"), {4, 5, 3}),  # an article without a date goes by when it was first seen
        (("--until", "2026-02-03"), {1, 2}),
        (("--since", "2026-02-02", "--until", "2026-02-02"), {1}),
        (('"point 2"',), {2}),
        (("épisode", "--limit", "2"), {1, 3}),
        (("--site", "gazette"), {1, 2, 3, 4, 5}),
        (("point", "zzz"), set()),
        (("author:jeanne", "title:'épisode 2'"), {2}),
        (("after:2026-02-05", "before:2026-02-06"), {4}),
        (("épisode -reporté",), {2, 3, 4, 5}),
    ],
)
def test_what_is_chosen(arguments: tuple[str, ...], numbers: set[int], to: Callable[..., Path]) -> None:
    rows = lines(to("chosen.jsonl", *arguments))
    assert {int(row["canonical_url"].rstrip("/").rpartition("-")[2]) for row in rows} == numbers


def test_a_damaged_record_is_left_out_and_named(tmp_path: Path) -> None:
    path = small.crawl(tmp_path / "archive")
    found = next(each for each in warc.index(path) if getattr(each, "url", "") == small.url(2))
    assert not isinstance(found, warc.CrawlInfo | warc.Document)
    with path.open("rb+") as opened:
        opened.seek(found.offset + found.length // 2)
        opened.write(b"\0\0\0\0")
    done = run_marbre("export", "-o", tmp_path / "x.warc.gz", "--archive", tmp_path / "archive", code=1)
    assert f"marbre: left out: {path.name}:{found.offset}: {found.id} of {small.url(2)}" in done.stderr
    assert "6 captures in" in done.stderr
    urls = [record.url for record in scan(tmp_path / "x.warc.gz") if not isinstance(record, warc.Damage)]
    assert small.url(2) not in [
        url for url, record in zip(urls, scan(tmp_path / "x.warc.gz"), strict=True) if type_of(record) == "response"
    ]
    with path.open("rb+") as opened:
        opened.write(b"\0\0\0\0")  # nor does a file whose first record is damaged lose the others
    done = run_marbre("export", "-o", tmp_path / "x.warc.gz", "--archive", tmp_path / "archive", code=1)
    assert "6 captures in" in done.stderr


def test_records_of_somebody_elses_file(tmp_path: Path, filled: Path, to: Callable[..., Path]) -> None:
    """What belongs to a response goes with it, whether before or behind it; a file that has changed is not copied."""
    path = to("evidence.warc.gz")
    run_marbre("import", path, "--archive", tmp_path / "other", "--site", "gazette")
    run_marbre("export", "-o", tmp_path / "again.warc.gz", "--archive", tmp_path / "other")
    kinds = [[type_of(record) for record in scan(each)] for each in (path, tmp_path / "again.warc.gz")]
    assert sorted(kinds[0]) == sorted(kinds[1])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 3])
    done = run_marbre("export", "-o", tmp_path / "less.warc.gz", "--archive", tmp_path / "other", code=1)
    assert "left out" in done.stderr
    lost = sum("left out" in line for line in done.stderr.splitlines())
    assert [type_of(each) for each in scan(tmp_path / "less.warc.gz")].count("response") < 6
    assert lost >= 1
    assert not filled.samefile(tmp_path)


def test_an_export_is_of_one_moment(tmp_path: Path) -> None:
    names = [f"https://gazette.example/{number}/" for number in range(50)]
    with Store(tmp_path / "archive") as store, Archive(tmp_path / "archive") as archive:
        put(store, *(article(name) for name in names[:40]))

        def meanwhile() -> None:
            put(store, *(article(name) for name in names))

        assert export(archive, Selection(), "jsonl", tmp_path / "x.jsonl", meanwhile).written == 40
        assert export(archive, Selection(), "jsonl", tmp_path / "x.jsonl").written == 50
    assert len(lines(tmp_path / "x.jsonl")) == 50


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.write_bytes(b"before")
    with suppress(ZeroDivisionError), file(place) as out:
        out.write(b"half")
        raise ZeroDivisionError
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", b"before")]
    with file(place) as out:
        out.write(b"after")
    with suppress(ZeroDivisionError), folder(tmp_path / "new") as new:
        (new / "a").touch()
        raise ZeroDivisionError
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", b"after")]
    with pytest.raises(ArchiveError, match="there already"), folder(tmp_path):
        pass


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "atom", "rss", "warc", "wacz", "cdxj"])
def test_a_full_disk(form: str, filled: Path) -> None:
    done = run_marbre("export", "--format", form, "-o", "/dev/full", "--archive", filled, code=Exit.DISK_FULL)
    assert done.stderr.startswith("marbre: /dev/full: No space left on device; ")


def test_a_pipe_that_is_closed(filled: Path) -> None:
    command = [sys.executable, "-m", "crawler", "export", "--archive", str(filled)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
    assert b"Traceback" not in said
    assert process.returncode in (1, -signal.SIGPIPE)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--site", "nowhere"), 2, "no site 'nowhere' in this archive; it has gazette"),
        (("***",), 2, "give at least one word"),
        (("-o", "x.docx"), 2, "its name does not say in which form"),
        (("--format", "markdown"), 1, "name a folder with --output"),
        (("-o", "/nowhere/x.jsonl"), 1, "/nowhere: no such folder"),
        (("--format", "csv", "-o", "/tmp"), 1, "it is a folder"),
        (("--format", "docx"), 2, "is not one of"),
    ],
)
def test_mistakes(arguments: tuple[str, ...], code: int, said: str, filled: Path) -> None:
    done = run_marbre("export", *arguments, "--archive", filled, code=code)
    assert said in done.stderr
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith(("marbre: ", "Error: "))


def test_no_archive(tmp_path: Path) -> None:
    for command in (["export"], ["backup", str(tmp_path / "b")], ["compact"], ["verify", "--deep"]):
        done = run_marbre(*command, "--archive", tmp_path / "none", code=2)
        assert done.stderr.startswith(f"marbre: {tmp_path / 'none'}: no archive here")
        assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["export", "backup", "merge", "compact", "verify"])
def test_help_has_examples_and_exit_codes(command: str) -> None:
    said = run_marbre(command, "--help").stdout
    assert f"\n  marbre {command}" in said
    assert "Exits with 0" in " ".join(said.split())


def test_no_bytes_on_a_terminal(filled: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "crawler", "export", "--format", "wacz", "--archive", str(filled)]
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(ours)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (1, b"marbre: wacz is not for a terminal; name a file with --output\n")


def test_memory_stays_flat_as_the_archive_grows(tmp_path: Path) -> None:
    script = (
        "import atexit, sys; from crawler.cli import main;"
        "atexit.register(lambda: print(*(line for line in open('/proc/self/status') if 'VmHWM' in line)));"
        "main(sys.argv[1:])"
    )
    peaks: dict[str, list[int]] = {form: [] for form in ("jsonl", "csv", "parquet", "atom", "cdxj")}
    for count in (100, 900):
        directory = tmp_path / f"archive-{count}"
        with Store(directory) as store:
            texts = (" ".join(f"{number}-{place}".ljust(500, "m") for place in range(80)) for number in range(count))
            put(store, *(article(f"https://gazette.example/{number}/", text) for number, text in enumerate(texts)))
        for form, found in peaks.items():
            command = ["export", "--archive", str(directory), "-o", str(tmp_path / "out"), "--format", form]
            command += ["--limit", str(count)]
            done = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=True)
            found.append(int(done.stdout.split("VmHWM:")[1].split()[0]))  # KiB
    # 800 articles more have 64 MB more of text.
    for form, (few, many) in peaks.items():
        assert many - few < (40_000 if form == "parquet" else 15_000), (form, peaks)


def test_the_dates_of_a_selection_are_of_utc(filled: Path) -> None:
    with Archive(filled) as archive:
        since = Selection(since=datetime(2026, 2, 2, 7, 15, tzinfo=UTC), until=datetime(2026, 2, 2, 7, 16, tzinfo=UTC))
        written = export(archive, since, "jsonl", Path(os.devnull)).written
    assert written == 1
