"""Writing to sites.toml: a site is added, and every comment, blank line and order of what stands there is kept."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import tomlkit
from tomlkit.items import InlineTable, Item, Table

from archive.urls import registered_domain
from crawler.errors import SitesError
from crawler.probing import Key
from crawler.sites import Sites, load_sites

_BEGINNING = """\
# The sites Marbre crawls. A site needs a name and a url; docs/sites.md explains every other key.

# Who runs this crawler: an address or page that a site's owner can turn to. It is part of the User-Agent.
# contact = "archive@example.org"
"""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def new_name(sites: Sites, url: str, wanted: str | None) -> str:
    """Return the name under which a site is to be added; raises SitesError if it, or the site's host, is there."""
    name = wanted if wanted is not None else _name_of(url)
    if not _NAME.fullmatch(name):
        raise SitesError(f'--name: expected a name of a-z, 0-9, - and _, got "{name[:60]}"')
    for site in sites.all():
        if _place(site.url) == _place(url):
            raise SitesError(f'{sites.path}: {_place(url)} is there already, as site "{site.name}" ({site.url})')
    if name in sites:
        raise SitesError(f'{sites.path}: there is a site "{name}" ({sites[name].url}); give another with --name')
    return name


def _name_of(url: str) -> str:
    """The registered domain's own word ("1001infos" of www.1001infos.net); of an address, all its numbers."""
    host = urlsplit(url).hostname or ""
    domain = registered_domain(host)
    word = domain if re.fullmatch(r"[\d.:]+", domain) else domain.partition(".")[0]
    return re.sub(r"[^a-z0-9_-]+", "-", word.lower()).strip("-_") or "site"


def _place(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}:{parts.port}" if parts.port and parts.port not in (80, 443) else host


def entry(name: str, keys: Sequence[Key]) -> str:
    """Return a site's table as it would be written."""
    document = tomlkit.document()
    document["sites"] = tomlkit.table(is_super_table=True).append(name, _table(keys))
    return tomlkit.dumps(document)


def add_site(path: Path, name: str, keys: Sequence[Key]) -> None:
    """Add a site's table behind the others of a sites.toml, made if it is missing; all or nothing is written."""
    before = _text(path) if path.exists() else _BEGINNING
    document = tomlkit.parse(before)
    sites = document.get("sites")
    if sites is None:
        document["sites"] = tomlkit.table(is_super_table=True)
        sites = document["sites"]
    assert isinstance(sites, dict)
    sites[name] = _inline(keys) if isinstance(sites, InlineTable) else _table(keys)
    text = tomlkit.dumps(document)
    _replace(path.resolve(), text.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in before else text)


def _text(path: Path) -> str:
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    return text if not text or text.endswith("\n") else text + "\n"


def _table(keys: Sequence[Key]) -> Table:
    table = tomlkit.table()
    for key in keys:
        value = _value(key)
        if key.why:
            value.comment(key.why)
        table.add(key.name, value)
    return table


def _inline(keys: Sequence[Key]) -> InlineTable:
    """For a file that keeps its sites in braces: there is no room for the reasons."""
    table = tomlkit.inline_table()
    for key in keys:
        table.append(key.name, key.value)
    return table


def _value(key: Key) -> Item:
    if not isinstance(key.value, list):
        value = int(key.value) if isinstance(key.value, float) and key.value.is_integer() else key.value
        return tomlkit.item(value)
    array = tomlkit.array()
    array.extend(key.value)
    return array.multiline(len(key.value) > 1)


def _replace(path: Path, text: str) -> None:
    """Put a text in a file's place, once Marbre itself has read it as a list of sites."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".toml")
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        load_sites(new)
        if path.exists():
            shutil.copymode(path, new)
        else:
            new.chmod(0o644)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
