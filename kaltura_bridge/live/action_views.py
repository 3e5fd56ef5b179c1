"""The pages on which a producer says yes: what viewers will see, what is called, one button."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypeGuard

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kaltura_bridge.live import trail
from kaltura_bridge.live.actions import CUT, GO_LIVE, ActionOutcome, DeskAction, OutcomeKind
from kaltura_bridge.live.ending import END, EXTEND
from kaltura_bridge.live.panels import LiveDesk, producers_desk
from kaltura_bridge.live.swapping import BACK, SWAP

ACTIONS: Final = {action.slug: action for action in (GO_LIVE, CUT, EXTEND, END, SWAP, BACK)}

_LEVELS: Final = {
    OutcomeKind.DONE: messages.SUCCESS,
    OutcomeKind.ALREADY: messages.INFO,
    OutcomeKind.UNCLEAR: messages.WARNING,
    OutcomeKind.HALF: messages.WARNING,
}


@require_http_methods(["GET", "HEAD", "POST"])
def action_page(
    request: HttpRequest, event_slug: str, session_slug: str, action: str
) -> HttpResponse:
    """What it would do, and doing it once it is confirmed."""
    desk = producers_desk(request, event_slug, session_slug)
    chosen = ACTIONS[action]
    sent: Any = request.POST if request.method == "POST" else request.GET or None
    form = chosen.form(sent, desk=desk)
    if request.method == "POST" and "confirmed" in request.POST and form.is_valid():
        return _done(desk, chosen, chosen.do(desk, form.cleaned_data))
    return _preview(desk, chosen, form)


def _done(desk: LiveDesk, action: DeskAction, outcome: ActionOutcome) -> HttpResponse:
    if outcome.trail:
        trail.note(desk, f"{action.slug}, {outcome.kind}: {outcome.trail}")
    messages.add_message(desk.request, _LEVELS.get(outcome.kind, messages.ERROR), outcome.text)
    return redirect("kaltura:live_desk", desk.event.slug, desk.session.slug)


def _preview(desk: LiveDesk, action: DeskAction, form: Any) -> HttpResponse:
    """The plan by what was chosen, or by what one chooses as a rule."""
    is_asked = form.is_bound
    chosen = form.cleaned_data if is_asked and form.is_valid() else _usual(action, desk)
    plan = None if chosen is None else action.plan(desk, chosen)
    context = {
        "event": desk.event,
        "session": desk.session,
        "action": action,
        "form": form,
        "plan": plan,
        "nothing_to_choose": any(not f.choices for f in form.fields.values() if _chooses(f)),
        "sent": {name: _as_sent(value) for name, value in (chosen or {}).items()},
    }
    response = render(desk.request, "kaltura_bridge/live/action.html", context)
    response["Cache-Control"] = "no-store, private"
    # Not no-referrer: then the browser would hide where the confirmation comes from.
    response["Referrer-Policy"] = "same-origin"
    return response


def _chooses(field: forms.Field) -> TypeGuard[forms.ChoiceField]:
    return isinstance(field, forms.ChoiceField)


def _as_sent(value: Any) -> str:
    """A chosen value as the form of the confirmation sends it back."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _usual(action: DeskAction, desk: LiveDesk) -> dict[str, Any] | None:
    """What a form holds that nobody has filled in; None where that is not enough to plan."""
    form = action.form({name: f.initial for name, f in action.form.base_fields.items()}, desk=desk)
    return form.cleaned_data if form.is_valid() else None
