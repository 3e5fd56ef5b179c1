"""What producers do from the desk: each says first what viewers will see and what is called.

An action is planned twice, for the page that asks and again when it is confirmed, each time by
what Kaltura says then. So whoever confirms twice, or late, changes nothing that is so already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.access import Phase
from events.i18n.languages import Words
from events.models import SessionType
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.live.broadcast import (
    EVERYBODY,
    PREVIEW,
    RECORDING,
    STOPPED,
    BroadcastFacts,
    change_broadcast,
    read_broadcast,
)
from kaltura_bridge.live.panels import LiveDesk
from kaltura_bridge.live.seen_by import viewers_come_in, who_sees
from kaltura_bridge.live.state import BroadcastState

Chosen = Mapping[str, Any]  # what a form of an action holds, cleaned


class OutcomeKind(StrEnum):
    """How an action ended."""

    DONE = "done"
    ALREADY = "already"  # it was so before
    REFUSED = "refused"  # nothing changed, and it says why
    UNREACHED = "unreached"  # Kaltura was not reached: nothing changed
    UNCLEAR = "unclear"  # no answer: it may have happened
    HALF = "half"  # some of it happened


@dataclass(frozen=True)
class ActionOutcome:
    """How it ended, for the person; ``trail`` is what the history says was done."""

    kind: OutcomeKind
    text: str
    trail: str = ""


@dataclass(frozen=True)
class ActionPlan:
    """What an action would do now. With ``refusal`` it cannot be done, with ``already`` it is.

    ``viewers``: what they will see. ``calls``: what is written, here and at Kaltura. ``fields``:
    those of the live entry.
    """

    viewers: str = ""
    calls: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""
    already: str = ""
    fields: Mapping[str, str] | None = None

    @property
    def can_be_done(self) -> bool:
        return not self.refusal and not self.already


class ActionForm(forms.Form):
    """Nothing to choose."""

    def __init__(self, *args: Any, desk: LiveDesk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk


@dataclass(frozen=True)
class DeskAction:
    """Something that a producer may do. ``plan`` asks Kaltura; neither it nor ``do`` raises."""

    slug: str
    title: Words
    confirm: Words
    plan: Callable[[LiveDesk, Chosen], ActionPlan]
    do: Callable[[LiveDesk, Chosen], ActionOutcome]
    form: type[ActionForm] = ActionForm
    opens: bool = False  # it shows something to viewers


def unreachable(error: KalturaError) -> str:
    """Why nothing can be said or done now."""
    if isinstance(error, RemoteUnavailable):
        return _("Kaltura does not answer now (%(reason)s). Nothing was changed; try again.") % {
            "reason": error
        }
    return refused(error)


def refused(error: KalturaError) -> str:
    """That Kaltura said no, in the reader's language; its own words as they came.

    INVALID_KS quotes the KS, so of that only the code is said.
    """
    told = str(error)
    if isinstance(error, RemoteRejected):
        told = error.code if error.code == "INVALID_KS" else f"{error.code}: {error.message}"
    return _("Kaltura refused it (%(reason)s). Nothing was changed.") % {"reason": told}


def of_broadcast(
    decide: Callable[[LiveDesk, BroadcastFacts, Chosen], ActionPlan],
) -> Callable[[LiveDesk, Chosen], ActionPlan]:
    """A plan that hangs on how the entry stands at Kaltura."""

    def plan(desk: LiveDesk, chosen: Chosen) -> ActionPlan:
        if refusal := _nothing_to_open(desk):
            return ActionPlan(refusal=refusal)
        try:
            facts = read_broadcast(desk.broadcast_id)
        except KalturaError as error:
            return ActionPlan(refusal=unreachable(error))
        return decide(desk, facts, chosen)

    return plan


def _nothing_to_open(desk: LiveDesk) -> str:
    if desk.is_room:
        return _("In a room nothing is on air: people see each other once they are inside.")
    if desk.access.phase in (Phase.DRAFT, Phase.CANCELLED):
        return _("A session that is not published is not shown to anybody.")
    if not desk.broadcast_id:
        return _("Kaltura does not have the broadcast yet.")
    return ""


def write(
    desk: LiveDesk, plan: ActionPlan, done: str, is_so: Callable[[BroadcastFacts], bool]
) -> ActionOutcome:
    """Write what was planned, and say honestly what became of it."""
    trail = "; ".join(plan.calls)
    try:
        change_broadcast(desk.broadcast_id, plan.fields or {})
    except RemoteUnavailable as error:
        return _after_silence(desk, error, done, is_so, trail)
    except KalturaError as error:
        return ActionOutcome(OutcomeKind.REFUSED, refused(error), trail)
    return ActionOutcome(OutcomeKind.DONE, done, trail)


def _after_silence(
    desk: LiveDesk,
    error: RemoteUnavailable,
    done: str,
    is_so: Callable[[BroadcastFacts], bool],
    trail: str,
) -> ActionOutcome:
    """There was no answer: it did not arrive, or Kaltura says itself whether it is so now."""
    if not error.sent:
        text = _("It did not reach Kaltura (%(reason)s): nothing was changed. Try again.")
        return ActionOutcome(OutcomeKind.UNREACHED, text % {"reason": error}, trail)
    try:
        if is_so(read_broadcast(desk.broadcast_id)):
            return ActionOutcome(OutcomeKind.DONE, done, trail)
    except KalturaError:
        pass  # then nobody knows
    text = _(
        "Kaltura did not answer (%(reason)s), so it may have happened or not. Look at the state "
        "above; repeating it does no harm."
    )
    return ActionOutcome(OutcomeKind.UNCLEAR, text % {"reason": error}, trail)


def _refused(plan: ActionPlan) -> ActionOutcome:
    if plan.already:
        return ActionOutcome(OutcomeKind.ALREADY, plan.already)
    return ActionOutcome(OutcomeKind.REFUSED, plan.refusal)


# --- Going live and back ----------------------------------------------------------------------


@of_broadcast
def plan_go_live(desk: LiveDesk, facts: BroadcastFacts, chosen: Chosen) -> ActionPlan:
    """Open a preview to everybody."""
    if desk.session.session_type == SessionType.SIMULIVE:
        return ActionPlan(refusal=_("The video starts by itself at the planned time."))
    if facts.state is BroadcastState.LIVE:
        return ActionPlan(already=_("It is live already. %(seen)s") % {"seen": who_sees(desk)})
    if facts.state is not BroadcastState.PREVIEW:
        return ActionPlan(
            refusal=_("Nothing arrives at Kaltura yet. Start the encoder, and look at the preview.")
        )
    fields = {"viewMode": EVERYBODY} | ({"recordingStatus": RECORDING} if facts.records else {})
    recorded = _("The recording starts with it.") if facts.records else _("It is not recorded.")
    return ActionPlan(
        viewers=_("Everybody who has the session open sees the picture, within some seconds."),
        calls=(_update(desk, fields),),
        notes=(recorded, *([] if viewers_come_in(desk) else [who_sees(desk)])),
        fields=fields,
    )


def _update(desk: LiveDesk, fields: Mapping[str, str]) -> str:
    written = ", ".join(f"{name}={value}" for name, value in fields.items())
    return f"liveStream.update {desk.broadcast_id}: {written}"


def go_live(desk: LiveDesk, chosen: Chosen) -> ActionOutcome:
    """Open it, unless it is open."""
    plan = plan_go_live(desk, chosen)
    if not plan.can_be_done:
        return _refused(plan)
    done = _("You are live: viewers see it within some seconds.")
    if not viewers_come_in(desk):
        done = _("You are live. %(seen)s") % {"seen": who_sees(desk)}
    return write(desk, plan, done, _is_open)


def _is_open(facts: BroadcastFacts) -> bool:
    return facts.is_open


@of_broadcast
def plan_cut(desk: LiveDesk, facts: BroadcastFacts, chosen: Chosen) -> ActionPlan:
    """Back to the preview: the encoder goes on, viewers see nothing of it."""
    if not facts.explicit:
        return ActionPlan(
            refusal=_(
                "This broadcast has no preview, so the portal cannot cut it: stop the encoder. "
                "“Preview before going live”, under Delivery, gives you this button next time."
            )
        )
    if not facts.is_open:
        return ActionPlan(already=_("Viewers see nothing of it already."))
    fields = cut_fields(facts)
    stops = (_("The recording stops, and goes on when you go live again."),)
    return ActionPlan(
        viewers=_("The picture stops for everybody, within some seconds, until you go live again."),
        calls=(_update(desk, fields),),
        notes=stops if facts.records else (),
        fields=fields,
    )


def cut_fields(facts: BroadcastFacts) -> dict[str, str]:
    """What is written to take the picture away from viewers."""
    return {"viewMode": PREVIEW} | ({"recordingStatus": STOPPED} if facts.records else {})


def cut(desk: LiveDesk, chosen: Chosen) -> ActionOutcome:
    """Close it, unless it is closed."""
    plan = plan_cut(desk, chosen)
    if not plan.can_be_done:
        return _refused(plan)
    done = _("The feed is cut: viewers see nothing of it any more, within some seconds.")
    return write(desk, plan, done, lambda facts: not facts.is_open)


GO_LIVE: Final = DeskAction(
    "go-live",
    gettext_lazy("Go live"),
    gettext_lazy("Show it to everybody"),
    plan_go_live,
    go_live,
    opens=True,
)
CUT: Final = DeskAction(
    "cut", gettext_lazy("Cut the feed"), gettext_lazy("Cut it for everybody"), plan_cut, cut
)
