"""The page that makes an event once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    counted,
    day_field,
    render_preview,
    rows_of_event,
    warnings_of,
)
from events.admin.scope import user_of
from events.copying import clone_event, free_event_slug
from events.models import Event, SessionStatus, User
from events.moving import days_between, plan_moves
from events.permissions import events_for_team

INTRO = gettext_lazy(
    "The copy is a draft with the same tracks, sessions, speakers and texts, "
    "on other days. Registrations, favourites, attendance and the team are "
    "not copied; you become its owner."
)


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

    def __init__(self, event: Event, user: User, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"title": event.title})
        self.event, self.user = event, user

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        if events_for_team(self.user).filter(title__iexact=title).exists():
            raise ValidationError(
                _("You already have an event with this name. Choose another one for the copy.")
            )
        return title

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug and Event.objects.filter(slug=slug).exists():
            raise ValidationError(
                _("Another event already uses this address. Choose a different one.")
            )
        return slug

    def make_preview(self) -> MovePreview:
        self._settle_slug()
        event, starts_on = self.event, self.cleaned_data["starts_on"]
        by = days_between(event, starts_on)
        moves = plan_moves(event.sessions.select_related("event"), by=by)
        moved = Event(starts_on=starts_on, ends_on=event.ends_on + by)
        counts = (event.tracks.count(), len(moves), event.speakers.count())
        nouns = ("track", "session", "speaker")
        parts = [counted(count, noun) for count, noun in zip(counts, nouns, strict=True)]
        return MovePreview(
            summary=_("A draft with %(tracks)s, %(sessions)s and %(speakers)s.")
            % {"tracks": parts[0], "sessions": parts[1], "speakers": parts[2]},
            rows=rows_of_event(event, moved, moves),
            warnings=[*self._warnings(), *warnings_of(moves, COPY_WARNINGS)],
            moves=moves,
            identity=(*self.cleaned_data.items(), counts),
        )

    def _settle_slug(self) -> None:
        """Show the address that an empty field gets: a second "yes" then finds it taken."""
        if not self.cleaned_data["slug"]:
            self.cleaned_data["slug"] = free_event_slug(self.cleaned_data["title"])
            typed: Any = self.data
            self.data = shown = typed.copy()
            shown["slug"] = self.cleaned_data["slug"]

    def _warnings(self) -> Iterator[str]:
        if self.cleaned_data["starts_on"] < timezone.localdate(timezone=self.event.zone):
            yield _("The first day is in the past.")
        if count := self.event.sessions.filter(status=SessionStatus.CANCELLED).count():
            text = ngettext(
                "%(n)d cancelled session will be a draft in the copy.",
                "%(n)d cancelled sessions will be drafts in the copy.",
                count,
            )
            yield text % {"n": count}


def clone_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    form = CloneForm(event, user_of(request), request.POST or None)
    if form.is_confirmed and (copy := _clone(form)):
        modeladmin.log_addition(request, copy, f"Cloned from “{event}”.")
        messages.success(request, _done(event, copy))
        return redirect("admin:events_event_change", copy.pk)
    back = reverse("admin:events_event_change", args=[event.pk])
    page = PreviewPage(
        title=_("Clone “%(event)s”") % {"event": event},
        intro=INTRO,
        yes=_("Yes, clone the event"),
        back=back,
        crumbs=[(_("Events"), reverse("admin:events_event_changelist")), (str(event), back)],
    )
    return render_preview(modeladmin, request, form, page)


def _clone(form: CloneForm) -> Event | None:
    try:
        return clone_event(form.event, **form.cleaned_data, owner=form.user)
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _done(event: Event, copy: Event) -> str:
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
