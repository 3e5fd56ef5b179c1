"""People may say that they want no mail that asks for feedback."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0021_content_translations")]

    operations = [
        migrations.AddField(
            model_name="newspreferences",
            name="afterwards",
            field=models.BooleanField(
                default=True,
                help_text="One mail that asks what the sessions were like that you took part in.",
                verbose_name="When an event is over",
            ),
        ),
    ]
