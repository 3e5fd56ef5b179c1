"""The page that makes an event once more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.admin.previews import (
    COPY_WARNINGS,
    MovePreview,
    PreviewedForm,
    PreviewPage,
    PreviewRow,
    counted,
    day_field,
    render_preview,
    rows_of_event,
    warnings_of,
)
from events.admin.scope import user_of
from events.copying import ClonePart, free_event_slug
from events.models import Event, Session, SessionStatus, User
from events.moving import days_between, plan_moves
from events.permissions import events_for_team
from events.series.dates import RepeatEvery, repeated
from events.series.making import clone_repeatedly, dated_title
from events.templatetags.events_format import dates

INTRO = gettext_lazy(
    "The copy is a draft with the same settings and tracks, and with what you tick, "
    "on other days. Registrations, favourites, attendance and the team are "
    "not copied; you become its owner."
)
MOST_COPIES: Final = 52
# More in one go would hold others up while they are written.
MOST_SESSIONS: Final = 2000


class CloneForm(PreviewedForm):
    title = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy(
            "Give the copy its own name, so that people can tell the two apart."
        ),
    )
    starts_on = day_field(gettext_lazy("First day"))
    slug = forms.SlugField(
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy(
            "Its part of the web address. Leave it empty to make it from the title."
        ),
    )
    parts = forms.MultipleChoiceField(
        label=gettext_lazy("With"),
        choices=ClonePart.choices,
        initial=ClonePart.values,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    copies = forms.IntegerField(
        label=gettext_lazy("How many copies"),
        min_value=1,
        max_value=MOST_COPIES,
        initial=1,
        required=False,
        help_text=gettext_lazy("Of several, each has its day in its title."),
    )
    every = forms.ChoiceField(
        label=gettext_lazy("If several"),
        choices=RepeatEvery.choices,
        initial=RepeatEvery.WEEK,
        required=False,
    )
    in_series = forms.BooleanField(
        label=gettext_lazy("Show them as a series"),
        required=False,
        help_text=gettext_lazy("A page lists the dates of a series; each event leads there."),
    )

    def __init__(self, event: Event, user: User, data: QueryDict | None = None) -> None:
        title = "" if event.is_template else event.title
        super().__init__(data, initial={"title": title, "in_series": bool(event.series_id)})
        self.event, self.user = event, user

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug and Event.objects.filter(slug=slug).exists():
            raise ValidationError(
                _("Another event already uses this address. Choose a different one.")
            )
        return slug

    def clean_copies(self) -> int:
        return self.cleaned_data["copies"] or 1

    def clean_every(self) -> str:
        return self.cleaned_data["every"] or RepeatEvery.WEEK

    def clean(self) -> dict[str, Any]:
        if {"title", "starts_on", "copies", "every"} <= self.cleaned_data.keys():
            self._check_titles()
        return super().clean()

    @property
    def days(self) -> list[date]:
        """The first day of each copy. Raises OverflowError when there is no such day."""
        asked = self.cleaned_data
        return repeated(asked["starts_on"], asked["every"], asked["copies"])

    @property
    def _has_sessions(self) -> bool:
        return ClonePart.SESSIONS in self.cleaned_data["parts"]

    def make_preview(self) -> MovePreview:
        days = self.days
        self._settle_slug(days)
        event, parts = self.event, self.cleaned_data["parts"]
        by = days_between(event, days[0])
        sessions = event.sessions.select_related("event")
        moves = plan_moves(sessions if self._has_sessions else Session.objects.none(), by=by)
        self._check_size(len(days), len(moves))
        moved = Event(starts_on=days[0], ends_on=event.ends_on + by)
        speakers = event.speakers.count() if ClonePart.SPEAKERS in parts else 0
        counts = (event.tracks.count(), len(moves), speakers)
        return MovePreview(
            summary=self._summary(len(days), counts),
            rows=[*rows_of_event(event, moved, moves), *self._further_copies(days)],
            warnings=[*self._warnings(), *warnings_of(moves, COPY_WARNINGS)],
            moves=moves,
            identity=(*self.cleaned_data.items(), counts),
        )

    def _summary(self, copies: int, counts: tuple[int, int, int]) -> str:
        nouns = ("track", "session", "speaker")
        parts = [counted(count, noun) for count, noun in zip(counts, nouns, strict=True)]
        text = ngettext(
            "A draft with %(tracks)s, %(sessions)s and %(speakers)s.",
            "%(n)d drafts, each with %(tracks)s, %(sessions)s and %(speakers)s.",
            copies,
        )
        return text % {
            "n": copies,
            "tracks": parts[0],
            "sessions": parts[1],
            "speakers": parts[2],
        }

    def _further_copies(self, days: list[date]) -> Iterator[PreviewRow]:
        """The days of all copies, if there are several."""
        if len(days) == 1:
            return
        for number, (day, title) in enumerate(zip(days, self._titles(days), strict=True), 1):
            by = days_between(self.event, day)
            copy = Event(starts_on=day, ends_on=self.event.ends_on + by)
            name = _("Copy %(n)d: %(title)s") % {"n": number, "title": title}
            yield PreviewRow(name, "", dates(copy))

    def _titles(self, days: list[date]) -> list[str]:
        title = self.cleaned_data["title"]
        if len(days) == 1:
            return [title]
        return [dated_title(self.event, title, day) for day in days]

    def _check_titles(self) -> None:
        """People tell events apart by their names, and copies in a series by their days."""
        mine = events_for_team(self.user)
        try:
            titles = self._titles(self.days)
        except OverflowError:
            text = _("These dates go beyond the calendar. Ask for fewer copies.")
            self.add_error("copies", text)
            return
        if any(mine.filter(title__iexact=title).exists() for title in titles):
            text = _("You already have an event with this name. Choose another one for the copy.")
            self.add_error("title", text)

    def _check_size(self, copies: int, sessions: int) -> None:
        if copies > 1 and copies * sessions > MOST_SESSIONS:
            text = _("That would be %(all)d sessions, and at most %(most)d are copied in one go.")
            numbers = {"all": copies * sessions, "most": MOST_SESSIONS}
            raise ValidationError({"copies": ValidationError(text, params=numbers)})

    def _settle_slug(self, days: list[date]) -> None:
        """Show the address that an empty field gets: a second "yes" then finds it taken."""
        if not self.cleaned_data["slug"]:
            self.cleaned_data["slug"] = free_event_slug(self._titles(days)[0])
            typed: Any = self.data
            self.data = shown = typed.copy()
            shown["slug"] = self.cleaned_data["slug"]

    def _warnings(self) -> Iterator[str]:
        if self.cleaned_data["starts_on"] < timezone.localdate(timezone=self.event.zone):
            yield _("The first day is in the past.")
        cancelled = self.event.sessions.filter(status=SessionStatus.CANCELLED)
        if self._has_sessions and (count := cancelled.count()):
            text = ngettext(
                "%(n)d cancelled session will be a draft in the copy.",
                "%(n)d cancelled sessions will be drafts in the copy.",
                count,
            )
            yield text % {"n": count}


def clone_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    form = CloneForm(event, user_of(request), request.POST or None)
    if form.is_confirmed and (copies := _clone(form)):
        for copy in copies:
            modeladmin.log_addition(request, copy, f"Cloned from “{event}”.")
        messages.success(request, _done(event, copies))
        if len(copies) > 1:
            return redirect("admin:events_event_changelist")
        return redirect("admin:events_event_change", copies[0].pk)
    back = reverse("admin:events_event_change", args=[event.pk])
    title = (
        gettext_lazy("New event from “%(event)s”")
        if event.is_template
        else gettext_lazy("Clone “%(event)s”")
    )
    page = PreviewPage(
        title=title % {"event": event},
        intro=INTRO,
        yes=_("Yes, make it") if event.is_template else _("Yes, clone the event"),
        back=back,
        crumbs=[
            (_("Events"), reverse("admin:events_event_changelist")),
            (str(event), reverse("admin:events_event_overview", args=[event.pk])),
        ],
    )
    return render_preview(modeladmin, request, form, page)


def _clone(form: CloneForm) -> list[Event] | None:
    asked = form.cleaned_data
    try:
        return clone_repeatedly(
            form.event,
            title=asked["title"],
            days=form.days,
            slug=asked["slug"],
            owner=form.user,
            parts=frozenset(asked["parts"]),
            in_series=asked["in_series"],
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _done(event: Event, copies: list[Event]) -> str:
    if len(copies) > 1:
        text = ngettext(
            "%(n)d draft made from “%(event)s”.", "%(n)d drafts made from “%(event)s”.", len(copies)
        )
        return text % {"n": len(copies), "event": event}
    copy = copies[0]
    return format_html(
        _(
            "“{}” is a draft and a copy of “{}”. Check <a href='{}?event={}'>its "
            "{}</a>, then publish it."
        ),
        copy,
        event,
        reverse("admin:events_session_changelist"),
        copy.pk,
        counted(copy.sessions.count(), "session"),
    )
