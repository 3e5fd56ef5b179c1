"""What each Kaltura service does: one file each, small functions over the store.

A file here registers its actions with ``@action("service.verb")``; nothing else is
needed to add a service.
"""

from __future__ import annotations

import importlib
import pkgutil


def load_all() -> None:
    """Import every service, so that its actions are registered."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
