from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0031_leases"),
    ]

    operations = [
        migrations.AddField(
            model_name="captionorder",
            name="output_id",
            field=models.CharField(
                blank=True, help_text="The captions that were delivered.", max_length=64
            ),
        ),
        migrations.AddField(
            model_name="captionorder",
            name="show_decided_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When it was seen to that viewers see what came of it.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="captionorder",
            name="shows_at_once",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="captionrule",
            name="shows_at_once",
            field=models.BooleanField(
                default=True,
                help_text="Captions may arrive hidden from viewers, as the account's REACH profile says. On: they are shown as soon as they are delivered. Off: somebody of the team reads and shows them.",
                verbose_name="show to viewers at once",
            ),
        ),
        migrations.AddField(
            model_name="captiontrack",
            name="holder",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="captiontrack",
            name="lease_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="captiontrack",
            name="trouble",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="captiontrack",
            name="wish",
            field=models.CharField(
                blank=True,
                choices=[("show", "Show to viewers"), ("hide", "Hide from viewers")],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="captiontrack",
            name="wish_at",
            field=models.DateTimeField(blank=True, db_index=True, null=True),
        ),
    ]
