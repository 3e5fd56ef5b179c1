"""A track may have a main stage: one page that carries its viewers from session to session."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0022_ask_after_events")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="main_stages",
            field=models.BooleanField(
                default=False,
                help_text=(
                    "One page for each track, which carries its viewers from session to session. "
                    "Off: tracks may have one by themselves."
                ),
                verbose_name="a main stage for each track",
            ),
        ),
        migrations.AddField(
            model_name="track",
            name="main_stage",
            field=models.BooleanField(
                default=False,
                help_text="One page that carries its viewers from session to session.",
                verbose_name="main stage",
            ),
        ),
    ]
