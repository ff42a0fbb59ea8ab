"""What waits for the index lies there for a moment only: not worth compressing; and since when it waits."""

from django.db import migrations

_WAITING = """
ALTER TABLE search_pending ALTER COLUMN ids SET STORAGE EXTERNAL, ALTER COLUMN terms SET STORAGE EXTERNAL,
    ADD COLUMN left_at timestamptz NOT NULL DEFAULT clock_timestamp();
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_search")]
    operations = [migrations.RunSQL(_WAITING)]
