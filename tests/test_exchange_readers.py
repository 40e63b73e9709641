"""Many read while a crawl writes, and nobody is told that the database is locked."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from archive import Archive
from archive.verification import verify
from crawler.demo import Newspaper, serve
from tests.conftest import run_marbre, write_sites

PROCESSES, THREADS = 2, 10
READER = """
import sys, threading, time
from pathlib import Path
from archive import Archive
from archive.exchange.export import export
from archive.exchange.selection import Selection, documents

directory, stop, wrong, rounds = Path(sys.argv[1]), Path(sys.argv[2]), [], []

def once(number):
    with Archive(directory) as archive:
        found = [article.canonical_url for article in archive.articles()]
        list(archive.search("le"))
        archive.status()
        for url in found[number::15]:
            article = archive.get(url)
            assert article is not None and archive.versions(url) and archive.page(url) is not None
            archive.why(url)
            time.sleep(0.02)
        if number % 2:
            export(archive, Selection(every_version=True), "jsonl", Path("/dev/null"))
            list(documents(archive.db, Selection(query="la", newest_first=True)))

def read(number):
    try:
        while not stop.exists():
            once(number)
            rounds.append(number)
    except Exception as error:
        wrong.append(f"{type(error).__name__}: {error}")

threads = [threading.Thread(target=read, args=(number,)) for number in range(int(sys.argv[3]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(rounds), len(set(rounds)), *wrong, sep="\\n")
sys.exit(bool(wrong))
"""


def test_twenty_readers_while_a_crawl_writes(tmp_path: Path) -> None:
    archive, stop = tmp_path / "archive", tmp_path / "stop"
    with serve(Newspaper()) as server:
        sites = write_sites(tmp_path, server.url)
        run_marbre("--sites", sites, "crawl", "--limit", "5", "--archive", archive)
        command = [sys.executable, "-c", READER, str(archive), str(stop), str(THREADS)]
        readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
        try:
            run_marbre("--sites", sites, "crawl", "--archive", archive)
            server.newspaper = Newspaper(edition=2)
            run_marbre("--sites", sites, "crawl", "--full", "--archive", archive)
            run_marbre("extract", "--all", "--archive", archive)
            run_marbre("backup", tmp_path / "backup", "--archive", archive)
        finally:
            time.sleep(0.5)
            stop.touch()
            said = [reader.communicate(timeout=60)[0].split("\n") for reader in readers]
    assert [reader.returncode for reader in readers] == [0] * PROCESSES, said
    assert sum(int(lines[0]) for lines in said) > PROCESSES * THREADS
    assert [lines[1] for lines in said] == [str(THREADS)] * PROCESSES, "a reader came to nothing"
    with Archive(archive) as opened:
        assert len(list(opened.articles())) > 50
    for directory in (archive, tmp_path / "backup"):
        assert list(verify(directory)) == []
