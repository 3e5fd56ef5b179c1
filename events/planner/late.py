"""A session runs late: its end moves, with what follows in the room as asked, and a receipt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.access import Phase, phase_of, timeline_of
from events.actions import NotAllowed
from events.admin.previews import (
    MovePreview,
    PreviewedForm,
    PreviewPage,
    render_preview,
    row_of,
)
from events.admin.scope import user_of
from events.models import Event, PlannerStep, Session, SessionStatus
from events.moving import Move, Times
from events.planner.conflicts import conflicts
from events.planner.edits import PlannedEdit, apply_edits, check_blocks, placed_at, slot_of, undo
from events.planner.moving import SessionMove
from events.planner.reading import read_board
from events.planner.receipts import receipt_of
from events.planner.steps import PlannedPlace, last_step
from events.programme.extending import MOST_MINUTES, check_extension, later_end, places_of

STAY, PUSH, ALL = "stay", "push", "all"
_ENTERED: Final = frozenset({Phase.OPEN, Phase.LIVE, Phase.OVERRUN})


class LateForm(PreviewedForm):
    """By how much, and what becomes of the sessions that follow where it takes place."""

    minutes = forms.IntegerField(
        label=gettext_lazy("Ends later by minutes"),
        min_value=1,
        max_value=MOST_MINUTES,
        initial=15,
    )
    following = forms.ChoiceField(
        label=gettext_lazy("The next sessions of the room"),
        choices=(
            (PUSH, gettext_lazy("begin later as far as they must")),
            (ALL, gettext_lazy("all begin later by as much, until the end of the day")),
            (STAY, gettext_lazy("stay as they are")),
        ),
        initial=PUSH,
    )

    def __init__(self, session: Session, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.session, self.now = session, timezone.now()
        self.moved: list[SessionMove] = []

    def make_preview(self) -> MovePreview:
        try:
            self.moved = self._moved()
            check_blocks(
                self.session.event, [placed_at(slot_of(m.session), m.place) for m in self.moved]
            )
        except NotAllowed as error:
            raise ValidationError(str(error)) from error
        return MovePreview(
            summary=_("“%(session)s” ends at %(time)s.")
            % {"session": self.session, "time": self._clock(self.moved[0].place.ends_at)},
            rows=[row_of(each.move) for each in self.moved],
            warnings=self._warnings(),
            moves=[each.move for each in self.moved],
        )

    def _moved(self) -> list[SessionMove]:
        """Raises NotAllowed."""
        session, minutes = self.session, self.cleaned_data["minutes"]
        following = self.cleaned_data["following"]
        decide = check_extension if following == STAY else later_end
        ends_at = decide(session, minutes, self.now)
        found = [_at(session, session.starts_at, ends_at)]
        if following != STAY:
            found += self._followers(ends_at, timedelta(minutes=minutes), is_all=following == ALL)
        return found

    def _followers(self, ends_at: datetime, by: timedelta, *, is_all: bool) -> list[SessionMove]:
        free, found = ends_at, []
        for each in _after(self.session):
            later = by if is_all else max(free - each.starts_at, timedelta())
            if not later:
                break
            if each.starts_at <= self.now:
                raise NotAllowed(
                    _("“%(session)s” has begun already, so it cannot begin later.")
                    % {"session": each}
                )
            found.append(_at(each, each.starts_at + later, each.ends_at + later))
            free = each.ends_at + later
        return found

    def _warnings(self) -> list[str]:
        """What would be in the way that is not now."""
        board = read_board(self.session.event)
        pks = {each.session.pk for each in self.moved}
        # Without those that were cancelled or deleted between two questions: saving tells.
        moved = [each for each in self.moved if each.session.pk in board.slots]
        slots = [placed_at(board.slots[each.session.pk], each.place) for each in moved]
        known = {each.identity for each in conflicts(board, pks)}
        then = conflicts(board.moved(slots), pks)
        return [each.text for each in then if each.identity not in known]

    def _clock(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.session.event.zone):%H:%M}"


def _at(session: Session, starts_at: datetime, ends_at: datetime) -> SessionMove:
    before, after = Times(session.starts_at, session.ends_at), Times(starts_at, ends_at)
    place = PlannedPlace(starts_at, ends_at, session.location, session.track_id)
    return SessionMove(Move(session, before, after), place)


def _after(session: Session) -> list[Session]:
    """What follows on the same day wherever the session takes place, in order of time."""
    zone = session.event.zone
    day = session.ends_at.astimezone(zone).date()
    rows = session.event.sessions.exclude(status=SessionStatus.CANCELLED).exclude(pk=session.pk)
    later = rows.filter(starts_at__gte=session.ends_at).select_related("event")
    found = {each.pk: each for place in places_of(session) for each in later.filter(place.sessions)}
    today = [s for s in found.values() if s.starts_at.astimezone(zone).date() == day]
    return sorted(today, key=lambda each: (each.starts_at, each.pk))


# --- The pages -------------------------------------------------------------------------------


def planner_late(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Ask which session runs late, then by how much; show what would change; do it."""
    session = _asked(request, event)
    if session is None:
        return _choice(modeladmin, request, event)
    form = LateForm(session, request.POST if request.method == "POST" else None)
    if form.is_confirmed and (step := _apply(request, event, form)):
        return redirect(_receipt_url(event) + f"?step={step.pk}")
    back = reverse("admin:events_event_planner", args=[event.pk])
    page = PreviewPage(
        title=_("“%(session)s” runs late") % {"session": session},
        intro=_(
            "Agenda, calendars, reminders and Kaltura follow. Afterwards you see how each of them "
            "stands, and can undo all of it at once."
        ),
        yes=_("Yes, move the end"),
        back=back,
        crumbs=[
            (_("Events"), reverse("admin:events_event_changelist")),
            (str(event), reverse("admin:events_event_change", args=[event.pk])),
            (_("Planner"), back),
        ],
    )
    return render_preview(modeladmin, request, form, page)


def _asked(request: HttpRequest, event: Event) -> Session | None:
    pk = request.GET.get("session", "")[:15]
    if not (pk.isascii() and pk.isdecimal()):
        return None
    rows = event.sessions.exclude(status=SessionStatus.CANCELLED).select_related("event", "track")
    return rows.filter(pk=pk).first()


def _choice(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    now = timezone.now()
    near = event.sessions.filter(
        status=SessionStatus.PUBLISHED,
        starts_at__lte=now + timedelta(minutes=event.doors_open_minutes),
        ends_at__gte=now - timedelta(minutes=event.overrun_minutes),
    ).select_related("event")
    on = [each for each in near if phase_of(each, timeline_of(each), now) in _ENTERED]
    context = {"title": _("Which session runs late?"), "sessions": on}
    return _page(modeladmin, request, event, "late.html", context)


def _apply(request: HttpRequest, event: Event, form: LateForm) -> PlannerStep | None:
    edits = [
        PlannedEdit(each.session.pk, slot_of(each.session).version, each.place)
        for each in form.moved
    ]
    try:
        return apply_edits(event, user_of(request), edits)
    except NotAllowed as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        form.add_error(None, error.messages)
    return None


def planner_receipt(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """How one's own step stands in each channel, and its undo while it is the last one."""
    step = _step(request, event)
    last = last_step(event, user_of(request))
    if request.method == "POST":
        if step and last and step.pk == last.pk:
            _undo(request, event, step)
        return redirect(_receipt_url(event) + (f"?step={step.pk}" if step else ""))
    context = {
        "title": _("What became of it"),
        "step": step,
        "parts": receipt_of(step) if step else [],
        "can_undo": step is not None and last is not None and step.pk == last.pk,
    }
    return _page(modeladmin, request, event, "receipt.html", context)


def _step(request: HttpRequest, event: Event) -> PlannerStep | None:
    """The one of the address, else the last; only one's own."""
    mine = PlannerStep.objects.filter(event=event, user=user_of(request)).order_by("-pk")
    pk = request.GET.get("step", "")[:15]
    return mine.filter(pk=pk).first() if pk.isascii() and pk.isdecimal() else mine.first()


def _undo(request: HttpRequest, event: Event, step: PlannerStep) -> None:
    try:
        undo(event, user_of(request), step.pk)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Undone: everything is where it was."))


def _receipt_url(event: Event) -> str:
    return reverse("admin:events_event_planner_receipt", args=[event.pk])


def _page(
    modeladmin: Any, request: HttpRequest, event: Event, name: str, context: dict[str, Any]
) -> HttpResponse:
    context = {
        **modeladmin.admin_site.each_context(request),
        **context,
        "event": event,
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, f"admin/events/planner/{name}", context)
