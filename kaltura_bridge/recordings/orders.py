"""What a person may do about a session's recordings: each says first what it will do.

An action is planned twice, for the page that asks and again when it is confirmed, each time as
things stand then. Whoever confirms twice changes nothing that is so already: orders to the worker
carry a key that comes from the form.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.languages import Words
from events.models import Session
from events.models.fields import LineInput
from kaltura_bridge.delivery.options import event_delivery
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingChangeKind,
    RecordingStatus,
)
from kaltura_bridge.models.delivery import validate_entry_id
from kaltura_bridge.queue import TaskName, enqueue
from kaltura_bridge.recordings import showing
from kaltura_bridge.recordings.choosing import MADE, OWN, is_ruled_out
from kaltura_bridge.recordings.lengths import length, read_length

Chosen = Mapping[str, Any]
LEAST_MS: Final = 1000
LEAVES_GALLERY: Final = gettext_lazy(
    "The worker takes it out of Kaltura's gallery; the desk says while that is not done. The "
    "session's own card stays there, and Kaltura may lead from it to what was recorded."
)


@dataclass(frozen=True)
class OrderPlan:
    """What it would do now. With ``refusal`` it cannot be done, with ``already`` it is so."""

    what: tuple[str, ...] = ()
    viewers: str = ""
    refusal: str = ""
    already: str = ""

    @property
    def can_be_done(self) -> bool:
        return not self.refusal and not self.already


@dataclass(frozen=True)
class OrderAction:
    """Something to do about a session's recordings; ``do`` answers whether it changed anything."""

    slug: str
    title: Words
    confirm: Words
    done: Words
    form: type[OrderForm]
    plan: Callable[[Session, Chosen], OrderPlan]
    do: Callable[[Session, Any, Chosen], bool]


# --- Forms ------------------------------------------------------------------------------------


class OrderForm(forms.Form):
    """Which recording of the session it is about."""

    recording = forms.ModelChoiceField(
        Recording.objects.none(),
        label=gettext_lazy("Recording"),
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": gettext_lazy("This session has no such recording."),
            "required": gettext_lazy("Choose a recording."),
        },
    )

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        field: Any = self.fields.get("recording")
        if field is not None:
            field.queryset = Recording.objects.filter(session=session)


class KeyedForm(OrderForm):
    """An order to the worker; its key makes one of a form that is sent twice."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class MomentField(forms.CharField):
    """A place in a video: 1:02:03, 62:03 or seconds; milliseconds as a value."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        found = read_length(text)
        if found is None:
            raise ValidationError(_("This is not a time. Write it as 1:02:03, or in seconds."))
        return found


class CutForm(KeyedForm):
    """From where to where."""

    start = MomentField(
        label=gettext_lazy("Begins at"),
        required=False,
        help_text=gettext_lazy("Such as 0:45 or 1:02:03. Empty: the beginning."),
    )
    end = MomentField(
        label=gettext_lazy("Ends at"),
        required=False,
        help_text=gettext_lazy("Empty: the end of the recording."),
    )
    #: How long the recording was when the page was shown. It is compared, and never used.
    seen_s = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages={
            name: gettext_lazy("The page does not say how long the recording was. Open it again.")
            for name in ("required", "invalid")
        },
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        recording = cleaned.get("recording")
        if recording is None or self.errors:
            return cleaned
        if cleaned["seen_s"] != recording.seconds:
            text = _(
                "The recording is %(now)s long by now; when you chose the part it was %(seen)s. "
                "Go back and choose the part again."
            )
            lengths = {"now": length(recording.seconds), "seen": length(cleaned["seen_s"])}
            raise ValidationError(text % lengths)
        start = cleaned.get("start") or 0
        end = cleaned["end"] if cleaned.get("end") is not None else recording.seconds * 1000
        if end > recording.seconds * 1000:
            text = _("The recording is only %(length)s long.")
            self.add_error("end", text % {"length": length(recording.seconds)})
        elif end - start < LEAST_MS:
            self.add_error("end", _("The end must be at least a second after the beginning."))
        return {**cleaned, "start": start, "end": end}


class ClipForm(CutForm):
    name = LineInput(label=gettext_lazy("Name at Kaltura"), max_length=250, required=False)
    replaces = forms.BooleanField(
        label=gettext_lazy("Show it instead of what attendees see now, once it is ready"),
        required=False,
        initial=True,
    )


class LinkForm(KeyedForm):
    recording = None  # type: ignore[assignment]
    entry_id = forms.CharField(
        label=gettext_lazy("Entry ID of the video"),
        max_length=20,
        validators=[validate_entry_id],
        help_text=gettext_lazy(
            "Such as 1_abcd2345. Only a video that no other event of the portal has, unless you "
            "plan that event too."
        ),
    )
    replaces = forms.BooleanField(
        label=gettext_lazy("Show it instead of what attendees see now"),
        required=False,
        initial=True,
    )


# --- Showing ----------------------------------------------------------------------------------


def _plan_publish(session: Session, chosen: Chosen) -> OrderPlan:
    recording = chosen["recording"]
    if recording.state == RecordingStatus.GONE:
        return OrderPlan(refusal=_("It was deleted at Kaltura."))
    if recording.is_published:
        return OrderPlan(already=_("It is published already."))
    if is_ruled_out(recording):
        return OrderPlan(refusal=_ruled_out())
    is_ready = recording.state == RecordingStatus.READY
    return OrderPlan(
        (_("“%(name)s” is published.") % {"name": recording},),
        _("Who may enter the session can watch it after its end.")
        if is_ready
        else _("Attendees see it as soon as Kaltura has it ready."),
    )


def _plan_hide(session: Session, chosen: Chosen) -> OrderPlan:
    recording = chosen["recording"]
    if not recording.is_published:
        return OrderPlan(already=_("It is hidden already."))
    return OrderPlan(
        (_("“%(name)s” is hidden.") % {"name": recording},),
        _(
            "Nobody finds or opens it on the portal any more; whoever plays it at this moment can "
            "watch to the end. At Kaltura the video itself stays as it is."
        )
        + (f" {LEAVES_GALLERY}" if _has_gallery(session) else ""),
    )


def _has_gallery(session: Session) -> bool:
    decided = event_delivery(session.event)
    return bool(decided and decided.gallery)


def _plan_choose(session: Session, chosen: Chosen) -> OrderPlan:
    recording = chosen["recording"]
    if recording.state != RecordingStatus.READY:
        return OrderPlan(refusal=_("It is not ready at Kaltura, so it cannot be watched."))
    if recording.is_main and recording.chosen_at and recording.is_published:
        return OrderPlan(already=_("It is the main recording already."))
    if is_ruled_out(recording):
        return OrderPlan(refusal=_ruled_out())
    return OrderPlan(
        (_("“%(name)s” is the main recording, and published.") % {"name": recording},),
        _("Attendees watch it first. It stays so whatever Kaltura records later."),
    )


def _ruled_out() -> str:
    return _("The session's settings say that its video is not watched again after the end.")


def _do_publish(session: Session, user: Any, chosen: Chosen) -> bool:
    return showing.publish(chosen["recording"])


def _do_hide(session: Session, user: Any, chosen: Chosen) -> bool:
    return showing.hide(chosen["recording"])


def _do_choose(session: Session, user: Any, chosen: Chosen) -> bool:
    return showing.choose(chosen["recording"])


# --- Orders to the worker ---------------------------------------------------------------------


def _plan_clip(session: Session, chosen: Chosen) -> OrderPlan:
    recording = chosen["recording"]
    if refusal := _cannot_be_cut(recording, chosen, [RecordingChangeKind.TRIM]):
        return OrderPlan(refusal=refusal)
    return _unless_ordered(
        chosen,
        OrderPlan(
            (
                _("A new video at Kaltura: %(part)s of “%(name)s”.")
                % {"part": _part(chosen), "name": recording},
                _("The recording itself stays as it is."),
            ),
            _("Once Kaltura has it ready, attendees watch it, and the others are hidden.")
            if chosen.get("replaces")
            else _("Nothing changes for attendees until you publish it."),
        ),
    )


def _plan_trim(session: Session, chosen: Chosen) -> OrderPlan:
    recording = chosen["recording"]
    cuts = [RecordingChangeKind.TRIM, RecordingChangeKind.CLIP]
    if refusal := _cannot_be_cut(recording, chosen, cuts) or _is_not_ours(recording):
        return OrderPlan(refusal=refusal)
    if (chosen["start"], chosen["end"]) == (0, recording.seconds * 1000):
        return OrderPlan(refusal=_("That is all of it: nothing would be cut."))
    return _unless_ordered(
        chosen,
        OrderPlan(
            (
                _("Kaltura replaces “%(name)s” by %(part)s of it.")
                % {"name": recording, "part": _part(chosen)},
                _("The rest is gone for good: the portal cannot bring it back."),
            ),
            _("Until the shorter one is ready, viewers watch the one from before."),
        ),
    )


def _plan_link(session: Session, chosen: Chosen) -> OrderPlan:
    entry_id = chosen["entry_id"]
    held = Recording.objects.filter(session=session, entry_id=entry_id)
    if held.exclude(state=RecordingStatus.GONE).exists():
        return OrderPlan(already=_("The session has this video already: see the list."))
    return _unless_ordered(
        chosen,
        OrderPlan(
            (
                _("The worker looks whether this event may use %(id)s, and takes it over.")
                % {"id": entry_id},
            ),
            _("If it may, attendees watch it, and the others are hidden.")
            if chosen.get("replaces")
            else _("Nothing changes for attendees until you publish it."),
        ),
    )


def _unless_ordered(chosen: Chosen, plan: OrderPlan) -> OrderPlan:
    if RecordingChange.objects.filter(key=chosen["key"]).exists():
        return OrderPlan(already=_("This was ordered already: see the list of changes."))
    return plan


def _cannot_be_cut(recording: Recording, chosen: Chosen, unless: Sequence[str]) -> str:
    """What Kaltura refuses, or would make rubbish of without a word.

    ``unless``: the kinds of change that must be over first, since places in a video are
    others once it was cut.
    """
    if recording.state != RecordingStatus.READY:
        return _("It is not ready at Kaltura, so there is nothing to cut yet.")
    if recording.is_changing:
        return _("Kaltura is replacing it already: wait until it is done.")
    if not recording.seconds:
        return _("Kaltura does not say how long it is, so it cannot be cut.")
    open_ = RecordingChange.objects.filter(source=recording, kind__in=unless, finished_at=None)
    if open_.exclude(key=chosen["key"]).exists():
        return _("Another change of this recording is not done yet: wait until it is.")
    return ""


def _is_not_ours(recording: Recording) -> str:
    """Cutting destroys, so only what is certainly this session's own is cut."""
    others = Recording.objects.filter(entry_id=recording.entry_id).exclude(pk=recording.pk)
    made = RecordingChange.objects.filter(
        session=recording.session,
        entry_id=recording.entry_id,
        kind__in=MADE,
    )
    is_own = recording.origin in OWN or made.exists()
    if others.exists() or not is_own:
        return _(
            "This video is not this session's alone, so the portal does not cut it. Cut a new "
            "video from it instead."
        )
    return ""


def _part(chosen: Chosen) -> str:
    ends = {"start": length(chosen["start"] / 1000), "end": length(chosen["end"] / 1000)}
    return _("%(start)s to %(end)s") % ends


def _order(kind: str) -> Callable[[Session, Any, Chosen], bool]:
    def do(session: Session, user: Any, chosen: Chosen) -> bool:
        start, end = chosen.get("start", 0), chosen.get("end", 0)
        recording = chosen.get("recording")
        change = RecordingChange(
            session=session,
            key=chosen["key"],
            kind=kind,
            source=recording,
            name=chosen.get("name", ""),
            start_ms=start,
            length_ms=end - start,
            length_before_ms=1000 * recording.seconds if recording else 0,
            replaces=bool(chosen.get("replaces")),
            entry_id=chosen.get("entry_id", ""),
            asked_by=user,
        )
        try:
            with transaction.atomic():
                change.save(force_insert=True)
        except IntegrityError:  # the same form, sent at the same moment
            return False
        transaction.on_commit(wake)
        return True

    return do


def wake() -> None:
    """Have a worker look at once; without one the schedule does within seconds."""
    enqueue(TaskName.LOOK_FOR_RECORDINGS)


def new_key() -> str:
    """For a form that is shown for the first time."""
    return str(uuid.uuid4())


ACTIONS: Final[Mapping[str, OrderAction]] = {
    action.slug: action
    for action in (
        OrderAction(
            "publish",
            gettext_lazy("Publish the recording"),
            gettext_lazy("Publish it"),
            gettext_lazy("The recording is published."),
            OrderForm,
            _plan_publish,
            _do_publish,
        ),
        OrderAction(
            "hide",
            gettext_lazy("Hide the recording"),
            gettext_lazy("Hide it"),
            gettext_lazy("The recording is hidden."),
            OrderForm,
            _plan_hide,
            _do_hide,
        ),
        OrderAction(
            "choose",
            gettext_lazy("Make it the main recording"),
            gettext_lazy("Make it the main one"),
            gettext_lazy("It is the main recording now."),
            OrderForm,
            _plan_choose,
            _do_choose,
        ),
        OrderAction(
            "clip",
            gettext_lazy("Cut a new video from the recording"),
            gettext_lazy("Cut it"),
            gettext_lazy("Ordered: Kaltura takes some minutes for it."),
            ClipForm,
            _plan_clip,
            _order(RecordingChangeKind.CLIP),
        ),
        OrderAction(
            "trim",
            gettext_lazy("Cut the recording itself"),
            gettext_lazy("Cut it for good"),
            gettext_lazy("Ordered: Kaltura takes some minutes for it."),
            CutForm,
            _plan_trim,
            _order(RecordingChangeKind.TRIM),
        ),
        OrderAction(
            "link",
            gettext_lazy("Use another video of the account"),
            gettext_lazy("Use this video"),
            gettext_lazy("Ordered: the worker looks at the video now."),
            LinkForm,
            _plan_link,
            _order(RecordingChangeKind.LINK),
        ),
    )
}
