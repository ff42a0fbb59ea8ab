"""Back-tests of drafts: asked for, worked on a little at a time, and what came of them so far."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE policy_backtest (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    version integer NOT NULL,
    digest text NOT NULL,
    source text NOT NULL,
    against integer NOT NULL,
    against_source text NOT NULL,
    low timestamptz NOT NULL,
    high timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'running', 'done', 'cancelled', 'failed')),
    after_id bigint NOT NULL DEFAULT 0,
    result jsonb NOT NULL DEFAULT '{}',
    error text NOT NULL DEFAULT '',
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    worked_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX policy_backtest_version ON policy_backtest (brand_id, version, id);
CREATE INDEX policy_backtest_waiting ON policy_backtest (id) WHERE state IN ('asked', 'running');
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0003_approvals")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("policy_backtest", web="select,insert,update")),
    ]
