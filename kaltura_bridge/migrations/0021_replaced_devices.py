from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0020_led_elsewhere"),
    ]

    operations = [
        migrations.AddField(
            model_name="launchticket",
            name="replaced_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="launchticket",
            name="left_at",
            field=models.DateTimeField(
                blank=True, help_text="When the page said goodbye.", null=True
            ),
        ),
    ]
