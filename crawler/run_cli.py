"""`marbre run`: what is due, once for cron or a timer, or for ever in a container."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive import revisits
from archive.errors import ArchiveError
from archive.exits import Exit
from archive.options import archive_option
from crawler.sites_cli import sites_option

if TYPE_CHECKING:
    from archive.rhythm import Due


class Duration(click.ParamType[timedelta]):
    """A duration as a person writes it: "50 minutes", "2 hours"."""

    name = "duration"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return revisits.duration(value)
        except ValueError:
            self.fail(f'{value!r} is not a duration; write "50 minutes", or "2 hours"', param, ctx)


@click.command(short_help="Crawl what is due: for cron, a timer or a container.")
@click.argument("names", nargs=-1, metavar="[SITE]...")
@sites_option
@archive_option
@click.option("--forever", is_flag=True, help="Go on until it is stopped: crawl, wait until something is due, crawl.")
@click.option(
    "--time", "longest", type=Duration(), help='End after so long, such as "50 minutes"; the next run goes on.'
)
@click.option("--workers", type=click.IntRange(1), help="Processes that read articles.  [default: one per processor]")
@click.option("--verbose", "-v", is_flag=True, help="Also what Scrapy says.")
@click.option("--log-json", is_flag=True, help="Write the log as JSON, one object a line.")
@click.pass_obj
def run(
    sites_file: Path, /, names: tuple[str, ...], directory: Path, *, forever: bool, verbose: bool, **options: Any
) -> None:
    """Crawl those SITEs (all of sites.toml if none is named) that are due, and exit; nothing due is nothing done.

    A site is due as often as it publishes, between the bounds of its key `every`; one that does not answer ever more
    rarely. `marbre schedule` shows when and why. If another run is at work on the archive, this one says so and exits
    with 0. SIGTERM ends it cleanly with 0, Ctrl-C with 11; what is left is due at once.

    \b
    marbre run
    marbre run --time "50 minutes"
    marbre run --forever
    marbre schedule install --systemd --print
    """
    from crawler import display
    from crawler.sites import load_sites

    display.log_to_stderr(verbose=verbose, as_json=options["log_json"])
    chosen = load_sites(sites_file).choose(names, ())
    if forever:
        from crawler.forever import forever as go_on

        sys.exit(go_on(sites_file, directory, chosen, _spelled(options, verbose=verbose)))
    sys.exit(_once(sites_file, directory, chosen, options["longest"], options["workers"]))


def _once(
    sites_file: Path, directory: Path, names: Sequence[str], longest: timedelta | None, workers: int | None
) -> Exit:
    from crawler import display, scheduling
    from crawler.ending import code_of
    from crawler.run import Request, crawl
    from crawler.sites import load_sites

    sites = load_sites(sites_file)
    with scheduling.only_one(directory) as alone:
        if not alone:
            click.echo(f"marbre: another run is at work on {directory}; this one leaves it to that", err=True)
            return Exit.OK
        now = datetime.now(UTC)
        plan = scheduling.plan(directory, sites, names, now)
        due = tuple(each.site for each in plan if each.at <= now)
        if not due:
            click.echo(_next(plan[0], now), err=True)
            return Exit.OK
        seconds = longest.total_seconds() if longest else None
        signals: list[int] = []
        results = crawl(Request(sites_file, directory, due, workers=workers, seconds=seconds), sites, signals)
        for result in results:
            for line in display.summary(result):
                click.echo(line)
        return code_of(results, signals)


def _next(due: Due, now: datetime) -> str:
    from archive.render import clock

    return f"nothing is due; next: {due.site} in {clock((due.at - now).total_seconds())} ({due.why})"


def _spelled(options: Mapping[str, Any], *, verbose: bool) -> list[str]:
    """Return the options again as they are typed, for the runs that --forever begins."""
    words = [*(["--verbose"] if verbose else []), *(["--log-json"] if options["log_json"] else [])]
    words += ["--workers", str(options["workers"])] if options["workers"] else []
    return words + (["--time", revisits.words(options["longest"])] if options["longest"] else [])


@click.group(invoke_without_command=True, short_help="Show when sites are due; have a timer or cron run them.")
@sites_option
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def schedule(ctx: click.Context, directory: Path, *, as_json: bool) -> None:
    """Show when each site of sites.toml is due, and why then; `schedule install` has a timer or cron run `marbre run`.

    \b
    marbre schedule
    marbre schedule --json
    marbre schedule install --systemd --print
    marbre schedule install --cron
    """
    ctx.default_map = {"install": {"directory": directory}}
    if ctx.invoked_subcommand is None:
        from crawler.schedule_view import lines
        from crawler.sites import load_sites

        sites = load_sites(ctx.obj)
        for line in lines(directory, sites, datetime.now(UTC), as_json=as_json):
            click.echo(line)


@schedule.command()
@sites_option
@archive_option
@click.option("--systemd", "kind", flag_value="systemd", help="A service and a timer.")
@click.option("--cron", "kind", flag_value="cron", help="A line in your crontab.")
@click.option(
    "--every", type=Duration(), default="15 minutes", show_default=True, help="How often to look what is due."
)
@click.option(
    "--time", "longest", type=Duration(), default="1 hour", show_default=True, help="How long one run may take."
)
@click.option("--system", is_flag=True, help="For the whole machine (/etc/systemd/system), not for you alone.")
@click.option("--print", "show", is_flag=True, help="Only print what would be written.")
@click.option("--uninstall", is_flag=True, help="Take away what an earlier install wrote.")
@click.pass_obj
def install(sites_file: Path, /, directory: Path, *, kind: str | None, system: bool, **options: Any) -> None:
    """Have systemd's timer or cron start `marbre run`, which crawls what is due.

    \b
    marbre schedule install --systemd --print
    marbre schedule install --systemd
    marbre schedule install --cron --every "30 minutes"
    marbre schedule install --cron --uninstall
    """
    from crawler import units
    from crawler.sites import load_sites

    if kind is None:
        raise click.UsageError("say which: --systemd or --cron")
    load_sites(sites_file)  # a mistake in it is better told now than to a log at night
    job = units.Job(sites_file.absolute(), directory.absolute(), options["every"], options["longest"])
    if directory.is_file():
        raise ArchiveError(f"{directory}: is a file; give the archive's directory with --archive")
    place = units.Systemd(system=system) if kind == "systemd" else units.Cron()
    said = place.shown(job) if options["show"] else place.uninstall() if options["uninstall"] else place.install(job)
    click.echo(said)
