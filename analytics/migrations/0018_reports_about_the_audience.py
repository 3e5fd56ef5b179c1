import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0001_initial"),
        ("analytics", "0017_leave_staff_without_names_out"),
    ]

    operations = [
        migrations.CreateModel(
            name="BroadcastReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("report", models.CharField(max_length=20)),
                ("attempted_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "is_lacking",
                    models.BooleanField(
                        default=False, help_text="The account does not have this report."
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=500)),
                ("rows", models.JSONField(blank=True, default=list)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="broadcast_reports",
                        to="events.session",
                    ),
                ),
            ],
            options={
                "verbose_name": "report about the audience",
                "ordering": ["session", "report"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("session", "report"), name="audience_report_once"
                    )
                ],
            },
        ),
    ]
