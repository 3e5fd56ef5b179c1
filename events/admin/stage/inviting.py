"""Inviting people on stage: each to their own profile, by a personal link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.actions import NotAllowed
from events.admin.scope import user_of
from events.changes import changes
from events.characters import clean_line
from events.models import Event, EventStatus, Invitation, InvitationState, Speaker
from events.models.people import validate_address
from events.registration.invitations import invite_speaker

#: So many people stand on one page; a form takes a thousand fields.
MOST_SHOWN: Final = 200
_LONGEST_ADDRESS: Final = 254


@dataclass
class SpeakerToInvite:
    """Somebody on stage, with the address that the page shows for them."""

    speaker: Speaker
    invitation: Invitation | None
    email: str
    is_chosen: bool = False
    error: str = ""

    @property
    def state(self) -> str:
        """What became of an earlier invitation."""
        if self.speaker.user_id:
            return _("has the profile")
        return str(self.invitation.state.label) if self.invitation else _("not invited yet")

    @property
    def is_open(self) -> bool:
        return bool(self.invitation and self.invitation.state == InvitationState.OPEN)


def invite_speakers_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Everybody on stage whose profile is nobody's yet, with an address to write to."""
    people = list(_people(request, event))
    more = len(people) > MOST_SHOWN
    people = people[:MOST_SHOWN]
    if request.method == "POST":
        _read(request, people)
        chosen = [each for each in people if each.is_chosen]
        if not chosen:
            messages.info(request, _("Choose whom to invite."))
        elif not any(each.error for each in chosen) and _send(request, chosen):
            count = len(chosen)
            modeladmin.log_change(request, event, f"Invited {count} to their profiles.")
            text = ngettext(
                "%(n)d invitation is on its way.", "%(n)d invitations are on their way.", count
            )
            messages.success(request, text % {"n": count})
            return redirect("admin:events_event_stage", event.pk)
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Invite speakers of “{event}” to their profiles").format(event=event),
        "event": event,
        "is_cancelled": event.status == EventStatus.CANCELLED,
        "people": people,
        "has_more": more,
        "has_errors": any(each.error for each in people),
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/stage/invite.html", context)


def _people(request: HttpRequest, event: Event) -> Iterator[SpeakerToInvite]:
    """Those who were asked for by ``?speaker=1,2``, or all who have no account yet."""
    everybody = Speaker.objects.filter(event=event).select_related("invitation", "user")
    rows = everybody.annotate(session_count=Count("appearances")).order_by("name", "pk")
    asked = [
        int(part)
        for part in request.GET.get("speaker", "").split(",")
        if part.isascii() and part.isdigit() and len(part) < 19
    ]
    rows = rows.filter(pk__in=asked[: MOST_SHOWN + 1]) if asked else rows.filter(user=None)
    for speaker in rows[: MOST_SHOWN + 1]:
        invitation = getattr(speaker, "invitation", None)
        email = speaker.user.email if speaker.user else invitation.email if invitation else ""
        yield SpeakerToInvite(speaker, invitation, email, is_chosen=bool(asked))


def _read(request: HttpRequest, people: list[SpeakerToInvite]) -> None:
    """What the form says of each."""
    for each in people:
        each.is_chosen = f"invite-{each.speaker.pk}" in request.POST
        each.email = clean_line(request.POST.get(f"email-{each.speaker.pk}", each.email)).lower()
        if each.is_chosen:
            each.error = _reason_against(each.email)


def _reason_against(email: str) -> str:
    if not email:
        return _("Write down the address first.")
    try:
        validate_email(email)
        validate_address(email)
    except ValidationError:
        return _("This is no e-mail address.")
    return _("The address is too long.") if len(email) > _LONGEST_ADDRESS else ""


def _send(request: HttpRequest, chosen: list[SpeakerToInvite]) -> bool:
    """All of them or nobody; False when somebody's profile is another's meanwhile."""
    current = None
    try:
        with changes():
            for current in chosen:
                invite_speaker(current.speaker, current.email, user_of(request))
    except NotAllowed as refusal:
        assert current
        current.error = str(refusal)
        return False
    return True
