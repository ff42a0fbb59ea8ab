"""Levels that were never told because the promise had fallen due before anybody looked: kept, with when that was seen."""

from django.db import migrations

_COLUMN = """
ALTER TABLE alarm ADD COLUMN passed_over_at timestamptz;
DROP INDEX alarm_waiting;
CREATE INDEX alarm_waiting ON alarm (brand_id, due_at)
    WHERE raised_at IS NULL AND cancelled_at IS NULL AND passed_over_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("routing", "0004_recounts")]
    operations = [migrations.RunSQL(_COLUMN)]
