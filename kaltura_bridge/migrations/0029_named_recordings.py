# Only the choices change.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kaltura_bridge", "0028_gallery_tickets")]

    operations = [
        migrations.AlterField(
            model_name="recording",
            name="origin",
            field=models.CharField(
                choices=[
                    ("recorded", "Recorded from the broadcast"),
                    ("child", "Recorded from one broadcast of several"),
                    ("room", "Recorded in the room"),
                    ("redirect", "Where Kaltura leads viewers"),
                    ("source", "The video that was played"),
                    ("named", "Chosen for the recordings of the room"),
                    ("replaced", "Chosen by a person"),
                ],
                max_length=8,
            ),
        ),
    ]
