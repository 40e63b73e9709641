"""What several commands take: the archive's directory, and days."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])
OPENED = "marbre.archive"  # where in click's meta a command leaves its archive's directory, for error messages


class Day(click.ParamType[datetime]):
    """A day as a person writes it: 2026-03-01, 2026-03, "yesterday", "il y a 3 jours"; gives an aware datetime, UTC.

    Bare figures in any other order are refused: 03/01/2026 is one day in Paris and another in New York.
    """

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        found = _words(value) if any(map(str.isalpha, value)) else _figures(value.strip())
        if found is None:
            self.fail(f'{value!r} is not a date; write 2026-03-01, or "3 days ago"', param, ctx)
        return found.replace(hour=0, minute=0, second=0, microsecond=0)


def _figures(text: str) -> datetime | None:
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        with suppress(ValueError):
            return datetime.strptime(text, form).replace(tzinfo=UTC)
    return None


def _words(text: str) -> datetime | None:
    import dateparser

    return dateparser.parse(
        text, settings={"TIMEZONE": "UTC", "RETURN_AS_TIMEZONE_AWARE": True, "PREFER_DAY_OF_MONTH": "first"}
    )


def _remember(ctx: click.Context, _: click.Parameter, directory: Path) -> Path:
    ctx.meta[OPENED] = directory
    return directory


def archive_option(function: _F) -> _F:
    return click.option(
        "--archive",
        "directory",
        callback=_remember,
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("marbre-archive"),
        envvar="MARBRE_ARCHIVE",
        show_default=True,
        help="The archive's directory.",
    )(function)
