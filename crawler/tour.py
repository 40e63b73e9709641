"""`marbre demo`: crawl the bundled newspaper and show, step by step, what one can do with what landed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click

from archive import coverage_view, render
from archive.coverage import coverage
from archive.query import Archive
from crawler import display
from crawler.demo import Newspaper, serve
from crawler.errors import CrawlError
from crawler.run import Request, Result, crawl
from crawler.sites import load_sites

_QUESTION = "conseil municipal"


def tour(directory: Path) -> int:
    """Crawl the demo newspaper into `directory`, print a tour, and return an exit code.

    The port is remembered beside the archive: an article's address must be the same in the next run.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _serve(directory) as server:
        click.secho(f"A newspaper to try things on is served at {server.url}\n", bold=True)
        sites = directory / "sites.toml"
        sites.write_text(f'[sites.gazette]\nurl = "{server.url}"\nallow_loopback = true\ndelay = 0\n', encoding="utf-8")
        _step(f"--sites {sites} crawl gazette --archive {directory}")
        results = crawl(Request(sites, directory, ("gazette",)), load_sites(sites))
    for result in results:
        click.echo("\n".join(display.summary(result)))
    _show(directory, results)
    return 1 if any(result.failed for result in results) else 0


def _serve(directory: Path) -> serve:
    remembered = directory / "demo.json"
    port = json.loads(remembered.read_text())["port"] if remembered.exists() else 0
    try:
        server = serve(Newspaper(), port=port)
    except OSError as error:
        raise CrawlError(
            f"port {port}, under which the demo's articles were archived, is taken ({error}); free it, or start over"
            f" with another --archive DIR"
        ) from None
    remembered.write_text(json.dumps({"port": server.port}))
    return server


def _step(command: str) -> None:
    click.echo()
    click.secho(f"$ {_program()} {command}", fg="cyan")


def _program() -> str:
    """What to type for `marbre` here: its path, where the shell would not find it by name."""
    return "marbre" if shutil.which("marbre") else sys.argv[0]


def _show(directory: Path, results: list[Result]) -> None:
    console = render.console()
    with Archive(directory) as archive:
        if any(result.counts["new"] for result in results):
            console.print()
            console.print(render.articles(archive.articles()))
        _step(f"search '{_QUESTION}' --limit 3 --archive {directory}")
        found = list(archive.search(_QUESTION, limit=3))
        render.hits(console, found)
        if found:
            _step(f"show {found[0].canonical_url} --archive {directory}")
            article = archive.get(found[0].id)
            assert article is not None, "a hit is an article"
            click.echo(render.plain(article))
            _step(f"why {found[0].canonical_url} --archive {directory}")
            click.echo("\n".join(render.story(archive.why(found[0].canonical_url))))
        _step(f"coverage gazette --archive {directory}")
        coverage_view.show(console, coverage(archive.db, "gazette"), all_missing=False, all_months=False)
    click.echo()
    click.secho("Open it in a browser with", bold=True)
    click.secho(f"$ {_program()} serve --archive {directory}", fg="cyan")
