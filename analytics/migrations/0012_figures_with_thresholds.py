"""Figures of before have no thresholds: they are computed again by whoever reads them next.

But for events whose names were replaced or deleted: their figures are fixed, and what the
curve was computed from may be gone.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def compute_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the stored figures be out of date."""
    privacy = apps.get_model("analytics", "EventPrivacy")
    fixed = privacy.objects.filter(retained_at__isnull=False).values("event")
    sessions = apps.get_model("analytics", "StoredFigures").objects
    sessions.exclude(session__event__in=fixed).update(figures_version=0)
    events = apps.get_model("analytics", "StoredEventFigures").objects
    events.exclude(event__in=fixed).update(stamp="")


class Migration(migrations.Migration):
    dependencies = [("analytics", "0011_pulls_say_how_totals_differ")]

    operations = [migrations.RunPython(compute_again, migrations.RunPython.noop)]
