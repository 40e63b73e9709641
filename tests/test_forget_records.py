"""What belongs to an article is found, whatever record it is in; a kill at any moment leaves all of it or nothing."""

from __future__ import annotations

import dataclasses
import json
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest

from archive import Archive, recovery
from archive.errors import ArchiveError
from archive.exchange.backup import backup
from archive.exchange.merge import merge
from archive.extraction import EXTRACTOR
from archive.forgetting import doing, redo
from archive.ingest import Ingest
from archive.models import Exchange, Link
from archive.store import Store
from archive.verification import verify
from archive.warc import WarcWriter, blanking
from archive.warc.blanking import DoesNotFit
from tests import small_archives as small
from tests.archives import START
from tests.conftest import run_marbre
from tests.foreign_files import Warc
from tests.foreign_files import url as foreign_url
from tests.test_forget import SECRET, WORDS, holders

FEED = "https://www.gazette.example/feed/"
CRAWL = (
    *(small.answer(number) for number in (2, 3)),
    small.answer(1, 0, small.page(1, extra=WORDS)),
    small.answer(1, 24, small.page(1, extra=f"{WORDS} Corrigé.")),
    small.answer(1, 48, small.page(1, extra=f"{WORDS} Corrigé.")),
    dataclasses.replace(small.answer(1, 72, b"<p>Rien ici."), status=404),
)
REASON = "a court says so"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made") / "archive"
    small.crawl(directory, CRAWL)
    return directory


@pytest.fixture
def directory(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "archive")
    return tmp_path / "archive"


def forget(directory: Path, *addresses: str) -> doing.Plan:
    with Store(directory) as store:
        plan = doing.of_addresses(store, addresses)
        assert doing.carry_out(store, plan, REASON)
    return plan


def articles(directory: Path) -> set[str]:
    with Archive(directory) as archive:
        return {article.canonical_url for article in archive.articles()}


def check(directory: Path, *words: str) -> None:
    """Expect an archive that is whole, and of which no byte tells."""
    assert holders(directory, SECRET, *words) == []
    assert list(verify(directory)) == []


def test_all_visits_go_the_404_too(directory: Path) -> None:
    assert holders(directory, SECRET)
    plan = forget(directory, small.url(1))
    assert (len(plan.found.captures), len(plan.lists), plan.subjects[0].versions) == (4, 0, 2)
    assert articles(directory) == {small.url(2), small.url(3)}
    check(directory, "ville/marche-1/")


KILLS = (
    ("before", "archive.forgetting.redo", "write", 1),
    ("after", "archive.forgetting.redo", "write", 1),
    ("before", "archive.warc.writer", "finish", 1),
    ("before", "archive.warc.blanking", "put", 1),
    ("after", "archive.warc.blanking", "put", 2),
    ("before", "archive.forgetting.redo", "change_rows", 1),
    ("before", "archive.forgotten", "write", 1),
    ("before", "archive.forgetting.redo", "finish", 1),
    ("before", "archive.forgetting.redo", "conclude", 1),
)


@pytest.mark.parametrize(("when", "module", "name", "count"), KILLS, ids=str)
def test_a_kill_leaves_all_or_nothing(directory: Path, when: str, module: str, name: str, count: int) -> None:
    command = ("forget", small.url(1), "--reason", REASON, "--yes", "--archive", directory)
    killed = ("tests.killed", when, module, name, str(count))
    assert run_marbre(*command, code=None, module=killed).returncode == -signal.SIGKILL
    begun = (directory / redo.JOURNAL).exists()
    assert begun == ((when, name) != ("before", "write") or module != "archive.forgetting.redo")
    if not begun:
        assert list(verify(directory)) == []
        assert len(articles(directory)) == 3
        return
    assert "cut short" in run_marbre("backup", directory.parent / "b", "--archive", directory, code=None).stderr
    assert "nothing is left" in run_marbre("forget", "--resume", "--archive", directory).stdout
    assert articles(directory) == {small.url(2), small.url(3)}
    check(directory, "ville/marche-1/")
    assert len(list((directory / "warc").glob("*-forget-*.warc.gz"))) == 1


def test_a_rebuild_finishes_what_was_cut_short_though_the_database_is_lost(directory: Path) -> None:
    command = ("forget", small.url(1), "--reason", REASON, "--yes", "--archive", directory)
    run_marbre(*command, code=None, module=("tests.killed", "after", "archive.warc.blanking", "put", "1"))
    (directory / "archive.db").write_bytes(b"no database " * 1000)
    run_marbre("rebuild", "--archive", directory)
    assert articles(directory) == {small.url(2), small.url(3)}
    check(directory, "ville/marche-1/")
    assert not (directory / redo.JOURNAL).exists()


def test_a_record_that_was_half_written_is_written_again(directory: Path) -> None:
    with Store(directory) as store:
        plan = doing.of_addresses(store, [small.url(1)])
        redo.write(directory, doing._journal(store, plan, REASON, lambda _: None))
    journal = redo.pending(directory)
    assert journal is not None
    span = journal.spans[0][0]
    with (directory / "warc" / span.filename).open("rb+") as file:
        file.seek(span.offset)
        file.write(b"\x1f\x8b\x08\x10" + b" " * (span.length // 2))
    with Store(directory) as store:
        assert redo.resume(store)
    check(directory, "ville/marche-1/")


def add(directory: Path, exchanges: Iterable[Exchange], name: str = "gazette-2") -> None:
    small.crawl(directory, exchanges, name=name)


def test_a_post_and_the_answer_it_was_in(directory: Path) -> None:
    posts = [{"link": small.url(number), "content": {"rendered": text}} for number, text in ((7, WORDS), (8, "Rien."))]
    body = json.dumps(posts).encode()
    api = "https://www.gazette.example/wp-json/wp/v2/posts"
    with Store(directory) as store, small.pool() as pool:
        with WarcWriter(store.warc, "marbre", "gazette-3", {"site": "gazette"}) as writer:
            store.begin_crawl("gazette-3", "gazette", START, {})
            answer = writer.write(dataclasses.replace(small.answer(7, 0, body), url=api, role="source", links=()))
            made = [answer]
            for number, text in ((7, WORDS), (8, "Rien de tel.")):
                post = small.answer(number, 0, rest_post(number, text))
                post = dataclasses.replace(post, headers=(("Content-Type", "application/json"),))
                made.append(writer.write_resource(post, answer.id))
        store.add_captures(made)
        Ingest(store, pool).run(store.pending(EXTRACTOR))
        recovery.end(store, "gazette-3", "gazette", "finished")
    assert {small.url(7), small.url(8)} <= articles(directory)
    plan = forget(directory, small.url(7), small.url(1))
    assert [capture.id for capture in plan.lists] == [answer.id]
    assert articles(directory) == {small.url(number) for number in (2, 3, 8)}
    check(directory, "ville/marche-7/")


def rest_post(number: int, text: str) -> bytes:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in (*small.SENTENCES, f"Le point {number}.", text))
    post = {
        "id": number,
        "type": "post",
        "status": "publish",
        "link": small.url(number),
        "date_gmt": "2026-02-20T07:15:00",
        "modified_gmt": "2026-02-20T07:15:00",
        "title": {"rendered": f"La halle, épisode {number}"},
        "content": {"rendered": paragraphs, "protected": False},
        "excerpt": {"rendered": ""},
    }
    return json.dumps(post).encode()


def test_an_article_whose_text_another_rests_on_is_not_forgotten_alone(directory: Path) -> None:
    same = small.page(9, extra=WORDS)
    add(directory, [small.answer(9, 0, same), dataclasses.replace(small.answer(10), body=same)])
    assert {small.url(9), small.url(10)} <= articles(directory)
    with Store(directory) as store, pytest.raises(ArchiveError, match="rests on a record"):
        doing.of_addresses(store, [small.url(9)])
    forget(directory, small.url(9), small.url(10), small.url(1))
    assert articles(directory) == {small.url(2), small.url(3)}
    check(directory, "ville/marche-9/", "ville/marche-10/")


def test_the_same_text_elsewhere_is_named(directory: Path) -> None:
    text = small.page(9, extra=WORDS)
    add(directory, [small.answer(9, 0, text), small.answer(10, 0, text.replace(b"<p>", b"<p >"))])
    with Store(directory) as store:
        plan = doing.of_addresses(store, [small.url(9)])
    assert [url for _, url in plan.same] == [small.url(10)]


def test_a_site_is_forgotten_and_the_other_stays(directory: Path) -> None:
    other = [dataclasses.replace(small.answer(20), url="https://www.courrier.example/a-20/", links=())]
    add(directory, other, "courrier-1")
    run_marbre("forget", "--site", "gazette", "--reason", REASON, "--yes", "--archive", directory)
    assert articles(directory) == {"https://www.courrier.example/a-20/"}
    check(directory, "gazette.example")
    run_marbre("rebuild", "--archive", directory)
    assert articles(directory) == {"https://www.courrier.example/a-20/"}
    check(directory, "gazette.example")
    run_marbre("forget", "--site", "gazet", "--reason", REASON, "--archive", directory, code=1)


def test_what_another_page_knew_of_it_is_left_out(directory: Path) -> None:
    """A capture of another article whose evidence names the address: it stays, without that."""
    links = (Link(small.url(5), "feed", FEED), Link(small.url(1), "feed", FEED, title=SECRET))
    add(directory, [dataclasses.replace(small.answer(5), links=links)])
    forget(directory, small.url(1))
    check(directory, "ville/marche-1/")
    assert small.url(5) in articles(directory)


def test_an_import_leaves_it_out(directory: Path, tmp_path: Path) -> None:
    with Warc(tmp_path / "a.warc.gz") as out:
        out.response(1)
        out.response(2)
    run_marbre("import", tmp_path / "a.warc.gz", "--archive", directory)
    assert foreign_url(1) in articles(directory)
    plan = forget(directory, foreign_url(1))
    assert plan.elsewhere == {str(tmp_path / "a.warc.gz"): 1}
    assert list(verify(directory)) == []
    said = run_marbre("import", tmp_path / "a.warc.gz", "--again", "--archive", directory).stdout
    assert "1  forgotten" in said, said
    assert foreign_url(1) not in articles(directory)
    assert foreign_url(2) in articles(directory)
    assert list(verify(directory)) == []
    run_marbre("rebuild", "--archive", directory)
    assert foreign_url(1) not in articles(directory)


@pytest.mark.parametrize("said", [("no-such",), (), ("--again", "--site", "gazette"), ("https://nowhere.example/",)])
def test_what_cannot_be_done_is_said_and_nothing_is_changed(directory: Path, said: tuple[str, ...]) -> None:
    done = run_marbre("forget", *said, "--reason", REASON, "--yes", "--archive", directory, code=None)
    assert done.returncode in (1, 2)
    assert len(articles(directory)) == 3


def test_without_a_reason_or_a_yes_nothing_is_forgotten(directory: Path) -> None:
    run_marbre("forget", small.url(1), "--yes", "--archive", directory, code=2)
    run_marbre("forget", small.url(1), "--reason", REASON, "--archive", directory, code=1)
    assert len(articles(directory)) == 3


def test_while_a_crawl_writes_nothing_is_forgotten(directory: Path) -> None:
    from archive.database import in_use

    with in_use(directory):
        done = run_marbre("forget", small.url(1), "--reason", REASON, "--yes", "--archive", directory, code=None)
    assert done.returncode != 0
    assert "is writing" in done.stderr


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_a_copy_of_a_foreign_file_is_blanked_too(directory: Path, tmp_path: Path, name: str) -> None:
    with Warc(tmp_path / name, gzip=name.endswith(".gz")) as out:
        first = out.response(1, small.page(30, extra=WORDS))
        out.response(1, b"", kind="request", status="GET /article/1 HTTP/1.1")
        out.resource(f"urn:text:{foreign_url(1)}", WORDS.encode(), "text/plain")
        out.response(2)
        out.revisit(1, first, later="2026-03-09T10:00:00Z")
    command = ("import", tmp_path / name, "--copy", "--archive", directory)
    run_marbre(*command)
    assert {foreign_url(1), foreign_url(2)} <= articles(directory)
    plan = forget(directory, foreign_url(1), small.url(1))
    assert plan.elsewhere == {}
    check(directory, "article/1")
    assert foreign_url(2) in articles(directory)
    run_marbre(*command, "--since", "2026-02-01")  # another import: its copy would be the whole one
    check(directory, "article/1")
    run_marbre("rebuild", "--archive", directory)
    assert foreign_url(1) not in articles(directory)
    check(directory, "article/1")


def test_a_copy_made_later_holds_nothing_of_it(directory: Path, tmp_path: Path) -> None:
    with Warc(tmp_path / "a.warc.gz") as out:
        out.response(1, small.page(30, extra=WORDS))
        out.resource(f"urn:text:{foreign_url(1)}", WORDS.encode(), "text/plain")
        out.response(2)
    run_marbre("import", tmp_path / "a.warc.gz", "--archive", directory)
    forget(directory, foreign_url(1), small.url(1))
    shutil.copy(tmp_path / "a.warc.gz", tmp_path / "b.warc.gz")
    for more in ((), ("--since", "2026-02-01")):
        said = run_marbre("import", tmp_path / "b.warc.gz", "--copy", *more, "--archive", directory).stdout
        assert len(list((directory / "warc/imported").iterdir())) == 1
        check(directory, "article/1")
        assert foreign_url(2) in articles(directory), said


def test_its_further_pages_and_what_a_browser_built(directory: Path) -> None:
    first, second = f"{small.url(11)}", f"{small.url(11)}2/"
    part = Link(second, "part", first)
    plain = small.answer(11, 0, b"<html><script>build()</script></html>")
    built = small.answer(11, 0, small.page(11, extra=WORDS))
    with Store(directory) as store, small.pool() as pool:
        with WarcWriter(store.warc, "marbre", "gazette-4", {"site": "gazette"}) as writer:
            store.begin_crawl("gazette-4", "gazette", START, {})
            source = writer.write(dataclasses.replace(plain, role="page-source"))
            made = dataclasses.replace(built, source="urn:marbre:built-by:chromium-1")
            script = Exchange(
                url="https://www.gazette.example/api/11",
                status=200,
                headers=(("Content-Type", "application/json"),),
                body=json.dumps({"text": WORDS}).encode(),
                captured_at=built.captured_at,
                role="subresource",
            )
            more = dataclasses.replace(small.answer(12, 0, small.page(11, extra=WORDS)), url=second, role="part")
            found = [source, writer.write_resource(made, source.id), writer.write(script)]
            found.append(writer.write(dataclasses.replace(more, links=(part,))))
        store.add_captures(found)
        Ingest(store, pool).run(store.pending(EXTRACTOR))
        recovery.end(store, "gazette-4", "gazette", "finished")
    assert first in articles(directory)
    plan = forget(directory, first, small.url(1))
    assert {capture.id for capture in found} <= plan.found.captures.keys()
    check(directory, "marche-11/", "built-by")


def test_while_somebody_reads_the_log_waits(directory: Path) -> None:
    command = ("forget", small.url(1), "--reason", REASON, "--yes", "--archive", directory)
    with Archive(directory) as archive:
        archive.db.execute("BEGIN")
        archive.db.execute("SELECT count(*) FROM articles").fetchone()
        assert "somebody is reading" in run_marbre(*command, code=1).stderr
        assert "somebody is reading" in run_marbre("forget", "--resume", "--archive", directory, code=1).stderr
        archive.db.execute("COMMIT")
    assert "nothing is left" in run_marbre("forget", "--resume", "--archive", directory).stdout
    check(directory, "ville/marche-1/")


def test_what_stands_below_every_article_is_no_words_of_its_own(directory: Path) -> None:
    """A feed with the sentences that all articles of the fixture have stays, one with a sentence of its own goes."""
    feeds = [
        Exchange(
            url=f"{FEED}{name}",
            status=200,
            headers=(("Content-Type", "application/rss+xml"),),
            body=f"<rss><item><description>{text}</description></item></rss>".encode(),
            captured_at=START,
            role="source",
        )
        for name, text in (("common", " ".join(small.SENTENCES)), ("own", WORDS))
    ]
    add(directory, [*(small.answer(number) for number in (4, 5)), *feeds])
    plan = forget(directory, small.url(1))
    assert [capture.url for capture in plan.lists] == [f"{FEED}own"]
    check(directory)


def test_a_summary_that_does_not_fit_its_room_goes_to_another_file(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(record: object, _: object) -> bytes:
        raise DoesNotFit(str(record))

    monkeypatch.setattr(blanking, "with_document", full)
    forget(directory, small.url(1))
    check(directory, "ville/marche-1/")
    before = small.tables(directory)
    run_marbre("rebuild", "--archive", directory)
    assert small.tables(directory) == before


def join(directory: Path, other: Path) -> int:
    """Merge; returns how many articles were left out because they were forgotten."""
    with small.pool() as pool:
        return merge(directory, other, pool).forgotten


@pytest.mark.parametrize("forgetful", ["ours", "theirs"])
def test_a_merge_with_a_copy_does_not_bring_it_back(
    directory: Path, made: Path, tmp_path: Path, forgetful: str
) -> None:
    shutil.copytree(made, tmp_path / "other")
    forget({"ours": directory, "theirs": tmp_path / "other"}[forgetful], small.url(1))
    assert join(directory, tmp_path / "other") == (forgetful == "theirs")
    for _ in range(2):
        check(directory, "ville/marche-1/")
        assert articles(directory) == {small.url(2), small.url(3)}
        assert join(directory, tmp_path / "other") == 0


def test_what_another_archive_has_of_it_is_left_out(directory: Path, tmp_path: Path) -> None:
    small.crawl(tmp_path / "other", [small.answer(1, 5, small.page(1, extra=WORDS)), small.answer(6)], name="gazette-7")
    forget(directory, small.url(1))
    for left_out in (1, 0):
        assert join(directory, tmp_path / "other") == left_out
        check(directory, "ville/marche-1/")
        assert articles(directory) == {small.url(2), small.url(3), small.url(6)}


@pytest.mark.parametrize("link", [False, True])
def test_a_backup_made_again_has_forgotten_it_too(directory: Path, tmp_path: Path, link: bool) -> None:
    target = tmp_path / "backup"
    backup(directory, target, link=link)
    forget(directory, small.url(1))
    assert holders(target, SECRET)
    backup(directory, target, link=link)
    check(target, "ville/marche-1/")
    assert list(verify(directory)) == []
