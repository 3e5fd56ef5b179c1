"""The addresses of the planner, below that of an event in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpResponse

from events.planner import views
from events.planner.late import planner_late, planner_receipt
from events.planner.moving import planner_move
from events.planner.settings import planner_settings

#: What follows the name and the address of the planner, and what answers there.
PLANNER_PAGES: Final[tuple[tuple[str, str, Callable[..., HttpResponse]], ...]] = (
    ("", "", views.planner_page),
    ("_board", "board/", views.planner_board),
    ("_check", "check/", views.planner_check),
    ("_edits", "edits/", views.planner_edits),
    ("_undo", "undo/", views.planner_undo),
    ("_redo", "redo/", views.planner_redo),
    ("_add", "add/", views.add_session),
    ("_move", "move/", planner_move),
    ("_late", "late/", planner_late),
    ("_receipt", "receipt/", planner_receipt),
    ("_settings", "settings/", planner_settings),
)
