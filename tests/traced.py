"""Runs `marbre` and keeps every SQL statement it sends to SQLite, with its values: for a look at their plans."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from tests import clocked, processes

_VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|x'[0-9a-f]*'", re.IGNORECASE)
_OWN = re.compile(r"\bt[0-9a-f]{32}\b")  # what sqlite-utils calls a temporary table
_KINDS = ("SELECT", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE")


def run(moment: datetime, command: str, *arguments: str | Path, sites: Path, into: Path) -> dict[str, str]:
    """Run a command at a moment (tests.clocked); returns its statements by their shape, values left out."""
    words = ["--sites", str(sites), command, *map(str, arguments)]
    done = processes.run(_traced, moment, words, into, words=words)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    statements = into.read_text("utf-8").split("\0")
    into.unlink()
    return {_VALUES.sub("?", text): text for text in statements if text.lstrip().upper().startswith(_KINDS)}


def plan(db: Database, statement: str) -> list[str]:
    """Return the steps of a statement's plan, in SQLite's words; none for one that reads a table of its own making."""
    if _OWN.search(statement):
        return []
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]


def _traced(moment: datetime, words: list[str], into: Path) -> None:
    from archive import database

    connect, seen = database._connect, set()
    file = into.open("w", encoding="utf-8")

    def keep(statement: str) -> None:
        shape = _VALUES.sub("?", statement)
        if shape not in seen:
            seen.add(shape)
            file.write(f"{statement}\0")
            file.flush()

    def connected(*given: Any) -> Database:
        db = connect(*given)
        db.conn.set_trace_callback(keep)
        return db

    vars(database)["_connect"] = connected
    clocked._marbre(moment, words, ())
