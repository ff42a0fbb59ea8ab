"""Brands, and who speaks to them: identities on networks and the reversible links between them."""

from django.db import migrations

from townhall.database.rights import open_to_web, protect

_TABLES = """
CREATE TABLE brand (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name text NOT NULL,
    zone text NOT NULL DEFAULT 'UTC',
    state text NOT NULL DEFAULT 'observe' CHECK (state IN ('observe', 'live')),
    demo boolean NOT NULL DEFAULT false,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE identity (
    id bigint PRIMARY KEY,
    brand_id integer NOT NULL,
    network text NOT NULL,
    native_id text NOT NULL,
    handle text NOT NULL,
    name text NOT NULL DEFAULT '',
    kind text NOT NULL DEFAULT 'Person',
    own boolean NOT NULL DEFAULT false,
    first_seen timestamptz NOT NULL
);
CREATE INDEX identity_handle ON identity (brand_id, lower(handle) text_pattern_ops);
CREATE TABLE identity_link (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    a bigint NOT NULL,
    b bigint NOT NULL CHECK (a < b),
    evidence text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    undone_by text,
    undone_at timestamptz
);
CREATE INDEX identity_link_a ON identity_link (a) WHERE undone_at IS NULL;
CREATE INDEX identity_link_b ON identity_link (b) WHERE undone_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_staff")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("brand", web="select", brand_column="id")),
        migrations.RunSQL(protect("identity", web="select")),
        migrations.RunSQL(protect("identity_link", web="select,insert,update")),
    ]
