"""What attendees see already is announced: it is no change of the programme."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

BATCH = 500


def announce(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Version 1 for every event, and what attendees see of those that are published."""
    using, now = editor.connection.alias, timezone.now()
    event, session = (apps.get_model("events", name) for name in ("Event", "Session"))
    version = apps.get_model("events", "ProgrammeVersion")
    announced = apps.get_model("events", "AnnouncedSession")
    statuses = dict(event.objects.using(using).values_list("pk", "status"))
    version.objects.using(using).bulk_create(
        [
            version(event_id=pk, changed_at=now, announced_at=None if status == "draft" else now)
            for pk, status in statuses.items()
        ],
        batch_size=BATCH,
    )
    seen = session.objects.using(using).exclude(status="draft").exclude(event__status="draft")
    announced.objects.using(using).bulk_create(
        [
            announced(
                session_id=row.pk,
                title=row.title,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                location=row.location,
                is_cancelled=row.status == "cancelled",
                announced_at=now,
            )
            for row in seen.iterator(chunk_size=BATCH)
        ],
        batch_size=BATCH,
    )


class Migration(migrations.Migration):
    dependencies = [("events", "0005_programme_changes")]
    operations = [migrations.RunPython(announce, migrations.RunPython.noop)]
