"""Writes the generated pages of docs/: the command line and the schema. `--check` only tells whether they are true."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from archive.schema import ABOUT
from crawler.cli import main

HERE = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py: change the code, then run `make docs`. -->\n\n"


def commands(title: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command and those below it, by what one types, in the order of their names."""
    yield title, command
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from commands(f"{title} {name}", below)


def cli_page() -> str:
    parts = [NOTE + "# The command line\n"]
    for title, command in commands("marbre", main):
        context = click.Context(command, info_name=title, max_content_width=100, terminal_width=100)
        parts.append(f"## {title}\n\n```\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


def schema_page() -> str:
    parts = [NOTE + "# Tables and columns\n"]
    for table, (about, columns) in ABOUT.items():
        rows = [f"| `{column}` | {sentence} |" for column, sentence in columns.items()]
        parts.append("\n".join([f"## {table}\n", about, "", "| column | what it holds |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


PAGES = {"cli.md": cli_page, "schema.md": schema_page}


def stale() -> list[str]:
    """Return the names of generated pages that are not what they would be if written now."""
    return [name for name, page in PAGES.items() if (HERE / name).read_text(encoding="utf-8") != page()]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(f"docs/ is stale: {', '.join(stale())}; run `make docs`" if stale() else 0)
    for page_name, write in PAGES.items():
        (HERE / page_name).write_text(write(), encoding="utf-8")
