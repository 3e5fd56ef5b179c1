"""Another picture in place of a broken one: a clip, or another entry, until the source is back.

A simulive gets another video to play. Viewers of any other broadcast are redirected: players
follow an entry's ``redirectEntryId`` while nothing is on air there. To choose from is only what
the event has already: videos that its sessions play, their recordings and their broadcasts. So
nobody shows here what is another's, and no answer tells which ids there are.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Session, SessionType
from kaltura_bridge.delivery.references import VIDEOS, lent_to
from kaltura_bridge.live.actions import (
    ActionForm,
    ActionOutcome,
    ActionPlan,
    Chosen,
    DeskAction,
    OutcomeKind,
    cut_fields,
    of_broadcast,
    write,
)
from kaltura_bridge.live.broadcast import BroadcastFacts
from kaltura_bridge.live.panels import LiveDesk
from kaltura_bridge.live.state import BroadcastState
from kaltura_bridge.models import RemoteLink, SessionDelivery, SyncState, SyncTarget, TargetKind
from kaltura_bridge.specs import Kind, key_for


def entries_to_show(desk: LiveDesk) -> dict[str, str]:
    """What may be shown instead, by entry id, with its name; three queries.

    A simulive plays videos only.
    """
    sessions = {s.uuid: s for s in Session.objects.filter(event=desk.event)}
    found = _videos(desk, sessions) | _recordings(desk, sessions)
    if desk.session.session_type != SessionType.SIMULIVE:
        found |= _broadcasts(desk, sessions)
    found.pop(desk.broadcast_id, None)
    if desk.session.session_type == SessionType.SIMULIVE:
        found.pop(desk.options.source_entry_id, None)
    return found


def _videos(desk: LiveDesk, sessions: dict[Any, Session]) -> dict[str, str]:
    """What sessions of the event play that Kaltura has taken: the sync has looked whose it is."""
    taken = SyncTarget.objects.filter(
        event_uuid=desk.event.uuid, kind=TargetKind.SESSION, state=SyncState.SYNCED
    )
    uuids = set(taken.values_list("object_uuid", flat=True))
    chosen = SessionDelivery.objects.filter(session__event=desk.event)
    return {
        entry_id: _("Video of “%(title)s” (%(id)s)") % {"title": sessions[uuid], "id": entry_id}
        for uuid, *ids in chosen.values_list("session__uuid", *VIDEOS)
        if uuid in uuids
        for entry_id in ids
        if entry_id
    }


def _links(desk: LiveDesk) -> Any:
    held = RemoteLink.objects.filter(
        target__event_uuid=desk.event.uuid, kind=Kind.ENTRY, gone=False
    )
    return held.exclude(remote_id=None).values_list(
        "target__object_uuid", "key", "remote_id", "seen"
    )


def _recordings(desk: LiveDesk, sessions: dict[Any, Session]) -> dict[str, str]:
    return {
        seen["recordedEntryId"]: _("Recording of “%(title)s”") % {"title": sessions[uuid]}
        for uuid, _key, _id, seen in _links(desk)
        if uuid in sessions and (seen or {}).get("recordedEntryId")
    }


def _broadcasts(desk: LiveDesk, sessions: dict[Any, Session]) -> dict[str, str]:
    return {
        remote_id: _("Broadcast of “%(title)s”") % {"title": sessions[uuid]}
        for uuid, key, remote_id, _seen in _links(desk)
        if uuid in sessions and key == key_for(uuid)
    }


class SwapForm(ActionForm):
    """What to show instead."""

    entry = forms.ChoiceField(label=gettext_lazy("Show instead"))

    def __init__(self, *args: Any, desk: LiveDesk, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        field: Any = self.fields["entry"]
        field.choices = list(entries_to_show(desk).items())


def plan_swap(desk: LiveDesk, chosen: Chosen) -> ActionPlan:
    """By the session's type: another video, or a redirect."""
    if desk.session.session_type == SessionType.SIMULIVE:
        return _plan_video(desk, chosen["entry"])
    return _plan_redirect(desk, chosen)


def _plan_video(desk: LiveDesk, entry_id: str) -> ActionPlan:
    if desk.options.source_entry_id == entry_id:
        return ActionPlan(already=_("It plays this video already."))
    return ActionPlan(
        viewers=_(
            "The other video, at the place where it would be had it begun at the planned start."
        ),
        calls=(
            _("Delivery of the session: video to play = %(id)s; Kaltura's calendar event follows.")
            % {"id": entry_id},
        ),
        notes=(_("Kaltura has it within seconds; players that run may need to be reloaded."),),
    )


@of_broadcast
def _plan_redirect(desk: LiveDesk, facts: BroadcastFacts, chosen: Chosen) -> ActionPlan:
    entry_id = chosen["entry"]
    if facts.redirect_id == entry_id and facts.state is not BroadcastState.LIVE:
        return ActionPlan(already=_("Viewers are led there already."))
    if facts.state is BroadcastState.LIVE and not facts.explicit:
        return ActionPlan(
            refusal=_(
                "Something is on air, and without a preview it comes first: stop the encoder."
            )
        )
    is_shown = facts.explicit and facts.is_open
    fields = {"redirectEntryId": entry_id} | (cut_fields(facts) if is_shown else {})
    written = ", ".join(f"{name}={value}" for name, value in fields.items())
    return ActionPlan(
        viewers=_(
            "Who opens the session from now on sees the other entry from its beginning; whose "
            "page is open, after a reload."
        ),
        calls=(f"liveStream.update {desk.broadcast_id}: {written}",),
        notes=(
            _("It stays so, after the end too, until you choose “Back to the source”."),
            *((_("The feed is cut with it."),) if is_shown else ()),
        ),
        fields=fields,
    )


def swap(desk: LiveDesk, chosen: Chosen) -> ActionOutcome:
    """Show something else."""
    plan = plan_swap(desk, chosen)
    if plan.already:
        return ActionOutcome(OutcomeKind.ALREADY, plan.already)
    if plan.refusal:
        return ActionOutcome(OutcomeKind.REFUSED, plan.refusal)
    if desk.session.session_type == SessionType.SIMULIVE:
        return _play(desk, chosen["entry"], plan)
    return write(
        desk,
        plan,
        _("Viewers are led to the other entry."),
        lambda facts: facts.redirect_id == chosen["entry"],
    )


def _play(desk: LiveDesk, entry_id: str, plan: ActionPlan) -> ActionOutcome:
    delivery, _made = SessionDelivery.objects.get_or_create(session=desk.session)
    delivery.source_entry_id = entry_id
    delivery.lent_ids = lent_to(delivery, desk.event, desk.user)
    delivery.full_clean()
    delivery.save()
    text = _("The video is changed; Kaltura has it within seconds.")
    return ActionOutcome(OutcomeKind.DONE, text, "; ".join(plan.calls))


# --- And back --------------------------------------------------------------------------------


@of_broadcast
def plan_back(desk: LiveDesk, facts: BroadcastFacts, chosen: Chosen) -> ActionPlan:
    """The broadcast itself again."""
    if not facts.redirect_id:
        return ActionPlan(already=_("Viewers are led nowhere else."))
    return ActionPlan(
        viewers=_("The broadcast itself again: nothing, until it is on air."),
        calls=(f"liveStream.update {desk.broadcast_id}: redirectEntryId=",),
        fields={"redirectEntryId__null": ""},
    )


def back(desk: LiveDesk, chosen: Chosen) -> ActionOutcome:
    """Lead viewers nowhere else."""
    plan = plan_back(desk, chosen)
    if plan.already:
        return ActionOutcome(OutcomeKind.ALREADY, plan.already)
    if plan.refusal:
        return ActionOutcome(OutcomeKind.REFUSED, plan.refusal)
    done = _("Viewers are back at the broadcast.")
    return write(desk, plan, done, lambda facts: not facts.redirect_id)


SWAP: Final = DeskAction(
    "swap",
    gettext_lazy("Show something else"),
    gettext_lazy("Show this instead"),
    plan_swap,
    swap,
    form=SwapForm,
    opens=True,
)
BACK: Final = DeskAction(
    "back",
    gettext_lazy("Back to the source"),
    gettext_lazy("Lead viewers back"),
    plan_back,
    back,
)
