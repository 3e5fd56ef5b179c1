"""The page of an event's team: who is in it, what each may do, and all that changes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.actions import NotAllowed, account_for
from events.limits import RateLimit
from events.models import Event, TeamMember, TeamRole, Track, User
from events.models.people import SCOPED_ROLES, validate_address
from events.planner.drawing import room_names, unnamed_rooms
from events.team.changing import hand_over, leave_team, set_place
from events.team.words import powers_of_role, scope_words

_NAMED: Final = RateLimit("team_addresses", amount=30, within_s=3600)
_LONGEST: Final = 254


class PlaceForm(forms.Form):
    """A role, and what it is about."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=TeamRole.choices)
    tracks: Any = forms.ModelMultipleChoiceField(
        queryset=Track.objects.none(),
        label=gettext_lazy("Only these tracks"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    rooms = forms.MultipleChoiceField(
        label=gettext_lazy("Only these rooms"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, choices: TeamChoices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["tracks"].queryset = choices.event.tracks.all()
        fields["tracks"].choices = choices.tracks
        kept = self.initial.get("rooms", ())
        fields["rooms"].choices = [(room, room) for room in dict.fromkeys([*choices.rooms, *kept])]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        has_scope = cleaned.get("tracks") or cleaned.get("rooms")
        if has_scope and cleaned.get("role") not in SCOPED_ROLES:
            self.add_error("role", _("This role is about the whole event: choose no tracks."))
        return cleaned


class NewMemberForm(PlaceForm):
    """Somebody new, by the address with which they sign in."""

    address = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=_LONGEST)
    field_order = ("address", "role", "tracks", "rooms")

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip().lower()
        validate_address(address)
        return address


@dataclass(frozen=True)
class TeamChoices:
    """The tracks and rooms of an event, read once for all forms of the page."""

    event: Event
    tracks: list[tuple[int, str]]
    rooms: list[str]

    @classmethod
    def of(cls, event: Event) -> TeamChoices:
        tracks = [(track.pk, track.name) for track in event.tracks.all()]
        return cls(event, tracks, [*room_names(event), *unnamed_rooms(event)])


def team_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Owners change the team; everybody else in it sees their own place, and may leave."""
    user: Any = request.user
    may_change = user.has_perm("events.change_teammember", event)
    choices = TeamChoices.of(event)
    new = NewMemberForm(choices, initial={"role": TeamRole.VIEWER})
    if request.method == "POST":
        done = _do(modeladmin, request, event, choices, may_change)
        if not isinstance(done, NewMemberForm):
            return done
        new = done
    rows = event.team.select_related("user").prefetch_related("tracks")
    if not may_change:
        rows = rows.filter(user=user)
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Team of “%(event)s”") % {"event": event},
        "event": event,
        "may_change": may_change,
        "members": [_row(member, choices, user) for member in rows.order_by("pk")],
        "new": new,
        "roles": [(label, powers_of_role(role)) for role, label in TeamRole.choices],
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/team.html", context)


def _row(member: TeamMember, choices: TeamChoices, user: User) -> dict[str, Any]:
    initial = {
        "role": member.role,
        "tracks": [track.pk for track in member.tracks.all()],
        "rooms": member.rooms,
    }
    return {
        "member": member,
        "is_me": member.user_id == user.pk,
        "is_owner": member.role == TeamRole.OWNER,
        "powers": powers_of_role(member.role),
        "scope": scope_words(member),
        "form": PlaceForm(choices, initial=initial, auto_id=f"id_{member.pk}_%s"),
    }


def _do(
    modeladmin: Any,
    request: HttpRequest,
    event: Event,
    choices: TeamChoices,
    may_change: bool,
) -> HttpResponse | NewMemberForm:
    """What was sent; a form where it is to be shown again with what is wrong."""
    asked, user = request.POST.get("do", ""), request.user
    assert isinstance(user, User)
    if asked != "leave" and not may_change:
        raise PermissionDenied(_("Only owners of this event change its team."))
    try:
        if asked == "leave":
            leave_team(event, user)
            modeladmin.log_change(request, event, "Left the team.")
            messages.success(request, _("You have left the team."))
            return redirect("admin:index")
        if asked == "invite":
            form = NewMemberForm(choices, request.POST)
            if not form.is_valid() or not _may_name(user, event, form):
                return form
            _invite(modeladmin, request, event, form)
        else:
            _change(modeladmin, request, event, choices, asked)
    except NotAllowed as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("admin:events_event_team", event.pk)


def _may_name(user: User, event: Event, form: NewMemberForm) -> bool:
    if user.is_superuser or _NAMED.allows(user.pk, event.pk):
        return True
    text = _("You have named %(amount)s people for this event within an hour. Wait an hour.")
    form.add_error("address", text % {"amount": _NAMED.amount})
    return False


def _invite(modeladmin: Any, request: HttpRequest, event: Event, form: NewMemberForm) -> None:
    """Nobody learns whether there was an account: who is new gets one, to be opened by mail.

    The log, which the whole team reads, names nobody; the history does, for owners.
    """
    person, place = account_for(form.cleaned_data["address"]), form.cleaned_data
    if event.team.filter(user=person).exists():
        raise NotAllowed(_("This person is already in the team."))
    set_place(event, person, place["role"], tracks=place["tracks"], rooms=place["rooms"])
    modeladmin.log_change(request, event, f"Took a {place['role']} into the team.")
    messages.success(request, _("%(address)s gets a mail.") % {"address": person.email})


def _change(
    modeladmin: Any, request: HttpRequest, event: Event, choices: TeamChoices, asked: str
) -> None:
    """Raises NotAllowed, and ValidationError."""
    member = _member(event, request.POST.get("member", ""))
    person = member.user
    if asked == "change":
        initial = {"rooms": member.rooms}
        form = PlaceForm(choices, request.POST, initial=initial)
        if not form.is_valid():
            raise ValidationError([text for errors in form.errors.values() for text in errors])
        place = form.cleaned_data
        set_place(event, person, place["role"], tracks=place["tracks"], rooms=place["rooms"])
        modeladmin.log_change(request, event, f"Changed a role in the team to {place['role']}.")
        messages.success(request, _("The role is changed. The person gets a mail."))
    elif asked == "remove":
        leave_team(event, person)
        modeladmin.log_change(request, event, "Took somebody out of the team.")
        messages.success(request, _("The person is not in the team any more."))
    elif asked == "hand_over":
        if not request.POST.get("confirmed"):
            raise NotAllowed(_("Confirm that you hand over the event, then try again."))
        hand_over(event, _user(request), person)
        modeladmin.log_change(request, event, "Handed the event over.")
        text = _("The event is handed over. You manage it from now on. Both of you get a mail.")
        messages.success(request, text)
    else:
        raise NotAllowed(_("Nothing was changed."))


def _member(event: Event, pk: str) -> TeamMember:
    found = None
    if pk.isascii() and pk.isdecimal() and len(pk) < 16:
        found = event.team.select_related("user").filter(pk=int(pk)).first()
    if found is None:
        raise NotAllowed(_("This person is not in the team any more."))
    return found


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
