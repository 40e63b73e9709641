"""Articles cut into several pages, fetched from a real server: joined, whole or said not to be."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from archive import Archive
from archive.models import Article
from archive.verification import verify
from tests.conftest import run_marbre, write_sites
from tests.test_crawl import Answers, outcome, site, sitemap

LINES = [
    "La digue de Sauve cède dans la nuit du 3 au 4 mars, et l’eau gagne la rue basse avant l’aube.",
    "Les pompiers évacuent quarante familles en barque ; la salle des fêtes les accueille jusqu’au soir.",
    "Trois ans plus tard, la commune rebâtit la digue en pierre, d’après un plan retrouvé aux archives.",
    "Les habitants de la rue basse paient encore l’emprunt, et beaucoup sont partis vers le plateau.",
    "Le procès s’ouvre lundi à Bellon ; l’ingénieur de la préfecture y parlera le premier.",
    "« Nous avions prévenu », répète l’ancien maire, qui montre ses lettres restées sans réponse.",
]
CLOSING = "Dossier préparé par la rédaction de Sauve, avec les archives du canton."


def part(number: int, of: int = 3, title: str = "La digue de Sauve, trois ans après") -> str:
    """One page of an article: two lines of it, with what every page repeats, and WordPress's pager."""
    pager = "".join(
        f'<span class="post-page-numbers current">{n}</span>'
        if n == number
        else f'<a class="post-page-numbers" href="BASE/digue/{f"{n}/" if n > 1 else ""}">{n}</a>'
        for n in range(1, of + 1)
    )
    text = "".join(f"<p>{line}</p>" for line in LINES[2 * number - 2 : 2 * number])
    return (
        f'<html lang="fr"><head><meta property="og:type" content="article"><title>{title}</title>'
        f'<link rel="canonical" href="BASE/digue/{f"{number}/" if number > 1 else ""}"></head><body><article>'
        f'<h1>{title}</h1><div class="article-content"><p>{title}</p>{text}<p>{CLOSING}</p></div>'
        f'<div class="page-links">Pages : {pager}</div></article></body></html>'
    )


def answers(*numbers: int) -> Answers:
    pages: Answers = {"/": (200, {}, "<html><body><h1>Journal</h1></body></html>")}
    pages["/sitemap.xml"] = (200, {"Content-Type": "application/xml"}, sitemap("digue/"))
    pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, "Sitemap: BASE/sitemap.xml")
    for number in numbers:
        pages[f"/digue/{number}/" if number > 1 else "/digue/"] = (200, {}, part(number))
    return pages


class Paper:
    """A newspaper whose answers change between two crawls of one archive."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.answers: Answers = {}
        self.directory = folder / "archive"
        self.base = stack.enter_context(site(self.answers))
        self.sites = write_sites(folder, self.base)

    def crawl(self, *arguments: str, code: int | None = 0) -> str:
        done = run_marbre("--sites", self.sites, "crawl", *arguments, "--archive", self.directory, code=code)
        return done.stdout + done.stderr

    def articles(self) -> list[Article]:
        with Archive(self.directory) as archive:
            return list(archive.articles())

    def versions(self) -> int:
        with Archive(self.directory) as archive:
            return len(archive.versions(f"{self.base}digue/"))


WHOLE = "\n".join([*LINES, CLOSING])


def test_all_parts_are_one_article(tmp_path: Path) -> None:
    with ExitStack() as stack:
        paper = Paper(tmp_path, stack)
        paper.answers |= answers(1, 2, 3)
        paper.crawl()
        (article,) = paper.articles()
        assert article.text == WHOLE
        assert (article.parts, article.missing_part) == (3, None)
        paper.crawl("--full")
        assert paper.articles() == [article]
        assert paper.versions() == 1
    run_marbre("extract", "--all", "--archive", paper.directory)
    assert paper.articles() == [article]
    (paper.directory / "archive.db").unlink()
    run_marbre("rebuild", "--archive", paper.directory)
    assert paper.articles() == [article]
    assert list(verify(paper.directory)) == []


def test_a_part_that_is_lost_is_told_and_comes_later(tmp_path: Path) -> None:
    with ExitStack() as stack:
        paper = Paper(tmp_path, stack)
        paper.answers |= answers(1, 2)
        said = paper.crawl(code=None)
        (article,) = paper.articles()
        assert (article.parts, article.missing_part) == (2, f"{paper.base}digue/3/")
        assert "digue/3/, a part of" in said
        assert article.text == "\n".join([*LINES[:4], CLOSING])
        paper.answers |= answers(1, 2, 3)
        paper.crawl()
        assert paper.articles() == [article], "it is asked for again after a week"
        paper.crawl("--url", f"{paper.base}digue/")
        (article,) = paper.articles()
        assert (article.text, article.missing_part) == (WHOLE, None)
        assert paper.versions() == 2


def test_an_edit_of_the_second_page_alone_is_seen(tmp_path: Path) -> None:
    with ExitStack() as stack:
        paper = Paper(tmp_path, stack)
        paper.answers |= answers(1, 2, 3)
        paper.answers["/digue/"] = (200, {"ETag": '"first"'}, part(1))
        paper.crawl()
        paper.answers["/digue/"] = (304, {"ETag": '"first"'}, "")
        paper.answers["/digue/2/"] = (200, {}, part(2).replace("Trois ans", "Quatre ans"))
        paper.crawl("--url", f"{paper.base}digue/")
        (article,) = paper.articles()
        assert article.text == WHOLE.replace("Trois ans", "Quatre ans")
        paper.answers["/digue/3/"] = (503, {}, "")
        paper.crawl("--url", f"{paper.base}digue/", code=None)
        assert paper.articles() == [article], "what cannot be had now is as it was"
        assert paper.versions() == 2


def test_a_part_listed_by_a_sitemap_is_no_article_of_its_own(tmp_path: Path) -> None:
    with ExitStack() as stack:
        paper = Paper(tmp_path, stack)
        paper.answers |= answers(1, 2, 3)
        paper.answers["/sitemap.xml"] = (200, {}, sitemap("digue/", "digue/2/"))
        paper.crawl()
        (article,) = paper.articles()
        with Archive(paper.directory) as archive:
            frontier = list(archive.db.query("SELECT replace(url, ?, '/') AS path, * FROM frontier", [paper.base]))
    assert article.text == WHOLE
    assert outcome(frontier, "/digue/2/") == ("rejected", "part")


def test_a_pager_without_end_ends(tmp_path: Path) -> None:
    endless: Answers = {f"/digue/{number}/": (200, {}, part(1, of=number + 1)) for number in range(2, 60)}
    with ExitStack() as stack:
        paper = Paper(tmp_path, stack)
        paper.answers |= answers(1) | endless
        paper.answers["/digue/"] = (200, {}, part(1, of=2))
        paper.crawl()
        (article,) = paper.articles()
        assert article.parts <= 31
        with Archive(paper.directory) as archive:
            assert archive.db.execute("SELECT count(*) FROM captures WHERE role = 'part'").fetchone()[0] <= 30


@pytest.mark.parametrize("survive", [4, 5])
def test_killed_between_two_parts_it_is_whole_after_the_next_crawl(survive: int, tmp_path: Path) -> None:
    with ExitStack() as stack:
        paper = Paper(tmp_path, stack)
        paper.answers |= answers(1, 2, 3)
        command = ("--sites", paper.sites, "crawl", "--archive", paper.directory)
        killed = run_marbre("after its row", str(survive), *command, code=None, module=("tests.crashing",))
        assert killed.returncode == -9, killed.stderr
        with closing(sqlite3.connect(paper.directory / "archive.db")) as db:
            print(db.execute("SELECT count(*) FROM captures WHERE role IN ('page', 'part')").fetchone())
        paper.crawl()
        (article,) = paper.articles()
    assert (article.text, article.parts) == (WHOLE, 3)
    assert list(verify(paper.directory)) == []
