"""Tell cancelled objects from deleted ones, and know the margins that events were made with."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What the portal had not named Kaltura made none, except where a clip plays.
MARGINS = {
    "KalturaLiveStreamScheduleEvent": {
        "preStartTime": "preStartEntryId",
        "postEndTime": "postEndEntryId",
    },
    "KalturaMeetingScheduleEvent": {"preStartTime": "preStartEntryId"},
}


def remember_margins(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """As if they had been written: what differs now somebody has changed at Kaltura."""
    links = apps.get_model("kaltura_bridge", "RemoteLink").objects
    for kind, margins in MARGINS.items():
        made = links.filter(kind="schedule_event", made_for__startswith=kind)
        for link in made.exclude(remote_id=None).iterator():
            none = {time: "0" for time, clip in margins.items() if clip not in link.pushed}
            links.filter(pk=link.pk).update(pushed={**none, **link.pushed})


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0009_waits_for"),
    ]

    operations = [
        migrations.AddField(
            model_name="remotelink",
            name="cancelled",
            field=models.BooleanField(
                default=False,
                help_text="Cancelled at Kaltura: it is there and no longer does its work.",
            ),
        ),
        migrations.RunPython(remember_margins, migrations.RunPython.noop),
    ]
