"""The planner's page and what its script asks: the board, a candidate place, edits, undo."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2s
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.actions import NotAllowed
from events.admin.scope import user_of
from events.bounds import check_session_times
from events.models import Event, PlannerRules, PlannerStep, ProgrammeVersion, SessionStatus
from events.planner.conflicts import conflicts
from events.planner.drawing import (
    MOST_DIGITS,
    Columns,
    PlannerDay,
    conflict_json,
    day_of,
    default_columns,
    room_names,
)
from events.planner.edits import (
    BlockedByRules,
    ChangedMeanwhile,
    PlannedEdit,
    apply_edits,
    candidate,
    forget_step,
    redo,
    undo,
)
from events.planner.forms import NewSessionForm
from events.planner.reading import read_board
from events.planner.steps import PlannedPlace, last_step, undone_step

#: More at once is no edit of a person's.
MOST_EDITS: Final = 1000


#: The other addresses that the page leads to, or its script asks.
_LINKED: Final = (
    *("board", "check", "edits", "undo", "redo"),
    *("settings", "move", "add", "late"),
)


class BadWish(Exception):
    """What came is nothing that our script sends."""


@dataclass(frozen=True)
class PlannerWish:
    """Which day somebody looks at, and what stands across."""

    event: Event
    day: date
    across: Columns

    @classmethod
    def of(cls, request: HttpRequest, event: Event) -> PlannerWish:
        across = request.GET.get("across", "")
        is_named = across in set(Columns)
        return cls(
            event, day_of(request, event), Columns(across) if is_named else default_columns(event)
        )

    @property
    def query(self) -> str:
        return "?" + urlencode({"day": self.day.isoformat(), "across": self.across.value})

    def read(self) -> PlannerDay:
        return PlannerDay(read_board(self.event), self.day, self.across, room_names(self.event))


# --- The page --------------------------------------------------------------------------------


def planner_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """The grid for the script, and the same as a list for whoever has none."""
    wish = PlannerWish.of(request, event)
    day = wish.read()
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Plan “%(event)s”") % {"event": event},
        "event": event,
        "wish": wish,
        "days": event.days,
        "cards": day.cards(),
        "tray": day.tray(),
        "opens": day.opens(timezone.now()),
        "conflicts": day.conflicts,
        "new_session": NewSessionForm(),
        "addresses": {
            name: reverse(f"admin:events_event_planner_{name}", args=[event.pk])
            for name in (
                "board",
                "check",
                "edits",
                "undo",
                "redo",
                "settings",
                "move",
                "add",
                "late",
            )
        },
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/planner/page.html", context)


def add_session(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """A draft with nothing but a title and a length, into the tray."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    wish, form = PlannerWish.of(request, event), NewSessionForm(request.POST)
    if form.is_valid():
        session = form.save_in(event, wish.day)
        modeladmin.log_addition(request, session, "Added in the planner.")
        messages.success(request, _("“%(session)s” is in the tray.") % {"session": session})
    else:
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
    return redirect(reverse("admin:events_event_planner", args=[event.pk]) + wish.query)


# --- What the script asks --------------------------------------------------------------------


def planner_board(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """The day as it is now; nothing, with 304, to whoever has it already."""
    wish = PlannerWish.of(request, event)
    tag = _tag(request, wish)
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        response = HttpResponse(status=304)
    else:
        response = JsonResponse(_board_json(request, wish))
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _tag(request: HttpRequest, wish: PlannerWish) -> str:
    """Another one as soon as anybody has changed the programme, the rules or one's own steps."""
    pk = wish.event.pk
    parts = (
        ProgrammeVersion.objects.filter(pk=pk).values_list("number", flat=True).first(),
        PlannerRules.objects.filter(pk=pk).values_list("revision", flat=True).first(),
        _steps(request, wish.event),
        *(wish.day, wish.across.value, get_language(), pk),
    )
    return f'"{blake2s(repr(parts).encode(), digest_size=12).hexdigest()}"'


def _steps(request: HttpRequest, event: Event) -> list[tuple[int, bool]]:
    mine = PlannerStep.objects.filter(event=event, user=user_of(request)).order_by("pk")
    return list(mine.values_list("pk", "is_undone"))


def _board_json(request: HttpRequest, wish: PlannerWish) -> dict[str, Any]:
    user = user_of(request)
    last, undone = last_step(wish.event, user), undone_step(wish.event, user)
    return {
        **wish.read().as_json(),
        "undo": last.words if last else "",
        "undo_step": last.pk if last else None,
        "redo": undone.words if undone else "",
        "redo_step": undone.pk if undone else None,
    }


def planner_check(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """What would be in the way of one session in another place; nothing is changed."""
    wish = PlannerWish.of(request, event)
    board = read_board(event)
    try:
        pk = _number(request.GET.get("session"))
        slot = board.slots.get(pk)
        if slot is None:
            raise BadWish
        now = PlannedPlace(slot.starts_at, slot.ends_at, slot.room, slot.track_id)
        place = _place(wish.across, now, request.GET)
    except BadWish:
        return _refused(_("This is no place for a session."), 400)
    found = conflicts(candidate(board, pk, place), {pk})
    return JsonResponse({"conflicts": [conflict_json(each) for each in found]})


def planner_edits(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Change places: all of them or none. 409: somebody was quicker; 422: it is not allowed."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    wish = PlannerWish.of(request, event)
    try:
        edits = _edits(request, wish)
    except BadWish:
        return _refused(_("This is no place for a session."), 400)
    done = _("That has been done already.")
    return _changed(
        request, wish, lambda: apply_edits(event, user_of(request), edits), nothing=done
    )


def planner_undo(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    return _turn(request, event, undo, is_undone=False)


def planner_redo(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    return _turn(request, event, redo, is_undone=True)


def _turn(
    request: HttpRequest,
    event: Event,
    turn: Callable[[Event, Any, int | None], PlannerStep | None],
    *,
    is_undone: bool,
) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    wish, user = PlannerWish.of(request, event), user_of(request)
    nothing = _("There is nothing to redo.") if is_undone else _("There is nothing to undo.")
    seen = _seen_step(request)
    if seen is not None:
        nothing = _("That has been done already.")
    try:
        return _changed(
            request, wish, lambda: turn(event, user, seen), nothing=nothing, forgets=True
        )
    except ChangedMeanwhile as error:
        forget_step(event, user, is_undone=is_undone)
        text = _("%(reason)s This step is left out from now on.") % {"reason": error}
        return _refused(text, 409, _board_json(request, wish))


def _changed(
    request: HttpRequest,
    wish: PlannerWish,
    change: Callable[[], PlannerStep | None],
    *,
    nothing: str,
    forgets: bool = False,
) -> HttpResponse:
    """What came of a change, and the board as it is then, whatever came of it."""
    try:
        step = change()
    except ChangedMeanwhile as error:
        if forgets:
            raise
        return _refused(str(error), 409, _board_json(request, wish))
    except BlockedByRules as error:
        text = _("Not allowed: %(reason)s") % {"reason": error}
        return _refused(text, 422, _board_json(request, wish))
    except (NotAllowed, ValidationError) as error:
        said = error.messages if isinstance(error, ValidationError) else [str(error)]
        return _refused(" ".join(said), 422, _board_json(request, wish))
    words = step.words if step else nothing
    return JsonResponse({"words": words, "board": _board_json(request, wish)})


def _refused(text: str, status: int, board: dict[str, Any] | None = None) -> JsonResponse:
    return JsonResponse({"error": text, "board": board}, status=status)


# --- Reading what came -----------------------------------------------------------------------


def _seen_step(request: HttpRequest) -> int | None:
    """The step that the person saw on the button, if their page says so."""
    try:
        return _number(json.loads(request.body)["step"])
    except (ValueError, KeyError, TypeError, RecursionError, BadWish):
        return None


def _edits(request: HttpRequest, wish: PlannerWish) -> list[PlannedEdit]:
    """Raises BadWish."""
    try:
        asked = json.loads(request.body)["edits"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadWish from None
    if not isinstance(asked, list) or not 1 <= len(asked) <= MOST_EDITS:
        raise BadWish
    if not all(isinstance(each, dict) for each in asked):
        raise BadWish
    return _with_places(wish, asked)


def _with_places(wish: PlannerWish, asked: Sequence[dict[str, Any]]) -> list[PlannedEdit]:
    pks = [_number(each.get("session")) for each in asked]
    if len(set(pks)) != len(pks):
        raise BadWish
    known = wish.event.sessions.exclude(status=SessionStatus.CANCELLED).in_bulk(pks)
    nowhere = PlannedPlace(datetime.now(UTC), datetime.now(UTC), "", None)
    return [
        PlannedEdit(
            pk,
            str(each.get("version", "")),
            # Of a session that is gone nothing is known; apply_edits says so.
            _place(wish.across, PlannedPlace.of(known[pk]) if pk in known else nowhere, each),
        )
        for pk, each in zip(pks, asked, strict=True)
    ]


def _place(across: Columns, now: PlannedPlace, asked: Any) -> PlannedPlace:
    """Raises BadWish."""
    starts_at, ends_at = (_moment(asked.get(name)) for name in ("starts", "ends"))
    column = asked.get("column", "")
    if not isinstance(column, str) or ends_at - starts_at < timedelta(minutes=1):
        raise BadWish
    try:
        check_session_times(starts_at, ends_at)
        place = across.place(now, column)
    except (ValueError, ValidationError):
        raise BadWish from None
    return replace(place, starts_at=starts_at, ends_at=ends_at)


def _moment(value: Any) -> datetime:
    try:
        return datetime.fromtimestamp(_number(value), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadWish from None


def _number(value: Any) -> int:
    """A whole number that a database can hold. Raises BadWish."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdecimal() or len(text) > MOST_DIGITS:
        raise BadWish
    return int(text)
