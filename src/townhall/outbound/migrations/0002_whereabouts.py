"""Where the database lay when outbound last looked: another place means that it was restored."""

from django.db import migrations

from townhall.database.rights import open_to_web

_TABLES = """
CREATE TABLE outbound_whereabouts (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    place text NOT NULL,
    seen_at timestamptz NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("outbound", "0001_door")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(open_to_web("outbound_whereabouts", "")),
    ]
