from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0018_reports_about_the_audience"),
    ]

    operations = [
        migrations.AddField(
            model_name="coverage",
            name="is_shared",
            field=models.BooleanField(
                default=False,
                help_text="Something is said of several sessions together, and counts at none of them.",
            ),
        ),
    ]
