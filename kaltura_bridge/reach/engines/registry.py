"""Finds engines by name: those here, those of installed packages, and any class by its path."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Final

from kaltura_bridge.reach.engines.base import CaptionEngine, EngineUnavailable
from kaltura_bridge.reach.engines.local import LocalEngine
from kaltura_bridge.reach.engines.sidecar import SidecarEngine

# A package offers an engine as an entry point of this group.
GROUP: Final = "event_portal.caption_engines"
OWN: Final[Mapping[str, type[CaptionEngine]]] = {"sidecar": SidecarEngine, "local": LocalEngine}


def known_engines() -> list[str]:
    """The names of all engines that are installed."""
    return sorted({*OWN, *(point.name for point in entry_points(group=GROUP))})


def engine_named(name: str, options: Mapping[str, str]) -> CaptionEngine:
    """A working engine. Raises EngineUnavailable in words."""
    return _class_named(name)(options)


def _class_named(name: str) -> type[CaptionEngine]:
    if name in OWN:
        return OWN[name]
    found = _by_path(name) if ":" in name else _by_entry_point(name)
    if not (isinstance(found, type) and issubclass(found, CaptionEngine)):
        raise EngineUnavailable(f"“{name}” is no engine for captions.")
    return found


def _by_entry_point(name: str) -> object:
    for point in entry_points(group=GROUP, name=name):
        try:
            found: object = point.load()
        except Exception as error:  # whatever goes wrong in somebody else's package
            raise EngineUnavailable(f"The engine “{name}” cannot be loaded: {error}") from error
        return found
    raise EngineUnavailable(
        f"There is no engine “{name}”. There are: {', '.join(known_engines())}; or give "
        "module:Class."
    )


def _by_path(path: str) -> object:
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise EngineUnavailable(f"The engine “{path}” cannot be loaded: {error}") from error
