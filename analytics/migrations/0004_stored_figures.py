import django.db.models.deletion
from django.db import migrations, models


def compute_everything_once(apps, schema_editor):
    """What was reported before there were versions is a version that nobody has computed."""
    stored = apps.get_model("analytics", "StoredFigures")
    stays = apps.get_model("analytics", "RoomRun").objects.filter(session__isnull=False)
    totals = apps.get_model("analytics", "ViewerTotal").objects.filter(session__isnull=False)
    pks = {
        *stays.values_list("session_id", flat=True).distinct().order_by(),
        *totals.values_list("session_id", flat=True).distinct().order_by(),
    }
    stored.objects.bulk_create(
        [stored(session_id=pk, version=1) for pk in sorted(pks)], batch_size=400
    )


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0003_privacy"),
        ("events", "0008_personal_feeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredEventFigures",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stored_figures",
                        serialize=False,
                        to="events.event",
                    ),
                ),
                ("stamp", models.CharField(blank=True, max_length=100)),
                ("figures", models.JSONField(blank=True, default=dict)),
                (
                    "curve",
                    models.JSONField(
                        blank=True, default=dict, help_text="The people present in each minute."
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "stored event figures",
            },
        ),
        migrations.CreateModel(
            name="StoredFigures",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stored_figures",
                        serialize=False,
                        to="events.session",
                    ),
                ),
                ("version", models.PositiveBigIntegerField(default=0)),
                ("attendance_version", models.PositiveBigIntegerField(default=0)),
                ("figures_version", models.PositiveBigIntegerField(default=0)),
                ("figures", models.JSONField(blank=True, default=dict)),
                (
                    "curve",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="The people present in each minute, by source.",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "stored figures",
            },
        ),
        migrations.AddField(
            model_name="sessionattendance",
            name="counted_as",
            field=models.CharField(
                choices=[
                    ("audience", "Audience"),
                    ("stage", "On stage"),
                    ("staff", "Staff"),
                    ("test", "Test"),
                ],
                default="audience",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="sessionattendance",
            name="present_from",
            field=models.DateTimeField(
                blank=True, help_text="The first moment inside the session's window.", null=True
            ),
        ),
        migrations.AddField(
            model_name="sessionattendance",
            name="present_until",
            field=models.DateTimeField(
                blank=True, help_text="The last moment inside the session's window.", null=True
            ),
        ),
        migrations.AddField(
            model_name="sessionattendance",
            name="scheduled_minutes",
            field=models.DecimalField(
                decimal_places=2,
                default=0,
                help_text="Of them, as the session was planned.",
                max_digits=9,
            ),
        ),
        migrations.RunPython(compute_everything_once, migrations.RunPython.noop),
    ]
