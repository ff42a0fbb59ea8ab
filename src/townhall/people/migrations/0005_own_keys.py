"""A person's own single keys in place of the usual ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_tiers")]
    operations = [
        migrations.AddField("staff", "own_keys", models.JSONField(default=dict, db_default={})),
    ]
