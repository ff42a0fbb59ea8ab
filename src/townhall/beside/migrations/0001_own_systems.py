"""A brand's own systems: where they are, how they are called, and the secret shared with them, sealed."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE own_system (
    brand_id integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('panel', 'translation')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    address text NOT NULL CHECK (length(address) BETWEEN 1 AND 2000),
    outside boolean NOT NULL DEFAULT true,
    secret_key bytea,
    secret_body bytea,
    has_secret boolean GENERATED ALWAYS AS (secret_body IS NOT NULL) STORED,
    settings jsonb NOT NULL DEFAULT '{}',
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    answered_at timestamptz,
    failed_at timestamptz,
    failed_why text NOT NULL DEFAULT '' CHECK (length(failed_why) <= 400),
    PRIMARY KEY (brand_id, kind)
);
"""
_SEEN = (
    "brand_id, kind, name, address, has_secret, settings, set_by, set_at, answered_at, failed_at, failed_why"
)


class Migration(migrations.Migration):
    dependencies = []
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("own_system", web="")),
        migrations.RunSQL(f"GRANT SELECT ({_SEEN}) ON own_system TO townhall_web"),
        migrations.RunSQL("GRANT UPDATE (answered_at, failed_at, failed_why) ON own_system TO townhall_web"),
    ]
