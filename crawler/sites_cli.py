"""`marbre sites`: which sites are crawled, adding one, and whether what names their articles still answers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from archive.options import archive_option

_F = TypeVar("_F", bound=Callable[..., Any])


def sites_option(function: _F) -> _F:
    """Take --sites behind the command too: that is where a person writes it."""

    def keep(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
        ctx.obj = value or ctx.obj

    return click.option(
        "--sites",
        type=click.Path(path_type=Path, dir_okay=False),
        expose_value=False,
        callback=keep,
        help="The list of sites.  [default: sites.toml]",
    )(function)


@click.group(invoke_without_command=True, short_help="List the sites, add one, check that their ways answer.")
@sites_option
@archive_option
@click.pass_context
def sites(ctx: click.Context, directory: Path) -> None:
    """List the sites of sites.toml, add one, check that the ways to their articles still answer.

    \b
    marbre sites
    marbre sites add https://1001infos.net/
    marbre sites check 1001infos
    """
    if ctx.invoked_subcommand is None:
        _list(ctx.obj, directory)


@sites.command("list")
@sites_option
@archive_option
@click.pass_obj
def list_(sites_file: Path, directory: Path) -> None:
    """List the sites: name, URL, seconds between two requests, and what gave how many links in the latest crawl.

    \b
    marbre sites list
    """
    _list(sites_file, directory)


def _list(sites_file: Path, directory: Path) -> None:
    from crawler.known_ways import known_ways, summary
    from crawler.sites import load_sites

    listed = load_sites(sites_file).all()
    rows = [(s.name, s.url, f"every {s.delay:g} s", summary(known_ways(directory, s.name))) for s in listed]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    if not listed:
        click.echo(f"{sites_file} names no site", err=True)


@sites.command()
@click.argument("url")
@click.option("--name", help="The site's name in sites.toml.  [default: from its domain]")
@click.option("--delay", type=click.FloatRange(0, 3600), help="Seconds between two requests.  [default: 2]")
@click.option("--allow-loopback", is_flag=True, help="The site is on this machine.")
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@sites_option
@click.pass_obj
def add(sites_file: Path, /, url: str, name: str | None, delay: float | None, **flags: bool) -> None:
    """Look at a site in a handful of requests, show what was found, and add it to sites.toml.

    Only what a crawl would not find by itself is written. Exits with 1 if the site cannot be had or nothing on it names
    articles, with 2 if its name or host is there already.

    \b
    marbre sites add https://example.org/
    marbre sites add example.org --name example --delay 5 --dry-run
    """
    from crawler import display, probe_view, sitesfile
    from crawler.asking import Question, ask
    from crawler.probing import DEFAULT_DELAY, keys
    from crawler.site import Site
    from crawler.sites import load_sites

    listed = load_sites(sites_file, needed=False)
    address = _home(url)
    listed.site_for(address)  # refuses what is no URL
    site = Site(
        name=sitesfile.new_name(listed, address, name),
        url=address,
        delay=DEFAULT_DELAY if delay is None else delay,
        allow_loopback=flags["allow_loopback"],
    )
    display.log_to_stderr(verbose=False)
    click.echo(f"asking {address}, {site.delay:g} s between two requests", err=True)
    [probe] = ask([Question(site)], listed.contact)
    _refuse(probe)
    sitesfile.new_name(listed, probe.url, site.name)  # it may lead to a host that is there
    click.echo("\n".join(probe_view.found(probe)))
    lines = list(keys(probe, delay))
    click.echo("\n" + sitesfile.entry(site.name, lines))
    if not flags["dry_run"]:
        sitesfile.add_site(sites_file, site.name, lines)
        click.echo(f"added to {sites_file}; go on with: marbre crawl {site.name}")


def _home(url: str) -> str:
    """The address as it is asked for: with a scheme, and a path."""
    from urllib.parse import urlsplit

    parts = urlsplit(url if "://" in url else f"https://{url}")
    return parts._replace(path=parts.path or "/", fragment="").geturl()


def _refuse(probe: Any) -> None:
    from crawler.errors import CrawlError
    from crawler.probing import instead

    if probe.failure:
        raise CrawlError(probe.failure)
    if instead(probe.ways) is None and not probe.home.needs_javascript:
        raise CrawlError(f"{probe.url}: no feed, sitemap, API or list of articles was found; nothing was added")


@sites.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@sites_option
@archive_option
@click.pass_obj
def check(sites_file: Path, names: tuple[str, ...], directory: Path) -> None:
    """Ask each way to the articles of SITEs (of all, if none is named) once more, and say which still answer.

    Selectors written by hand are tried on stored articles. Exits with 1 if a way died that the latest crawl read or
    that sites.toml names, if a site has none left, or if a selector finds nothing on any stored page.

    \b
    marbre sites check
    marbre sites check 1001infos
    """
    from crawler import display, probe_view
    from crawler.asking import Question, ask
    from crawler.known_ways import by_place, known_ways, questions
    from crawler.sites import load_sites

    listed = load_sites(sites_file)
    chosen = [listed.named(name) for name in listed.choose(names, ())]
    known = {site.name: known_ways(directory, site.name) for site in chosen}
    display.log_to_stderr(verbose=False)
    probes = ask([Question(site, questions(known[site.name]), is_new=False) for site in chosen], listed.contact)
    for probe in probes:
        click.echo("\n".join(probe_view.checked(probe, by_place(known[probe.site.name]))))
    idle = [_try_selectors(directory, site) for site in chosen if site.selectors]
    sys.exit(any(idle) or any(probe_view.died(probe, by_place(known[probe.site.name])) for probe in probes))


def _try_selectors(directory: Path, site: Any) -> bool:
    """Say on how many stored pages each selector of a site finds something; whether one finds nothing anywhere."""
    from archive import profiling
    from archive.database import FILE, open_for_reading

    if not (directory / FILE).exists():
        click.echo(f"{site.name}: no archive in {directory} to try the selectors on")
        return False
    tried = list(profiling.matches(open_for_reading(directory), directory / "warc", site.name, site.by_hand()))
    for field, selector, found, pages in tried:
        click.echo(f"{site.name}  {field:7}  {selector}  finds something on {found:,} of {pages:,} stored articles")
    return any(pages and not found for *_, found, pages in tried)
