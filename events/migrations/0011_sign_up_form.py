import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import events.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0010_places_and_visibility"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignUpQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("line", "One line of text"),
                            ("text", "Several lines of text"),
                            ("choice", "One of several choices"),
                            ("consent", "Consent to a text"),
                        ],
                        default="line",
                        max_length=8,
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="The question, or what is consented to.", max_length=200
                    ),
                ),
                (
                    "help_text",
                    models.CharField(
                        blank=True, help_text="Shown below the field.", max_length=300
                    ),
                ),
                (
                    "choices",
                    models.TextField(
                        blank=True, help_text="For a choice: one on each line.", max_length=10000
                    ),
                ),
                (
                    "consent_text",
                    models.TextField(
                        blank=True,
                        help_text="For a consent: the whole text, Markdown. Who agrees keeps their version.",
                        max_length=20000,
                    ),
                ),
                ("is_required", models.BooleanField(default=False, verbose_name="required")),
                (
                    "is_retired",
                    models.BooleanField(
                        default=False,
                        help_text="Answers that were given are kept.",
                        verbose_name="no longer asked",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="events.event",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-up question",
                "ordering": ["event", "position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SignUpAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.TextField(blank=True)),
                ("consent_text", models.TextField(blank=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("answered_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_up_answers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="events.signupquestion",
                    ),
                ),
            ],
            options={
                "ordering": ["question", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="signupquestion",
            constraint=events.constraints.PlainText(
                lines=("label", "help_text"),
                name="question_plain_text",
                texts=("choices", "consent_text"),
            ),
        ),
        migrations.AddConstraint(
            model_name="signupanswer",
            constraint=models.UniqueConstraint(
                fields=("question", "user"), name="sign_up_answer_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="signupanswer",
            constraint=events.constraints.PlainText(
                lines=(), name="answer_plain_text", texts=("value", "consent_text")
            ),
        ),
    ]
