"""Plain names and labels. Nothing of it reaches the database: columns stay as they are."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0004_last_syncs"),
    ]

    operations = [
        # Each keeps its column, so that the rename is one in Python only.
        migrations.AlterField(
            model_name="remotelink",
            name="let_go",
            field=models.BooleanField(db_column="let_go", default=False),
        ),
        migrations.RenameField(
            model_name="remotelink",
            old_name="let_go",
            new_name="unlinked",
        ),
        migrations.AlterField(
            model_name="account",
            name="works",
            field=models.JSONField(blank=True, db_column="works", default=list),
        ),
        migrations.RenameField(
            model_name="account",
            old_name="works",
            new_name="recent_syncs",
        ),
        migrations.AlterModelOptions(
            name="account",
            options={"verbose_name": "Kaltura account"},
        ),
        migrations.AlterModelOptions(
            name="orphanscan",
            options={
                "ordering": ["-asked_at", "-pk"],
                "verbose_name": "orphan scan",
                "verbose_name_plural": "orphans at Kaltura",
            },
        ),
        migrations.AlterField(
            model_name="account",
            name="failures",
            field=models.PositiveIntegerField(default=0, help_text="Consecutive."),
        ),
        migrations.AlterField(
            model_name="account",
            name="recent_syncs",
            field=models.JSONField(
                blank=True,
                db_column="works",
                default=list,
                help_text="The last syncs: at, objects, calls, writes, seconds.",
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="channel",
            field=models.BooleanField(
                default=False,
                help_text="Experimental: Kaltura documents it only with a diagram. One live entry is the channel; while it is live, the webcast that is scheduled at that time shows it.",
                verbose_name="one channel feeds all webcasts",
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="chat",
            field=models.CharField(
                blank=True,
                choices=[
                    ("off", "Off"),
                    ("on", "Always open"),
                    ("scheduled", "Open around the session"),
                ],
                max_length=12,
                verbose_name="group chat",
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="dvr",
            field=models.BooleanField(
                blank=True,
                help_text="While the session is live (DVR).",
                null=True,
                verbose_name="viewers can rewind",
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="dvr_window_minutes",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="1 to 1440.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1440),
                ],
                verbose_name="rewind window, in minutes",
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="questions",
            field=models.CharField(
                blank=True,
                choices=[
                    ("off", "Off"),
                    ("on", "Always open"),
                    ("scheduled", "Open around the session"),
                ],
                max_length=12,
                verbose_name="questions and answers",
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="recording",
            field=models.CharField(
                blank=True,
                choices=[
                    ("none", "Not recorded"),
                    ("appended", "One recording of everything"),
                    ("per_session", "One recording per broadcast"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="recordings_hidden",
            field=models.BooleanField(
                blank=True,
                help_text="Kaltura's own lists do not show them; this portal still plays them.",
                null=True,
                verbose_name="recordings hidden at Kaltura",
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="room_form",
            field=models.CharField(
                choices=[
                    ("entry", "Room entries"),
                    ("legacy", "Location resources (older accounts)"),
                ],
                default="entry",
                max_length=8,
                verbose_name="rooms are created as",
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="self_serve",
            field=models.BooleanField(
                blank=True,
                help_text="With its camera and microphone; otherwise from an encoder.",
                null=True,
                verbose_name="broadcast from the browser",
            ),
        ),
        migrations.AlterField(
            model_name="eventdelivery",
            name="thumbnail_url",
            field=models.URLField(
                blank=True,
                help_text="Address of a JPEG or PNG that Kaltura can reach. It keeps a copy.",
                max_length=500,
                verbose_name="image while not live",
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="targets",
            field=models.PositiveIntegerField(
                default=0, help_text="How many objects were queued because of it."
            ),
        ),
        migrations.AlterField(
            model_name="orphanscan",
            name="removals",
            field=models.JSONField(
                blank=True, default=list, help_text="The outcome for each chosen object."
            ),
        ),
        migrations.AlterField(
            model_name="remotelink",
            name="gone",
            field=models.BooleanField(default=False, help_text="Deleted or cancelled at Kaltura."),
        ),
        migrations.AlterField(
            model_name="remotelink",
            name="ignored",
            field=models.JSONField(
                blank=True, default=list, help_text="Fields that a person chose to ignore."
            ),
        ),
        migrations.AlterField(
            model_name="remotelink",
            name="made_for",
            field=models.CharField(
                blank=True,
                help_text="Its class and owners; when they change, it must be recreated.",
                max_length=200,
            ),
        ),
        migrations.AlterField(
            model_name="remotelink",
            name="unlinked",
            field=models.BooleanField(
                db_column="let_go",
                default=False,
                help_text="A person unlinked it: it stays at Kaltura, and the portal leaves it alone.",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="chat",
            field=models.CharField(
                blank=True,
                choices=[
                    ("off", "Off"),
                    ("on", "Always open"),
                    ("scheduled", "Open around the session"),
                ],
                max_length=12,
                verbose_name="group chat",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="dvr",
            field=models.BooleanField(
                blank=True,
                help_text="While the session is live (DVR).",
                null=True,
                verbose_name="viewers can rewind",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="dvr_window_minutes",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="1 to 1440.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1440),
                ],
                verbose_name="rewind window, in minutes",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="post_clip_id",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]_[0-9a-z]{8}$",
                        "This is not an entry ID. Entry IDs look like 1_abcd2345: copy it from the entry's page at Kaltura.",
                    )
                ],
                verbose_name="clip after the video",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="pre_clip_id",
            field=models.CharField(
                blank=True,
                help_text="Entry ID. It ends when the session starts.",
                max_length=20,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]_[0-9a-z]{8}$",
                        "This is not an entry ID. Entry IDs look like 1_abcd2345: copy it from the entry's page at Kaltura.",
                    )
                ],
                verbose_name="clip before the video",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="questions",
            field=models.CharField(
                blank=True,
                choices=[
                    ("off", "Off"),
                    ("on", "Always open"),
                    ("scheduled", "Open around the session"),
                ],
                max_length=12,
                verbose_name="questions and answers",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="recording",
            field=models.CharField(
                blank=True,
                choices=[
                    ("none", "Not recorded"),
                    ("appended", "One recording of everything"),
                    ("per_session", "One recording per broadcast"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="recordings_hidden",
            field=models.BooleanField(
                blank=True,
                help_text="Kaltura's own lists do not show them; this portal still plays them.",
                null=True,
                verbose_name="recordings hidden at Kaltura",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="replay",
            field=models.BooleanField(
                default=True,
                help_text="After the end, viewers can watch the video itself (simulive).",
                verbose_name="the video stays available",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="room_template_id",
            field=models.CharField(
                blank=True,
                help_text="Entry ID of a room whose look and mode are copied when this room is created.",
                max_length=20,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]_[0-9a-z]{8}$",
                        "This is not an entry ID. Entry IDs look like 1_abcd2345: copy it from the entry's page at Kaltura.",
                    )
                ],
                verbose_name="template room",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="self_serve",
            field=models.BooleanField(
                blank=True,
                help_text="With its camera and microphone; otherwise from an encoder.",
                null=True,
                verbose_name="broadcast from the browser",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="slides_entry_id",
            field=models.CharField(
                blank=True,
                help_text="Entry ID.",
                max_length=20,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]_[0-9a-z]{8}$",
                        "This is not an entry ID. Entry IDs look like 1_abcd2345: copy it from the entry's page at Kaltura.",
                    )
                ],
                verbose_name="slides",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="source_entry_id",
            field=models.CharField(
                blank=True,
                help_text="Entry ID. Simulive plays it as if it were live.",
                max_length=20,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]_[0-9a-z]{8}$",
                        "This is not an entry ID. Entry IDs look like 1_abcd2345: copy it from the entry's page at Kaltura.",
                    )
                ],
                verbose_name="video to play",
            ),
        ),
        migrations.AlterField(
            model_name="sessiondelivery",
            name="thumbnail_url",
            field=models.URLField(
                blank=True,
                help_text="Address of a JPEG or PNG that Kaltura can reach. It keeps a copy.",
                max_length=500,
                verbose_name="image while not live",
            ),
        ),
        migrations.AlterField(
            model_name="syncattempt",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting"),
                    ("sending", "Sending"),
                    ("synced", "In sync"),
                    ("failed", "Failed"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="synctarget",
            name="changed_there",
            field=models.CharField(
                blank=True, help_text="Fields that were changed at Kaltura.", max_length=250
            ),
        ),
        migrations.AlterField(
            model_name="synctarget",
            name="error",
            field=models.TextField(blank=True, help_text="What managers read."),
        ),
        migrations.AlterField(
            model_name="synctarget",
            name="holder",
            field=models.CharField(
                blank=True, help_text="The worker that claimed it.", max_length=200
            ),
        ),
        migrations.AlterField(
            model_name="synctarget",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting"),
                    ("sending", "Sending"),
                    ("synced", "In sync"),
                    ("failed", "Failed"),
                ],
                db_index=True,
                default="pending",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="synctarget",
            name="synced_at",
            field=models.DateTimeField(blank=True, help_text="Last found in sync.", null=True),
        ),
    ]
