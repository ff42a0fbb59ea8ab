"""Statements: one approved text for the cases of an incident, and what became of it for each case."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE statement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    incident integer NOT NULL,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    language text NOT NULL DEFAULT '',
    scope text NOT NULL CHECK (scope IN ('now', 'later')),
    expires_at timestamptz NOT NULL,
    seed integer NOT NULL,
    salt bytea NOT NULL CHECK (length(salt) = 16),
    author_id bigint NOT NULL,
    author text NOT NULL,
    made_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    state text NOT NULL CHECK (state IN
        ('draft', 'held', 'approved', 'stopped', 'done', 'returned', 'withdrawn', 'expired')),
    digest bytea NOT NULL DEFAULT '',
    asked_at timestamptz,
    approver_id bigint,
    approver text NOT NULL DEFAULT '',
    approver_roles text[] NOT NULL DEFAULT '{}',
    approved_at timestamptz,
    remark text NOT NULL DEFAULT '',
    ended_at timestamptz
);
CREATE UNIQUE INDEX statement_one ON statement (brand_id, incident) WHERE state IN ('draft', 'held', 'approved', 'stopped');
CREATE INDEX statement_of_incident ON statement (brand_id, incident, id);
CREATE INDEX statement_going ON statement (id) WHERE state IN ('draft', 'held', 'approved', 'stopped');
CREATE TABLE statement_reply (
    statement_id bigint NOT NULL REFERENCES statement (id),
    case_id bigint NOT NULL,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    seen_post bigint NOT NULL,
    seen_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'let_go', 'left_out')),
    why text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '',
    release_id bigint UNIQUE REFERENCES release (id),
    PRIMARY KEY (statement_id, case_id)
);
CREATE INDEX statement_reply_waiting ON statement_reply (statement_id, account_id, case_id) WHERE state = 'waiting';
"""


class Migration(migrations.Migration):
    dependencies = [("outbound", "0007_departures")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("statement", web="select,insert,update")),
        migrations.RunSQL(protect("statement_reply", web="select,insert,update,delete")),
    ]
