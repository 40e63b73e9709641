"""What is read by more than the page alone goes along: articles of several pages, and sites that were learnt."""

from __future__ import annotations

import csv
import json
import shutil
import signal
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import yaml  # type: ignore[import-untyped]

from archive import Archive, profiles
from archive.database import FILE
from archive.exchange.backup import backup
from archive.exchange.fixity import deep
from archive.exchange.merge import merge
from archive.extraction import EXTRACTOR
from archive.import_evidence import EvidenceReader
from archive.import_filters import Filters
from archive.ingest import Ingest
from archive.learning import learn, read
from archive.models import Article, Exchange, Link
from archive.reading.profile import Profile
from archive.store import Store
from archive.verification import verify
from tests import press, test_parts_crawl
from tests import small_archives as small
from tests.archives import TABLES
from tests.conftest import run_marbre
from tests.foreign_files import Warc

BASE = "https://feuille.example/"
ALL = (*TABLES, "imports", "profiles")
ROWS = ("articles", "versions", "events")
DAY = datetime(2026, 3, 8, 9, tzinfo=UTC)  # when the profile is adopted
EDIT = ("Trois ans", "Quatre ans")  # on the second page
LEARNT_OF = 12
WHOLE = f"{BASE}digue/"


def answer(url: str, html: str, moment: datetime, *, first: str | None = None) -> Exchange:
    """Return an answer; `first` is the address of the article's first page if this is a further one."""
    said = Link(url, "part", first) if first else Link(url, "sitemap", f"{BASE}sitemap.xml")
    role = "part" if first else "page"
    body = html.replace("BASE/", BASE).encode()
    return Exchange(url=url, status=200, headers=small.HTML, body=body, captured_at=moment, role=role, links=(said,))


def parts(moment: datetime, *, missing: int = 0, edit: tuple[str, str] = ("Trois", "Trois")) -> list[Exchange]:
    """One visit of an article of three pages: each asked for after the one before; `edit` puts new words for old."""
    found = []
    for number in (1, 2, 3):
        url = f"{WHOLE}{f'{number}/' if number > 1 else ''}"
        html = test_parts_crawl.part(number).replace(*edit)
        if number != missing:
            first = WHOLE if number > 1 else None
            found.append(answer(url, html, moment + timedelta(seconds=number), first=first))
    return found


def stories(numbers: Iterable[int]) -> list[Exchange]:
    return [
        answer(story.url, story.page().body.decode(), DAY + timedelta(hours=number)) for number, story in told(numbers)
    ]


def told(numbers: Iterable[int]) -> list[tuple[int, press.Story]]:
    return [(number, press.Story(number)) for number in numbers]


def learnt(numbers: Iterable[int] = range(LEARNT_OF)) -> Profile:
    samples = (read(story.page()) for _, story in told(numbers))
    return learn(press.SITE, [sample for sample in samples if sample])


def adopt(directory: Path, profile: Profile, moment: datetime = DAY) -> None:
    """Use a profile from now on, and read again what is there."""
    with small.pool() as pool, Store(directory) as store:
        profiles.adopt(store.db, store.warc, profile, moment)
        Ingest(store, pool).run(store.pending(EXTRACTOR))


def articles(directory: Path) -> dict[str, Article]:
    with Archive(directory) as archive:
        return {each.canonical_url: each for each in archive.articles()}


def told_of(directory: Path, names: tuple[str, ...] = ROWS) -> dict[str, list[dict[str, Any]]]:
    """The rows of these tables, but for what is true of who fetched a page and not of who was given it."""
    return {
        table: [{name: value for name, value in row.items() if name != "fetched"} for row in rows]
        for table, rows in small.tables(directory, names).items()
    }


def problems(directory: Path) -> list[str]:
    with small.pool() as pool:
        return [problem.what for problem in (*verify(directory), *deep(directory, pool))]


def join(directory: Path, other: Path) -> None:
    with small.pool() as pool:
        merge(directory, other, pool)


def rebuilt(directory: Path, scratch: Path) -> dict[str, list[dict[str, Any]]]:
    shutil.copytree(directory, scratch)
    for path in scratch.glob(f"{FILE}*"):
        path.unlink()
    run_marbre("rebuild", "--archive", scratch)
    return small.tables(scratch, ALL)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a site that was learnt, and of an article of three pages in it."""
    directory = tmp_path_factory.mktemp("feuille") / "archive"
    small.crawl(directory, [*stories(range(LEARNT_OF)), *parts(DAY)], name=f"{press.SITE}-1")
    adopt(directory, learnt())
    return directory


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "archive"))


def test_the_archive_is_as_these_tests_take_it_to_be(made: Path) -> None:
    held = articles(made)
    assert len(held) == LEARNT_OF + 1
    assert held[WHOLE].text == test_parts_crawl.WHOLE
    assert (held[WHOLE].parts, held[WHOLE].missing_part) == (3, None)
    assert all(press.ALERT not in article.text for article in held.values())
    assert problems(made) == []


def there_and_back(directory: Path, name: str, *arguments: str) -> Path:
    place, back = directory.parent / name, directory.parent / f"{name}-back"
    run_marbre("export", "-o", place, "--archive", directory, *arguments)
    run_marbre("import", place, "--archive", back, "--site", press.SITE, "--copy")
    return back


@pytest.mark.parametrize("name", ["evidence.wacz", "evidence.warc.gz"])
def test_there_and_back(archive: Path, name: str) -> None:
    back = there_and_back(archive, name)
    assert articles(back) == articles(archive)
    assert told_of(back, (*ROWS, "profiles")) == told_of(archive, (*ROWS, "profiles"))
    assert problems(back) == []
    assert there_and_back_again(back) == articles(archive)
    before = small.tables(back, ALL)
    assert rebuilt(back, back.parent / "rebuilt") == before


def there_and_back_again(directory: Path) -> dict[str, Article]:
    return articles(there_and_back(directory, "again.wacz"))


def test_each_visit_keeps_its_own_parts(tmp_path: Path) -> None:
    """An import makes one crawl of three: what was fetched with one capture is no part of another."""
    directory = tmp_path / "archive"
    visits = [parts(DAY), parts(DAY + timedelta(days=9), edit=EDIT), parts(DAY + timedelta(days=20), missing=3)]
    for number, visit in enumerate(visits, 1):
        small.crawl(directory, visit, name=f"{press.SITE}-{number}")
    assert len(small.tables(directory)["versions"]) == 3
    back = there_and_back(directory, "evidence.wacz")
    assert told_of(back) == told_of(directory)
    assert articles(back) == articles(directory)
    assert problems(back) == []


def test_one_article_takes_its_parts_and_its_profile_along(archive: Path) -> None:
    back = there_and_back(archive, "few.wacz", "pompiers barque")
    assert articles(back) == {WHOLE: articles(archive)[WHOLE]}
    story = press.Story(5)
    back = there_and_back(archive, "one.wacz", f'title:"dossier {story.number}"')
    assert articles(back) == {story.url: articles(archive)[story.url]}


def test_the_end_of_an_article_goes_along(tmp_path: Path) -> None:
    (there, *_) = stories([3])
    gone = replace(there, status=410, body=b"<title>Parti</title>", captured_at=DAY + timedelta(days=4))
    small.crawl(tmp_path / "archive", [there], name=f"{press.SITE}-1")
    small.crawl(tmp_path / "archive", [gone], name=f"{press.SITE}-2")
    found = told_of(tmp_path / "archive")
    assert [row["kind"] for row in found["events"]] == ["removed"]
    back = there_and_back(tmp_path / "archive", "evidence.wacz")
    assert told_of(back) == found
    assert problems(back) == []
    back = there_and_back(tmp_path / "archive", "current.wacz", "--versions", "current")
    assert told_of(back) == found | {"events": []}


def test_parts_far_behind_their_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first page is read when a batch is full, its parts come with another one."""
    first, *further = parts(DAY)
    between = stories(range(4))
    last = [replace(part, captured_at=DAY + timedelta(days=1)) for part in further]
    small.crawl(tmp_path / "archive", [first, *between, *last], name=f"{press.SITE}-1")
    place = tmp_path / "x.wacz"
    run_marbre("export", "-o", place, "--archive", tmp_path / "archive")
    from archive import importing

    monkeypatch.setattr(importing, "BATCH", 2)
    with small.pool() as pool, Store(tmp_path / "back") as store:
        options = importing.Options(site_of=lambda _: press.SITE)
        importing.import_file(store, Ingest(store, pool), importing.begin(store, place, options), options)
    assert articles(tmp_path / "back") == articles(tmp_path / "archive")
    assert articles(tmp_path / "back")[WHOLE].parts == 3
    assert told_of(tmp_path / "back") == told_of(tmp_path / "archive")


@pytest.mark.parametrize(
    ("when", "module", "name"),
    [
        ("before", "archive.profiles", "restore"),
        ("after", "archive.profiles", "adopt"),
        ("before", "archive.imports", "commit"),
        ("before", "archive.imports", "with_parts"),
        ("after", "archive.imports", "with_parts"),
    ],
)
def test_an_import_that_was_killed(archive: Path, tmp_path: Path, when: str, module: str, name: str) -> None:
    place, back = tmp_path / "x.wacz", tmp_path / "back"
    run_marbre("export", "-o", place, "--archive", archive)
    command = ("import", place, "--archive", back, "--site", press.SITE)
    killed = run_marbre(*command, module=("tests.killed", when, module, name, "1"), code=None)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    run_marbre(*command)
    assert told_of(back, (*ROWS, "profiles")) == told_of(archive, (*ROWS, "profiles"))
    assert problems(back) == []


def test_a_file_changes_nothing_of_a_site_that_is_known(archive: Path, tmp_path: Path) -> None:
    """Somebody's idea of how a site is to be read must not reach what was captured here."""
    run_marbre("export", "-o", tmp_path / "x.wacz", "--archive", archive)
    story = press.Story(40)
    small.crawl(tmp_path / "mine", stories([story.number]), name=f"{press.SITE}-2")
    before = articles(tmp_path / "mine")[story.url]
    run_marbre("import", tmp_path / "x.wacz", "--archive", tmp_path / "mine", "--site", press.SITE)
    run_marbre("extract", "--archive", tmp_path / "mine")
    assert small.tables(tmp_path / "mine", ("profiles",))["profiles"] == []
    assert articles(tmp_path / "mine")[story.url] == before
    run_marbre("import", tmp_path / "x.wacz", "--archive", tmp_path / "other", "--site", "autre")
    (profile,) = small.tables(tmp_path / "other", ("profiles",))["profiles"]
    assert profile["site"] == "autre"
    texts = {url: article.text for url, article in articles(tmp_path / "other").items()}
    assert texts == {url: article.text for url, article in articles(archive).items()}


@pytest.mark.parametrize(
    "said",
    [
        b"{",
        b"[]",
        b'{"adopted": "2026-03-01T00:00:00", "profile": {"site": "x"}}',
        b'{"adopted": "2026-03-01T00:00:00Z", "profile": {"site": "x", "selectors": {"body": [">>"]}}}',
        b'{"adopted": "2026-03-01T00:00:00Z", "profile": {"site": 7}}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_profile_is_passed_over(said: bytes, tmp_path: Path) -> None:
    with Warc(tmp_path / "x.warc.gz") as out:
        out.response(0, said, url=f"{profiles.DOCUMENT}x:1", kind="metadata", warc={"Content-Type": "application/json"})
        out.response(1)
    run_marbre("import", tmp_path / "x.warc.gz", "--archive", tmp_path / "archive")
    assert small.tables(tmp_path / "archive", ("profiles",))["profiles"] == []
    assert len(articles(tmp_path / "archive")) == 1
    assert EvidenceReader(Filters()).awaits is False


def test_merged(archive: Path, tmp_path: Path) -> None:
    """Both have learnt the site, each of its own pages: the later profile counts, whichever way they are merged."""
    other = tmp_path / "other"
    later = parts(DAY + timedelta(days=9), edit=EDIT)
    small.crawl(other, [*stories(range(6, 20)), *later], name=f"{press.SITE}-2")
    adopt(other, learnt(range(6, 20)), DAY + timedelta(days=10))
    for name, order in (("one", (archive, other)), ("another", (other, archive))):
        for each in order:
            join(tmp_path / name, each)
    found = small.tables(tmp_path / "one", ALL)
    assert found == small.tables(tmp_path / "another", ALL)
    assert found == rebuilt(tmp_path / "one", tmp_path / "rebuilt")
    assert len(found["profiles"]) == 2
    assert {row["extractor"] for row in found["extractions"]} == {f"{EXTRACTOR}+profile-{learnt(range(6, 20)).version}"}
    held = articles(tmp_path / "one")
    assert len(held) == 21
    assert held[WHOLE].text == test_parts_crawl.WHOLE.replace(*EDIT)
    assert problems(tmp_path / "one") == []
    for each in (archive, other):
        join(tmp_path / "one", each)
    assert small.tables(tmp_path / "one", ALL) == found


def test_merged_with_the_same_profile(archive: Path, tmp_path: Path) -> None:
    """It was adopted in both, at different times: it is one, in use since the later."""
    other = tmp_path / "other"
    small.crawl(other, stories(range(LEARNT_OF)), name=f"{press.SITE}-2")
    adopt(other, learnt(), DAY + timedelta(days=3))
    for name, order in (("one", (archive, other)), ("another", (other, archive))):
        for each in order:
            join(tmp_path / name, each)
    found = small.tables(tmp_path / "one", ALL)
    assert found == small.tables(tmp_path / "another", ALL)
    assert found == rebuilt(tmp_path / "one", tmp_path / "rebuilt")
    assert len(found["profiles"]) == 1


def test_backed_up(archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    backup(archive, copy)
    assert small.tables(copy, ALL) == small.tables(archive, ALL)
    later = parts(DAY + timedelta(days=9), edit=EDIT)
    small.crawl(archive, later, name=f"{press.SITE}-2")
    adopt(archive, learnt(range(4, 20)), DAY + timedelta(days=10))
    backup(archive, copy)
    assert small.tables(copy, ALL) == small.tables(archive, ALL)
    assert articles(copy) == articles(archive)
    assert problems(copy) == []


def test_a_changed_part_is_found_out(archive: Path) -> None:
    """What the row says of the article is not what its three pages give, once one of them is gone."""
    with Store(archive) as store:
        store.db.execute("DELETE FROM captures WHERE role = 'part' AND url LIKE '%/3/'")
    assert any("reading it again gives" in what for what in problems(archive))


def test_a_profile_that_was_forgotten_is_found_out(archive: Path) -> None:
    with Store(archive) as store:
        store.db.execute("DELETE FROM profiles")
    assert any("it is on record and has no row" in what for what in problems(archive))
    with Store(archive) as store:
        store.db.execute("INSERT INTO profiles VALUES ('autre', 'x', '2026-01-01', 0, 0, '{}')")
    assert any("not what is on record" in what for what in problems(archive))


Written = Callable[[Path], list[dict[str, Any]]]


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _csv(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [
            row | {"parts": int(row["parts"]), "missing_part": row["missing_part"] or None}
            for row in csv.DictReader(file)
        ]


def _parquet(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    return found


def _markdown(folder: Path) -> list[dict[str, Any]]:
    found = []
    for path in folder.rglob("*.md"):
        _, front, body = path.read_text().split("---\n", 2)
        found.append({"missing_part": None, **yaml.safe_load(front), "markdown": body.strip("\n")})
    return found


@pytest.mark.parametrize(
    ("name", "form"), [("a.jsonl", _json_lines), ("a.csv", _csv), ("a.parquet", _parquet), ("a", _markdown)]
)
def test_exported(archive: Path, tmp_path: Path, name: str, form: Written) -> None:
    said = ("--format", "markdown") if name == "a" else ()
    run_marbre("export", "-o", tmp_path / name, *said, "--archive", archive)
    rows = {row["canonical_url"]: row for row in form(tmp_path / name)}
    held = articles(archive)
    assert rows.keys() == held.keys()
    for url, article in held.items():
        assert (rows[url]["parts"], rows[url]["missing_part"]) == (article.parts, article.missing_part)
        if name == "a":
            assert rows[url]["markdown"] == article.markdown.strip("\n")
        else:
            assert rows[url]["text"] == article.text
