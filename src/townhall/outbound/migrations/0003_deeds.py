"""Deeds: posts hidden, shown again and reported on their network, with the approvals that some rules want."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE deed (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    channel text NOT NULL,
    thread_id bigint NOT NULL,
    post_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('hide', 'unhide', 'report')),
    post text NOT NULL,
    author text NOT NULL,
    comment text NOT NULL DEFAULT '',
    category text NOT NULL DEFAULT '',
    rule text NOT NULL DEFAULT '',
    policy_id integer NOT NULL DEFAULT 0,
    reason text NOT NULL,
    wanted_by text NOT NULL,
    staff_id bigint NOT NULL DEFAULT 0,
    made_at timestamptz NOT NULL,
    steps jsonb NOT NULL,
    approvers text[] NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    salt bytea NOT NULL CHECK (length(salt) = 16),
    decision text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN
        ('held', 'waiting', 'attempting', 'doubtful', 'overdue', 'done', 'failed', 'undone', 'over', 'left')),
    not_before timestamptz NOT NULL,
    go_by timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    lease uuid,
    lease_until timestamptz,
    error text NOT NULL DEFAULT '',
    native_id text NOT NULL DEFAULT '',
    done_at timestamptz,
    settled_by text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX deed_once ON deed (post_id, account_id, kind)
    WHERE state IN ('held', 'waiting', 'attempting', 'doubtful', 'overdue', 'done');
CREATE INDEX deed_post ON deed (post_id, id);
CREATE INDEX deed_due ON deed (not_before, id) WHERE state IN ('waiting', 'attempting');
CREATE INDEX deed_person ON deed (brand_id, id) WHERE state IN ('held', 'doubtful', 'overdue', 'failed');
CREATE TABLE deed_approval (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    deed_id bigint NOT NULL REFERENCES deed (id),
    staff_id bigint NOT NULL,
    approver text NOT NULL,
    roles text[] NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    approved_at timestamptz NOT NULL,
    UNIQUE (deed_id, staff_id)
);
"""


class Migration(migrations.Migration):
    dependencies = [("outbound", "0002_whereabouts")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("deed", web="select,insert,update")),
        migrations.RunSQL(protect("deed_approval", web="select,insert")),
    ]
