"""Which language a person reads: what others write is translated to it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0007_advice")]
    operations = [
        migrations.AddField(
            "staff", "reads", models.CharField(max_length=8, blank=True, default="", db_default="")
        ),
    ]
