"""One answer a person and event, instead of one about names and one about join pages.

Nothing is widened. Whoever said no to either has said no. A yes to being noted on join pages
goes on as a yes where the event stores names anyway; where it asks first, that yes was about
less than what it would now allow, so the person is asked again.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def unite(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Carry the answers of join pages over."""
    by_name = apps.get_model("analytics", "RecordingConsent")
    on_pages = apps.get_model("analytics", "PresenceConsent")
    privacy = apps.get_model("analytics", "EventPrivacy")
    asking = set(privacy.objects.filter(asks_consent=True).values_list("event_id", flat=True))
    for said in on_pages.objects.order_by("pk").iterator():
        mine = by_name.objects.filter(event_id=said.event_id, user_id=said.user_id)
        if not said.is_given:
            if not mine.update(is_given=False, answered_at=said.answered_at):
                _add(by_name, said)
        elif said.event_id not in asking and not mine.exists():
            _add(by_name, said)


def _add(by_name, said) -> None:  # type: ignore[no-untyped-def]
    by_name.objects.create(
        event_id=said.event_id,
        user_id=said.user_id,
        is_given=said.is_given,
        answered_at=said.answered_at,
    )


class Migration(migrations.Migration):
    dependencies = [("analytics", "0009_attendance_files")]

    operations = [
        migrations.RunPython(unite, migrations.RunPython.noop),
        migrations.DeleteModel(name="PresenceConsent"),
    ]
