"""Another picture in place of a broken one: a clip, or another entry, until the source is back.

A simulive gets another video to play. Viewers of any other broadcast are redirected: players
follow an entry's ``redirectEntryId`` while nothing is on air there. To choose from is only what
the event has already: videos that its sessions play, their recordings and their broadcasts. So
nobody shows here what is another's, and no answer tells which ids there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Session, SessionType
from kaltura_bridge.delivery.options import options_for
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
from kaltura_bridge.live.elsewhere import LedElsewhere, led_elsewhere, note_led_elsewhere
from kaltura_bridge.live.panels import LiveDesk
from kaltura_bridge.live.state import BroadcastState
from kaltura_bridge.models import RemoteLink, SessionDelivery, SyncState, SyncTarget, TargetKind
from kaltura_bridge.models.delivery import validate_entry_id
from kaltura_bridge.recipes.base import is_shown
from kaltura_bridge.specs import Kind, key_for

# While something is on air Kaltura says of no entry where it leads (broadcast.py).
_SAYS_WHERE: Final = frozenset({BroadcastState.OFFLINE, BroadcastState.PREVIEW})


def entries_to_show(desk: LiveDesk) -> dict[str, str]:
    """What may be shown instead, by entry id, with its name; four queries.

    A simulive plays videos only, and none of its own: nor what is its clip before or after.
    """
    sessions = {s.uuid: s for s in Session.objects.filter(event=desk.event)}
    found = _videos(desk) | _recordings(desk, sessions)
    if desk.session.session_type != SessionType.SIMULIVE:
        found |= _broadcasts(desk, sessions)
    found.pop(desk.broadcast_id, None)
    if desk.session.session_type == SessionType.SIMULIVE:
        for own in (*desk.options.foreign_entries, *lent_to_others(desk)):
            found.pop(own, None)
    return found


def lent_to_others(desk: LiveDesk) -> dict[str, str]:
    """Videos of other events that a session here may play, and this one may not.

    Somebody who plans both events lent them to that session only; the sync refuses them here
    unless this person plans the other event too (recipes/references.py).
    """
    own = SessionDelivery(session=desk.session, lent_ids=list(desk.options.lent_ids), room_tags={})
    found: dict[str, str] = {}
    for each in _played(desk):
        lent = set(options_for(each.session).lent_ids)
        for entry_id in lent & set(_videos_in(each)):
            own.source_entry_id = entry_id
            if not lent_to(own, desk.event, desk.user):
                found[entry_id] = _video_name(each, entry_id)
    return found


def _videos(desk: LiveDesk) -> dict[str, str]:
    """What they play, with its name."""
    return {
        entry_id: _video_name(each, entry_id)
        for each in _played(desk)
        for entry_id in _videos_in(each)
    }


def _videos_in(delivery: SessionDelivery) -> list[str]:
    return [entry_id for name in VIDEOS if (entry_id := getattr(delivery, name))]


def _video_name(delivery: SessionDelivery, entry_id: str) -> str:
    return _("Video of “%(title)s” (%(id)s)") % {"title": delivery.session, "id": entry_id}


def _played(desk: LiveDesk) -> list[SessionDelivery]:
    """What sessions of the event play, where the sync has looked whose these very videos are.

    It looks at those of simulives that are shown (recipes/references.py). Every edit makes a
    session wait for the sync again, so what is in sync was looked at as it is now; one query
    reads both, lest something is edited in between.
    """
    in_sync = SyncTarget.objects.filter(
        kind=TargetKind.SESSION, object_uuid=OuterRef("session__uuid"), state=SyncState.SYNCED
    )
    looked_at = SessionDelivery.objects.filter(
        Exists(in_sync), session__event=desk.event, session__session_type=SessionType.SIMULIVE
    ).select_related("session__event__delivery")
    return [each for each in looked_at if is_shown(each.session)]


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


def _why_not_offered(names: Iterable[str]) -> str:
    if not (listed := ", ".join(names)):
        return ""
    text = _(
        "Not offered: %(videos)s. They belong to another event and were lent to that session "
        "only; who plans both events can choose them here or under Delivery."
    )
    return text % {"videos": listed}


class SwapForm(ActionForm):
    """What to show instead."""

    entry = forms.ChoiceField(label=gettext_lazy("Show instead"))

    def __init__(self, *args: Any, desk: LiveDesk, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        field: Any = self.fields["entry"]
        field.choices = list(entries_to_show(desk).items())
        if desk.session.session_type == SessionType.SIMULIVE:
            field.help_text = _why_not_offered(lent_to_others(desk).values())


def plan_swap(desk: LiveDesk, chosen: Chosen) -> ActionPlan:
    """By the session's type: another video, or a redirect."""
    if desk.session.session_type == SessionType.SIMULIVE:
        return _plan_video(desk, chosen["entry"])
    return _plan_redirect(desk, chosen)


def _plan_video(desk: LiveDesk, entry_id: str) -> ActionPlan:
    if desk.options.source_entry_id == entry_id:
        return ActionPlan(already=_("It plays this video already."))
    try:
        validate_entry_id(entry_id)
    except ValidationError as error:
        return ActionPlan(refusal=" ".join(error.messages))
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
    is_open = facts.explicit and facts.is_open
    fields = {"redirectEntryId": entry_id} | (cut_fields(facts) if is_open else {})
    written = ", ".join(f"{name}={value}" for name, value in fields.items())
    return ActionPlan(
        viewers=_(
            "Who opens the session from now on sees the other entry from its beginning; whose "
            "page is open, after a reload."
        ),
        calls=(f"liveStream.update {desk.broadcast_id}: {written}",),
        notes=(
            _("It stays so, after the end too, until you choose “Back to the source”."),
            *((_("The feed is cut with it."),) if is_open else ()),
        ),
        fields=fields,
    )


def swap(desk: LiveDesk, chosen: Chosen) -> ActionOutcome:
    """Show something else."""
    plan = plan_swap(desk, chosen)
    if desk.session.session_type == SessionType.SIMULIVE:
        return _play(desk, chosen["entry"], plan)
    done = _("Viewers are led to the other entry.")
    outcome = _written(desk, plan, done, lambda facts: facts.redirect_id == chosen["entry"])
    return _noted(desk, outcome, chosen["entry"])


def _written(
    desk: LiveDesk, plan: ActionPlan, done: str, is_so: Callable[[BroadcastFacts], bool]
) -> ActionOutcome:
    if plan.already:
        return ActionOutcome(OutcomeKind.ALREADY, plan.already)
    if plan.refusal:
        return ActionOutcome(OutcomeKind.REFUSED, plan.refusal)
    return write(desk, plan, done, is_so)


def _noted(desk: LiveDesk, outcome: ActionOutcome, to: str) -> ActionOutcome:
    """Let those know who wait for the broadcast, once it is certain."""
    if outcome.kind in (OutcomeKind.DONE, OutcomeKind.ALREADY):
        note_led_elsewhere(desk.broadcast_id, to)
    return outcome


def _play(desk: LiveDesk, entry_id: str, plan: ActionPlan) -> ActionOutcome:
    if plan.already:
        return ActionOutcome(OutcomeKind.ALREADY, plan.already)
    if plan.refusal:
        return ActionOutcome(OutcomeKind.REFUSED, plan.refusal)
    delivery, _made = SessionDelivery.objects.get_or_create(session=desk.session)
    delivery.source_entry_id = entry_id
    delivery.lent_ids = lent_to(delivery, desk.event, desk.user)
    # Whatever else somebody changes at this moment stays.
    delivery.save(update_fields=["source_entry_id", "lent_ids"])
    text = _("The video is changed; Kaltura has it within seconds.")
    return ActionOutcome(OutcomeKind.DONE, text, "; ".join(plan.calls))


# --- And back --------------------------------------------------------------------------------


@of_broadcast
def plan_back(desk: LiveDesk, facts: BroadcastFacts, chosen: Chosen) -> ActionPlan:
    """The broadcast itself again; a redirect that was not chosen here stays."""
    led = led_elsewhere(desk.broadcast_id)
    if facts.redirect_id and not _is_ours(led, facts.redirect_id):
        return ActionPlan(
            already=_(
                "Kaltura leads viewers to %(id)s after the broadcast. That was not chosen at this "
                "desk, as it is with Kaltura's own recording, so it stays."
            )
            % {"id": facts.redirect_id}
        )
    if _leads_nowhere(facts) or not (facts.redirect_id or led.is_led):
        return ActionPlan(already=_("Viewers are led nowhere else."))
    return ActionPlan(
        viewers=_("The broadcast itself again: nothing, until it is on air."),
        calls=(f"liveStream.update {desk.broadcast_id}: redirectEntryId=",),
        fields={"redirectEntryId__null": ""},
    )


def back(desk: LiveDesk, chosen: Chosen) -> ActionOutcome:
    """Lead viewers nowhere else."""
    done = _("Viewers are back at the broadcast.")
    outcome = _written(desk, plan_back(desk, chosen), done, _leads_nowhere)
    return _noted(desk, outcome, "")


def _is_ours(led: LedElsewhere, redirect_id: str) -> bool:
    """Whether this redirect is the desk's. Older notes do not say where they led to."""
    return led.is_led and led.to in ("", redirect_id)


def _leads_nowhere(facts: BroadcastFacts) -> bool:
    """Whether it is certain. Otherwise it is written again, which does no harm."""
    return facts.state in _SAYS_WHERE and not facts.redirect_id


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
