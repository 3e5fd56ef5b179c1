"""Staff, people on stage and testers whose name is not kept counted as guests until now.

Attendance of events that may hide names is computed again by the next pull or whoever reads it,
but for events whose names were replaced or deleted: theirs is fixed.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Q


def count_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let attendance be out of date."""
    privacy = apps.get_model("analytics", "EventPrivacy").objects
    answers = apps.get_model("analytics", "RecordingConsent").objects
    changes = apps.get_model("analytics", "PrivacyChange").objects.filter(field="asks_consent")
    hiding = (
        Q(session__event__in=answers.values("event"))
        | Q(session__event__in=privacy.filter(asks_consent=True).values("event"))
        | Q(session__event__in=changes.values("event"))
    )
    fixed = privacy.filter(retained_at__isnull=False).values("event")
    sessions = apps.get_model("analytics", "StoredFigures").objects.filter(hiding)
    sessions.exclude(session__event__in=fixed).update(version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("analytics", "0016_count_again_by_source")]

    operations = [migrations.RunPython(count_again, migrations.RunPython.noop)]
