from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kaltura_bridge", "0029_named_recordings")]

    operations = [
        migrations.AddField(
            model_name="vendorjob",
            name="missed",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
