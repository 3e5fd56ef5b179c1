import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0014_digests_of_runs"),
        ("events", "0021_content_translations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="sessionattendance",
            name="newrow_minutes",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name="sessionattendance",
            name="report_minutes",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name="sessionattendance",
            name="engagement_minutes",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name="sessionattendance",
            name="realtime_minutes",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name="sessionattendance",
            name="portal_minutes",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name="storedfigures",
            name="basis",
            field=models.CharField(blank=True, editable=False, max_length=32),
        ),
        migrations.AlterModelOptions(
            name="presencesetting",
            options={"verbose_name": "attendance", "verbose_name_plural": "attendance"},
        ),
        migrations.AddField(
            model_name="presencesetting",
            name="enough_percent",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (50, "50 %"),
                    (60, "60 %"),
                    (70, "70 %"),
                    (75, "75 %"),
                    (80, "80 %"),
                    (90, "90 %"),
                    (100, "100 %"),
                ],
                default=80,
                help_text=(
                    "Reports say how many people were there so long. Credits have rules of their own."
                ),
                verbose_name="long enough, in percent of the planned minutes",
            ),
        ),
        migrations.CreateModel(
            name="StageStandIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stage_stand_ins",
                        to="events.session",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stage_stand_ins",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("session", "user"), name="stage_stand_in_once")
                ],
            },
        ),
    ]
