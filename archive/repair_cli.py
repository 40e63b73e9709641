"""`marbre repair`: mends what `marbre verify` names."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.exchange_cli import bar
from archive.exits import Exit
from archive.options import archive_option

if TYPE_CHECKING:
    from archive.mending.work import Step


@click.command(short_help="Mend what `marbre verify` names.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--workers", type=click.IntRange(1), help="Worker processes.  [default: one per processor]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@archive_option
def repair(directory: Path, workers: int | None, *, dry_run: bool, as_json: bool) -> None:
    """Mend an archive: give files their names back, make records whole, make rows as their records say.

    Nothing that can be read is given up: what is cut off a file is kept in the folder damaged/, and what was read of a
    record that is lost stays. Its page is fetched again by the next crawl of its site. No crawl may be running.

    Exits with 0 if nothing is left to do, 1 if something is, which it names, 2 if there is no archive, 17 if the
    database must be made anew first.

    \b
    marbre repair --dry-run
    marbre repair
    """
    from archive.ingest import extraction_pool
    from archive.repair import repair as repair_archive

    with bar("files and captures looked at") as progress:
        steps = repair_archive(directory, extraction_pool(workers), dry_run=dry_run, progress=lambda _: progress())
    for step in steps:
        click.echo(json.dumps(step._asdict(), ensure_ascii=False) if as_json else _told(step, dry_run=dry_run))
    left = sum(step.left is not None for step in steps)
    click.echo(_summary(len(steps), left, dry_run=dry_run), err=True)
    sys.exit(_code(steps))


def _told(step: Step, *, dry_run: bool) -> str:
    lines = [f"{step.where}: {step.what}"]
    lines += [f"    {'would be' if dry_run else 'done'}: {step.done}"] if step.done else []
    return "\n".join(lines + ([f"    left: {step.left}"] if step.left else []))


def _summary(steps: int, left: int, *, dry_run: bool) -> str:
    if not steps:
        return "nothing to mend"
    verb = ("is" if steps == 1 else "are") if dry_run else ("was" if steps == 1 else "were")
    wrong = f"{steps} {'thing' if steps == 1 else 'things'} {verb} wrong"
    return (
        f"{wrong}, nothing is left to do" if not left else f"{wrong}; what is left to do stands beside {left} of them"
    )


def _code(steps: list[Step]) -> Exit:
    from archive.database import FILE

    if any(step.where == FILE and step.done is None for step in steps):
        return Exit.FATAL
    return Exit.PARTIAL if any(step.left for step in steps) else Exit.OK
