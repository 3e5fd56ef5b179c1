"""The end of a session, moved from the desk: later, or to now with the feed cut."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.actions import NotAllowed
from events.models import SessionType
from events.programme.extending import (
    MOST_MINUTES,
    check_extension,
    end_now,
    end_session,
    extend_session,
)
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.live.actions import (
    ActionForm,
    ActionOutcome,
    ActionPlan,
    Chosen,
    DeskAction,
    OutcomeKind,
    cut,
    cut_fields,
    unreachable,
)
from kaltura_bridge.live.broadcast import BroadcastFacts, read_broadcast
from kaltura_bridge.live.panels import LiveDesk
from kaltura_bridge.live.state import BroadcastState

#: Kaltura takes no live event that lasts longer (MAX_SCHEDULE_DURATION_REACHED).
_LONGEST_BROADCAST: Final = timedelta(hours=24)
USUAL_MINUTES: Final = 10
# A form that has seen an end this far from the present one is of another plan.
_FAR: Final = timedelta(days=2)


class ExtendForm(ActionForm):
    """By how much, and from which end: so a form that is sent twice moves it once."""

    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=1, max_value=MOST_MINUTES, initial=USUAL_MINUTES
    )
    from_end = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_from_end(self) -> datetime:
        """The end that the person has seen; without one, that of now."""
        text = self.cleaned_data["from_end"]
        if not text:
            return self.desk.session.ends_at
        try:
            seen = datetime.fromisoformat(text)
            is_near = abs(seen - self.desk.session.ends_at) <= _FAR
        except (TypeError, ValueError, OverflowError):  # no time, or one without a zone
            is_near = False
        if not is_near:
            raise ValidationError(_("The end was moved far away meanwhile. Open this page again."))
        return seen


def clock(desk: LiveDesk, moment: datetime) -> str:
    """A time of day at the event, with its zone."""
    return f"{moment.astimezone(desk.event.zone):%H:%M} ({desk.event.timezone})"


def plan_extend(desk: LiveDesk, chosen: Chosen) -> ActionPlan:
    """A later end, in the portal; what Kaltura has of it follows by the sync."""
    minutes, from_end = chosen["minutes"], chosen["from_end"]
    if desk.session.ends_at == from_end + timedelta(minutes=minutes):
        return ActionPlan(already=_("That has been done: it ends at %(time)s.") % _time(desk))
    try:
        ends_at = check_extension(desk.session, minutes, desk.now)
    except NotAllowed as error:
        return ActionPlan(refusal=str(error))
    if not desk.is_room and ends_at - desk.session.starts_at > _LONGEST_BROADCAST:
        return ActionPlan(refusal=_("Kaltura takes no broadcast of more than 24 hours."))
    text = ngettext(
        "It goes on for %(minutes)d minute more: the agenda, the session's page and reminders "
        "say that it ends at %(time)s.",
        "It goes on for %(minutes)d minutes more: the agenda, the session's page and reminders "
        "say that it ends at %(time)s.",
        minutes,
    )
    simulive = desk.session.session_type == SessionType.SIMULIVE
    return ActionPlan(
        viewers=text % {"minutes": minutes, "time": clock(desk, ends_at)},
        calls=(
            _("The session's end moves from %(old)s to %(new)s; Kaltura's calendar event follows.")
            % {"old": clock(desk, desk.session.ends_at), "new": clock(desk, ends_at)},
        ),
        notes=(_("The video does not become longer by it."),) if simulive else (),
    )


def _time(desk: LiveDesk) -> dict[str, str]:
    return {"time": clock(desk, desk.session.ends_at)}


def extend(desk: LiveDesk, chosen: Chosen) -> ActionOutcome:
    """Move the end, once."""
    plan = plan_extend(desk, chosen)
    if plan.already:
        return ActionOutcome(OutcomeKind.ALREADY, plan.already)
    if plan.refusal:
        return ActionOutcome(OutcomeKind.REFUSED, plan.refusal)
    try:
        moved = extend_session(
            desk.session, chosen["minutes"], from_end=chosen["from_end"], now=desk.now
        )
    except NotAllowed as error:
        return ActionOutcome(OutcomeKind.REFUSED, str(error))
    if not moved:
        return ActionOutcome(OutcomeKind.ALREADY, _("That has been done already."))
    text = _("It ends at %(time)s now. Kaltura's calendar event follows within seconds.")
    return ActionOutcome(OutcomeKind.DONE, text % _time(desk), "; ".join(plan.calls))


# --- Ending early ----------------------------------------------------------------------------


def plan_end(desk: LiveDesk, chosen: Chosen) -> ActionPlan:
    """The end is now, and viewers see nothing any more, where the portal can see to that."""
    try:
        ends_at = end_now(desk.session, desk.now)
    except NotAllowed as error:
        return ActionPlan(refusal=str(error))
    facts: BroadcastFacts | None = None
    if desk.broadcast_id and desk.session.session_type != SessionType.SIMULIVE:
        try:
            facts = read_broadcast(desk.broadcast_id)
        except KalturaError as error:
            return ActionPlan(refusal=unreachable(error))
    closes = ends_at + (desk.session.doors_close_at - desk.session.ends_at)
    calls = [*_cut_call(desk, facts), *_end_call(desk, ends_at)]
    if not calls:
        return ActionPlan(already=_("Its end is past, and nothing of it is on air."))
    return ActionPlan(
        viewers=_("The session is over for everybody; who is inside may stay until %(time)s.")
        % {"time": clock(desk, closes)},
        calls=tuple(calls),
        notes=_end_notes(desk, facts),
    )


def _cuts(facts: BroadcastFacts | None) -> bool:
    return facts is not None and facts.explicit and facts.is_open


def _cut_call(desk: LiveDesk, facts: BroadcastFacts | None) -> list[str]:
    if facts is None or not _cuts(facts):
        return []
    written = ", ".join(f"{name}={value}" for name, value in cut_fields(facts).items())
    return [f"liveStream.update {desk.broadcast_id}: {written}"]


def _end_call(desk: LiveDesk, ends_at: datetime) -> list[str]:
    if ends_at == desk.session.ends_at:
        return []
    return [
        _("The session's end moves from %(old)s to %(new)s; Kaltura's calendar event follows.")
        % {"old": clock(desk, desk.session.ends_at), "new": clock(desk, ends_at)}
    ]


def _end_notes(desk: LiveDesk, facts: BroadcastFacts | None) -> tuple[str, ...]:
    if desk.session.session_type == SessionType.SIMULIVE:
        return (_("The video stops at the new end, once Kaltura has it."),)
    if facts and facts.state is BroadcastState.LIVE and not facts.explicit:
        return (_("Stop the encoder too: without a preview Kaltura shows whatever arrives."),)
    return (_("Stop the encoder too.") if facts else _("Say good-bye first: people are inside."),)


def end(desk: LiveDesk, chosen: Chosen) -> ActionOutcome:
    """Cut the feed first: if that does not work, nothing has changed yet."""
    plan = plan_end(desk, chosen)
    if plan.already:
        return ActionOutcome(OutcomeKind.ALREADY, plan.already)
    if plan.refusal:
        return ActionOutcome(OutcomeKind.REFUSED, plan.refusal)
    cut_first = any(line.startswith("liveStream.update") for line in plan.calls)
    if cut_first:
        done = cut(desk, chosen)
        if done.kind not in (OutcomeKind.DONE, OutcomeKind.ALREADY):
            return done
    return _end_here(desk, plan, cut_first=cut_first)


def _end_here(desk: LiveDesk, plan: ActionPlan, *, cut_first: bool) -> ActionOutcome:
    trail = "; ".join(plan.calls)
    try:
        end_session(desk.session, desk.now)
    except NotAllowed as error:
        if not cut_first:
            return ActionOutcome(OutcomeKind.REFUSED, str(error), trail)
        text = _("The feed is cut, but the session's end was not moved: %(reason)s")
        return ActionOutcome(OutcomeKind.HALF, text % {"reason": error}, trail)
    return ActionOutcome(OutcomeKind.DONE, _("The session has ended."), trail)


EXTEND: Final = DeskAction(
    "extend",
    gettext_lazy("Extend"),
    gettext_lazy("Move the end"),
    plan_extend,
    extend,
    form=ExtendForm,
)
END: Final = DeskAction(
    "end", gettext_lazy("End now"), gettext_lazy("End it for everybody"), plan_end, end
)
