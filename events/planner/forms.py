"""The forms of the planner that need no script: new sessions, rules, rooms and hours."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.forms import modelformset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.actions import place_session, save_planned
from events.admin.generics import ModelForm
from events.admin.times import ZonedDateTimeField
from events.changes import changes
from events.models import (
    ConflictLevel,
    Event,
    EventRoom,
    PlannerRules,
    RoomHours,
    Session,
    SessionStatus,
    SessionType,
    SpeakerHours,
)
from events.models.fields import LineInput
from events.planner.drawing import unnamed_rooms
from events.planner.kinds import conflict_kinds

_DAY_STARTS = time(9)
_LEVEL = "level_"
#: Empty rows where there is no room yet; else one. A script of the page adds more.
FIRST_ROOMS: Final = 3
OWNERS: Final = {RoomHours: "room", SpeakerHours: "speaker"}


class NewSessionForm(forms.Form):
    """A session that has no place yet."""

    title = LineInput(label=gettext_lazy("Title"), max_length=250)
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=5, max_value=24 * 60, initial=45
    )
    session_type = forms.ChoiceField(label=gettext_lazy("Type"), choices=SessionType.choices)

    def save_in(self, event: Event, day: date) -> Session:
        """A draft in no room; until it is placed its time is the day's morning."""
        starts_at = datetime.combine(day, _DAY_STARTS, event.zone)
        session = Session(
            event=event,
            title=self.cleaned_data["title"],
            session_type=self.cleaned_data["session_type"],
            status=SessionStatus.DRAFT,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=self.cleaned_data["minutes"]),
        )
        save_planned(session)
        return session


class RulesForm(ModelForm):
    """The change-over, and what becomes of each kind of conflict."""

    class Meta:
        model = PlannerRules
        fields = ("changeover_minutes",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in conflict_kinds():
            self.fields[_LEVEL + kind.name] = forms.ChoiceField(
                label=kind.label,
                choices=ConflictLevel.choices,
                initial=self.instance.levels.get(kind.name, kind.default),
            )

    def save(self, commit: bool = True) -> Any:
        self.instance.levels = {
            kind.name: self.cleaned_data[_LEVEL + kind.name] for kind in conflict_kinds()
        }
        rules = super().save(commit=False)
        # Of two who save at once neither takes back the other's revision.
        known = () if rules._state.adding else ("changeover_minutes", "levels")
        if commit:
            rules.save(update_fields=known or None)
        return rules


class EventRoomForm(ModelForm):
    """A room; its new name goes to the sessions that are in it.

    Of one that only sessions name, ``known_as`` is what they call it.
    """

    known_as = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = EventRoom
        fields = ("name", "position")

    def has_changed(self) -> bool:
        """A new row is one as soon as it has a name, though the page has filled it in."""
        if self.instance.pk:
            return super().has_changed()
        return bool(str(self["name"].data or "").strip())

    @property
    def old_name(self) -> str:
        """What its sessions call it."""
        return str(self.initial["name"] if self.instance.pk else self.cleaned_data["known_as"])


class HoursForm(ModelForm):
    """From when to when, on the clock of the event; ``owners`` are its rooms or its people."""

    starts_at = ZonedDateTimeField(label=gettext_lazy("From"))
    ends_at = ZonedDateTimeField(label=gettext_lazy("Until"))

    def __init__(self, *args: Any, event: Event, owners: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        for name in ("starts_at", "ends_at"):
            fields[name].zone = event.zone
        owner = fields[OWNERS[self._meta.model]]
        # Read once for all rows; Django would ask again for each of them.
        owner.choices = [("", "---------"), *((each.pk, str(each)) for each in owners)]
        owner.queryset = owner.queryset.filter(event=event)

    def _get_validation_exclusions(self) -> set[str]:
        """``clean`` compares the times itself."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"ends_at"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", _("The end must be after the start."))
        return cleaned


class PlannerSettings:
    """All forms of the settings page together: valid when all are, saved as one."""

    def __init__(self, event: Event, rules: PlannerRules, data: Any = None) -> None:
        self.event = event
        self.rules = RulesForm(data, instance=rules, prefix="rules")
        rooms = list(event.rooms.all())
        self.rooms = _formset(
            EventRoom, EventRoomForm, event.rooms.all(), data, "rooms", initial=_new_rooms(event)
        )
        self.room_hours = _hours(event, RoomHours, rooms, data)
        self.speaker_hours = _hours(event, SpeakerHours, list(event.speakers.all()), data)

    @property
    def formsets(self) -> list[Any]:
        return [self.rooms, self.room_hours, self.speaker_hours]

    def is_valid(self) -> bool:
        # Each is asked, so that all mistakes are shown at once.
        valid = [form.is_valid() for form in (self.rules, *self.formsets)]
        return all(valid) and self._names_are_free()

    def _names_are_free(self) -> bool:
        seen: set[str] = set()
        for form in self.rooms.forms:
            name = form.cleaned_data.get("name")
            if not name or form.cleaned_data.get("DELETE"):
                continue
            if name in seen:
                form.add_error("name", _("Another room of this event has this name."))
            seen.add(name)
        return all(not form.errors for form in self.rooms.forms)

    @changes()
    def save(self) -> None:
        """Sessions follow the new name of their room, as any save of theirs would."""
        kept = [form for form in self.rooms.forms if not form.cleaned_data.get("DELETE")]
        named = {form.old_name: form.cleaned_data["name"] for form in kept if form.has_changed()}
        renamed = {old: new for old, new in named.items() if old and old != new}
        self.rules.save()
        for room in self.rooms.save(commit=False):
            room.event = self.event
            room.save()
        for room in self.rooms.deleted_objects:
            room.delete()
        for formset in (self.room_hours, self.speaker_hours):
            formset.save()
        self._rename(renamed)
        PlannerRules.touch(self.event)

    def _rename(self, names: dict[str, str]) -> None:
        for session in self.event.sessions.filter(location__in=names).select_related("track"):
            place_session(
                session,
                session.starts_at,
                session.ends_at,
                location=names[session.location],
                track=session.track,
            )


def _new_rooms(event: Event) -> list[dict[str, Any]]:
    """Rooms that only sessions name, and rows for more."""
    rooms = list(event.rooms.all())
    after = max((room.position for room in rooms), default=-1) + 1
    used = unnamed_rooms(event)
    empty = 1 if rooms or used else FIRST_ROOMS
    rows: list[dict[str, Any]] = [{"name": name, "known_as": name} for name in used]
    rows += [{} for _row in range(empty)]
    return [{**row, "position": after + number} for number, row in enumerate(rows)]


def _hours(event: Event, model: type[Any], owners: list[Any], data: Any) -> Any:
    """The hours of an event's rooms, or of its people."""
    owner = OWNERS[model]
    rows = model.objects.filter(**{f"{owner}__event": event}).select_related(owner)
    return _formset(
        model,
        HoursForm,
        rows.order_by(owner, "starts_at"),
        data,
        f"{owner}_hours",
        fields=(owner, "starts_at", "ends_at"),
        given={"event": event, "owners": owners},
    )


def _formset(
    model: type[Any],
    form: type[Any],
    rows: Any,
    data: Any,
    prefix: str,
    *,
    fields: tuple[str, ...] | None = None,
    given: dict[str, Any] | None = None,
    initial: list[dict[str, Any]] | None = None,
) -> Any:
    """An empty row after those that are there, or the new rows of ``initial``."""
    made: Any = modelformset_factory(
        model,
        form=form,
        fields=fields,
        extra=len(initial or [{}]),
        can_delete=True,
        can_delete_extra=False,
    )
    return made(data, queryset=rows, prefix=prefix, form_kwargs=given or {}, initial=initial)
