"""Whether a person wants advice while they write."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0006_tiers_held")]
    operations = [
        migrations.AddField("staff", "advice", models.BooleanField(default=True, db_default=True)),
    ]
