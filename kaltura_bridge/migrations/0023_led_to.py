from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0022_privacy_and_gallery"),
    ]

    operations = [
        migrations.AddField(
            model_name="remotelink",
            name="led_to_id",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Where the desk leads its viewers.",
                max_length=64,
            ),
        ),
    ]
