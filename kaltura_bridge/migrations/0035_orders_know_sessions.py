from django.db import migrations
from django.db.models import OuterRef, Subquery


def know_sessions(apps, schema_editor):
    """Orders outlive their sessions from now on; until here each has one."""
    session = apps.get_model("events", "Session").objects.filter(pk=OuterRef("session"))
    apps.get_model("kaltura_bridge", "CaptionOrder").objects.update(
        event_id=Subquery(session.values("event")[:1]),
        session_uuid=Subquery(session.values("uuid")[:1]),
        session_title=Subquery(session.values("title")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [("kaltura_bridge", "0034_orders_follow_the_plan")]

    operations = [migrations.RunPython(know_sessions, migrations.RunPython.noop)]
