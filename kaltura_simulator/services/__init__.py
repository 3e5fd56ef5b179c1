"""The services of Kaltura's API: a module for each, with a function for each action.

A module registers its actions with ``@action("service.action")``; see "How to add a
service" in docs/simulator.md. "Kaltura's" names the file that does the same in
https://github.com/kaltura/server.
"""

from __future__ import annotations

import importlib
import pkgutil


def load_all() -> None:
    """Import every service, so that its actions are registered."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
