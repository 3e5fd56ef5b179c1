"""From claimed targets to what Kaltura should hold for them: the only domain read of a sync."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from events.models import Event, Session, SessionSpeaker, Track
from kaltura_bridge.models import SyncTarget, TargetKind
from kaltura_bridge.recipes import Context, UnsupportedSession, specs_for
from kaltura_bridge.resources import Resources
from kaltura_bridge.specs import Spec

Planned = Event | Track | Session


@dataclass
class Desired:
    """Specs by target id, and the sentence for each target that no recipe can serve."""

    specs: dict[int, Sequence[Spec]] = field(default_factory=dict)
    unsupported: dict[int, str] = field(default_factory=dict)


def context_for(resources: Resources) -> Context:
    return Context(
        parent_category_id=resources.parent_category_id,
        conversion_profile_id=str(settings.KALTURA_CONVERSION_PROFILE_ID or ""),
        room_template_interactive=settings.KALTURA_ROOM_TEMPLATE_INTERACTIVE or "",
        room_template_webinar=settings.KALTURA_ROOM_TEMPLATE_WEBINAR or "",
    )


def desired_for(targets: Sequence[SyncTarget], context: Context) -> Desired:
    """What Kaltura should hold for these targets; nothing for those deleted here."""
    planned = _load(targets)
    desired = Desired()
    for target in targets:
        thing = planned.get((target.kind, str(target.object_uuid)))
        try:
            desired.specs[target.pk] = specs_for(thing, context) if thing else []
        except UnsupportedSession as error:
            desired.unsupported[target.pk] = str(error)
    return desired


def _load(targets: Sequence[SyncTarget]) -> dict[tuple[str, str], Planned]:
    """The planned objects by kind and uuid: at most one query a kind, and one for speakers."""
    speakers = Prefetch("appearances", SessionSpeaker.objects.select_related("speaker"))
    queries: dict[TargetKind, QuerySet[Any]] = {
        TargetKind.EVENT: Event.objects.all(),
        TargetKind.TRACK: Track.objects.select_related("event"),
        TargetKind.SESSION: Session.objects.select_related("event", "track").prefetch_related(
            speakers
        ),
    }
    found: dict[tuple[str, str], Planned] = {}
    for kind, query in queries.items():
        uuids = [target.object_uuid for target in targets if target.kind == kind]
        things: Iterable[Planned] = query.filter(uuid__in=uuids) if uuids else ()
        found |= {(str(kind), str(thing.uuid)): thing for thing in things}
    return found
