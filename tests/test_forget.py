"""Forgetting: the text is in no byte of the archive any more, all else is, and nothing brings it back."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import zlib
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest

from archive import Archive
from tests.conftest import run_marbre
from tests.kiosk import Answer, Kiosk

MARKET, BRIDGE, SCHOOL = "/ville/marche-couvert/", "/ville/pont-neuf/", "/ville/ecole-fermee/"
SECRET = "Zwillingsbruder"  # a word that only the article's text has
WORDS = f"La famille a reconnu le {SECRET} du maire sur la photographie du conseil."
TITLE = "Le marché couvert rouvre avec Xylophanie"
TOLD = "Xylophanie"  # a word of its title
REASON = "demande de la personne, art. 17"


class Desk:
    """A newspaper with three articles and a feed that has the whole text of one, and the archive of it."""

    def __init__(self, kiosk: Kiosk, folder: Path) -> None:
        self.kiosk = kiosk
        self.folder = folder
        self.directory = folder / "archive"
        self.sites = kiosk.sites(folder, f'feeds = ["{kiosk.url}feed/"]')
        kiosk.publish(MARKET, TITLE, text=WORDS)
        kiosk.publish(BRIDGE, "Le pont est fermé aux camions")
        kiosk.publish(SCHOOL, "L'école ferme pour travaux")
        self.feed()

    def feed(self, *paths: str) -> None:
        said = {MARKET: (TITLE, WORDS), BRIDGE: ("Le pont est fermé aux camions", "Des travaux.")}
        items = "".join(
            f"<item><title>{title}</title><link>{self.url(path)}</link><description>{text}</description>"
            f"<content:encoded>{escape(f'<p>{text}</p>')}</content:encoded></item>"
            for path, (title, text) in said.items()
            if not paths or path in paths
        )
        rss = (
            '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>Le Kiosque</title>{items}</channel></rss>"
        )
        self.kiosk.answers["/feed/"] = Answer(body=rss.encode(), headers={"Content-Type": "application/rss+xml"})

    def url(self, path: str) -> str:
        return self.kiosk.url[:-1] + path

    def crawl(self, *options: str, code: int | None = 0) -> str:
        return self.marbre("crawl", *options, code=code)

    def marbre(self, command: str, *options: str | Path, code: int | None = 0) -> str:
        done = run_marbre("--sites", self.sites, command, *options, "--archive", self.directory, code=code)
        return done.stdout + done.stderr

    def forget(self, *options: str, code: int | None = 0) -> str:
        return self.marbre("forget", self.url(MARKET), "--reason", REASON, "--yes", *options, code=code)

    def articles(self) -> set[str]:
        with Archive(self.directory) as archive:
            return {article.canonical_url.removeprefix(self.kiosk.url[:-1]) for article in archive.articles()}

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.directory / "archive.db") as db:
            return db.execute(sql).fetchall()

    def check(self, *options: str) -> None:
        """Expect an archive that is whole, and of which no byte tells."""
        self.marbre("verify", *options)
        assert holders(self.directory, SECRET, TOLD, MARKET.strip("/")) == []


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Kiosk() as kiosk:
        yield Desk(kiosk, tmp_path)


def holders(directory: Path, *words: str) -> list[str]:
    """The files that hold one of some words, in any case, as they are or in a gzip member."""
    wanted = [word.lower().encode() for word in words]
    found = []
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        data = path.read_bytes()
        texts = [data, *members(data)]
        found += [f"{path.name}: {word.decode()}" for word in wanted if any(word in text.lower() for text in texts)]
    return found


def members(data: bytes) -> Iterator[bytes]:
    """What each run of bytes that begins as a gzip member does unpacks to, whole or not."""
    begin = -1
    while (begin := data.find(b"\x1f\x8b\x08", begin + 1)) >= 0:
        inflate = zlib.decompressobj(31)
        try:
            yield inflate.decompress(data[begin:])
        except zlib.error:
            continue


def test_no_byte_of_the_archive_tells_and_the_rest_is_as_it_was(desk: Desk) -> None:
    desk.crawl()
    desk.kiosk.publish(MARKET, TITLE, text=f"{WORDS} Il a été corrigé.")
    desk.kiosk.changed[MARKET] = "2030-01-01"
    desk.crawl()
    before = {path.name: path.stat().st_size for path in (desk.directory / "warc").iterdir()}
    assert len(holders(desk.directory, SECRET)) >= 3
    said = desk.marbre("forget", desk.url(MARKET), "--dry-run")
    assert (TITLE in said, "2 versions" in said, "/feed/" in said) == (True, True, True), said
    desk.forget()
    desk.check("--deep")
    assert desk.articles() == {BRIDGE, SCHOOL}
    sizes = {path.name: path.stat().st_size for path in (desk.directory / "warc").iterdir()}
    assert before.items() <= sizes.items()
    for path in (desk.directory / "warc").glob("*.warc.gz"):
        subprocess.run(["gzip", "-t", path], check=True)


def test_a_new_crawl_does_not_bring_it_back(desk: Desk) -> None:
    desk.crawl()
    (identifier,) = (row[0] for row in desk.rows("SELECT id FROM articles WHERE title LIKE '%Xylophanie'"))
    desk.forget()
    desk.kiosk.answers["/alt/"] = Answer(301, headers={"Location": MARKET})
    moved = Answer(body=desk.kiosk.answers[MARKET].body.replace(b"<head>", canonical(desk.url(MARKET))))
    desk.kiosk.answers["/moved/to/here/"] = moved
    desk.kiosk.listed += ["/alt/", "/moved/to/here/"]
    desk.kiosk.requests.clear()
    desk.crawl()
    assert desk.kiosk.asked(MARKET) == []
    assert desk.articles() == {BRIDGE, SCHOOL}
    rows = desk.rows("SELECT url, outcome || ' ' || reason FROM frontier WHERE reason = 'forgotten'")
    settled = {str(url): outcome for url, outcome in rows}
    assert settled == {
        desk.url(MARKET): "skipped forgotten",
        desk.url("/alt/"): "skipped forgotten",
        desk.url("/moved/to/here/"): "rejected forgotten",
    }
    for address in (desk.url(MARKET), str(identifier)):
        assert REASON in desk.marbre("why", address)
    assert REASON in desk.marbre("forget", "--list")
    assert json.loads(desk.marbre("forget", "--list", "--json"))["article"] == identifier
    desk.marbre("verify", "--deep")
    desk.marbre("forget", "--again", "--yes")
    desk.check()
    assert "nothing has come since" in desk.marbre("forget", "--again", "--yes")


def canonical(url: str) -> bytes:
    return f'<head><link rel="canonical" href="{url}">'.encode()


def test_a_rebuild_does_not_bring_it_back(desk: Desk) -> None:
    desk.crawl()
    desk.marbre("rebuild")  # leaves a copy of the database
    kept = sorted(desk.rows(ROWS))
    assert holders(desk.directory, SECRET)
    desk.forget()
    desk.check()
    counts = desk.rows("SELECT id, site, counts FROM crawls")
    rules = [desk.rows(f"SELECT * FROM {table}") for table in TABLES]
    expected = [row for row in kept if not str(row[0]).startswith((desk.url(MARKET), desk.url("/feed/")))]
    lists = (desk.kiosk.url, desk.url("/sitemap.xml"))
    assert sorted(desk.rows(ROWS)) == [row for row in expected if row[0] not in lists]
    desk.marbre("rebuild")
    desk.check()
    assert [desk.rows(f"SELECT * FROM {table}") for table in TABLES] == rules
    assert desk.rows("SELECT id, site, counts FROM crawls") == counts
    assert sorted(desk.rows(ROWS)) == [row for row in expected if row[0] not in lists]
    assert REASON in desk.marbre("why", desk.url(MARKET))


ROWS = "SELECT url, id, offset, length, links FROM captures"
TABLES = ("forgotten", "forgotten_addresses", "forgotten_records")
