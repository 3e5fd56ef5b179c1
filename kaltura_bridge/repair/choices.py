"""What a person may choose on a target's page: each choice with its preview, then done.

A preview says what would become of both sides. Whoever confirms it sends its fingerprint
back, which counts only while the same choice still does the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from events.i18n.languages import Words
from kaltura_bridge.fields import EMPTY, label_of, show_value
from kaltura_bridge.models import RelinkLookup, RemoteLink, SyncTarget
from kaltura_bridge.repair import actions, adopt, relinking
from kaltura_bridge.repair.actions import CannotRepair
from kaltura_bridge.repair.diff import (
    FieldView,
    ObjectView,
    identity_of,
    object_of,
    objects_of,
    views_named,
    zone_of,
)
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync.desired import remembered_fields, remembered_specs

# After so long without an answer the worker is not expected to come back.
PATIENCE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Change:
    """A line of a preview: what, before, after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Choice:
    """A verb about one object, with what it needs: names of fields, or another ID; and by whom."""

    verb: str
    link: RemoteLink
    names: Sequence[str] = ()
    remote_id: str = ""
    asked_by: Any = None


@dataclass(frozen=True)
class ChoicePreview:
    """What a choice would do; ``confirm`` is the button's text.

    ``refusal``: why it cannot be done; then nothing else counts. ``state``: what is not
    shown and yet must be the same when it is confirmed. ``facts`` say what an object at
    Kaltura is. ``waiting``: the worker is looking; ``asks``: a person must have it look.
    """

    title: Words
    summary: Words = ""
    changes: Sequence[Change] = ()
    notes: Sequence[str] = ()
    refusal: Words = ""
    confirm: Words = ""
    state: Sequence[object] = field(default_factory=tuple)
    facts: Sequence[tuple[str, str]] = ()
    waiting: bool = False
    asks: bool = False

    @property
    def fingerprint(self) -> str:
        """The same for two previews that show and do the same."""
        told = (self.title, self.summary, self.changes, self.notes, self.state, self.facts)
        return hashlib.sha256(repr(told).encode()).hexdigest()


@dataclass(frozen=True)
class Verb:
    """How a choice is previewed and done; ``do`` returns the message about what it did.

    ``ask`` has the worker look first, where only Kaltura knows what the preview must show;
    it returns whether there is a worker.
    """

    preview: Callable[[Choice], ChoicePreview]
    do: Callable[[Choice], str]
    ask: Callable[[Choice], bool] | None = None


def preview_of(choice: Choice) -> ChoicePreview:
    """What the choice would do. Changes nothing."""
    return VERBS[choice.verb].preview(choice)


def carry_out(choice: Choice) -> str:
    """Do it; returns the message to show.

    Raises CannotRepair or ValidationError; then nothing changed.
    """
    return VERBS[choice.verb].do(choice)


def ask_for(choice: Choice) -> bool:
    """Have the worker look at what the choice is about. False when there is no worker."""
    ask = VERBS[choice.verb].ask
    return ask is not None and ask(choice)


# --- Fields ------------------------------------------------------------------


def _chosen(choice: Choice) -> tuple[ObjectView, list[FieldView]]:
    view = object_of(choice.link)
    return view, views_named(view, choice.names)


def _state(fields: Sequence[FieldView]) -> tuple[object, ...]:
    return tuple((f.name, f.planned, f.written, f.held) for f in fields)


def _quoted(shown: str) -> str:
    return shown if shown == EMPTY else f"“{shown}”"


def _sentence_start(text: str) -> str:
    return text[:1].upper() + text[1:]


def _labels(fields: Sequence[FieldView]) -> str:
    return ", ".join(each.label for each in fields)


def _no_difference(view: ObjectView) -> ChoicePreview:
    return ChoicePreview(view.label, refusal=_("There is no difference any more."))


def _push(choice: Choice) -> ChoicePreview:
    view, fields = _chosen(choice)
    fields = [each for each in fields if each.is_choice]
    if not fields:
        return _no_difference(view)
    sentences = [
        _("%(sentence_start)s at Kaltura changes from %(quoted)s to %(quoted2)s.")
        % {
            "sentence_start": _sentence_start(f.label),
            "quoted": _quoted(f.shown_held),
            "quoted2": _quoted(f.shown_planned),
        }
        for f in fields
    ]
    return ChoicePreview(
        _("Push: %(label)s") % {"label": view.label},
        " ".join(sentences),
        [
            Change(_("At Kaltura: %(label)s") % {"label": f.label}, f.shown_held, f.shown_planned)
            for f in fields
        ],
        confirm=_("Push to Kaltura"),
        state=_state(fields),
    )


def _adopt(choice: Choice) -> ChoicePreview:
    view, fields = _chosen(choice)
    fields = [each for each in fields if each.is_choice]
    if not fields:
        return _no_difference(view)
    title = _("Adopt: %(label)s") % {"label": view.label}
    try:
        follows = _follow_ups(choice)
    except (CannotRepair, ValidationError) as error:
        return ChoicePreview(title, refusal=_reason(error))
    here = [
        Change(_("In the plan: %(label)s") % {"label": f.label}, f.shown_planned, f.shown_held)
        for f in fields
    ]
    return ChoicePreview(
        title,
        _adopted_summary(choice, fields, bool(follows)),
        [*here, *follows],
        confirm=_("Adopt into the plan"),
        state=_state(fields),
    )


def _adopted_summary(choice: Choice, fields: Sequence[FieldView], follows: bool) -> str:
    """Such as: The session's start changes to “10:00”. Other objects are updated to match."""
    kind = choice.link.target.get_kind_display().lower()
    sentences = [
        _("The %(kind)s's %(label)s changes to %(quoted)s.")
        % {"kind": kind, "label": f.label, "quoted": _quoted(f.shown_held)}
        for f in fields
    ]
    if follows:
        sentences.append(_("Other objects at Kaltura are updated to match."))
    return " ".join(sentences)


def _follow_ups(choice: Choice) -> list[Change]:
    """What adopting would change elsewhere at Kaltura.

    Worked out on an unsaved copy: whoever looks at a preview takes no lock, which on
    SQLite would hold up every writer.
    """
    target = choice.link.target
    theirs = actions.adoptable(choice.link, choice.names)
    copy = adopt.planned_with(choice.link, theirs)
    specs = remembered_specs([target], {(target.kind, str(target.object_uuid)): copy})
    planned = remembered_fields(specs)
    zone, found = zone_of(target), []
    for view in objects_of(target):
        for name, after in planned.get(identity_of(view.link), {}).items():
            before = view.link.pushed.get(name, "")
            if view.link.pk == choice.link.pk and name in choice.names:
                continue
            if before != after and not view.link.unlinked and name not in view.link.ignored:
                kind = view.link.kind
                shown = [show_value(kind, name, text, zone) for text in (before, after)]
                found.append(Change(f"{view.label}: {label_of(kind, name)}", *shown))
    return found


def _ignore(choice: Choice) -> ChoicePreview:
    view, fields = _chosen(choice)
    if not fields:
        return _no_difference(view)
    return ChoicePreview(
        _("Ignore: %(label)s") % {"label": view.label},
        _("The portal no longer compares or pushes this: %(labels)s. Kaltura keeps its value.")
        % {"labels": _labels(fields)},
        [
            Change(_("At Kaltura: %(label)s") % {"label": f.label}, f.shown_held, f.shown_held)
            for f in fields
        ],
        [_("Later changes to it in the plan will not reach Kaltura.")],
        confirm=_("Ignore"),
        state=_state(fields),
    )


def _unignore(choice: Choice) -> ChoicePreview:
    view, fields = _chosen(choice)
    if not fields:
        return ChoicePreview(view.label, refusal=_("It is not ignored any more."))
    return ChoicePreview(
        _("Stop ignoring: %(label)s") % {"label": view.label},
        _("The portal compares this again: %(labels)s. If it differs, you can push or adopt it.")
        % {"labels": _labels(fields)},
        confirm=_("Stop ignoring"),
        state=_state(fields),
    )


# --- Objects -----------------------------------------------------------------


def _recreate(choice: Choice) -> ChoicePreview:
    gone = actions.gone_of(SyncTarget.objects.filter(pk=choice.link.target_id))
    if not gone:
        return ChoicePreview(_("Recreate"), refusal=_("Nothing is missing at Kaltura any more."))
    return ChoicePreview(
        _("Recreate: %(label)s") % {"label": choice.link.target},
        _("What was deleted or cancelled at Kaltura is created again, as it is planned here."),
        recreate_changes(gone),
        recreate_notes(gone),
        confirm=_("Recreate"),
    )


def recreate_changes(gone: Sequence[RemoteLink]) -> list[Change]:
    """A line for each object that would be recreated."""
    return [
        Change(
            f"{link.target}: {link.get_kind_display().lower()}",
            f"{link.remote_id} ({'cancelled' if link.cancelled else 'deleted'})",
            _("created again"),
        )
        for link in gone
    ]


def recreate_notes(gone: Sequence[RemoteLink]) -> list[str]:
    """What a person should know before they recreate these."""
    notes = [_("Recreated objects get new IDs: links to the old ones stop working.")]
    if any(link.kind == Kind.CATEGORY for link in gone):
        notes.append(_("Sessions are placed in the recreated category again."))
    return notes


def _unlink(choice: Choice) -> ChoicePreview:
    view = object_of(choice.link)
    if not view.can_unlink:
        refusal = _("Sessions need it. Relink it to another object instead.")
        return ChoicePreview(_("Unlink"), refusal=refusal)
    dependents = actions.dependents_of(choice.link)
    warning = _("Attendees may no longer be able to join through the portal.")
    return ChoicePreview(
        _("Unlink: %(label)s") % {"label": view.label},
        _(
            "It stays at Kaltura as it is. The portal no longer updates it, and "
            "creates nothing in its place."
        ),
        [Change(str(link), _("managed by the portal"), "unlinked") for link in dependents],
        [warning] if len(dependents) > 1 else [],
        confirm=_("Unlink"),
        state=tuple(link.pk for link in dependents),
    )


def _link_again(choice: Choice) -> ChoicePreview:
    if not choice.link.unlinked:
        return ChoicePreview(_("Link again"), refusal=_("It is linked already."))
    dependents = [link for link in actions.dependents_of(choice.link) if link.unlinked]
    return ChoicePreview(
        _("Link again: %(label)s") % {"label": object_of(choice.link).label},
        _(
            "The object at Kaltura that carries the portal's reference is "
            "updated to what is planned here. If there is none, it is created."
        ),
        [Change(str(each), "unlinked", _("managed by the portal")) for each in dependents],
        confirm=_("Link again"),
        state=tuple(link.pk for link in dependents),
    )


def _relink(choice: Choice) -> ChoicePreview:
    view, link = object_of(choice.link), choice.link
    title = f"Relink: {view.label}"
    if why_not := relinking.why_no_id(link, choice.remote_id):
        return ChoicePreview(title, refusal=why_not)
    lookup = relinking.latest_lookup(link, choice.remote_id, choice.asked_by)
    if lookup is None or lookup.error or _is_stalled(lookup):
        return ChoicePreview(title, _ask_summary(lookup), confirm=_("Look it up"), asks=True)
    if lookup.finished_at is None:
        return ChoicePreview(title, "Kaltura is asked what it is…", waiting=True)
    if not relinking.may_link(link, lookup):
        return ChoicePreview(title, refusal=relinking.NO_SUCH_OBJECT)
    return ChoicePreview(
        title,
        _("From now on it is linked to %(remote_id)s.") % {"remote_id": choice.remote_id},
        [Change(_("ID at Kaltura"), link.remote_id or "none", choice.remote_id)],
        _relink_notes(link),
        confirm=_("Relink"),
        state=(link.remote_id, lookup.pk),
        facts=[(label, text) for label, text in lookup.facts],
    )


def _is_stalled(lookup: RelinkLookup) -> bool:
    return lookup.finished_at is None and timezone.now() - lookup.asked_at > PATIENCE


def _ask_summary(lookup: RelinkLookup | None) -> str:
    if lookup is None:
        return _("The portal first looks up at Kaltura what it is. Nothing is changed by that.")
    if lookup.error:
        return _("%(error)s Nothing was changed.") % {"error": lookup.error}
    return _(
        "The background worker has not answered. Check that it is running. Nothing was changed."
    )


def _relink_notes(link: RemoteLink) -> list[str]:
    notes = [
        _(
            "The other object gets the portal's reference and everything that is "
            "planned here; its own values are overwritten."
        )
    ]
    if link.remote_id and not link.gone:
        notes.append(
            _(
                "%(remote_id)s stays at Kaltura with the same reference, and is "
                "reported as a duplicate until somebody deletes it there."
            )
            % {"remote_id": link.remote_id}
        )
    return notes


# --- Doing it ----------------------------------------------------------------


def _reason(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


_COUNTED: Final = {
    "field": ngettext_lazy("%(n)d field", "%(n)d fields", "n"),
    "object": ngettext_lazy("%(n)d object", "%(n)d objects", "n"),
}


def counted(number: int, what: str) -> str:
    """Such as “1 field” or “2 fields”."""
    return str(_COUNTED[what] % {"n": number})


def _do_push(choice: Choice) -> str:
    number = actions.push_fields(choice.link, choice.names)
    return _("%(counted)s will be pushed to Kaltura.") % {"counted": counted(number, "field")}


def _do_adopt(choice: Choice) -> str:
    number = actions.adopt_fields(choice.link, choice.names)
    return _("%(counted)s adopted. Other objects at Kaltura will be updated to match.") % {
        "counted": counted(number, "field")
    }


def _do_ignore(choice: Choice) -> str:
    return f"{counted(actions.ignore_fields(choice.link, choice.names), 'field')} ignored."


def _do_unignore(choice: Choice) -> str:
    number = actions.unignore_fields(choice.link, choice.names)
    return _("%(counted)s will be compared again.") % {"counted": counted(number, "field")}


def _do_recreate(choice: Choice) -> str:
    number = actions.recreate(SyncTarget.objects.filter(pk=choice.link.target_id))
    return _("%(counted)s will be recreated.") % {"counted": counted(number, "object")}


def _do_unlink(choice: Choice) -> str:
    number = actions.unlink(choice.link)
    text = ngettext(
        "%(n)d object unlinked. Kaltura keeps it.",
        "%(n)d objects unlinked. Kaltura keeps them.",
        number,
    )
    return text % {"n": number}


def _do_link_again(choice: Choice) -> str:
    return _("%(counted_object)s linked again.") % {
        "counted_object": counted(actions.link_again(choice.link), "object")
    }


def _do_relink(choice: Choice) -> str:
    lookup = relinking.latest_lookup(choice.link, choice.remote_id, choice.asked_by)
    if lookup is None:
        raise CannotRepair(relinking.NO_SUCH_OBJECT)
    actions.relink(choice.link, lookup)
    return _("Linked to %(remote_id)s.") % {"remote_id": choice.remote_id}


def _ask_relink(choice: Choice) -> bool:
    return relinking.request_lookup(choice.link, choice.remote_id, choice.asked_by)


VERBS: Final[Mapping[str, Verb]] = {
    "push": Verb(_push, _do_push),
    "adopt": Verb(_adopt, _do_adopt),
    "ignore": Verb(_ignore, _do_ignore),
    "unignore": Verb(_unignore, _do_unignore),
    "recreate": Verb(_recreate, _do_recreate),
    "unlink": Verb(_unlink, _do_unlink),
    "link-again": Verb(_link_again, _do_link_again),
    "relink": Verb(_relink, _do_relink, _ask_relink),
}
