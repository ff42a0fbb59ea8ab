"""Cases whose clocks are always folded from all that happened, and what a clock event says beside its cause."""

from django.db import migrations

_TABLES = """
ALTER TABLE cases ADD COLUMN folded boolean NOT NULL DEFAULT false;
ALTER TABLE clock_event ADD COLUMN detail jsonb;
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0002_desk")]
    operations = [migrations.RunSQL(_TABLES)]
