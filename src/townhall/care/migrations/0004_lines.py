"""Stored answers that are more than words for the box: the polite line that moves a thread to private messages."""

from django.db import migrations

_TABLES = """
ALTER TABLE macro ADD COLUMN purpose text NOT NULL DEFAULT '' CHECK (purpose IN ('', 'to_private'));
CREATE UNIQUE INDEX macro_line ON macro (brand_id, purpose, lower(language)) WHERE retired_at IS NULL AND purpose <> '';
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0003_clocks")]
    operations = [migrations.RunSQL(_TABLES)]
