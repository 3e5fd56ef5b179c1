"""Who was in a session from several browsers in the last day, for the event's team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin import extensions
from events.models import Event
from events.permissions import RUNNERS, events_for_team
from kaltura_bridge.admin.base import Base, render_page
from kaltura_bridge.delivery.options import event_delivery
from kaltura_bridge.join.privacy import tells_entrances
from kaltura_bridge.models import LaunchTicket, SecondDevice

PAGE = "admin:kaltura_bridge_devices"
_MOST = 200


@dataclass(frozen=True)
class SeveralDevices:
    """One person in one session: from how many browsers, how often, from when to when."""

    name: str
    user_uuid: str
    session_pk: int
    session_title: str
    devices: int
    entrances: int
    first_at: datetime
    last_at: datetime


def urls(modeladmin: Base) -> list[URLPattern]:
    """The page of one event."""

    def page(request: HttpRequest, pk: int) -> HttpResponse:
        return _page(modeladmin, request, pk)

    wrap = modeladmin.admin_site.admin_view
    return [path("devices/<int:pk>/", wrap(page), name="kaltura_bridge_devices")]


def register() -> None:
    """Lead to the page from events."""
    extensions.register_object_tool(
        Event, PAGE, gettext_lazy("Second devices"), "events.run_session"
    )


def _page(modeladmin: Base, request: HttpRequest, pk: int) -> HttpResponse:
    events = events_for_team(request.user, RUNNERS).select_related("delivery")
    event = get_object_or_404(events, pk=pk)
    decided = event_delivery(event)
    policy = SecondDevice(decided.second_device if decided else SecondDevice.ALLOW)
    context: dict[str, Any] = {"event": event, "policy": policy.label}
    if tells_entrances(event):
        context["rows"] = several_devices(event)
    else:
        context["is_withheld"] = True
    title = _("Second devices at “%(event)s”") % {"event": event}
    return render_page(modeladmin, request, "devices", title, context)


def several_devices(event: Event) -> list[SeveralDevices]:
    """Who came in from more than one browser, those with the most first; two hundred at most."""
    rows = (
        LaunchTicket.objects.filter(session__event=event)
        .exclude(device="")
        .order_by()
        .values_list("user__name", "user__uuid", "session", "session__title")
        .annotate(
            devices=Count("device", distinct=True),
            entrances=Count("pk"),
            first=Min("redeemed_at"),
            last=Max("redeemed_at"),
        )
        .filter(devices__gt=1)
        .order_by("-devices", "user__name", "session__title")[:_MOST]
    )
    return [SeveralDevices(row[0], str(row[1]), *row[2:]) for row in rows]
