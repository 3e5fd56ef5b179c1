from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("events", "0034_releases")]

    operations = [migrations.DeleteModel(name="PlannedRelease")]
