"""The page where a manager lets other sites show the agenda, and finds the code for them."""

from __future__ import annotations

from typing import Any, Final

from csp.constants import SELF
from csp.decorators import csp_replace
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.dates import short_day
from events.models import AgendaWidget, Event, EventStatus, FramedBy
from events.models.fields import ProseInput
from events.widget.options import ALL_DAYS, AUTO, DARK, LIGHT, WidgetOptions
from events.widget.sites import MOST_CHARS, let_frame, read_sites

_FRAME_HEIGHT_PX: Final = 600


class SitesForm(forms.Form):
    """Who may show the agenda."""

    framed_by = forms.ChoiceField(
        label=gettext_lazy("Who may show it"), choices=FramedBy.choices, widget=forms.RadioSelect
    )
    sites = ProseInput(
        label=gettext_lazy("These sites"),
        required=False,
        max_length=MOST_CHARS,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text=gettext_lazy(
            "One in a row, such as https://www.example.org; *.example.org for all below it."
        ),
    )

    def clean_sites(self) -> list[str]:
        return read_sites(self.cleaned_data["sites"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("framed_by") == FramedBy.LISTED and cleaned.get("sites") == []:
            self.add_error("sites", _("Name at least one site, or choose another answer above."))
        return cleaned


class LookForm(forms.Form):
    """What the widget shows: the same names as in its address."""

    track = forms.ChoiceField(label=gettext_lazy("Track"), required=False)
    day = forms.ChoiceField(label=gettext_lazy("Day"), required=False)
    theme = forms.ChoiceField(
        label=gettext_lazy("Colours"),
        required=False,
        choices=(
            (AUTO, gettext_lazy("As the reader's system")),
            (LIGHT, gettext_lazy("Light")),
            (DARK, gettext_lazy("Dark")),
        ),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    def __init__(self, event: Event, options: WidgetOptions) -> None:
        super().__init__(initial=vars(options))
        choices: Any = self.fields
        tracks = [(track.slug, track.name) for track in event.tracks.all()]
        choices["track"].choices = [("", _("All")), *tracks]
        days = [(day.isoformat(), short_day(day)) for day in event.days]
        choices["day"].choices = [("", _("Today, or the first")), (ALL_DAYS, _("All days")), *days]
        choices["language"].choices = [("", _("The reader's own")), *settings.LANGUAGES]


def widget_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Ask who may show the agenda; offer its looks, a preview and the code to copy."""
    form = SitesForm(request.POST or None, initial=_current(event))
    if request.method == "POST" and form.is_valid():
        let_frame(event, form.cleaned_data["framed_by"], form.cleaned_data["sites"])
        modeladmin.log_change(request, event, _("Chose who may show the agenda."))
        messages.success(request, _("Saved."))
        return redirect("admin:events_event_widget", event.pk)
    options = WidgetOptions.from_query(request.GET)
    known = options.known([track.slug for track in event.tracks.all()], event.days)
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("“{event}” on other sites").format(event=event),
        "event": event,
        "form": form,
        "look": LookForm(event, known),
        "is_shown": event.is_public and event.status != EventStatus.DRAFT,
        "preview": reverse("events:widget", args=[event.slug]) + known.query,
        "script_code": script_code(event, known),
        "frame_code": frame_code(event, known),
        "opts": modeladmin.opts,
    }
    response = TemplateResponse(request, "admin/events/widget.html", context)
    framing = csp_replace({"frame-src": [SELF]})(lambda request: response)
    return framing(request)  # type: ignore[return-value]


def _current(event: Event) -> dict[str, str]:
    widget = AgendaWidget.objects.filter(event=event).first() or AgendaWidget(event=event)
    return {"framed_by": widget.framed_by, "sites": "\n".join(widget.sites)}


def script_code(event: Event, options: WidgetOptions) -> str:
    """The line that a site includes; its frame grows with the agenda."""
    chosen = {"event": event.slug, **vars(options)}
    data = ((name, value) for name, value in chosen.items() if value not in {"", AUTO})
    attributes = format_html_join("", ' data-{}="{}"', data)
    source = settings.SITE_URL + reverse("events:widget_script")
    return format_html('<script src="{}"{} async></script>', source, attributes)


def frame_code(event: Event, options: WidgetOptions) -> str:
    """The same without a script, in a frame of one height."""
    return format_html(
        '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy" '
        'referrerpolicy="no-referrer"></iframe>',
        settings.SITE_URL + reverse("events:widget", args=[event.slug]) + options.query,
        event.title,
        _FRAME_HEIGHT_PX,
    )
