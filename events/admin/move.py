"""The pages that move an event, and sessions of a list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.admin.previews import (
    CONFIRMED,
    EVENT_WARNINGS,
    PREVIEW,
    SESSION_WARNINGS,
    MovePreview,
    PreviewedForm,
    PreviewPage,
    counted,
    day_field,
    render_preview,
    row_of,
    rows_of_event,
    warnings_of,
)
from events.admin.times import span
from events.changes import changes
from events.models import Event, Session
from events.moving import apply_moves, days_between, move_event, plan_moves
from events.templatetags.events_format import dates

DAY_MINUTES = 24 * 60


# --- The whole event ---------------------------------------------------------


class MoveEventForm(PreviewedForm):
    starts_on = day_field(gettext_lazy("New first day"))

    def __init__(self, event: Event, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"starts_on": event.starts_on})
        self.event = event

    def make_preview(self) -> MovePreview:
        event, starts_on = self.event, self.cleaned_data["starts_on"]
        by = days_between(event, starts_on)
        if not by:
            raise ValidationError({"starts_on": _("The event already begins on that day.")})
        moves = plan_moves(event.sessions.select_related("event"), by=by)
        moved = Event(starts_on=starts_on, ends_on=event.ends_on + by)
        return MovePreview(
            summary=_("%(days)s, with %(sessions)s.")
            % {"days": _days(by), "sessions": counted(len(moves), "session")},
            rows=rows_of_event(event, moved, moves),
            warnings=warnings_of(moves, EVENT_WARNINGS),
            moves=moves,
            identity=(event.starts_on, event.ends_on, starts_on),
        )


def move_event_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    form = MoveEventForm(event, request.POST or None)
    back = reverse("admin:events_event_change", args=[event.pk])
    if form.is_confirmed and _move_event(form):
        modeladmin.log_change(request, event, f"Moved to {dates(event)}.")
        messages.success(request, _moved_event(form))
        return redirect(back)
    page = PreviewPage(
        title=_("Move “%(event)s”") % {"event": event},
        intro=(
            _(
                "All its days and sessions move too; every session keeps its "
                "time of day in %(timezone)s and its length. Registrations and "
                "favourites are kept."
            )
            % {"timezone": event.timezone}
        ),
        yes=_("Yes, move the event"),
        back=back,
        crumbs=[(_("Events"), reverse("admin:events_event_changelist")), (str(event), back)],
    )
    return render_preview(modeladmin, request, form, page)


def _move_event(form: MoveEventForm) -> bool:
    try:
        move_event(form.event, starts_on=form.cleaned_data["starts_on"])
    except ValidationError as error:
        form.add_error(None, error)
    return not form.errors


def _moved_event(form: MoveEventForm) -> str:
    event, count = form.event, len(form.preview.moves) if form.preview else 0
    return format_html(
        _("“{}” now takes place on {}, with <a href='{}?event={}'>its {}</a>."),
        event,
        dates(event),
        reverse("admin:events_session_changelist"),
        event.pk,
        counted(count, "session"),
    )


def _days(by: timedelta) -> str:
    text = _("%(days)s later") if by.days > 0 else _("%(days)s earlier")
    return text % {"days": counted(abs(by.days), "day")}


# --- Sessions of a list ------------------------------------------------------


class MoveSessionsForm(PreviewedForm):
    """To a day, or by minutes; the one or the other."""

    to_day = day_field(
        gettext_lazy("To this day"),
        required=False,
        help_text=gettext_lazy("Every session keeps its time of day, in the zone of its event."),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Or by minutes"),
        required=False,
        min_value=-DAY_MINUTES,
        max_value=DAY_MINUTES,
        help_text=gettext_lazy("15 means a quarter of an hour later, -15 earlier."),
    )

    def __init__(self, sessions: list[Session], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.sessions = sessions

    def make_preview(self) -> MovePreview:
        to_day, minutes = self.cleaned_data["to_day"], self.cleaned_data["minutes"]
        if bool(to_day) == (minutes is not None):
            raise ValidationError(_("Enter either a day or a number of minutes."))
        by = timedelta(minutes=minutes or 0)
        moves = plan_moves(self.sessions, by=by, to_day=to_day)
        moving = sum(move.changes for move in moves)
        if not moving:
            raise ValidationError(_("Nothing would move: all of them are already there."))
        return MovePreview(
            summary=ngettext(
                "%(moving)d of %(n)d session would move.",
                "%(moving)d of %(n)d sessions would move.",
                len(moves),
            )
            % {"moving": moving, "n": len(moves)},
            rows=[row_of(move) for move in moves],
            warnings=warnings_of(moves, SESSION_WARNINGS),
            moves=moves,
        )


def move_sessions_page(
    modeladmin: Any, request: HttpRequest, sessions: Any, action: str
) -> HttpResponse | None:
    """The question, or None when the sessions have moved."""
    rows = list(sessions.select_related("event").order_by("starts_at", "title"))
    if not rows:
        messages.info(
            request, _("Nothing to move: you cannot change any of the selected sessions.")
        )
        return None
    asked = PREVIEW in request.POST or CONFIRMED in request.POST
    form = MoveSessionsForm(rows, request.POST if asked else None)
    if form.is_confirmed and _apply(modeladmin, request, form):
        return None
    across = request.POST.get("select_across") == "1"
    chosen = [str(row.pk) for row in (rows[:1] if across else rows)]
    page = PreviewPage(
        title=_("Move %(sessions)s") % {"sessions": counted(len(rows), "session")},
        intro=(
            _(
                "Move them to another day or by some minutes, in their event's "
                "time zone. Every session keeps its length."
            )
        ),
        yes=_("Yes, move them"),
        back=request.get_full_path(),
        crumbs=[(_("Sessions"), request.get_full_path())],
        hidden=[
            ("action", action),
            ("select_across", "1" if across else "0"),
            *((ACTION_CHECKBOX_NAME, pk) for pk in chosen),
        ],
    )
    return render_preview(modeladmin, request, form, page)


def _apply(modeladmin: Any, request: HttpRequest, form: MoveSessionsForm) -> bool:
    moves = [move for move in (form.preview.moves if form.preview else []) if move.changes]
    try:
        with changes():
            apply_moves(moves)
            for move in moves:
                before, after = (span(times, move.zone) for times in (move.before, move.after))
                modeladmin.log_change(request, move.session, f"Moved from {before} to {after}.")
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, _moved(len(moves)))
    return True


def _moved(count: int) -> str:
    text = ngettext("%(n)d session moved.", "%(n)d sessions moved.", count)
    return text % {"n": count}
