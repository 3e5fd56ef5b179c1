"""Who is named by one id in several of Kaltura's reports is one person from now on.

Attendance is computed again by the next pull or whoever reads it, but for events whose names were
replaced or deleted: theirs is fixed.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def count_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let attendance be out of date."""
    privacy = apps.get_model("analytics", "EventPrivacy")
    fixed = privacy.objects.filter(retained_at__isnull=False).values("event")
    sessions = apps.get_model("analytics", "StoredFigures").objects
    sessions.exclude(session__event__in=fixed).update(version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("analytics", "0019_coverage_of_several_sessions")]

    operations = [migrations.RunPython(count_again, migrations.RunPython.noop)]
