from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0018_entrances_for_a_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="eventdelivery",
            name="second_device",
            field=models.CharField(
                choices=[
                    ("allow", "Several devices at once are allowed"),
                    ("replace", "The newer device replaces the older"),
                    ("refuse", "A second device is refused"),
                ],
                default="allow",
                help_text="Of attendees; people on stage and in the team may use several. "
                "Kaltura's rooms throw out the first device in any case.",
                max_length=8,
                verbose_name="a second device",
            ),
        ),
        migrations.AddField(
            model_name="launchticket",
            name="seen_at",
            field=models.DateTimeField(
                blank=True,
                help_text="The last sign of life, where one device is allowed.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="launchticket",
            name="left_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the page said goodbye, or another took its place.",
                null=True,
            ),
        ),
    ]
