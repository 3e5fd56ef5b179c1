"""What was computed before has no minutes by source; who watched a room's recordings is the room's.

Attendance is computed again by the next pull or whoever reads it, but for events whose names were
replaced or deleted: theirs is fixed. Viewers of a room's recordings were kept under the recording,
which two sessions may have; from now on they are kept under the room, which is one session's.
Those of a recording that several sessions have stay: whose they are says the next pull.
"""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, QuerySet


def count_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let attendance be out of date."""
    privacy = apps.get_model("analytics", "EventPrivacy")
    fixed = privacy.objects.filter(retained_at__isnull=False).values("event")
    sessions = apps.get_model("analytics", "StoredFigures").objects
    sessions.exclude(session__event__in=fixed).update(version=F("version") + 1)


def keep_by_room(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the viewers of rooms' recordings the room; the latest report of each stays.

    What is there under the room is the latest: somebody pulled before this was done.
    """
    links = apps.get_model("kaltura_bridge", "RemoteLink").objects
    of_sessions = links.filter(target__kind="session", remote_id__isnull=False).order_by("-pk")
    webcasts = set(of_sessions.filter(kind="entry").values_list("target__object_uuid", flat=True))
    rooms = dict(of_sessions.filter(kind="room").values_list("target__object_uuid", "remote_id"))
    totals = apps.get_model("analytics", "ViewerTotal").objects
    of_reports = totals.filter(source="report", session__isnull=False)
    of_reports = of_reports.exclude(entry_remote_id__in=_shared(of_sessions))
    for uuid, room in rooms.items():
        if uuid in webcasts:
            continue
        there = totals.filter(source="report", entry_remote_id=room)
        kept = set(there.values_list("remote_user_id", flat=True))
        rows = of_reports.filter(session__uuid=uuid).exclude(entry_remote_id=room)
        for row in rows.order_by("-pulled_at", "-pk").only("pk", "remote_user_id"):
            if row.remote_user_id in kept:
                row.delete()
            else:
                totals.filter(pk=row.pk).update(entry_remote_id=room)
                kept.add(row.remote_user_id)


def _shared(links: QuerySet[Any]) -> set[str]:
    """The recordings that several sessions have."""
    sessions: dict[str, set[UUID]] = defaultdict(set)
    of_places = links.filter(kind__in=["room", "entry"])
    for uuid, seen in of_places.values_list("target__object_uuid", "seen"):
        for name in ("recordedEntryId", "redirectEntryId"):
            if entry := (seen or {}).get(name):
                sessions[str(entry)].add(uuid)
    return {entry for entry, uuids in sessions.items() if len(uuids) > 1}


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0015_minutes_by_source"),
        ("kaltura_bridge", "0016_thumbnails_again"),
    ]

    operations = [
        migrations.RunPython(count_again, migrations.RunPython.noop),
        migrations.RunPython(keep_by_room, migrations.RunPython.noop),
    ]
