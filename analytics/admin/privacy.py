"""What may be shown of an event's attendance: a page for those who read and plan it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.admin.scope import event_for_analyst
from analytics.models import EventPrivacy, EventReport, PrivacyChange
from analytics.privacy.changing import CHOICES, change_privacy, may_change, privacy_of
from analytics.privacy.modes import rules_of
from analytics.privacy.retention import retention_plans
from events.models.fields import LineInput
from events.permissions import ANALYSTS, events_for_team


class PrivacyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The event's choices, and why they are made."""

    reason = LineInput(label=gettext_lazy("Reason"), max_length=300, required=False)

    class Meta:
        model = EventPrivacy
        fields = CHOICES


def event_privacy(request: HttpRequest, pk: int) -> HttpResponse:
    """The event's privacy; who plans the event may change it here."""
    event = event_for_analyst(request.user, pk)
    user: Any = request.user
    if request.method == "POST" and not may_change(user, event):
        raise PermissionDenied
    form = PrivacyForm(request.POST or None, instance=privacy_of(event))
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            changed = change_privacy(event, user, data, data.pop("reason"))
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
            return redirect("admin:analytics_event_privacy", event.pk)
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "opts": EventReport._meta,
        "title": _("Attendance privacy: %(event)s") % {"event": event.title},
        "event": event,
        "privacy": rules_of(event),
        "form": form,
        "may_change": may_change(user, event),
        "changes": PrivacyChange.objects.filter(event=event).select_related("user")[:100],
    }
    response = TemplateResponse(request, "analytics/privacy.html", context)
    response["Cache-Control"] = "no-store"
    return response


def retention(request: HttpRequest) -> HttpResponse:
    """When names are replaced or deleted, of the events that this person may read."""
    mine = events_for_team(request.user, ANALYSTS).values_list("pk", flat=True)
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "opts": EventReport._meta,
        "title": _("How long names are kept"),
        "plans": retention_plans(list(mine)),
    }
    return TemplateResponse(request, "analytics/retention.html", context)


# Route, view and name, for the admin of the reports.
PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("retention/", retention, "analytics_retention"),
    ("<int:pk>/privacy/", event_privacy, "analytics_event_privacy"),
]
