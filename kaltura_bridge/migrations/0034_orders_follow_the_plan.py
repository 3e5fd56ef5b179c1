import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import events.models.fields

_CHANGES = [
    ("moved", "The session was moved"),
    ("renewed", "The broadcast was made anew at Kaltura"),
    ("cancelled", "The session was cancelled"),
    ("unpublished", "The session is not published any more"),
    ("unfit", "The session is no broadcast any more"),
    ("deleted", "The session was deleted"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0033_join_tests"),
        ("events", "0024_recording_news"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="captionorder",
            name="caption_order_once_a_rule",
        ),
        migrations.AddField(
            model_name="captionorder",
            name="event",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="events.event",
            ),
        ),
        migrations.AddField(
            model_name="captionorder",
            name="session_uuid",
            # The next migration says which.
            field=models.UUIDField(db_index=True, default=uuid.uuid4, editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="captionorder",
            name="session_title",
            field=events.models.fields.LineField(blank=True, max_length=250),
        ),
        migrations.AddField(
            model_name="captionorder",
            name="plan_change",
            field=models.CharField(blank=True, choices=_CHANGES, max_length=12),
        ),
        migrations.AddField(
            model_name="captionorder",
            name="replaces",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replaced_by",
                to="kaltura_bridge.captionorder",
            ),
        ),
        migrations.AddField(
            model_name="captionorder",
            name="scheduled_event_id",
            field=models.PositiveBigIntegerField(
                blank=True,
                null=True,
                help_text="Of live captions: on which event at Kaltura they hang.",
            ),
        ),
        migrations.AlterField(
            model_name="captionorder",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="events.session",
            ),
        ),
        migrations.AddConstraint(
            model_name="captionorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("plan_change", ""), ("rule__isnull", False)),
                fields=("rule", "session", "entry_id", "language"),
                name="caption_order_once_a_rule",
            ),
        ),
    ]
