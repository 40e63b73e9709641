"""The command `marbre import`; it parses, calls, and says what came of it."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from archive.errors import ArchiveError
from archive.options import Day, archive_option
from archive.room import is_full
from crawler.errors import CrawlError

if TYPE_CHECKING:
    from archive.import_filters import Filters
    from archive.importing import Options, Result
    from archive.imports import Counts
    from archive.ingest import Ingest
    from archive.store import Store
    from crawler.import_progress import Progress
    from crawler.sites import Sites

_URL = re.compile(r"https?://", re.IGNORECASE)


class Statuses(click.ParamType[tuple[int, int]]):
    """One HTTP status, or a range of them: 200, 200-299."""

    name = "status"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([1-5]\d\d)(?:-([1-5]\d\d))?", value)
        if not found:
            self.fail(f"{value!r} is no HTTP status; write 200, or 200-299", param, ctx)
        return int(found[1]), int(found[2] or found[1])


@click.command("import", short_help="Take in WARC and WACZ files that others wrote.")
@click.argument("places", nargs=-1, required=True, metavar="FILE|DIR|URL...")
@click.option("--site", help="The site all of it belongs to.  [default: by sites.toml, else each domain is one]")
@click.option("--host", "hosts", multiple=True, help="Only pages of this domain, or of hosts like '*.example.org'.")
@click.option("--since", type=Day(), help="Only what was captured on this day (UTC) or later.")
@click.option("--until", type=Day(), help="Only what was captured on this day (UTC) or earlier.")
@click.option("--language", "languages", multiple=True, help="Only pages that declare this language, such as fr.")
@click.option("--status", "statuses", multiple=True, type=Statuses(), help="HTTP status or range.  [default: 200-299]")
@click.option("--type", "types", multiple=True, help="Media type, such as 'text/*'.  [default: HTML]")
@click.option("--copy", is_flag=True, help="Copy files into the archive. Without it their records are read in place.")
@click.option("--again", is_flag=True, help="Also files that were imported already, from their beginning.")
@click.option("--dry-run", is_flag=True, help="Count what an import would take and leave; write nothing.")
@click.option("--workers", type=click.IntRange(1), help="Processes that read articles.  [default: one per processor]")
@archive_option
@click.pass_obj
def import_(
    sites_file: Path | None,
    /,
    places: tuple[str, ...],
    directory: Path,
    workers: int | None,
    *,
    dry_run: bool,
    **options: Any,
) -> None:
    """Take in WARC, WARC.gz and WACZ files that others wrote: wget, Heritrix, pywb, Browsertrix, Common Crawl.

    Records are read in place: the files must stay where they are, unless --copy puts them into the archive. What
    comes from a URL is always copied. It can be stopped at any time, and the same command goes on where it stopped.
    Several values of an option mean any of them. Exits with 0 if all went well, 1 if something failed or was damaged,
    2 for a mistake in the command.

    \b
    marbre import crawl.warc.gz
    marbre import browsertrix/ --site gazette --copy
    marbre import CC-NEWS-20260301.warc.gz --host lemonde.fr --host '*.ouest-france.fr' --language fr
    marbre import https://example.org/dumps/site.wacz --since 2020-01-01
    marbre import crawl.warc.gz --dry-run
    """
    from archive.import_filters import HTML, Filters
    from crawler.sites import load_sites

    sites = load_sites(sites_file or Path("sites.toml"), needed=False)
    until = options["until"] and options["until"] + timedelta(days=1)
    filters = Filters(
        hosts=options["hosts"],
        since=options["since"],
        until=until,
        languages=options["languages"],
        statuses=options["statuses"] or ((200, 299),),
        types=tuple(map(str.lower, options["types"])) or HTML,
    )
    files, urls = _sorted(places)
    if dry_run:
        sys.exit(_dry_run(files, urls, filters))
    sys.exit(_Run(sites, filters, options).run(directory, workers, files, urls))


def _sorted(places: tuple[str, ...]) -> tuple[list[Path], list[str]]:
    """Tell files from URLs; a folder gives all the web archives in it."""
    from archive.importing import files_in

    urls = [place for place in places if _URL.match(place)]
    paths = [Path(place) for place in places if not _URL.match(place)]
    for path in paths:
        if not path.exists():
            raise click.UsageError(f"{path}: no such file or folder")
    return files_in(paths), list(dict.fromkeys(urls))


def _dry_run(files: list[Path], urls: list[str], filters: Filters) -> int:
    from archive.importing import count
    from crawler.import_progress import showing

    if urls:
        raise click.UsageError("--dry-run reads files only; download the URL first")
    failed = 0
    with showing(files) as progress:
        for path in files:
            try:
                counts = count(path, filters, progress.of(path.name, path.stat().st_size))
            except (ArchiveError, OSError) as error:
                failed += 1
                click.echo(f"marbre: {error}", err=True)
                continue
            failed += bool(counts.damaged)
            for line in _told(str(path), counts, "would be imported"):
                click.echo(line)
    return 1 if failed else 0


class _Run:
    """One run of the command over all the places it was given; a place that fails does not keep it from the others."""

    def __init__(self, sites: Sites, filters: Filters, options: dict[str, Any]) -> None:
        from archive.importing import Options

        self.sites = sites
        self.again = options["again"]
        name = options["site"]
        site_of = (lambda _: name) if name else _namer(sites)
        self.options: Options = Options(filters=filters, site_of=site_of, copy=options["copy"], again=self.again)
        self.failed = False
        self.outcomes: Counter[str] = Counter()
        self.done = 0

    def run(self, directory: Path, workers: int | None, files: list[Path], urls: list[str]) -> int:
        from archive import recovery
        from archive.database import in_use, make_directory
        from archive.importing import opened
        from archive.ingest import Ingest, extraction_pool
        from crawler.import_progress import showing

        make_directory(directory)
        with in_use(directory), opened(directory) as store, showing(files) as progress:
            ingest = Ingest(store, extraction_pool(workers))
            recovery.recover(store, ingest)
            for path in files:
                self._one(store, ingest, progress, str(path), partial(Path, path))
            for url in urls:
                self._one(store, ingest, progress, url, partial(self._downloaded, store, url, progress))
            while stale := store.stale():
                ingest.run(stale)
        if self.done > 1:
            click.echo(f"{self.done} files: {_articles(self.outcomes)}")
        return 1 if self.failed or self.outcomes["failed"] else 0

    def _one(self, store: Store, ingest: Ingest, progress: Progress, source: str, path: Callable[[], Path]) -> None:
        from archive.importing import begin, import_file

        try:
            file = path()
            run = begin(store, file, self.options, source if _URL.match(source) else None)
            show = progress.of(file.name, run.size, run.size if run.finished else run.position)
            result = import_file(store, ingest, run, self.options, show)
        except (ArchiveError, CrawlError, OSError) as error:
            if is_full(error):
                raise  # the files to come would fare no better
            self.failed = True
            click.echo(f"marbre: {error}", err=True)
            return
        self.done += 1
        self.outcomes += result.outcomes
        self.failed = self.failed or bool(run.counts.damaged)
        for line in _summary(result):
            click.echo(line)

    def _downloaded(self, store: Store, url: str, progress: Progress) -> Path:
        """Return the archive's copy of what a URL gives, fetched now unless it is there."""
        from archive import imports
        from archive.import_copies import adopt
        from archive.warc.foreign import COPIES
        from crawler.download import download, name_of, partial_of
        from crawler.identity import user_agent

        folder = store.warc.absolute() / COPIES
        folder.mkdir(exist_ok=True)
        known = imports.by_source(store.db, url)
        if known and not self.again and (store.warc / known.filename).exists():
            return store.warc.absolute() / known.filename
        name = name_of(url)
        fetched = partial_of(folder, url)
        loopback = {urlsplit(site.url).hostname or "" for site in self.sites.all() if site.allow_loopback}
        download(url, fetched, user_agent(self.sites.contact), progress.download(name), loopback)
        return adopt(store.db, fetched, name)


def _namer(sites: Sites) -> Callable[[str], str]:
    """Return a function that names the site of a URL: as sites.toml does, else by its registered domain."""
    from archive.urls import registered_domain

    @lru_cache(maxsize=1 << 16)
    def of_origin(origin: str) -> str:
        named = sites.site_for(origin).name
        if named in sites:
            return named
        covering = (site.name for site in sites.all() if site.covers(origin))
        return next(covering, None) or registered_domain(urlsplit(origin).hostname or "")

    def of_url(url: str) -> str:
        parts = urlsplit(url)
        return of_origin(f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}/")

    return of_url


def _summary(result: Result) -> Iterator[str]:
    run = result.run
    if result.already:
        when: datetime | None = run.finished
        day = f" on {when:%Y-%m-%d}" if when else ""
        yield f"{run.source}: already imported{day}: {_articles(result.outcomes)}; --again reads it again"
    else:
        yield from _told(run.source, run.counts, "imported")
        yield f"  {_articles(result.outcomes)}"


def _told(source: str, counts: Counts, what: str) -> Iterator[str]:
    left = sum(counts.left_out.values())
    yield f"{source}: {counts.records:,} records = {counts.imported:,} {what} + {left:,} left out"
    for reason, number in sorted(counts.left_out.items(), key=lambda item: (-item[1], item[0])):
        yield f"    {number:>9,}  {reason}"
    if counts.damaged:
        yield f"  {counts.damaged:,} damaged"
    for offset, damage in counts.damages:
        yield f"    {source}:{offset}: {damage}"
    if counts.damaged > len(counts.damages):
        yield f"    and {counts.damaged - len(counts.damages):,} more"


def _articles(outcomes: Counter[str]) -> str:
    named = ("new", "changed", "unchanged", "rejected", "failed")
    return "articles: " + ", ".join(f"{outcomes[name]:,} {name}" for name in named)
