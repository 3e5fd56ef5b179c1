"""What the admin of events, tracks and sessions shows of Kaltura; the events app knows nothing."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin import extensions
from events.models import Event, EventStatus, Session, Track
from kaltura_bridge.admin.bulk import bulk_page
from kaltura_bridge.delivery.options import event_delivery
from kaltura_bridge.labels import SHOWN, state_mark, target_mark
from kaltura_bridge.models import Account, SyncState, SyncTarget, TargetKind
from kaltura_bridge.repair import actions
from kaltura_bridge.repair.choices import counted
from kaltura_bridge.repair.diff import objects_of
from kaltura_bridge.sync.states import KINDS

HISTORY = 10
DELETE_NOTES = {
    Event: gettext_lazy(
        "At Kaltura: its category and every session's entry or room. Recordings stay as videos."
    ),
    Track: gettext_lazy(
        "At Kaltura: its category. Its sessions stay and move into the event's category."
    ),
    Session: gettext_lazy(
        "At Kaltura: its entry or room, and its schedule. Recordings stay as videos."
    ),
}


def register() -> None:
    """Add columns, panels, actions and filters to the events' admin."""
    may = "events.change_event"
    extensions.register_object_tool(Event, "admin:kaltura_bridge_of_event", "Kaltura", may)
    extensions.register_object_tool(
        Event, "admin:kaltura_bridge_plan", gettext_lazy("Kaltura plan"), may
    )
    extensions.register_object_tool(
        Session,
        "kaltura:live_desk",
        gettext_lazy("Live desk"),
        "events.run_session",
        args=_saved_slugs,
    )
    for model in (Event, Track, Session):
        extensions.register_queryset(model, with_sync_state)
        extensions.register_column(model, sync_column, "Kaltura", ordering="sync_state")
        extensions.register_readonly(
            model, sync_panel, gettext_lazy("Sync state"), section="Kaltura"
        )
        extensions.register_filter(model, SyncStateFilter)
        extensions.register_delete_note(model, DELETE_NOTES[model])
        for action in (sync_now, push_changes, recreate):
            extensions.register_action(model, action)


def _saved_slugs(session: Session) -> list[str]:
    """As they are in the database: a form that was refused has put others on the object."""
    return list(Session.objects.values_list("event__slug", "slug").get(pk=session.pk))


def with_sync_state(things: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate ``sync_state``, ``sync_error_kind``, ...: one subquery each, none a row."""
    target = SyncTarget.objects.filter(kind=KINDS[things.model], object_uuid=OuterRef("uuid"))
    shown = {f"sync_{name}": Subquery(target.values(name)[:1]) for name in ("pk", *SHOWN)}
    annotated: QuerySet[Any] = things.annotate(**shown)
    return annotated


def sync_column(thing: Any) -> SafeString | str:
    """The state in a list of events or sessions, from the annotations of ``with_sync_state``."""
    state, kind, there, synced_at = (getattr(thing, f"sync_{name}", None) for name in SHOWN)
    pk = getattr(thing, "sync_pk", None)
    return state_mark(state, kind or "", there or "", synced_at, url=target_url(pk) if pk else "")


def target_url(pk: int) -> str:
    """The page of a target."""
    return reverse("admin:kaltura_bridge_synctarget_change", args=[pk])


def targets_of_things(things: QuerySet[Any]) -> QuerySet[SyncTarget]:
    """The targets of events, tracks or sessions; an event's are all that belong to it."""
    uuids = list(things.values_list("uuid", flat=True))
    if things.model is Event:
        return SyncTarget.objects.filter(event_uuid__in=uuids)
    return SyncTarget.objects.filter(kind=KINDS[things.model], object_uuid__in=uuids)


def sync_panel(thing: Any) -> SafeString | str:
    """State, reason, objects at Kaltura and recent attempts, on the object's own page."""
    target = SyncTarget.objects.filter(kind=KINDS[type(thing)], object_uuid=thing.uuid).first()
    if target is None:
        return _("Save it, and it is sent to Kaltura automatically.")
    context = {
        "target": target,
        "mark": target_mark(target, target_url(target.pk)),
        "objects": objects_of(target),
        "attempts": target.history.all()[:HISTORY],
        "tracks": _tracks(target),
        "account": Account.objects.filter(failures__gt=0).first(),
        "draft_note": _draft_note(thing),
    }
    return render_to_string("kaltura_bridge/admin/panel.html", context)


def _draft_note(thing: Event | Track | Session) -> str:
    """What Kaltura has of a draft; "" for everything else."""
    event = thing if isinstance(thing, Event) else thing.event
    statuses = {event.status, thing.status if isinstance(thing, Session) else ""}
    if EventStatus.DRAFT not in statuses:
        return ""
    decided = event_delivery(event)
    if decided and decided.prepare_drafts and isinstance(thing, Session):
        return _("Draft: its entry or room is prepared at Kaltura, in no channel and no calendar.")
    if decided and decided.prepare_drafts:
        return _("Draft: entries and rooms are prepared at Kaltura, in no channel and no calendar.")
    return _("Draft: attendees find nothing of it at Kaltura. Publish it to send the rest.")


def _tracks(target: SyncTarget) -> list[tuple[str, SafeString | str]]:
    """An event's tracks with their states; they have no page of their own."""
    if target.kind != TargetKind.EVENT:
        return []
    tracks = SyncTarget.objects.filter(event_uuid=target.event_uuid, kind=TargetKind.TRACK)
    return [(each.title, target_mark(each, target_url(each.pk))) for each in tracks]


class SyncStateFilter(admin.SimpleListFilter):
    """Filters events, tracks and sessions by their sync state."""

    title = "Kaltura"
    parameter_name = "kaltura"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*SyncState.choices, ("drifted", _("Changed at Kaltura"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "drifted":
            return queryset.exclude(sync_changed_there=None).exclude(sync_changed_there="")
        return queryset.filter(sync_state=self.value()) if self.value() else queryset


@admin.action(description=gettext_lazy("Sync with Kaltura now"), permissions=["change"])
def sync_now(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    """Compare and send these again, now; of events everything that belongs to them."""
    number = actions.retry(targets_of_things(queryset))
    queued = counted(number, "object")
    messages.success(
        request,
        _("%(queued)s queued for sync. Reload this page to see the result.") % {"queued": queued},
    )


@admin.action(
    description=gettext_lazy("Push over changes made at Kaltura…"), permissions=["change"]
)
def push_changes(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
    """Overwrite what was changed at Kaltura, after a preview."""
    return bulk_page(modeladmin, request, queryset, targets_of_things(queryset), "push")


@admin.action(
    description=gettext_lazy("Recreate what was deleted at Kaltura…"), permissions=["change"]
)
def recreate(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
    """Create again what was deleted at Kaltura, after a preview."""
    return bulk_page(modeladmin, request, queryset, targets_of_things(queryset), "recreate")
