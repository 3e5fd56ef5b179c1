"""Where other apps add to the join page without the bridge knowing them.

An app calls ``register`` from its ``AppConfig.ready``. A panel gets the request and what is
asked for, once the person is let in, and answers with its HTML and script, or with None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.safestring import SafeString

from kaltura_bridge.join.access import JoinRequest


@dataclass(frozen=True)
class JoinPanel:
    """A piece of the join page; ``script`` is the static path of its module, if it has one."""

    html: SafeString
    script: str = ""


MakePanel = Callable[[HttpRequest, JoinRequest], JoinPanel | None]
_panels: list[MakePanel] = []


def register(make: MakePanel) -> None:
    """Ask ``make`` for a panel whenever the join page is shown."""
    if make not in _panels:
        _panels.append(make)


def panels_for(request: HttpRequest, asked: JoinRequest) -> list[JoinPanel]:
    """What other apps add to this person's join page."""
    return [panel for make in _panels if (panel := make(request, asked))]
