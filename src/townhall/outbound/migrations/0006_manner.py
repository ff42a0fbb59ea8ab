"""How a brand's answers begin and end, and how long its replies usually are."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE manner (
    brand_id integer PRIMARY KEY,
    greetings text[] NOT NULL,
    sign_offs text[] NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE INDEX release_said ON release (brand_id, channel, kind, id) WHERE state = 'released';
"""


class Migration(migrations.Migration):
    dependencies = [("outbound", "0005_seen")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("manner", web="select,insert,update")),
    ]
