"""Threads as they stand on the network, and cases: what we promised to whom."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE thread (
    id bigint PRIMARY KEY,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    conversation text NOT NULL,
    visibility text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    posts integer NOT NULL,
    last_in_at timestamptz,
    last_out_at timestamptz,
    joined_into bigint
) WITH (fillfactor = 85);
CREATE INDEX thread_joined ON thread (joined_into) WHERE joined_into IS NOT NULL;
CREATE TABLE thread_join (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    from_id bigint NOT NULL,
    into_id bigint NOT NULL,
    evidence text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    undone_at timestamptz
);
CREATE TABLE cases (
    id bigint PRIMARY KEY,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    thread_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'snoozed', 'waiting', 'closed', 'merged')),
    priority smallint NOT NULL,
    queue text NOT NULL,
    reason text NOT NULL,
    snippet text NOT NULL,
    language text NOT NULL,
    posts integer NOT NULL DEFAULT 1,
    assignee_id bigint,
    opened_at timestamptz NOT NULL,
    last_in_at timestamptz NOT NULL,
    last_out_at timestamptz,
    latest_post bigint NOT NULL,
    metric text NOT NULL DEFAULT '',
    due_at timestamptz,
    paused_cause text NOT NULL DEFAULT '',
    snoozed_until timestamptz,
    closed_at timestamptz,
    merged_into bigint,
    version integer NOT NULL DEFAULT 1
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX cases_one_open ON cases (thread_id, customer_id) WHERE state IN ('open', 'snoozed', 'waiting');
CREATE INDEX cases_inbox ON cases (brand_id, (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id) WHERE state = 'open' AND paused_cause = '';
CREATE INDEX cases_waiting ON cases (brand_id, id) WHERE state = 'waiting' OR (state = 'open' AND paused_cause <> '');
CREATE INDEX cases_snoozed ON cases (brand_id, snoozed_until, id) WHERE state = 'snoozed';
CREATE INDEX cases_closed ON cases (brand_id, closed_at, id) WHERE state = 'closed';
CREATE INDEX cases_customer ON cases (customer_id, id);
CREATE INDEX cases_holder ON cases (assignee_id, due_at) WHERE assignee_id IS NOT NULL AND state <> 'closed';
CREATE TABLE clock_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    case_id bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    cause text NOT NULL DEFAULT '',
    actor text NOT NULL,
    change_id bigint,
    undone boolean NOT NULL DEFAULT false
);
CREATE INDEX clock_event_case ON clock_event (case_id, at);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("thread", web="select")),
        migrations.RunSQL(protect("thread_join", web="select,insert,update")),
        migrations.RunSQL(protect("cases", web="select,insert,update")),
        migrations.RunSQL(protect("clock_event", web="select,insert,update")),
    ]
