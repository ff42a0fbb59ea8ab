"""Queues, who is there, calendars by version, and commitments: clocks that are folds over events."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE queue (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    auto_assign boolean NOT NULL DEFAULT false,
    UNIQUE (brand_id, slug)
);
CREATE TABLE presence (
    staff_id bigint NOT NULL,
    brand_id integer NOT NULL,
    present boolean NOT NULL DEFAULT false,
    capacity smallint NOT NULL DEFAULT 8,
    queues text[] NOT NULL DEFAULT '{}',
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_assigned timestamptz,
    PRIMARY KEY (staff_id, brand_id)
);
CREATE TABLE calendar_version (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    slug text NOT NULL,
    version integer NOT NULL,
    document jsonb NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (brand_id, slug, version)
);
CREATE TABLE commitment (
    id bigint PRIMARY KEY,
    brand_id integer NOT NULL,
    case_id bigint NOT NULL,
    post_id bigint NOT NULL,
    metric text NOT NULL,
    priority smallint NOT NULL,
    queue text NOT NULL,
    target bigint NOT NULL,
    calendar text NOT NULL,
    policy_id integer NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    satisfied_at timestamptz,
    satisfied_by text NOT NULL DEFAULT '',
    cancelled_at timestamptz,
    cause text NOT NULL DEFAULT '',
    paused_at timestamptz
) WITH (fillfactor = 85);
CREATE INDEX commitment_case ON commitment (case_id);
CREATE INDEX commitment_running ON commitment (brand_id, due_at) WHERE satisfied_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX commitment_started ON commitment (brand_id, started_at);
CREATE TABLE alarm (
    commitment_id bigint NOT NULL,
    level text NOT NULL,
    brand_id integer NOT NULL,
    raised_at timestamptz NOT NULL,
    acknowledged_by text,
    acknowledged_at timestamptz,
    PRIMARY KEY (commitment_id, level)
);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("queue", web="select,insert,update")),
        migrations.RunSQL(protect("presence", web="select,insert,update")),
        migrations.RunSQL(protect("calendar_version", web="select,insert")),
        migrations.RunSQL(protect("commitment", web="select,insert,update,delete")),
        migrations.RunSQL(protect("alarm", web="select,update")),
    ]
