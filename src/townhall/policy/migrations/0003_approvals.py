"""What a version wants approved, by rule: the guard of replies reads it without reading the document."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("policy", "0002_reviews")]
    operations = [
        migrations.RunSQL("ALTER TABLE policy_version ADD COLUMN approvals jsonb NOT NULL DEFAULT '{}'"),
    ]
