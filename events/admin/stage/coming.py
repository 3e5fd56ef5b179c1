"""People who register: approved or declined, their registrations cancelled or moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.actions import NotAllowed
from events.admin.scope import user_of
from events.models import Event, EventStatus, Registration
from events.models.fields import ProseInput
from events.permissions import PLANNERS, events_for_team
from events.registration.approval import (
    DecidedRegistrations,
    cancel_registrations,
    decide_requests,
    move_registrations,
    waiting_requests,
)

#: So many people are decided about at once; the event is held meanwhile.
MOST_SHOWN: Final = 200


class ComingForm(forms.Form):
    """What becomes of the chosen people, and what they are told."""

    word = ProseInput(
        label=gettext_lazy("A word to them"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands in the mail that each of them gets."),
    )
    to = forms.ModelChoiceField(
        label=gettext_lazy("Move to"), queryset=Event.objects.none(), required=False
    )

    def __init__(self, request: HttpRequest, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = events_for_team(request.user, PLANNERS).filter(status=EventStatus.PUBLISHED)
        target: Any = self.fields["to"]
        target.queryset = mine.exclude(pk=event.pk).order_by("-starts_on", "title")


def coming_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Who waits for approval; with ``?registration=1,2`` these registrations instead."""
    asked = _numbers(request.GET.get("registration", "").split(","))
    form = ComingForm(request, event, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _act(modeladmin, request, event, form):
        return redirect("admin:events_event_coming", event.pk)
    registrations = Registration.objects.filter(event=event, pk__in=asked)
    requests = list(waiting_requests(event)[: MOST_SHOWN + 1])
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Registrations of “%(event)s”") % {"event": event},
        "event": event,
        "form": form,
        "is_published": event.status == EventStatus.PUBLISHED,
        "requests": [] if asked else requests[:MOST_SHOWN],
        "has_more": not asked and len(requests) > MOST_SHOWN,
        "registrations": registrations.select_related("user")[:MOST_SHOWN],
        "asked": asked,
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/stage/coming.html", context)


def _numbers(parts: list[str]) -> list[int]:
    found = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19]
    return found[:MOST_SHOWN]


def _act(modeladmin: Any, request: HttpRequest, event: Event, form: ComingForm) -> bool:
    """Do what was chosen; False when nothing was done, after saying why."""
    chosen = _numbers(request.POST.getlist("person"))
    word, to = form.cleaned_data["word"], form.cleaned_data["to"]
    verbs: dict[str, Callable[[], DecidedRegistrations]] = {
        "approve": lambda: decide_requests(event, chosen, True, user_of(request), word),
        "decline": lambda: decide_requests(event, chosen, False, user_of(request), word),
        "cancel": lambda: cancel_registrations(event, chosen, word),
        "move": lambda: move_registrations(event, chosen, to, word),
    }
    verb = next((name for name in verbs if name in request.POST), "")
    if not chosen or not verb:
        messages.info(request, _("Choose people first."))
        return False
    if verb == "move" and to is None:
        form.add_error("to", _("Choose where they go."))
        return False
    try:
        decided = verbs[verb]()
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return False
    _say(request, decided, to if verb == "move" else None)
    if not (decided.registered or decided.in_line or decided.declined or decided.cancelled):
        return True
    modeladmin.log_change(request, event, f"Registrations: {verb}, {len(chosen)} chosen.")
    return True


def _say(request: HttpRequest, decided: DecidedRegistrations, to: Event | None) -> None:
    where = f"{to}: " if to else ""
    for count, text in (
        (
            decided.registered,
            ngettext(
                "%(n)d person is registered.", "%(n)d people are registered.", decided.registered
            ),
        ),
        (
            decided.in_line,
            ngettext(
                "All places are taken: %(n)d person is on the waiting list.",
                "All places are taken: %(n)d people are on the waiting list.",
                decided.in_line,
            ),
        ),
        (
            decided.declined,
            ngettext(
                "%(n)d registration declined.", "%(n)d registrations declined.", decided.declined
            ),
        ),
        (
            decided.cancelled,
            ngettext(
                "%(n)d registration cancelled.", "%(n)d registrations cancelled.", decided.cancelled
            ),
        ),
    ):
        if count:
            messages.success(request, where + text % {"n": count})
    if decided.left:
        text = ngettext(
            "%(n)d person was left alone: somebody else decided, or they gave up.",
            "%(n)d people were left alone: somebody else decided, or they gave up.",
            decided.left,
        )
        messages.warning(request, text % {"n": decided.left})
