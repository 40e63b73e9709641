"""Reads one page when imported: a fork server does, so that its children have what is loaded once a process."""

from __future__ import annotations

from archive.extraction import extract
from tests.test_extraction import load

for _case in ("no-metadata", "wordpress-classic", "yesterday"):  # by detector, by markup, and with a date to be parsed
    extract(load(_case))
