"""What of Kaltura stands in an event's workspace: its pages, and a panel of the overview."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.desk.needs import Urgency
from events.desk.overview import OverviewPanel, PanelCount, register_panel
from events.desk.sections import Section, WorkspacePage, list_of, page_of, register_page
from events.models import Event
from kaltura_bridge.models import SyncState, SyncTarget
from kaltura_bridge.sync import progress

_PLANS: Final = "events.change_event"
_RUNS: Final = "events.run_session"
_PRODUCES: Final = "events.produce_session"
_SYNC: Final = page_of("admin:kaltura_bridge_of_event")
_OBJECTS: Final = list_of("admin:kaltura_bridge_synctarget_changelist", "event_uuid__exact", "uuid")
_PAGES: Final = (
    WorkspacePage(
        Section.ON_AIR,
        gettext_lazy("Control room"),
        page_of("admin:kaltura_bridge_control_room"),
        _RUNS,
        own=("kaltura_bridge_control_room", "kaltura_bridge_join"),
    ),
    WorkspacePage(
        Section.ON_AIR,
        gettext_lazy("Recordings"),
        page_of("admin:kaltura_bridge_recordings"),
        _PRODUCES,
        own=("kaltura_bridge_recording",),
    ),
    WorkspacePage(
        Section.ON_AIR,
        gettext_lazy("Captions"),
        page_of("admin:kaltura_bridge_captions"),
        _PRODUCES,
        own=("kaltura_bridge_caption",),
    ),
    WorkspacePage(
        Section.ON_AIR,
        gettext_lazy("Second devices"),
        page_of("admin:kaltura_bridge_devices"),
        "events.run_event",
        own=("kaltura_bridge_devices",),
    ),
    WorkspacePage(
        Section.IN_SYNC,
        gettext_lazy("Dashboard"),
        _SYNC,
        _PLANS,
        own=("kaltura_bridge_dashboard", "kaltura_bridge_retry"),
    ),
    WorkspacePage(
        Section.IN_SYNC,
        gettext_lazy("Plan"),
        page_of("admin:kaltura_bridge_plan"),
        _PLANS,
        own=("kaltura_bridge_plan",),
    ),
    WorkspacePage(
        Section.IN_SYNC,
        gettext_lazy("Objects"),
        _OBJECTS,
        _PLANS,
        own=("kaltura_bridge_synctarget_", "kaltura_bridge_choice"),
    ),
)
_URGENT: Final = {SyncState.FAILED.value: Urgency.NOW, "drifted": Urgency.SOON}


def register() -> None:
    """Called once, as the app starts."""
    for page in _PAGES:
        register_page(page)
    register_panel(sync_state_panel)


def sync_state_panel(user: Any, event: Event) -> OverviewPanel | None:
    """How many of the event's objects are in step, for those who may mend the others."""
    if not user.has_perm(_PLANS, event):
        return None
    found = progress.overview(SyncTarget.objects.filter(event_uuid=event.uuid))
    counts = [
        PanelCount(
            each.number,
            each.label,
            f"{_OBJECTS(event)}&{each.query}",
            _URGENT.get(each.name),
        )
        for each in found.counts
        if each.number
    ]
    note = "" if counts else _("Nothing has been sent to Kaltura yet.")
    return OverviewPanel(gettext_lazy("In sync"), counts, note, _SYNC(event))
