"""What a person may choose on the mending page: each choice with its preview, then done.

A preview says what would become of both sides. "Yes" carries its fingerprint back and
counts only while the same choice still means the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.core.exceptions import ValidationError

from kaltura_bridge.fields import EMPTY, label_of, show_value
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.repair import actions, adopt
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


@dataclass(frozen=True)
class Change:
    """A line of a preview: what, before, after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Choice:
    """A verb about one object, with what it needs: the names of fields, or another id."""

    verb: str
    link: RemoteLink
    names: Sequence[str] = ()
    remote_id: str = ""


@dataclass(frozen=True)
class Preview:
    """What a choice would do. ``refusal``: why it cannot be done; then nothing else counts."""

    title: str
    summary: str = ""
    changes: Sequence[Change] = ()
    notes: Sequence[str] = ()
    refusal: str = ""
    yes: str = ""
    state: Sequence[object] = field(default_factory=tuple)

    @property
    def fingerprint(self) -> str:
        told = (self.title, self.summary, self.changes, self.notes, self.state)
        return hashlib.sha256(repr(told).encode()).hexdigest()


@dataclass(frozen=True)
class Verb:
    """How a choice is previewed and done; ``done`` says how it ended."""

    preview: Callable[[Choice], Preview]
    do: Callable[[Choice], str]


def preview_of(choice: Choice) -> Preview:
    return VERBS[choice.verb].preview(choice)


def carry_out(choice: Choice) -> str:
    """Do it; returns what to tell. Raises CannotRepair or ValidationError; then nothing changed."""
    return VERBS[choice.verb].do(choice)


# --- Fields ------------------------------------------------------------------


def _chosen(choice: Choice) -> tuple[ObjectView, list[FieldView]]:
    view = object_of(choice.link)
    return view, views_named(view, choice.names)


def _state(fields: Sequence[FieldView]) -> tuple[object, ...]:
    return tuple((f.name, f.planned, f.written, f.held) for f in fields)


def _quoted(words: str) -> str:
    return words if words == EMPTY else f"“{words}”"


def _nothing(view: ObjectView) -> Preview:
    return Preview(view.label, refusal="Nothing differs there any more.")


def _push(choice: Choice) -> Preview:
    view, fields = _chosen(choice)
    fields = [each for each in fields if each.is_choice]
    if not fields:
        return _nothing(view)
    told = [
        f"Kaltura's {_quoted(f.held_words)} becomes {_quoted(f.planned_words)}." for f in fields
    ]
    return Preview(
        f"Push ours: {view.label}",
        " ".join(told),
        [Change(f"At Kaltura: {f.title}", f.held_words, f.planned_words) for f in fields],
        yes="Yes, overwrite it at Kaltura",
        state=_state(fields),
    )


def _adopt(choice: Choice) -> Preview:
    view, fields = _chosen(choice)
    fields = [each for each in fields if each.is_choice]
    if not fields:
        return _nothing(view)
    title = f"Adopt theirs: {view.label}"
    try:
        follows = _followers(choice)
    except (CannotRepair, ValidationError) as error:
        return Preview(title, refusal=_reason(error))
    here = [Change(f"Here: {f.title}", f.planned_words, f.held_words) for f in fields]
    return Preview(
        title,
        _adopted_words(choice, fields, bool(follows)),
        [*here, *follows],
        yes="Yes, plan it so here",
        state=_state(fields),
    )


def _adopted_words(choice: Choice, fields: Sequence[FieldView], follows: bool) -> str:
    """Such as: The session moves here to 10:00 Europe/Berlin. The rest at Kaltura follows."""
    kind = choice.link.target.get_kind_display().lower()
    told = [
        f"The {kind} moves here to {f.held_words}."
        if f.title == "start"
        else f"Here “{f.title}” of the {kind} becomes “{f.held_words}”."
        for f in fields
    ]
    return " ".join([*told, *(["What else stands for it at Kaltura follows."] if follows else [])])


def _followers(choice: Choice) -> list[Change]:
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
            if before != after and not view.link.let_go and name not in view.link.ignored:
                kind = view.link.kind
                shown = [show_value(kind, name, text, zone) for text in (before, after)]
                found.append(Change(f"{view.label}: {label_of(kind, name)}", *shown))
    return found


def _ignore(choice: Choice) -> Preview:
    view, fields = _chosen(choice)
    names = ", ".join(each.title for each in fields)
    if not fields:
        return _nothing(view)
    return Preview(
        f"Ignore from now on: {view.label}",
        f"The portal neither compares nor writes it any more: {names}. Kaltura's value stays.",
        [Change(f"At Kaltura: {f.title}", f.held_words, f.held_words) for f in fields],
        ["What is changed here later does not reach Kaltura in this field."],
        yes="Yes, leave it to Kaltura",
        state=_state(fields),
    )


def _heed(choice: Choice) -> Preview:
    view, fields = _chosen(choice)
    if not fields:
        return Preview(view.label, refusal="It is not ignored any more.")
    names = ", ".join(each.title for each in fields)
    return Preview(
        f"Stop ignoring: {view.label}",
        f"The portal compares it again: {names}. What differs then waits for your choice.",
        yes="Yes, compare it again",
        state=_state(fields),
    )


# --- Objects -----------------------------------------------------------------


def _recreate(choice: Choice) -> Preview:
    gone = actions.gone_of(SyncTarget.objects.filter(pk=choice.link.target_id))
    if not gone:
        return Preview("Recreate", refusal="Nothing of it is missing at Kaltura any more.")
    return Preview(
        f"Recreate: {choice.link.target}",
        "What someone deleted or cancelled at Kaltura is made anew, as it is planned here.",
        recreated(gone),
        recreate_notes(gone),
        yes="Yes, make it anew",
    )


def recreated(gone: Sequence[RemoteLink]) -> list[Change]:
    """A line for each object that would be made anew."""
    return [
        Change(
            f"{link.target}: {link.get_kind_display().lower()}",
            f"{link.remote_id} is gone",
            "made anew",
        )
        for link in gone
    ]


def recreate_notes(gone: Sequence[RemoteLink]) -> list[str]:
    notes = ["A new object has a new id: links to the old one at Kaltura lead nowhere."]
    if any(link.kind == Kind.CATEGORY for link in gone):
        notes.append("The sessions get their places in it again.")
    return notes


def _unlink(choice: Choice) -> Preview:
    view = object_of(choice.link)
    if not view.can_unlink:
        return Preview("Unlink", refusal="Sessions need it. Link another one instead.")
    with_it = actions.hanging_on(choice.link)
    return Preview(
        f"Unlink: {view.label}",
        "It stays at Kaltura as it is. The portal keeps away and makes nothing in its place.",
        [Change(str(link), "in step with the portal", "left alone") for link in with_it],
        ["People may no longer get in here from the portal's pages."] if len(with_it) > 1 else [],
        yes="Yes, let go of it",
        state=tuple(link.pk for link in with_it),
    )


def _again(choice: Choice) -> Preview:
    if not choice.link.let_go:
        return Preview("Link again", refusal="It is linked already.")
    with_it = [link for link in actions.hanging_on(choice.link) if link.let_go]
    return Preview(
        f"Link again: {object_of(choice.link).label}",
        "What carries our key at Kaltura is found and gets what is planned here; what is not "
        "there is made.",
        [Change(link.get_kind_display(), "left alone", "in step again") for link in with_it],
        yes="Yes, manage it again",
        state=tuple(link.pk for link in with_it),
    )


def _relink(choice: Choice) -> Preview:
    view, link = object_of(choice.link), choice.link
    title = f"Link another one: {view.label}"
    try:
        actions.check_relink(link, choice.remote_id)
    except CannotRepair as error:
        return Preview(title, refusal=str(error))
    notes = ["It gets our key and every field that is planned here: what it holds now is lost."]
    if link.remote_id and not link.gone:
        notes.append(
            f"{link.remote_id} stays at Kaltura with our key, and is told as a second one until "
            "somebody deletes it there."
        )
    return Preview(
        title,
        f"From now on {choice.remote_id} stands for it.",
        [Change("Id at Kaltura", link.remote_id or "none", choice.remote_id)],
        notes,
        yes="Yes, link it",
        state=(link.remote_id,),
    )


# --- Doing it ----------------------------------------------------------------


def _reason(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _do_push(choice: Choice) -> str:
    number = actions.push_fields(choice.link, choice.names)
    return f"{counted(number, 'field')} will be written at Kaltura as planned here."


def _do_adopt(choice: Choice) -> str:
    number = actions.adopt_fields(choice.link, choice.names)
    return f"{counted(number, 'field')} taken over from Kaltura. What else stands for it follows."


def _do_ignore(choice: Choice) -> str:
    return f"{counted(actions.ignore_fields(choice.link, choice.names), 'field')} left to Kaltura."


def _do_heed(choice: Choice) -> str:
    return f"{counted(actions.heed_fields(choice.link, choice.names), 'field')} compared again."


def _do_recreate(choice: Choice) -> str:
    number = actions.recreate(SyncTarget.objects.filter(pk=choice.link.target_id))
    return f"{counted(number, 'object')} will be made anew."


def _do_unlink(choice: Choice) -> str:
    return f"{counted(actions.unlink(choice.link), 'object')} let go. Kaltura keeps them."


def _do_again(choice: Choice) -> str:
    return f"{counted(actions.link_again(choice.link), 'object')} managed again."


def _do_relink(choice: Choice) -> str:
    actions.relink(choice.link, choice.remote_id)
    return f"{choice.remote_id} stands for it from now on."


VERBS: Final[Mapping[str, Verb]] = {
    "push": Verb(_push, _do_push),
    "adopt": Verb(_adopt, _do_adopt),
    "ignore": Verb(_ignore, _do_ignore),
    "heed": Verb(_heed, _do_heed),
    "recreate": Verb(_recreate, _do_recreate),
    "unlink": Verb(_unlink, _do_unlink),
    "again": Verb(_again, _do_again),
    "relink": Verb(_relink, _do_relink),
}
