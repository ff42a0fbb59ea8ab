"""Hours that were made to count also for promises that stood: an act of its own, beside the versions of calendars."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE recount (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    slug text NOT NULL,
    version integer NOT NULL,
    counted_from timestamptz NOT NULL,
    counted_by text NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("routing", "0003_clocks")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("recount", web="select")),
    ]
