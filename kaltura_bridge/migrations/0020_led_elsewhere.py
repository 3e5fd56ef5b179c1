from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0019_second_devices"),
    ]

    operations = [
        migrations.AddField(
            model_name="remotelink",
            name="led_elsewhere_id",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
