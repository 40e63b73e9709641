"""The clock that crawls are told in tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from archive import Archive
from tests import clocked
from tests.kiosk import Kiosk


def test_a_crawl_believes_the_clock_it_is_told(tmp_path: Path) -> None:
    day = clocked.START + timedelta(days=1)
    with Kiosk() as kiosk:
        sites = kiosk.sites(tmp_path)
        kiosk.publish("/ville/marche/", "Le marché rouvre")
        clocked.run(clocked.START, "crawl", "kiosk", "--archive", tmp_path / "archive", sites=sites)
        kiosk.publish("/ville/marche/", "Le marché a rouvert")
        kiosk.changed["/ville/marche/"] = "2026-03-02T07:00:00Z"
        clocked.run(day, "crawl", "kiosk", "--archive", tmp_path / "archive", sites=sites)
        assert [(asked.status, asked.conditional) for asked in kiosk.asked()] == [(200, False), (200, True)]
    with Archive(tmp_path / "archive") as archive:
        [article] = archive.articles()
        versions = archive.db.execute("SELECT title, first_seen FROM versions ORDER BY first_seen").fetchall()
        assert [title for title, _ in versions] == ["Le marché rouvre", "Le marché a rouvert"]
        assert timedelta() <= day_of(versions[1][1]) - day < timedelta(minutes=1)
        assert article.title == "Le marché a rouvert"


def test_a_crawl_is_killed_at_a_moment(tmp_path: Path) -> None:
    with Kiosk() as kiosk:
        kiosk.publish("/ville/marche/", "Le marché rouvre")
        command = ("crawl", "kiosk", "--archive", tmp_path / "archive")
        sites = kiosk.sites(tmp_path)
        clocked.run(clocked.START, *command, sites=sites, killed=("after its row", "3"))
        assert "was killed" in clocked.run(clocked.START + timedelta(hours=1), *command, sites=sites).stderr
        assert "no site" in clocked.run(clocked.START, "crawl", "nobody", sites=sites, code=2).stderr


def day_of(text: str) -> datetime:
    return datetime.fromisoformat(text)
