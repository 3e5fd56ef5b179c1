"""From claimed targets to what Kaltura should hold for them: the only domain read of a sync."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from events.models import Event, Session, SessionSpeaker, Track
from kaltura_bridge.api.account import Resources, presenter_elements, remembered_resources
from kaltura_bridge.delivery.references import Reference
from kaltura_bridge.members.people import members_behind
from kaltura_bridge.models import RemoteLink, SyncTarget, TargetKind
from kaltura_bridge.recipes import CannotSend, Context, Pointed, specs_for
from kaltura_bridge.recipes.shared import MODES
from kaltura_bridge.recordings.choosing import own_recordings
from kaltura_bridge.specs import Identity, Kind, Ref, RemoteRef, Spec
from kaltura_bridge.sync.planner import resolve
from kaltura_bridge.sync.states import Planned

PlannedKey = tuple[str, str]  # kind, uuid


@dataclass
class Desired:
    """Specs by target id, and what is missing for each target that cannot be sent."""

    specs: dict[int, Sequence[Spec]] = field(default_factory=dict)
    missing: dict[int, CannotSend] = field(default_factory=dict)


def context_for(
    resources: Resources, pointed: Mapping[RemoteRef, Pointed] | None = None
) -> Context:
    return Context(
        parent_category_id=resources.parent_category_id,
        pointed=pointed,
        owner_id=settings.KALTURA_USER_ID,
        site_url=settings.SITE_URL,
        presenter_elements=presenter_elements(resources),
        conversion_profile_id=str(settings.KALTURA_CONVERSION_PROFILE_ID or ""),
        room_template_interactive=settings.KALTURA_ROOM_TEMPLATE_INTERACTIVE or "",
        room_template_webinar=settings.KALTURA_ROOM_TEMPLATE_WEBINAR or "",
        room_template_studio=settings.KALTURA_ROOM_TEMPLATE_STUDIO or "",
        simulive_access_control_id=str(settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID or ""),
    )


def desired_for(
    targets: Sequence[SyncTarget],
    planned: Mapping[PlannedKey, Planned],
    context: Context,
    sent: Mapping[int, Set[Reference]] | None = None,
) -> Desired:
    """What Kaltura should hold for these targets; nothing for those deleted here. Pure.

    ``sent``: what Kaltura was sent before that it points to, by target.
    """
    desired = Desired()
    for target in targets:
        thing = planned.get((target.kind, str(target.object_uuid)))
        before = frozenset((sent or {}).get(target.pk, ()))
        own = replace(context, taken_names=frozenset(target.taken_names), sent=before)
        try:
            desired.specs[target.pk] = specs_for(thing, own) if thing else []
        except CannotSend as error:
            desired.missing[target.pk] = error
    return desired


def remembered_specs(
    targets: Sequence[SyncTarget], planned: Mapping[PlannedKey, Planned] | None = None
) -> list[Spec]:
    """What Kaltura should hold for these targets, from our own tables alone.

    ``planned``: the planned objects, where they are not to be read (a change not saved yet).

    Empty when nothing is planned any more, when it lacks something, or when the account
    was never looked at. Videos count as ready: nobody looks for them here.
    """
    resources = remembered_resources()
    if resources is None:
        return []
    planned = load(targets) if planned is None else planned
    desired = desired_for(targets, planned, context_for(resources))
    return [spec for specs in desired.specs.values() for spec in specs]


def remembered_fields(specs: Sequence[Spec]) -> dict[Identity, dict[str, str]]:
    """The fields of these specs by identity, with the ids that are known; "" for others."""
    keys = {ref.key for spec in specs for ref in spec.refs}
    rows = RemoteLink.objects.filter(key__in=keys).exclude(remote_id=None)
    ids = {(Kind(row.kind), row.key): row.remote_id or "" for row in rows}
    return {
        spec.identity: {
            name: "" if isinstance(held := resolve(value, ids), Ref) else held
            for name, value in spec.fields.items()
        }
        for spec in specs
    }


def load(targets: Sequence[SyncTarget]) -> dict[PlannedKey, Planned]:
    """The planned objects by kind and uuid: a few queries a kind, however many objects."""
    speakers = Prefetch("appearances", SessionSpeaker.objects.select_related("speaker__user"))
    # Of interest where the rooms of a track are shared (recipes/shared.py).
    in_rooms = Session.objects.filter(session_type__in=MODES).select_related(
        "event__delivery", "delivery"
    )
    rooms = Prefetch("sessions", in_rooms)
    recorded = Prefetch("recordings", own_recordings(), to_attr="own_recordings")
    queries: dict[TargetKind, QuerySet[Any]] = {
        TargetKind.EVENT: Event.objects.select_related("delivery"),
        TargetKind.TRACK: Track.objects.select_related("event__delivery").prefetch_related(rooms),
        TargetKind.SESSION: Session.objects.select_related(
            "event__delivery", "track", "delivery"
        ).prefetch_related(speakers, recorded),
    }
    found: dict[PlannedKey, Planned] = {}
    for kind, query in queries.items():
        uuids = [target.object_uuid for target in targets if target.kind == kind]
        things: Iterable[Planned] = query.filter(uuid__in=uuids) if uuids else ()
        found |= {(str(kind), str(thing.uuid)): thing for thing in things}
    return found | members_behind(targets)
