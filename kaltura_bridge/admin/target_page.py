"""The page of one target: what differs at Kaltura, and each choice with its preview."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from events.models import Event, Registration, Session
from kaltura_bridge.admin.base import NO_WORKER, ReadOnlyAdmin, render_page
from kaltura_bridge.labels import duplicate_time_message, target_mark
from kaltura_bridge.members.people import member_uuid
from kaltura_bridge.models import Account, RemoteLink, SyncTarget, TargetKind
from kaltura_bridge.repair import actions, choices, diff
from kaltura_bridge.repair.actions import CannotRepair
from kaltura_bridge.repair.choices import Choice, ChoicePreview

HISTORY: Final = 20
CHANGE: Final = "admin:kaltura_bridge_synctarget_change"


def target_page(
    modeladmin: ReadOnlyAdmin, request: HttpRequest, target: SyncTarget
) -> HttpResponse:
    """Objects with their differing fields, and the history, newest first."""
    views = diff.objects_of(target)
    history = Paginator(target.history.all(), HISTORY).get_page(request.GET.get("page"))
    context = {
        "target": target,
        "mark": target_mark(target),
        "views": views,
        "duplicate_times": _duplicate_times(target),
        "history": history,
        "account": Account.objects.filter(failures__gt=0).first(),
        "next_try": _next_try(target),
        "planned_url": planned_url(target),
    }
    return render_page(modeladmin, request, "target", str(target), context)


def retry_target(request: HttpRequest, targets: QuerySet[SyncTarget], pk: int) -> HttpResponse:
    """Compare and send one of ``targets`` again, now."""
    target = get_object_or_404(targets, pk=pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actions.retry(SyncTarget.objects.filter(pk=target.pk))
    messages.success(request, _("Queued for sync. Reload this page to see the result."))
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect(CHANGE, target.pk)


def choice_page(
    modeladmin: ReadOnlyAdmin, request: HttpRequest, link: RemoteLink, verb: str
) -> HttpResponse:
    """What a choice would do; a POST that confirms exactly that does it."""
    if verb not in choices.VERBS:
        raise Http404(f"There is no action “{verb}”.")
    asked = request.POST if request.method == "POST" else request.GET
    remote_id = asked.get("to", "").strip()
    choice = Choice(verb, link, asked.getlist("field"), remote_id, request.user)
    preview = choices.preview_of(choice)
    shown = asked.get("shown", "") if request.method == "POST" else ""
    if request.method == "POST" and preview.asks:
        return _ask(request, choice)
    if shown == preview.fingerprint and not preview.refusal:
        return _carry_out(modeladmin, request, choice, preview)
    return _preview_page(modeladmin, request, choice, preview, changed_since=bool(shown))


def _carry_out(
    modeladmin: ReadOnlyAdmin, request: HttpRequest, choice: Choice, preview: ChoicePreview
) -> HttpResponse:
    try:
        messages.success(request, choices.carry_out(choice))
    except CannotRepair as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        modeladmin.log_change(request, choice.link.target, f"{preview.title}. {preview.summary}")
    return redirect(CHANGE, choice.link.target_id)


def _ask(request: HttpRequest, choice: Choice) -> HttpResponse:
    """Have the worker look, and wait for it on the same page."""
    if not choices.ask_for(choice):
        messages.error(request, NO_WORKER)
        return redirect(CHANGE, choice.link.target_id)
    return redirect(f"{request.path}?{urlencode({'to': choice.remote_id})}")


def _preview_page(
    modeladmin: ReadOnlyAdmin,
    request: HttpRequest,
    choice: Choice,
    preview: ChoicePreview,
    *,
    changed_since: bool,
) -> HttpResponse:
    context = {
        "target": choice.link.target,
        "choice": choice,
        "preview": preview,
        "changed_since": changed_since,
        "back": reverse(CHANGE, args=[choice.link.target_id]),
    }
    return render_page(modeladmin, request, "choice", preview.title, context)


def _duplicate_times(target: SyncTarget) -> list[str]:
    """A message for each moment that Kaltura holds twice, differently."""
    zone = diff.zone_of(target)
    return [duplicate_time_message(time, zone) for time in diff.duplicate_times_of(target)]


def _next_try(target: SyncTarget) -> Any:
    waits = target.state == "pending" and target.next_attempt_at > timezone.now()
    return target.next_attempt_at if waits else None


def planned_url(target: SyncTarget) -> str:
    """The admin's page of the planned object, a track's event; "" when it is deleted.

    Of a member it is the registration, which says who it is to those who may know.
    """
    if target.kind == TargetKind.MEMBER and (registered := _registration_url(target)):
        return registered
    of_session = target.kind == TargetKind.SESSION
    model: Any = Session if of_session else Event
    uuid = target.object_uuid if of_session else target.event_uuid
    pk = model.objects.filter(uuid=uuid).values_list("pk", flat=True).first()
    return reverse(f"admin:events_{model._meta.model_name}_change", args=[pk]) if pk else ""


def _registration_url(target: SyncTarget) -> str:
    """The registration behind a membership; "" for who belongs to the event by team or stage."""
    person = member_uuid(target.event_uuid, target.object_uuid)
    mine = Registration.objects.filter(event__uuid=target.event_uuid, user__uuid=person)
    pk = mine.values_list("pk", flat=True).first()
    return reverse("admin:events_registration_change", args=[pk]) if pk else ""
