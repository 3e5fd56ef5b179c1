"""Roles in words."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import TeamMember, TeamRole

_POWERS: Final = {
    TeamRole.OWNER: gettext_lazy("May do everything: plan, decide on the team, delete the event."),
    TeamRole.MANAGER: gettext_lazy(
        "Plans the event, its people and what goes to Kaltura, runs sessions and reads attendance."
    ),
    TeamRole.TRACK_MANAGER: gettext_lazy(
        "Plans and publishes sessions, and adds speakers. Reads the rest of the plan."
    ),
    TeamRole.MODERATOR: gettext_lazy(
        "Moderates live sessions, helps people in, and reads the plan."
    ),
    TeamRole.PRODUCER: gettext_lazy(
        "Runs broadcasts, recordings and captions, moderates, and reads the plan."
    ),
    TeamRole.ANALYST: gettext_lazy("Reads attendance, with names where the event keeps them."),
    TeamRole.VIEWER: gettext_lazy("Reads the plan, drafts too, and nothing about attendees."),
}


def powers_of_role(role: str) -> str:
    """A sentence on what people of this role may do."""
    return str(_POWERS[TeamRole(role)])


def scope_words(member: TeamMember) -> str:
    """What a member's role is about; its tracks are best read along."""
    if not member.is_limited:
        return _("the whole event")
    named = [*(track.name for track in member.tracks.all()), *member.rooms]
    return ", ".join(named) or _("nothing: its tracks were deleted")
