"""The addresses of the planner, below that of an event in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpResponse

from events.planner import views
from events.planner.late import planner_late, planner_receipt
from events.planner.moving import planner_move
from events.planner.settings import planner_settings

_PLAN: Final = "events.plan_sessions"
#: What follows the name and the address of the planner, what answers there, and who may ask.
PLANNER_PAGES: Final[tuple[tuple[str, str, Callable[..., HttpResponse], str], ...]] = (
    ("", "", views.planner_page, _PLAN),
    ("_board", "board/", views.planner_board, _PLAN),
    ("_check", "check/", views.planner_check, _PLAN),
    ("_edits", "edits/", views.planner_edits, _PLAN),
    ("_undo", "undo/", views.planner_undo, _PLAN),
    ("_redo", "redo/", views.planner_redo, _PLAN),
    ("_add", "add/", views.add_session, _PLAN),
    ("_move", "move/", planner_move, _PLAN),
    ("_late", "late/", planner_late, _PLAN),
    ("_receipt", "receipt/", planner_receipt, _PLAN),
    ("_settings", "settings/", planner_settings, "events.change_event"),
)
