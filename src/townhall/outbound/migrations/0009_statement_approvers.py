"""Who may approve a statement: the roles one of which is enough for all that its words need."""

from django.db import migrations

_COLUMN = "ALTER TABLE statement ADD COLUMN approvers text[] NOT NULL DEFAULT '{compliance,lead}'"


class Migration(migrations.Migration):
    dependencies = [("outbound", "0008_statements")]
    operations = [migrations.RunSQL(_COLUMN)]
