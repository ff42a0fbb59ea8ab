"""Files that somebody handed in on a page: kept sealed until they are read, and how far each is."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE upload (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    token text NOT NULL UNIQUE,
    name text NOT NULL,
    packing text NOT NULL CHECK (packing IN ('', 'gz', 'zst')),
    bytes bigint NOT NULL,
    state text NOT NULL DEFAULT 'asked'
        CHECK (state IN ('asked', 'reading', 'understanding', 'done', 'failed', 'cancelled')),
    line bigint NOT NULL DEFAULT 0,
    at_byte bigint NOT NULL DEFAULT 0,
    run_id bigint,
    error text NOT NULL DEFAULT '',
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX upload_open ON upload (id) WHERE state IN ('asked', 'reading', 'understanding');
CREATE INDEX upload_brand ON upload (brand_id, id);
CREATE INDEX reject_run ON reject (run_id, line) WHERE run_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_doors")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("upload", web="select")),
    ]
