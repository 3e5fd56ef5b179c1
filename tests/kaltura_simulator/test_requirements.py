"""The simulator imports what requirements/simulator.in lists, and nothing else."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests import locks

PACKAGE = Path(__file__).parents[2] / "kaltura_simulator"
#: Makes schema.json from the portal's Kaltura client; the result is in the repository.
DEVELOPERS = PACKAGE / "api" / "build_schema.py"


def imported(file: Path) -> Iterator[str]:
    """The top-level name of every module that a file imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_requirements_are_what_the_simulator_imports():
    files = [file for file in PACKAGE.rglob("*.py") if file != DEVELOPERS]
    names = {name for file in files for name in imported(file)}
    foreign = names - sys.stdlib_module_names - {"kaltura_simulator"}
    packages = {packages_distributions()[name][0].lower() for name in foreign}
    assert packages == {requirement.name for requirement in locks.wanted("simulator")}
