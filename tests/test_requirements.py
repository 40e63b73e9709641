"""The lowest versions that pyproject.toml allows are those that `make test-oldest` installs."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = Path(__file__).parent.parent


def pinned(name: str) -> dict[str, Version]:
    """Return what a file of constraints pins: the version by package."""
    lines = (PROJECT / name).read_text("utf-8").splitlines()
    required = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(r.name): Version(next(iter(r.specifier)).version) for r in required}


def allowed() -> list[Requirement]:
    held = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = held["optional-dependencies"]
    return [Requirement(text) for text in (*held["dependencies"], *extras["javascript"], *extras["parquet"])]


@pytest.mark.parametrize("requirement", allowed(), ids=lambda requirement: requirement.name)
def test_the_oldest_that_is_allowed_is_the_oldest_that_is_tested(requirement: Requirement) -> None:
    name = canonicalize_name(requirement.name)
    (lowest,) = [Version(each.version) for each in requirement.specifier if each.operator == ">="]
    assert pinned("constraints-oldest.txt")[name] == lowest
    assert pinned("constraints.txt")[name] in requirement.specifier
