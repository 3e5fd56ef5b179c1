"""The control room's pages: of one event, and of all that somebody runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import get_template
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from events.admin import extensions
from events.caching.answers import digest_of, tell_time
from events.models import Event, Session
from events.permissions import RUNNERS, events_for_team
from kaltura_bridge.admin.base import Base, render_page
from kaltura_bridge.control_room.cells import CellLevel
from kaltura_bridge.control_room.rows import ControlRoom, ControlRow, control_room
from kaltura_bridge.join_tests.service import ask_now
from kaltura_bridge.models import Account
from kaltura_bridge.queue import TaskName, enqueue

ALL: Final = "admin:kaltura_bridge_control_rooms"
ONE: Final = "admin:kaltura_bridge_control_room"
#: How often an open page asks, in seconds.
ASK_S: Final = 10
#: What the page's script has already: ``KEY:DIGEST`` of each row.
HAVE_HEADER: Final = "X-Have-Rows"
_DIGITS: Final = 12


def urls(modeladmin: Base) -> list[URLPattern]:
    """Both pages, and what their script asks."""

    def of_all(request: HttpRequest) -> HttpResponse:
        return _page(modeladmin, request, None)

    def of_one(request: HttpRequest, pk: int) -> HttpResponse:
        return _page(modeladmin, request, _own(request, pk))

    def state_of_all(request: HttpRequest) -> HttpResponse:
        return _state(request, None)

    def state_of_one(request: HttpRequest, pk: int) -> HttpResponse:
        return _state(request, _own(request, pk))

    pages = (
        ("", of_all, "kaltura_bridge_control_rooms"),
        ("state/", state_of_all, "kaltura_bridge_control_rooms_state"),
        ("<int:pk>/", of_one, "kaltura_bridge_control_room"),
        ("<int:pk>/state/", state_of_one, "kaltura_bridge_control_room_state"),
    )
    wrap = modeladmin.admin_site.admin_view
    return [
        *(path(f"control/{at}", wrap(require_safe(view)), name=name) for at, view, name in pages),
        path("control/test/<int:pk>/", wrap(_test), name="kaltura_bridge_join_test"),
    ]


def register() -> None:
    """Lead to the page from events."""
    extensions.register_object_tool(Event, ONE, gettext_lazy("Control room"), "events.run_session")


def _test(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker join the session as a viewer, now."""
    own = events_for_team(request.user, RUNNERS)
    session = get_object_or_404(Session.objects.select_related("event"), pk=pk, event__in=own)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    ask_now(session)
    enqueue(TaskName.JOIN_TESTS)
    messages.success(
        request,
        _("“%(session)s” is being joined. Its row says how it went, within seconds.")
        % {"session": session},
    )
    return redirect(back_from(request, reverse(ONE, args=[session.event_id])))


def back_from(request: HttpRequest, otherwise: str) -> str:
    """The page of ours from which a form of the control room came."""
    back = request.POST.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else otherwise


def _own(request: HttpRequest, pk: int) -> Event:
    return get_object_or_404(events_for_team(request.user, RUNNERS).distinct(), pk=pk)


@dataclass(frozen=True)
class ShownRoom:
    """What a page and its script's answer say alike, made once for both."""

    room: ControlRoom
    html: dict[str, str]
    summary: str

    @property
    def digests(self) -> dict[str, str]:
        return {key: digest_of(text.encode())[:_DIGITS] for key, text in self.html.items()}


def _shown(request: HttpRequest, event: Event | None) -> ShownRoom:
    mine: QuerySet[Event] = events_for_team(request.user, RUNNERS)
    room = control_room(mine.filter(pk=event.pk) if event else mine, request.user, timezone.now())
    row = get_template("kaltura_bridge/admin/_control_row.html")
    html = {each.key: row.render(_row_context(each, event)) for each in room.rows}
    summary = get_template("kaltura_bridge/admin/_control_summary.html").render(_told(room))
    return ShownRoom(room, html, summary)


def _row_context(row: ControlRow, event: Event | None) -> dict[str, Any]:
    return {"row": row, "session": row.session, "names_event": event is None}


def _told(room: ControlRoom) -> dict[str, Any]:
    return {
        "total": len(room.rows),
        "bad": room.count(CellLevel.BAD),
        "waiting": room.count(CellLevel.WAIT),
        "is_cut": room.is_cut,
        "account": Account.objects.filter(failures__gt=0).first(),
    }


def _page(modeladmin: Base, request: HttpRequest, event: Event | None) -> HttpResponse:
    shown = _shown(request, event)
    address = reverse(ONE, args=[event.pk]) if event else reverse(ALL)
    context = {
        "event": event,
        "address": address,
        "is_large": request.GET.get("type") == "large",
        "now": timezone.now(),
        "ask_s": ASK_S,
        "summary": shown.summary,
        "rows": [(key, shown.digests[key], html) for key, html in shown.html.items()],
        "is_nav_sidebar_enabled": False,
    }
    title = _("Control room of “%(event)s”") % {"event": event} if event else _("Control room")
    response = render_page(modeladmin, request, "control_room", title, context)
    patch_cache_control(response, private=True, no_store=True)
    tell_time(response)
    return response


def _state(request: HttpRequest, event: Event | None) -> HttpResponse:
    """Which rows there are, those that the page has not, and the summary: JSON, or 304."""
    shown = _shown(request, event)
    digests = shown.digests
    have = set(request.headers.get(HAVE_HEADER, "").split(","))
    order = [f"{key}:{digest}" for key, digest in digests.items()]
    said = {
        "order": order,
        "rows": {k: html for k, html in shown.html.items() if f"{k}:{digests[k]}" not in have},
        "summary": shown.summary,
        "ask_s": ASK_S,
    }
    etag = f'"{digest_of(",".join(order).encode(), shown.summary.encode())}"'
    response: HttpResponse = JsonResponse(said)
    response["ETag"] = etag
    response = get_conditional_response(request, etag=etag, response=response) or response
    patch_cache_control(response, private=True, no_cache=True)
    tell_time(response)
    return response
