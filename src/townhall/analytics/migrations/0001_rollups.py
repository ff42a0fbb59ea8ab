"""Counts kept by whoever makes them: a row of one's own worker, added up by the reader."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE rollup_volume (
    worker smallint NOT NULL,
    minute timestamptz NOT NULL,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    received integer NOT NULL DEFAULT 0,
    inbound integer NOT NULL DEFAULT 0,
    outbound integer NOT NULL DEFAULT 0,
    questions integer NOT NULL DEFAULT 0,
    negative integer NOT NULL DEFAULT 0,
    positive integer NOT NULL DEFAULT 0,
    unsure integer NOT NULL DEFAULT 0,
    to_answer integer NOT NULL DEFAULT 0,
    PRIMARY KEY (worker, minute, brand_id, account_id)
) WITH (fillfactor = 50);
CREATE INDEX rollup_volume_brand ON rollup_volume (brand_id, minute);
CREATE TABLE rollup_volume_hour (
    worker smallint NOT NULL,
    hour timestamptz NOT NULL,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    received integer NOT NULL DEFAULT 0,
    inbound integer NOT NULL DEFAULT 0,
    outbound integer NOT NULL DEFAULT 0,
    questions integer NOT NULL DEFAULT 0,
    negative integer NOT NULL DEFAULT 0,
    positive integer NOT NULL DEFAULT 0,
    unsure integer NOT NULL DEFAULT 0,
    to_answer integer NOT NULL DEFAULT 0,
    PRIMARY KEY (worker, hour, brand_id, account_id)
) WITH (fillfactor = 50);
CREATE INDEX rollup_volume_hour_brand ON rollup_volume_hour (brand_id, hour);
CREATE TABLE rollup_promise (
    worker smallint NOT NULL,
    due_minute timestamptz NOT NULL,
    brand_id integer NOT NULL,
    metric text NOT NULL,
    queue text NOT NULL,
    made integer NOT NULL DEFAULT 0,
    met integer NOT NULL DEFAULT 0,
    late integer NOT NULL DEFAULT 0,
    cancelled integer NOT NULL DEFAULT 0,
    dropped integer NOT NULL DEFAULT 0,
    PRIMARY KEY (worker, due_minute, brand_id, metric, queue)
) WITH (fillfactor = 50);
CREATE INDEX rollup_promise_brand ON rollup_promise (brand_id, due_minute);
CREATE TABLE rollup_promise_hour (
    worker smallint NOT NULL,
    due_hour timestamptz NOT NULL,
    brand_id integer NOT NULL,
    metric text NOT NULL,
    queue text NOT NULL,
    made integer NOT NULL DEFAULT 0,
    met integer NOT NULL DEFAULT 0,
    late integer NOT NULL DEFAULT 0,
    cancelled integer NOT NULL DEFAULT 0,
    dropped integer NOT NULL DEFAULT 0,
    PRIMARY KEY (worker, due_hour, brand_id, metric, queue)
) WITH (fillfactor = 50);
CREATE INDEX rollup_promise_hour_brand ON rollup_promise_hour (brand_id, due_hour);
CREATE TABLE rollup_waiting (
    worker smallint NOT NULL,
    brand_id integer NOT NULL,
    metric text NOT NULL,
    queue text NOT NULL,
    waiting integer NOT NULL DEFAULT 0,
    PRIMARY KEY (worker, brand_id, metric, queue)
) WITH (fillfactor = 50);
CREATE INDEX rollup_waiting_brand ON rollup_waiting (brand_id);
CREATE TABLE rollup_answer (
    worker smallint NOT NULL,
    started_hour timestamptz NOT NULL,
    brand_id integer NOT NULL,
    bucket smallint NOT NULL,
    answers integer NOT NULL DEFAULT 0,
    given_up integer NOT NULL DEFAULT 0,
    PRIMARY KEY (worker, started_hour, brand_id, bucket)
) WITH (fillfactor = 50);
CREATE INDEX rollup_answer_brand ON rollup_answer (brand_id, started_hour);
CREATE TABLE rollup_answer_slot (
    worker smallint NOT NULL,
    started_slot timestamptz NOT NULL,
    brand_id integer NOT NULL,
    bucket smallint NOT NULL,
    answers integer NOT NULL DEFAULT 0,
    given_up integer NOT NULL DEFAULT 0,
    PRIMARY KEY (worker, started_slot, brand_id, bucket)
) WITH (fillfactor = 50);
CREATE INDEX rollup_answer_slot_brand ON rollup_answer_slot (brand_id, started_slot);
CREATE TABLE rollup_topic (
    brand_id integer NOT NULL,
    slot timestamptz NOT NULL,
    topic text NOT NULL,
    posts integer NOT NULL,
    example bigint NOT NULL,
    PRIMARY KEY (brand_id, slot, topic)
);
CREATE INDEX rollup_topic_topic ON rollup_topic (brand_id, topic, slot);
CREATE TABLE topic_pending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    slots timestamptz[] NOT NULL,
    topics text[] NOT NULL,
    posts integer[] NOT NULL,
    examples bigint[] NOT NULL
);
CREATE TABLE metric_target (
    brand_id integer NOT NULL,
    metric text NOT NULL,
    target double precision NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, metric)
);
CREATE TABLE attention (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    sentence text NOT NULL DEFAULT '',
    owner text NOT NULL DEFAULT '',
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged_by text,
    acknowledged_at timestamptz,
    ended_at timestamptz
);
CREATE UNIQUE INDEX attention_open ON attention (brand_id, kind, subject) WHERE ended_at IS NULL;
CREATE TABLE frozen_view (
    id text PRIMARY KEY,
    brand_id integer NOT NULL,
    maker_id bigint NOT NULL,
    maker_name text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    period text NOT NULL,
    note text NOT NULL,
    body text NOT NULL,
    digest text NOT NULL
);
CREATE INDEX frozen_view_brand ON frozen_view (brand_id, made_at);
CREATE INDEX frozen_view_expires ON frozen_view (expires_at);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("rollup_volume", web="select,insert,update")),
        migrations.RunSQL(protect("rollup_volume_hour", web="select,insert,update")),
        migrations.RunSQL(protect("rollup_promise_hour", web="select,insert,update")),
        migrations.RunSQL(protect("metric_target", web="select,insert,update,delete")),
        migrations.RunSQL(protect("rollup_promise", web="select,insert,update")),
        migrations.RunSQL(protect("rollup_waiting", web="select,insert,update")),
        migrations.RunSQL(protect("rollup_answer", web="select,insert,update")),
        migrations.RunSQL(protect("rollup_answer_slot", web="select,insert,update")),
        migrations.RunSQL(protect("rollup_topic", web="select")),
        migrations.RunSQL(protect("topic_pending", web="")),
        migrations.RunSQL(protect("attention", web="select,insert,update")),
        migrations.RunSQL(protect("frozen_view", web="select,insert,delete")),
    ]
