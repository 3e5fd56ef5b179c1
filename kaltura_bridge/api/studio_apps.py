"""The Webcasting Studio's downloads, and what converts slides for it, as the account has them.

Kaltura keeps them in interface templates (``uiConf.listTemplates``) whose ``config`` is JSON.
Sources: webcasting-integration and, for the profile's name, webcasting-app-python of kaltura-vpaas.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

WEBCASTING: Final = 21  # KalturaUiConfObjType
SLIDES_PROFILE: Final = "KMS54_NEW_DOC_CONV_IMAGE_WIDE"


class System(StrEnum):
    """What the program runs on, by Kaltura's names."""

    WINDOWS = "windows"
    MAC = "osx"

    @property
    def label(self) -> str:
        """What people call it; both are names, alike in every language."""
        return {System.WINDOWS: "Windows", System.MAC: "macOS"}[self]


@dataclass(frozen=True)
class StudioApp:
    """The program for one system. ``ui_conf_id`` is the template that told of it."""

    system: str
    ui_conf_id: str
    version: str
    url: str
    least_version: str = ""

    @property
    def label(self) -> str:
        return System(self.system).label


def studio_apps(templates: Iterable[tuple[str, str]]) -> tuple[StudioApp, ...]:
    """The program for each system, from templates as (id, config); the first that has one counts.

    What cannot be read, or leads to no address on the web, is left out.
    """
    found: dict[str, StudioApp] = {}
    for ui_conf_id, config in templates:
        for app in _apps_in(ui_conf_id, config):
            found.setdefault(app.system, app)
    return tuple(found[system] for system in System if system in found)


def _apps_in(ui_conf_id: str, config: str) -> Iterator[StudioApp]:
    told = _read(config)
    for system in System:
        about = told.get(system)
        if not isinstance(about, dict):
            continue
        url = str(about.get("recommendedVersionUrl") or "")
        if urlsplit(url).scheme in {"https", "http"}:
            version = str(about.get("recommendedVersion") or "")
            least = str(about.get("minimumVersion") or "")
            yield StudioApp(str(system), ui_conf_id, version, url, least)


def _read(config: str) -> dict[str, Any]:
    try:
        told = json.loads(config)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
