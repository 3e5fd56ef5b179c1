"""A session's page on the recordings desk, and the pages on which each action is confirmed."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from events.models import Session
from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.admin.base import NO_WORKER, Base, render_page
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingChangeState,
    RecordingLook,
    RecordingStatus,
)
from kaltura_bridge.queue import TaskName, enqueue
from kaltura_bridge.recordings import trail
from kaltura_bridge.recordings.behind import behind
from kaltura_bridge.recordings.looks import look_soon
from kaltura_bridge.recordings.orders import ACTIONS, OrderAction, new_key

PAGE: Final = "admin:kaltura_bridge_recording_session"
_CHANGES: Final = 20
_GIVEN: Final = ("recording", "key", "seen_s")  # fields of the form, not the person's to fill in


def urls(modeladmin: Base) -> list[URLPattern]:
    """The page of a session, and one for each action."""

    def page(request: HttpRequest, pk: int) -> HttpResponse:
        return _page(modeladmin, request, pk)

    def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
        return _act(modeladmin, request, pk, action)

    wrap = modeladmin.admin_site.admin_view
    of = "recordings/of/<int:pk>/"
    return [
        path(of, wrap(page), name="kaltura_bridge_recording_session"),
        path(
            f"{of}look/",
            wrap(_look),
            name="kaltura_bridge_recording_look",
        ),
        path(
            f"{of}<slug:action>/",
            wrap(act),
            name="kaltura_bridge_recording_action",
        ),
    ]


def own_session(request: HttpRequest, pk: int) -> Session:
    """A session of an event that this person plans; for everybody else it is not there."""
    own = events_for_team(request.user, PLANNERS)
    sessions = Session.objects.select_related("event__delivery", "track", "delivery")
    return get_object_or_404(sessions, pk=pk, event__in=own)


def _page(modeladmin: Base, request: HttpRequest, pk: int) -> HttpResponse:
    session = own_session(request, pk)
    recordings = list(Recording.objects.filter(session=session))
    changes = RecordingChange.objects.filter(session=session).select_related("asked_by")
    context = {
        "session": session,
        "event": session.event,
        "recordings": recordings,
        "behind": behind([session]).get(session.pk) if recordings else None,
        "changes": changes[:_CHANGES],
        "look": RecordingLook.objects.filter(session=session).first(),
        "is_working": any(
            each.is_changing or each.state == RecordingStatus.PROCESSING for each in recordings
        )
        or changes.filter(
            state__in=[RecordingChangeState.WAITING, RecordingChangeState.PROCESSING]
        ).exists(),
    }
    title = _("Recordings of “%(session)s”") % {"session": session}
    return render_page(modeladmin, request, "recording_session", title, context)


def _look(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the worker look now."""
    session = own_session(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    look_soon([session.pk])
    if enqueue(TaskName.LOOK_FOR_RECORDINGS):
        messages.success(request, _("The worker looks now. Reload this page in a moment."))
    else:
        messages.error(request, str(NO_WORKER))
    return redirect(PAGE, session.pk)


def _act(modeladmin: Base, request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """What it would do, and doing it once it is confirmed."""
    session, chosen = own_session(request, pk), ACTIONS.get(action)
    if chosen is None:
        raise Http404("There is no such action.")
    sent: Any = request.POST if request.method == "POST" else _looked_at(request, session)
    form = _form(chosen, session, sent)
    if request.method == "POST" and "confirmed" in request.POST and form.is_valid():
        return _done(request, session, chosen, form.cleaned_data)
    return _preview(modeladmin, request, session, chosen, form)


def _looked_at(request: HttpRequest, session: Session) -> Any:
    """What a page is opened with. Who looks sees the recording as long as it is now."""
    asked = request.GET.copy()
    if (
        asked
        and "seen_s" not in asked
        and (recording := _named(session, asked.get("recording", "")))
    ):
        asked["seen_s"] = str(recording.seconds)
    return asked or None


def _form(action: OrderAction, session: Session, sent: Any) -> Any:
    """Bound to what was sent; a form that is opened for one recording asks for the rest."""
    asks = [name for name in action.form.base_fields if name not in _GIVEN]
    is_opened = sent is not None and asks and not any(name in sent for name in asks)
    if sent is not None and not is_opened:
        return action.form(sent, session=session)
    initial: dict[str, Any] = {"key": new_key()}
    if sent is not None and (recording := _named(session, sent.get("recording", ""))):
        initial |= {"recording": recording.pk, "seen_s": recording.seconds}
    return action.form(initial=initial, session=session)


def _named(session: Session, text: str) -> Recording | None:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        return None
    return Recording.objects.filter(session=session, pk=int(text)).first()


def _preview(
    modeladmin: Base, request: HttpRequest, session: Session, action: OrderAction, form: Any
) -> HttpResponse:
    plan = None
    if form.is_bound and form.is_valid():
        plan = action.plan(session, form.cleaned_data)
    named = form["recording"].value() if "recording" in form.fields else ""
    context = {
        "session": session,
        "event": session.event,
        "action": action,
        "form": form,
        "plan": plan,
        "recording": _named(session, str(named or "")),
        "back": reverse(PAGE, args=[session.pk]),
    }
    return render_page(modeladmin, request, "recording_action", action.title, context)


def _done(
    request: HttpRequest, session: Session, action: OrderAction, chosen: dict[str, Any]
) -> HttpResponse:
    plan = action.plan(session, chosen)
    if plan.refusal:
        messages.error(request, plan.refusal)
    elif plan.already or not action.do(session, request.user, chosen):
        messages.info(request, plan.already or _("It is so already."))
    else:
        trail.note(request.user, session, f"{action.slug}: {'; '.join(plan.what)}")
        messages.success(request, str(action.done))
    return redirect(PAGE, session.pk)
