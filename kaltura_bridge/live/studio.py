"""The Webcasting Studio, Kaltura's program for producers: where to get it, and the way into it.

The way in is a form of ours whose answer redirects to the program's own scheme. So the KS is
minted at the click and stands in one header of one answer that nothing keeps: in no page, where
extensions read and people copy; in no script; in no history, which only knows where the form
was. A script lets a hidden frame take that answer, as Kaltura's own launcher does, so that no
browser leaves the page for an address that it cannot show. Source of what the program needs:
KAppLauncher.js of kaltura-vpaas/webcasting-integration.
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events.models import Event, EventStatus, Visibility
from kaltura_bridge.api import ks
from kaltura_bridge.api.account import Resources, remembered_resources
from kaltura_bridge.api.broadcast_ks import Purpose, purpose_user_id, studio_ks
from kaltura_bridge.api.studio_apps import StudioApp, System
from kaltura_bridge.join.views import confidential
from kaltura_bridge.live import trail
from kaltura_bridge.live.hours import closed_to_producers
from kaltura_bridge.live.ingest import FED
from kaltura_bridge.live.launching import (
    SCHEME,
    StudioOptions,
    studio_address,
    studio_params,
)
from kaltura_bridge.live.panels import DeskPanel, DeskStep, LiveDesk, producers_desk
from kaltura_bridge.live.tool_pages import broadcast_for, confidential_form, forms_lead_to
from kaltura_bridge.models import Chat

NO_APPS: Final[tuple[StudioApp, ...]] = ()


class RedirectToProgram(HttpResponseRedirectBase):
    """Hands the browser an address that the operating system opens with the program."""

    status_code = 303
    allowed_schemes = [SCHEME.lower()]


def studio_desk(request: HttpRequest, event_slug: str, session_slug: str) -> LiveDesk:
    """The desk of a producer whose session the program can produce. Raises Http404."""
    desk = producers_desk(request, event_slug, session_slug)
    if desk.session.session_type not in FED:
        raise Http404("The Webcasting Studio does not produce such sessions.")
    return desk


@require_safe
@confidential_form
def studio_page(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """Open the program or download it, for both systems that it runs on; a script picks one."""
    desk = studio_desk(request, event_slug, session_slug)
    apps = apps_of(remembered_resources())
    context = {
        "event": desk.event,
        "session": desk.session,
        "closed": closed_to_producers(desk),
        "is_there": bool(desk.broadcast_id),
        "can_mint": ks.can_mint(),
        "apps": apps,
        "systems": list(System),
    }
    page = render(request, "kaltura_bridge/live/studio.html", context)
    return forms_lead_to(page, f"{SCHEME.lower()}:", in_frame=True)


@require_POST
@confidential
def launch_studio(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """Sign the person into the program, and hand it the session; noted before it is opened."""
    desk = studio_desk(request, event_slug, session_slug)
    if closed_to_producers(desk) or not desk.broadcast_id or not ks.can_mint():
        return redirect("kaltura:live_studio", desk.event.slug, desk.session.slug)
    address = launch_address(desk, request.POST.get("system", ""))
    trail.note(desk, f"opened the Webcasting Studio ({desk.broadcast_id})")
    return RedirectToProgram(address)


def launch_address(desk: LiveDesk, system: str) -> str:
    """The address that opens the program on this system; it holds a KS."""
    resources = remembered_resources()
    params = studio_params(broadcast_for(desk, studio_ks), _options(desk, resources, system))
    return studio_address(params)


def _options(desk: LiveDesk, resources: Resources | None, system: str) -> StudioOptions:
    """How the program is to behave, from the session's delivery and the account."""
    app = next((app for app in apps_of(resources) if app.system == system), None)
    profiles = resources.profiles if resources else {}
    ids = {name: profile.id for name, profile in profiles.items()}
    return StudioOptions(
        user_id=purpose_user_id(Purpose.PRODUCER, desk.session.uuid),
        ui_conf_id=app.ui_conf_id if app else "",
        site_url=str(settings.SITE_URL),
        app_name=_("Webcasting Studio"),
        questions=desk.options.questions != Chat.OFF,
        self_serve=desk.options.self_serve,
        logo_url=_logo_url(desk.event),
        player_id=str(settings.KALTURA_PLAYER_UICONF_ID or ""),
        events_profile_id=ids.get("KMS_EVENTS3", ""),
        webcast_profile_id=ids.get("KMS_KWEBCAST2", ""),
        presentation_profile_id=_presentation_profile_id(resources),
    )


def _logo_url(event: Event) -> str:
    """The event's picture for messengers, which the program can fetch if anybody can; else none."""
    is_hidden = event.visibility == Visibility.INVITED or event.status == EventStatus.DRAFT
    return "" if is_hidden else f"{settings.SITE_URL}{reverse('events:preview', args=[event.slug])}"


def _presentation_profile_id(resources: Resources | None) -> str:
    """What converts slides: the account's profile of that name, else the setting's, else none."""
    found = resources.presentation_profile_id if resources else ""
    return found or str(settings.KALTURA_SLIDES_PROFILE_ID or "")


def apps_of(resources: Resources | None) -> tuple[StudioApp, ...]:
    """The programs to download, as the account was last asked for them."""
    return resources.studio_apps if resources else NO_APPS


def studio_panel(desk: LiveDesk) -> DeskPanel | None:
    """The way to the program, for producers of what it produces."""
    if not desk.rights.produces or desk.session.session_type not in FED:
        return None
    context: dict[str, Any] = {"is_there": bool(desk.broadcast_id)}
    return DeskPanel("studio", DeskStep.PREPARE, "kaltura_bridge/live/_studio.html", context)
