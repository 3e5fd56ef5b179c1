from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kaltura_bridge", "0017_fields_of_webcasts"),
    ]

    operations = [
        migrations.AddField(
            model_name="launchticket",
            name="device",
            field=models.CharField(
                blank=True,
                default="",
                help_text="A keyed digest of the browser's sign-in.",
                max_length=16,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="launchticket",
            name="role",
            field=models.CharField(
                blank=True, default="", help_text="As what the person came in.", max_length=12
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="launchticket",
            name="page",
            field=models.CharField(
                blank=True, default="", help_text="Which of Kaltura's pages.", max_length=12
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="launchticket",
            name="ks_expires_at",
            field=models.DateTimeField(
                blank=True, help_text="Until when the KS opens that page.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="launchticket",
            name="expires_at",
            field=models.DateTimeField(help_text="When this row goes."),
        ),
    ]
