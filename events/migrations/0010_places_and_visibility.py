"""Four kinds of visibility in the place of public and not, places, and who waits for them."""

from typing import Any

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def keep_private(apps: Any, editor: Any) -> None:
    """What was not public was seen by registered people and the team only, as by invitation."""
    events = apps.get_model("events", "Event").objects.using(editor.connection.alias)
    events.filter(is_public=False).update(visibility="invited")


def make_private(apps: Any, editor: Any) -> None:
    """Back: what has no kind of its own there is rather hidden than shown."""
    events = apps.get_model("events", "Event").objects.using(editor.connection.alias)
    events.exclude(visibility="public").update(is_public=False)


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0009_mail_outbox"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="capacity",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Empty: as many as come. When all are taken, others wait in line and move up by themselves.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(1000000)],
                verbose_name="places",
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="visibility",
            field=models.CharField(
                choices=[
                    ("public", "Public: listed, and open to everybody"),
                    ("unlisted", "Unlisted: open to whoever has the address"),
                    (
                        "registered",
                        "Registered people: listed, the programme only after registering",
                    ),
                    ("invited", "By invitation: nobody else learns that it exists"),
                ],
                default="public",
                help_text="The team, people on stage and registered people always see it.",
                max_length=12,
                verbose_name="who sees it",
            ),
        ),
        migrations.RunPython(keep_private, make_private),
        migrations.RemoveField(
            model_name="event",
            name="is_public",
        ),
        migrations.AddField(
            model_name="session",
            name="capacity",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Empty: open to everybody who is registered. Otherwise people reserve a place, and wait in line when all are taken. Recordings are open to all.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(1000000)],
                verbose_name="places",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="registration_open",
            field=models.BooleanField(
                default=True,
                help_text="On: whoever sees the event may register. Invitations work in any case.",
            ),
        ),
        migrations.CreateModel(
            name="SessionPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("taken_at", models.DateTimeField(editable=False, null=True)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="events.session",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="session_places",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["session", "taken_at"], name="places_of_session")],
                "constraints": [
                    models.UniqueConstraint(fields=("session", "user"), name="session_place_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitingListEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "joined_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waiting_list",
                        to="events.event",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waits_for",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "waiting list",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("event", "user"), name="waiting_once_a_person")
                ],
            },
        ),
    ]
