from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import F
from django.utils import timezone


def send_again(apps: Any, schema_editor: Any) -> None:
    """Thumbnails were sent to where Kaltura never shows them: forget that, and send them again."""
    links = apps.get_model("kaltura_bridge", "RemoteLink").objects.filter(kind="thumbnail")
    links.update(pushed={}, seen={})
    targets = apps.get_model("kaltura_bridge", "SyncTarget").objects
    targets.filter(pk__in=links.values("target_id"), state__in=["synced", "failed"]).update(
        state="pending", version=F("version") + 1, attempts=0, next_attempt_at=timezone.now()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0015_lent_ids"),
    ]

    operations = [
        migrations.RunPython(send_again, migrations.RunPython.noop),
    ]
