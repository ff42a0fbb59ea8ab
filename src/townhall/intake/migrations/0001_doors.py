"""What came to the door: accounts, raw deliveries in sealed blocks, the ledger of posts, rejects and runs."""

from django.db import migrations

from townhall.database.rights import open_to_web, protect

_TABLES = """
CREATE TABLE account (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    channel text NOT NULL,
    handle text NOT NULL,
    native_id text NOT NULL DEFAULT '',
    name text NOT NULL DEFAULT '',
    base_url text NOT NULL DEFAULT '',
    secret_key bytea,
    secret_body bytea,
    connected boolean GENERATED ALWAYS AS (secret_body IS NOT NULL) STORED,
    settings jsonb NOT NULL DEFAULT '{}',
    reading boolean NOT NULL DEFAULT true,
    sending boolean NOT NULL DEFAULT true,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (brand_id, channel, handle)
);
CREATE TABLE account_health (
    account_id integer PRIMARY KEY,
    brand_id integer NOT NULL,
    state text NOT NULL DEFAULT 'new'
        CHECK (state IN ('new', 'ok', 'behind', 'no_token', 'limited', 'failing', 'paused')),
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    verified_at timestamptz,
    read_at timestamptz,
    last_post_at timestamptz,
    lag_seconds double precision NOT NULL DEFAULT 0,
    gap_minutes integer NOT NULL DEFAULT 0,
    cursor text NOT NULL DEFAULT '',
    message text NOT NULL DEFAULT '',
    limit_resets_at timestamptz,
    cost_micro_usd bigint NOT NULL DEFAULT 0,
    max_length integer
);
CREATE TABLE second_look (
    account_id integer NOT NULL,
    age_s integer NOT NULL,
    brand_id integer NOT NULL,
    upto bigint NOT NULL,
    PRIMARY KEY (account_id, age_s)
);
CREATE TABLE spool_cursor (
    account_id integer PRIMARY KEY,
    brand_id integer NOT NULL,
    segment integer NOT NULL DEFAULT 0,
    at_byte bigint NOT NULL DEFAULT 0,
    hit integer NOT NULL DEFAULT 0,
    drained bigint NOT NULL DEFAULT 0
);
CREATE TABLE channel_gap (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    cause text NOT NULL,
    filled integer NOT NULL DEFAULT 0
);
CREATE SEQUENCE delivery_number CACHE 1;
CREATE TABLE delivery_block (
    id bigint PRIMARY KEY DEFAULT nextval('delivery_number'),
    account_id integer NOT NULL,
    brand_id integer NOT NULL,
    channel text NOT NULL,
    shard smallint NOT NULL,
    run_id bigint,
    received_at timestamptz NOT NULL,
    items integer NOT NULL,
    key bytea,
    body bytea
);
ALTER TABLE delivery_block ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE delivery_pending (
    block_id bigint PRIMARY KEY,
    account_id integer NOT NULL,
    brand_id integer NOT NULL,
    shard smallint NOT NULL,
    run_id bigint,
    items integer NOT NULL,
    received_at timestamptz NOT NULL,
    key bytea NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE delivery_pending ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE delivery_seen (
    account_id integer NOT NULL,
    webhook_id text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account_id, webhook_id)
);
CREATE TABLE delivery_count (
    worker smallint NOT NULL,
    account_id integer NOT NULL,
    outcome text NOT NULL,
    hits bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (worker, account_id, outcome)
);
CREATE TABLE post_ledger (
    key uuid PRIMARY KEY,
    interaction_id bigint NOT NULL,
    thread_id bigint NOT NULL
);
CREATE TABLE pending_act (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL,
    account_id integer NOT NULL,
    happened_at timestamptz NOT NULL,
    act bytea NOT NULL
);
CREATE INDEX pending_act_key ON pending_act (key);
CREATE TABLE import_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    file text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    read bigint NOT NULL DEFAULT 0,
    accepted bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    folded bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    done_at timestamptz
);
CREATE TABLE reject (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id integer NOT NULL,
    brand_id integer NOT NULL,
    run_id bigint,
    line bigint,
    kind text NOT NULL DEFAULT 'unread' CHECK (kind IN ('unread', 'unstored')),
    reason text NOT NULL,
    key bytea,
    body bytea,
    rejected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    tried integer NOT NULL DEFAULT 0,
    outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'taken', 'left_out')),
    settled_by text NOT NULL DEFAULT '',
    settled_at timestamptz
);
CREATE INDEX reject_waiting ON reject (brand_id, id) WHERE settled_at IS NULL;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("account", web="select")),
        migrations.RunSQL(protect("account_health", web="select")),
        migrations.RunSQL(protect("channel_gap", web="select")),
        migrations.RunSQL(protect("second_look", web="")),
        migrations.RunSQL(protect("spool_cursor", web="select")),
        migrations.RunSQL(protect("delivery_block", web="")),
        migrations.RunSQL(open_to_web("delivery_pending", "")),
        migrations.RunSQL(open_to_web("delivery_seen", "")),
        migrations.RunSQL(open_to_web("delivery_count", "select")),
        migrations.RunSQL(open_to_web("post_ledger", "")),
        migrations.RunSQL(open_to_web("pending_act", "")),
        migrations.RunSQL(protect("import_run", web="select")),
        migrations.RunSQL(protect("reject", web="select")),
        migrations.RunSQL(
            "GRANT SELECT (block_id, shard, items, received_at) ON delivery_pending TO townhall_web"
        ),
        migrations.RunSQL("GRANT USAGE ON SEQUENCE delivery_number TO townhall_worker"),
        migrations.RunSQL(
            "REVOKE SELECT ON account FROM townhall_web; GRANT SELECT (id, brand_id, channel, handle, native_id, name, base_url, settings, reading, sending, made_at, connected) ON account TO townhall_web"
        ),
    ]
