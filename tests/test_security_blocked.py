"""Pages that stand in the way of articles, met by a crawl."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from tests.conftest import run_marbre
from tests.kiosk import Answer, Kiosk
from tests.test_security_barriers import BLOCKED, CAPTCHA, CONSENT

PATHS = ("/ville/pont/", "/ville/halle/", "/ville/gare/", "/ville/quai/")
BARRED = {
    "/ville/pont/": ("blocked", Answer(200, BLOCKED["DataDome"].encode(), etag="")),
    "/ville/halle/": ("blocked", Answer(403, BLOCKED["Cloudflare, managed challenge"].encode(), etag="")),
    "/ville/gare/": ("captcha", Answer(200, CAPTCHA["reCAPTCHA"].encode(), etag="")),
    "/ville/quai/": ("consent_wall", Answer(200, CONSENT["Didomi, French"].encode(), etag="")),
}


def rows(directory: Path, sql: str) -> list[tuple[Any, ...]]:
    with Archive(directory) as archive:
        found: list[tuple[Any, ...]] = archive.db.execute(sql).fetchall()
        return found


@pytest.mark.parametrize("fresh", [True, False], ids=["never seen", "archived before"])
def test_what_stands_in_the_way_is_told_and_asked_again(tmp_path: Path, fresh: bool) -> None:
    directory = tmp_path / "archive"
    with Kiosk() as kiosk:
        sites = kiosk.sites(tmp_path)
        for path in PATHS:
            kiosk.publish(path, f"Ce que devient {path.split('/')[2]} après l'hiver")
        as_they_were = dict(kiosk.answers)
        urls = [kiosk.url[:-1] + path for path in PATHS]

        def crawl(code: int | None = 0) -> None:
            named = [word for url in urls for word in ("--url", url)]
            run_marbre("--sites", sites, "crawl", *named, "--archive", directory, code=code)

        if not fresh:
            crawl()
        kiosk.answers.update({path: answer for path, (_, answer) in BARRED.items()})
        crawl(code=None)
        last = "crawls.rowid = (SELECT max(rowid) FROM crawls)"
        settled = "SELECT url, outcome, frontier.reason FROM frontier JOIN crawls ON crawls.id = crawl WHERE"
        outcomes = rows(directory, f"{settled} {last}")
        expected = {(kiosk.url[:-1] + path, "failed", reason) for path, (reason, _) in BARRED.items()}
        assert set(outcomes) == expected
        with Archive(directory) as archive:
            assert len(list(archive.articles())) == (0 if fresh else len(PATHS))
        assert rows(directory, "SELECT * FROM events") == []

        kiosk.answers = as_they_were
        crawl()
        with Archive(directory) as archive:
            found = list(archive.articles())
        assert len(found) == len(PATHS)
        assert rows(directory, "SELECT count(*) FROM versions") == [(len(PATHS),)]
        assert rows(directory, "SELECT * FROM events") == []
        (counts,) = rows(directory, "SELECT counts FROM crawls ORDER BY rowid DESC LIMIT 1")[0]
        assert json.loads(counts)["failed"] == 0, counts
