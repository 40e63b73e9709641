"""`python -m crawler.demo`: serve the newspaper until Ctrl-C."""

from __future__ import annotations

import contextlib

import click

from crawler.demo import Newspaper, serve


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--edition", type=click.IntRange(1, 2), default=1, help="2 has the corrections.")
@click.option("--faults", is_flag=True, help="Also serve addresses that are broken on purpose.")
def main(port: int, edition: int, *, faults: bool) -> None:
    """Serve the demo newspaper on this machine until Ctrl-C."""
    with serve(Newspaper(edition, faults=faults), port) as server, contextlib.suppress(KeyboardInterrupt):
        click.echo(f"{server.url}  (Ctrl-C to stop)")
        server.wait()


main()
