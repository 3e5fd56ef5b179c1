"""``python -m tests.locks``: every requirement of an .in file is pinned as it asks, offline."""

import re
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOLDER = Path(__file__).resolve().parent.parent / "requirements"


def wanted(name: str) -> list[Requirement]:
    """The requirements of an .in file and of those it includes."""
    found: list[Requirement] = []
    for line in (FOLDER / f"{name}.in").read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            found += wanted(Path(text.removeprefix("-r ").strip()).stem)
        elif text and not text.startswith("-c "):
            found.append(Requirement(text))
    return found


def pinned(name: str) -> dict[str, str]:
    """Package to version, from a lock."""
    text = (FOLDER / f"{name}.txt").read_text()
    pins = re.findall(r"^([\w.-]+)(?:\[[^]]*])?==(\S+)", text, re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


def problems() -> list[str]:
    """What does not fit, a sentence each."""
    found = []
    for name in ("base", "simulator", "prod", "dev"):
        pins = pinned(name)
        for requirement in wanted(name):
            version = pins.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                found.append(f"{name}.txt has {version or 'nothing'} for: {requirement}")
    base = pinned("base")
    for package, version in pinned("simulator").items():
        if base.get(package) != version:
            found.append(f"simulator.txt has {package} {version}, base.txt {base.get(package)}")
    return found


if __name__ == "__main__":
    found = problems()
    print("\n".join(found) + "\nRun: make lock" if found else "The locks fit.")
    sys.exit(1 if found else 0)
