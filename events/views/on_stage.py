"""What people on stage see of themselves, and the link that makes a profile theirs.

Profiles and sessions go by their ids here, and those of others are not there: whoever guesses one
learns nothing. Titles of events that are drafts are shown to nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.actions import NotAllowed
from events.drafts.gathering import what_gathers
from events.drafts.overlay import overlay_parts
from events.models import (
    Invitation,
    InvitationState,
    ProposalState,
    Session,
    SessionMaterial,
    Speaker,
    SpeakerAvailability,
    StageField,
    StageRules,
    User,
)
from events.queries import SHOWN, events_for, sees_programme, visible_event
from events.registration import invitations
from events.speakers.availability import HoursChanged, hours_of, say_hours
from events.speakers.editing import (
    StageOutcome,
    add_material,
    field_states,
    profiles_of,
    submit,
    withdraw_material,
)
from events.speakers.fields import OF_PROFILE, OF_SESSION, allowed_fields, own_sessions
from events.speakers.forms import MaterialForm, StageForm
from events.speakers.hours_form import SpeakerHoursForm


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required
    return request.user


def _own(request: HttpRequest, profile: UUID) -> tuple[Speaker, StageRules]:
    """A profile of this person; those of others are not there."""
    speaker: Speaker | None = profiles_of(_person(request)).filter(uuid=profile).first()
    if speaker is None:
        raise Http404("There is no such page.")
    return speaker, StageRules.of(speaker.event)


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    return response


# --- The pages -------------------------------------------------------------------------------


@login_required
@require_safe
def my_stage(request: HttpRequest) -> HttpResponse:
    """All events on whose stage this person is."""
    profiles = list(profiles_of(_person(request)))
    context = {"profiles": profiles}
    if len(profiles) == 1:
        return redirect("events:stage_profile", profiles[0].uuid)
    return _private(render(request, "events/stage/mine.html", context))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stage_profile(request: HttpRequest, profile: UUID) -> HttpResponse:
    """Their profile at one event, and the way to their sessions there."""
    speaker, rules = _own(request, profile)
    fields = [name for name in OF_PROFILE if name in allowed_fields(rules)]
    form, done = _edit_page(request, speaker, rules, fields, None)
    if done:
        return done
    sessions = list(own_sessions(speaker).select_related("track"))
    context = {
        "speaker": speaker,
        "planned": speaker.event,
        "rules": rules,
        "form": form if fields else None,
        "sessions": sessions,
        "page_of_event": _page_of_event(request, speaker),
        "page_of_speaker": _page_of_speaker(request, speaker, sessions),
        "decided": _lately_decided(speaker, None),
    }
    return _private(render(request, "events/stage/profile.html", context))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stage_session(request: HttpRequest, profile: UUID, session: UUID) -> HttpResponse:
    """Title, abstract and documents of a session on whose stage they are."""
    speaker, rules = _own(request, profile)
    found = _own_session(speaker, session)
    fields = [name for name in OF_SESSION if name in allowed_fields(rules)]
    form, done = _edit_page(request, speaker, rules, fields, found)
    if done:
        return done
    return _session_page(request, speaker, found, form if fields else None)


def _session_page(
    request: HttpRequest,
    speaker: Speaker,
    session: Session,
    form: StageForm | None,
    material_form: MaterialForm | None = None,
) -> HttpResponse:
    rules = StageRules.of(speaker.event)
    waiting = speaker.proposals.filter(
        session=session, field=StageField.MATERIAL, state=ProposalState.WAITING
    )
    takes_materials = StageField.MATERIAL in allowed_fields(rules)
    context = {
        "speaker": speaker,
        "planned": speaker.event,
        "rules": rules,
        "session": session,
        "form": form,
        "materials": overlay_parts(SessionMaterial, session, list(session.materials.all())),
        "waiting_materials": waiting,
        "material_form": (material_form or MaterialForm()) if takes_materials else None,
        "decided": _lately_decided(speaker, session),
    }
    return _private(render(request, "events/stage/session.html", context))


def _own_session(speaker: Speaker, session: UUID) -> Session:
    found: Session | None = own_sessions(speaker).filter(uuid=session).first()
    if found is None:
        raise Http404("There is no such page.")
    found.event = speaker.event
    return found


def _edit_page(
    request: HttpRequest,
    speaker: Speaker,
    rules: StageRules,
    fields: Sequence[StageField],
    session: Session | None,
) -> tuple[StageForm, HttpResponse | None]:
    """The form, and where a POST leads once all of it was saved."""
    states = field_states(speaker, fields, session)
    if request.method != "POST":
        return StageForm(states, session=session), None
    # Whatever else a forged form holds: a field that the event keeps is refused, not ignored.
    kept = {*OF_PROFILE, *OF_SESSION} - allowed_fields(rules)
    if not fields or any(name in request.POST or name in request.FILES for name in kept):
        raise PermissionDenied(_("The organisers keep this to themselves."))
    form = StageForm(states, request.POST, request.FILES, session=session)
    if not form.is_valid():
        return form, None
    try:
        with what_gathers() as gathered:
            outcome = submit(_person(request), speaker, form.edits())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return form, redirect("events:my_stage")
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return form, None
    if outcome.conflicts:
        form.show_conflicts(outcome.conflicts)
        return form, None
    _say(request, outcome, waits_for_release=bool(gathered))
    return form, redirect(request.path)


def _say(request: HttpRequest, outcome: StageOutcome, *, waits_for_release: bool) -> None:
    if outcome.waiting:
        messages.info(
            request, _("Saved. The organisers look at your changes; you get a mail then.")
        )
    elif waits_for_release:
        messages.success(request, _saved_for_release())
    elif outcome.live or outcome.withdrawn:
        messages.success(request, _("Saved."))
    else:
        messages.info(request, _("Nothing has changed."))


def _saved_for_release() -> str:
    return _("Saved. Others see it once the organisers release their changes.")


def _page_of_event(request: HttpRequest, speaker: Speaker) -> str:
    """Its address, for those to whom the event is there already."""
    known = events_for(_person(request)).filter(pk=speaker.event_id).exists()
    return speaker.event.get_absolute_url() if known else ""


def _page_of_speaker(request: HttpRequest, speaker: Speaker, sessions: list[Session]) -> str:
    """As others see it; empty while nobody does."""
    if not any(session.status in SHOWN for session in sessions):
        return ""
    try:
        event, membership = visible_event(request.user, speaker.event.slug)
    except Http404:
        return ""
    return speaker.get_absolute_url() if sees_programme(event, membership) else ""


def _lately_decided(speaker: Speaker, session: Session | None) -> Any:
    """The last answers, newest first."""
    states = (ProposalState.TAKEN, ProposalState.DECLINED)
    rows = speaker.proposals.filter(session=session, state__in=states, user=speaker.user)
    return rows.order_by("-decided_at", "-pk")[:5]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stage_hours(request: HttpRequest, profile: UUID) -> HttpResponse:
    """When this person can come; there only where the event asks for it."""
    speaker, rules = _own(request, profile)
    if not rules.asks_hours:
        raise Http404("There is no such page.")
    said = SpeakerAvailability.objects.filter(speaker=speaker).first()
    is_answered = bool(said and said.answered_at)
    sent = request.POST if request.method == "POST" else None
    form = SpeakerHoursForm(speaker.event, hours_of(speaker), is_answered, sent)
    if sent is not None and form.is_valid():
        try:
            say_hours(_person(request), speaker, form.spans(), form.cleaned_data["seen"])
        except HoursChanged:
            messages.warning(
                request,
                _("The organisers wrote other hours down. They stand here now: look again."),
            )
            return redirect("events:stage_hours", speaker.uuid)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect("events:my_stage")
        messages.success(request, _("Saved."))
        return redirect("events:stage_hours", speaker.uuid)
    context = {"speaker": speaker, "planned": speaker.event, "form": form}
    return _private(render(request, "events/stage/hours.html", context))


@login_required
@require_POST
def stage_material(request: HttpRequest, profile: UUID, session: UUID) -> HttpResponse:
    """Add a document or a link, or with ``withdraw`` take back one that waits."""
    speaker, rules = _own(request, profile)
    found = _own_session(speaker, session)
    user = _person(request)
    back = redirect("events:stage_session", speaker.uuid, found.uuid)
    try:
        if "withdraw" in request.POST:
            withdraw_material(user, speaker, _uuid_in(request.POST["withdraw"]))
            messages.success(request, _("Taken back."))
            return back
        form = MaterialForm(request.POST, request.FILES)
        if not form.is_valid():
            fields = [name for name in OF_SESSION if name in allowed_fields(rules)]
            texts = StageForm(field_states(speaker, fields, found)) if fields else None
            return _session_page(request, speaker, found, texts, form)
        with what_gathers() as gathered:
            waits = add_material(user, speaker, found, form.material())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return back
    if waits:
        messages.info(request, _("Saved. The organisers look at it; you get a mail then."))
    elif gathered:
        messages.success(request, _saved_for_release())
    else:
        messages.success(request, _("Saved."))
    return back


def _uuid_in(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404("There is no such document.") from None


# --- The personal link ------------------------------------------------------------------------


def claim_page(request: HttpRequest, invited: Invitation) -> HttpResponse:
    """Whom the link is for; once they are signed in, one click makes the profile theirs."""
    user = request.user if isinstance(request.user, User) else None
    is_mine = user is not None and invitations.is_for(invited, user)
    speaker: Any = invited.speaker
    if user and is_mine and invited.used_by_id == user.pk and speaker.user_id == user.pk:
        return redirect("events:stage_profile", speaker.uuid)
    if user and is_mine and request.method == "POST":
        return _claim(request, invited, user)
    response = render(
        request,
        "events/stage/claim.html",
        {
            "planned": invited.event,
            "speaker": speaker,
            "invitation": invited,
            "is_open": invited.state == InvitationState.OPEN,
            "is_mine": is_mine,
            "next": request.path,
        },
    )
    # As of every personal link: see registering.py.
    response["Referrer-Policy"] = "same-origin"
    return _private(response)


def _claim(request: HttpRequest, invited: Invitation, user: User) -> HttpResponse:
    try:
        speaker = invitations.claim_profile(invited, user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(request.path)
    messages.success(request, _("This profile is yours now."))
    return redirect("events:stage_profile", speaker.uuid)
