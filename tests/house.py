"""``python -m tests.house [CHECK ...]``: files know each other one way, folders stay small, names are unique.

What import-linter's contracts do not say: it compares packages (``acyclic_siblings``), and
two packages may well use each other's files without any circle among those files.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import grimp

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = ("portal", "analytics", "kaltura_bridge", "events", "kaltura_simulator")
# Modules in one folder; one that outgrows it holds several stories, and each gets its own.
FULL: Final = 25
# One small file for each service of Kaltura's API, however many it has.
OPEN_ENDED: Final = frozenset({"kaltura_simulator/services"})
# Django finds these classes by their names.
GIVEN_NAMES: Final = frozenset({"Command", "Migration"})


def circle(*packages: str) -> list[str]:
    """Modules that import each other in a ring, first and last the same; none when all is well."""
    graph = grimp.build_graph(*packages, cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def modules(root: Path, *packages: str) -> Iterator[Path]:
    """The source files of these packages, without migrations."""
    for package in packages:
        found = sorted((root / package).rglob("*.py"))
        yield from (path for path in found if "migrations" not in path.parts)


def full_folders(root: Path, *packages: str) -> dict[str, int]:
    """Folders with more modules than a reader takes in at a glance, and how many."""
    counts: dict[str, int] = defaultdict(int)
    for path in modules(root, *packages):
        counts[path.parent.relative_to(root).as_posix()] += path.name != "__init__.py"
    return {
        folder: n for folder, n in sorted(counts.items()) if n > FULL and folder not in OPEN_ENDED
    }


def shared_names(root: Path, *packages: str) -> dict[str, list[str]]:
    """Names of classes that stand in several modules, and in which."""
    where: dict[str, list[str]] = defaultdict(list)
    for path in modules(root, *packages):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name not in GIVEN_NAMES:
                where[node.name].append(path.relative_to(root).as_posix())
    return {name: paths for name, paths in sorted(where.items()) if len(paths) > 1}


def circles_found() -> Iterator[str]:
    """The first circle of all packages together; another shows when it is gone."""
    if ring := circle(*PACKAGES):
        yield f"A circle of imports: {' → '.join(ring)}"


def folders_found() -> Iterator[str]:
    for folder, number in full_folders(ROOT, *PACKAGES).items():
        yield f"{folder} holds {number} modules, more than {FULL}: make rooms in it."


def names_found() -> Iterator[str]:
    for name, paths in shared_names(ROOT, *PACKAGES).items():
        yield f"Several classes are called {name}: {', '.join(paths)}"


CHECKS: Final = {"circles": circles_found, "folders": folders_found, "names": names_found}


if __name__ == "__main__":
    asked = sys.argv[1:] or list(CHECKS)
    found = [problem for name in asked for problem in CHECKS[name]()]
    print("\n".join(found) or "The house is in order.")
    sys.exit(1 if found else 0)
