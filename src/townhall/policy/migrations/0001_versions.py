"""Response policies by version: the exact bytes, who wrote and who activated them."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE policy_version (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    version integer NOT NULL,
    source text NOT NULL,
    digest text NOT NULL,
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'active', 'retired')),
    written_by text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    activated_by text,
    activated_at timestamptz,
    UNIQUE (brand_id, version)
);
CREATE UNIQUE INDEX policy_one_active ON policy_version (brand_id) WHERE state = 'active';
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("policy_version", web="select,insert,update")),
    ]
