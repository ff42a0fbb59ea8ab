"""The wide row: one ``COPY`` writes what several rooms decided about a post.

Partitioned by our own ordered id, that is by when we took it in: a sender cannot make partitions.
"""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE interaction (
    id bigint NOT NULL,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    key uuid NOT NULL,
    native_id text NOT NULL,
    thread_id bigint NOT NULL,
    author_id bigint NOT NULL,
    direction text NOT NULL,
    visibility text NOT NULL,
    published_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    parent uuid,
    text text NOT NULL,
    url text NOT NULL,
    media jsonb,
    language text NOT NULL,
    question boolean NOT NULL,
    intent text NOT NULL,
    sentiment smallint NOT NULL,
    certainty real NOT NULL,
    topics text[] NOT NULL,
    findings text[] NOT NULL,
    simhash bigint NOT NULL,
    effect text NOT NULL,
    priority smallint NOT NULL,
    queue text NOT NULL,
    rule text NOT NULL,
    policy_id integer NOT NULL,
    block_id bigint NOT NULL,
    ordinal integer NOT NULL,
    delivery_id bigint NOT NULL,
    edited_at timestamptz,
    deleted_at timestamptz,
    likes integer NOT NULL DEFAULT 0,
    reposts integer NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX interaction_thread ON interaction (thread_id, published_at);
CREATE INDEX interaction_author ON interaction (author_id, published_at);
CREATE INDEX interaction_brand ON interaction (brand_id, id);
CREATE TABLE interaction_rest PARTITION OF interaction DEFAULT;
CREATE TABLE revision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    interaction_id bigint NOT NULL,
    replaced_at timestamptz NOT NULL,
    text text NOT NULL
);
CREATE INDEX revision_interaction ON revision (interaction_id, id);
CREATE TABLE photo (
    post_id bigint NOT NULL,
    place smallint NOT NULL,
    brand_id integer NOT NULL,
    url text NOT NULL,
    state text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'kept', 'refused')),
    why text NOT NULL DEFAULT '',
    media_type text NOT NULL DEFAULT '',
    key bytea,
    body bytea,
    tries smallint NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (post_id, place)
);
ALTER TABLE photo ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX photo_due ON photo (due_at) WHERE state = 'wanted';
CREATE INDEX photo_seen ON photo (seen_at);
CREATE FUNCTION make_interaction_partition(months_ahead integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month timestamptz := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + make_interval(months => months_ahead);
    low bigint := (extract(epoch FROM month - timestamptz '2025-01-01 00:00:00+00') * 1000)::bigint << 21;
    high bigint := (extract(epoch FROM month + interval '1 month' - timestamptz '2025-01-01 00:00:00+00') * 1000)::bigint << 21;
BEGIN
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF interaction FOR VALUES FROM (%s) TO (%s)',
        'interaction_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM'), low, high);
END $$;
SELECT make_interaction_partition(n) FROM generate_series(0, 3) n;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("interaction", web="select")),
        migrations.RunSQL(protect("revision", web="select")),
        migrations.RunSQL(protect("photo", web="select,insert,update")),
    ]
