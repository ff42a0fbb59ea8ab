"""Approvals that an author asks for, and words that somebody else put into a text before it came back."""

from django.db import migrations

_TABLES = """
ALTER TABLE release ADD COLUMN asked boolean NOT NULL DEFAULT false;
ALTER TABLE release ADD COLUMN asked_why text NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN editor_id bigint NOT NULL DEFAULT 0;
ALTER TABLE release ADD COLUMN editor text NOT NULL DEFAULT '';
ALTER TABLE draft ADD COLUMN earlier text NOT NULL DEFAULT '';
ALTER TABLE draft ADD COLUMN editor_id bigint NOT NULL DEFAULT 0;
ALTER TABLE draft ADD COLUMN editor text NOT NULL DEFAULT '';
"""


class Migration(migrations.Migration):
    dependencies = [("outbound", "0003_deeds")]
    operations = [migrations.RunSQL(_TABLES)]
