"""`python -m crawler` is the command `marbre`."""

from crawler.cli import main

main(prog_name="marbre")
